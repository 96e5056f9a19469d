//go:build unix

package rtmp

import (
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pkg/errors"
)

// A readyConn does what a net.Conn cannot. It reads without owning a buffer while there is nothing to read: it
// borrows one when the connection has become readable, so that a connection on which nothing happens costs no
// buffer. And it writes what can be written without waiting.
//
// One goroutine may read while another writes.
type readyConn struct {
	raw syscall.RawConn
	nc  net.Conn

	tryWrite func(fd uintptr) bool // writeOnce, made once
	out      []byte
	outN     int
	outErr   error

	tryRead func(fd uintptr) bool // readOnce, made once
	buf     *[]byte               // borrowed, if the last attempt read something
	n       int
	err     error

	delay atomic.Int64 // see coalesce; nanoseconds
	timed bool         // nc may have a read deadline
}

// newReadyConn returns nil if nc is not a plain connection of the operating system.
func newReadyConn(nc net.Conn) *readyConn {
	var sc syscall.Conn
	switch nc := nc.(type) { // no other type: one that embeds these may have a Read of its own
	case *net.TCPConn:
		sc = nc
	case *net.UnixConn:
		sc = nc
	default:
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	r := &readyConn{raw: raw, nc: nc}
	r.tryRead, r.tryWrite = r.readOnce, r.writeOnce
	return r
}

// readOnce reports false if there is nothing to read yet.
func (r *readyConn) readOnce(fd uintptr) bool {
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
func (r *readyConn) read() ([]byte, error) {
	if err := r.await(); err != nil {
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

// await waits until tryRead has read something, but not beyond the delay before it tries again.
func (r *readyConn) await() error {
	for {
		switch delay := time.Duration(r.delay.Load()); {
		case delay > 0:
			// Those that wait end together, so that one waking up of the system does for many.
			now := time.Now()
			r.nc.SetReadDeadline(now.Add(delay + wakeEvery - time.Duration(now.UnixNano())%wakeEvery))
			r.timed = true
		case r.timed:
			r.nc.SetReadDeadline(time.Time{})
			r.timed = false
			continue // coalesce may have set the one that was cleared
		}
		err := r.raw.Read(r.tryRead)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		r.timed = true
	}
}

// coalesce makes read wait until coalesced bytes have come, the peer has closed, or delay is over; zero ends that at
// once. It may be called while another goroutine reads. It reports whether the system can do that.
func (r *readyConn) coalesce(delay time.Duration) bool {
	lowWater := 1
	if delay > 0 {
		lowWater = coalesced
	}
	var err error
	control := r.raw.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, lowWater)
	})
	if err != nil || control != nil {
		return false
	}
	r.delay.Store(int64(delay))
	if delay > 0 {
		r.nc.SetReadDeadline(time.Now().Add(delay)) // for a read that waits already
	}
	return true
}

// release gives the buffer back.
func (r *readyConn) release() {
	if r.buf != nil {
		readBuffers.Put(r.buf)
		r.buf = nil
	}
}

// write writes as much of p as is possible without waiting, and returns how much that was. p is not kept.
func (r *readyConn) write(p []byte) (n int, err error) {
	r.out = p
	err = r.raw.Write(r.tryWrite)
	r.out = nil
	if err != nil {
		return 0, err
	}
	return r.outN, os.NewSyscallError("write", r.outErr)
}

// writeOnce always reports true: it does not want to be called again when there is room.
func (r *readyConn) writeOnce(fd uintptr) bool {
	for {
		r.outN, r.outErr = syscall.Write(int(fd), r.out)
		switch r.outErr {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			r.outN, r.outErr = 0, nil
		}
		r.outN = max(r.outN, 0)
		return true
	}
}
