//go:build race

package bustest

// RaceDetector says whether the race detector watches. It makes everything ten times slower, so the suites are smaller with it.
const RaceDetector = true
