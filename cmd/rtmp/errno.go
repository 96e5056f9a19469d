package main

import (
	"errors"
	"runtime"
	"syscall"
)

// An errno is what the operating system says about a socket. Windows has numbers of its own, which package syscall
// does not translate.
type errno struct{ unix, windows syscall.Errno }

// The windows numbers are fixed by Winsock 2.
var (
	addrInUse   = errno{syscall.EADDRINUSE, 10048}
	connReset   = errno{syscall.ECONNRESET, 10054}
	connRefused = errno{syscall.ECONNREFUSED, 10061}
	notAllowed  = errno{syscall.EACCES, 10013}
)

// in reports whether e is the cause of err.
func (e errno) in(err error) bool {
	if runtime.GOOS == "windows" && errors.Is(err, e.windows) {
		return true
	}
	return errors.Is(err, e.unix)
}
