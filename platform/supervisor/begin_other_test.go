//go:build !linux

package supervisor_test

import "time"

// late is not to be found out here.
func late() time.Duration { return 0 }
