package order

import "time"

func overdue(deadline time.Time) bool { return time.Now().After(deadline) }
