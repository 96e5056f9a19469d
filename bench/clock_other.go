//go:build !unix

package main

import "time"

var started = time.Now()

// clock returns the time since the program started. Where processor time can be asked for, that is better.
func clock() time.Duration { return time.Since(started) }
