//go:build unix

package rtmp

import (
	"io"
	"net"
	"os"
	"syscall"
)

// A readyReader reads from a network connection without owning a buffer while there is nothing to read: it
// borrows one when the connection has become readable. A connection on which nothing happens costs no buffer.
type readyReader struct {
	raw syscall.RawConn
	buf *[]byte // borrowed, if the last attempt read something
	n   int
	err error
	try func(fd uintptr) bool // attempt, made once
}

// newReadyReader returns nil if nc is not a plain connection of the operating system.
func newReadyReader(nc net.Conn) *readyReader {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	r := &readyReader{raw: raw}
	r.try = r.attempt
	return r
}

// attempt reads once. It reports false if there is nothing to read yet.
func (r *readyReader) attempt(fd uintptr) bool {
	r.buf = readBuffers.Get().(*[]byte)
	for {
		r.n, r.err = syscall.Read(int(fd), *r.buf)
		if r.err != syscall.EINTR {
			break
		}
	}
	if r.err == syscall.EAGAIN {
		r.release()
		return false
	}
	return true
}

// read waits until there is something to read and returns it. The bytes are borrowed until release.
func (r *readyReader) read() ([]byte, error) {
	if err := r.raw.Read(r.try); err != nil {
		return nil, err
	}
	if r.err != nil {
		r.release()
		return nil, os.NewSyscallError("read", r.err)
	}
	if r.n == 0 {
		r.release()
		return nil, io.EOF
	}
	return (*r.buf)[:r.n], nil
}

// release gives the buffer back.
func (r *readyReader) release() {
	if r.buf != nil {
		readBuffers.Put(r.buf)
		r.buf = nil
	}
}
