//go:build !unix

package rtmp

import (
	"net"
	"time"
)

// A readyConn exists on Unix only. Elsewhere every connection is read with a small buffer of its own, and what is
// written goes through its writer.
type readyConn struct{}

func newReadyConn(net.Conn) *readyConn           { return nil }
func (r *readyConn) read() ([]byte, error)       { return nil, net.ErrClosed }
func (r *readyConn) release()                    {}
func (r *readyConn) coalesce(time.Duration) bool { return false }
func (r *readyConn) write(p []byte) (int, error) { return 0, net.ErrClosed }
