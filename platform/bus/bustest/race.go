//go:build race

package bustest

// raceDetector makes everything ten times slower, so the suites are smaller with it.
const raceDetector = true
