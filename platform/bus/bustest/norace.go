//go:build !race

package bustest

// RaceDetector says whether the race detector watches.
const RaceDetector = false
