//go:build !unix

package rtmp

import "net"

// A readyConn exists on Unix only. Elsewhere every connection is read with a small buffer of its own, and what is
// written goes through its writer.
type readyConn struct{}

func newReadyConn(net.Conn) *readyConn           { return nil }
func (r *readyConn) read() ([]byte, error)       { return nil, net.ErrClosed }
func (r *readyConn) release()                    {}
func (r *readyConn) write(p []byte) (int, error) { return 0, net.ErrClosed }
