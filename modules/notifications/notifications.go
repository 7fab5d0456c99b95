// Package notifications is what other modules may know about notifications: nothing. It tells
// customers what happened, and announces and answers nothing itself.
package notifications
