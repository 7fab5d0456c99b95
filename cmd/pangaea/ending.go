package main

import "errors"

// An ended error is one with an exit code of its own.
type ended struct {
	error
	code int
}

func (e ended) Unwrap() error { return e.error }

// ending gives an error, if it is one, an exit code.
func ending(code int, err error) error {
	if err == nil {
		return nil
	}
	return ended{err, code}
}

// exitCode is 1, unless the error has one of its own.
func exitCode(err error) int {
	var e ended
	if errors.As(err, &e) {
		return e.code
	}
	return 1
}
