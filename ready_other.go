//go:build !unix

package rtmp

import "net"

// A readyReader exists on Unix only; elsewhere every connection is read with a small buffer of its own.
type readyReader struct{}

func newReadyReader(net.Conn) *readyReader   { return nil }
func (r *readyReader) read() ([]byte, error) { return nil, net.ErrClosed }
func (r *readyReader) release()              {}
