package rtmptest

import (
	"context"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
)

// A Listener is a net.Listener in memory. Its Dial is what rtmp.Dialer.NetDial wants, so that a whole rtmp.Server and
// its clients can run in a bubble of testing/synctest, where time is fake:
//
//	l := rtmptest.NewListener()
//	go server.Serve(l)
//	dialer := rtmp.Dialer{NetDial: l.Dial}
//	pub, err := dialer.Publish(ctx, "rtmp://test/live/cam")
type Listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	dialed atomic.Uint64
}

// NewListener returns a Listener that nobody has dialed yet.
func NewListener() *Listener {
	return &Listener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept waits for a Dial and returns the other end of its connection, a NetPipe. After Close it returns
// net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, opError("accept", net.ErrClosed)
	default:
	}
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.closed:
		return nil, opError("accept", net.ErrClosed)
	}
}

// Dial connects to l, whatever the address, and waits until it is accepted. It returns net.ErrClosed after Close, and
// the cause of ctx if that ends first. The address of the end that it returns is "pipe:1" the first time, then "pipe:2",
// and so on.
func (l *Listener) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c1, c2 := newPipe(pipeAddr("pipe:"+strconv.FormatUint(l.dialed.Add(1), 10)), "pipe")
	select {
	case l.conns <- c2:
		return c1, nil
	case <-l.closed:
		return nil, opError("dial", net.ErrClosed)
	case <-ctx.Done():
		return nil, opError("dial", context.Cause(ctx))
	}
}

// Close makes Accept and Dial fail. Connections live on.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns an address of the network "pipe".
func (l *Listener) Addr() net.Addr { return pipeAddr("pipe") }
