package rtmptest

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipeBuffer is how many bytes each direction of a NetPipe holds, about what a socket does. Ours: large enough
// for both peers to write their handshake and their first commands before either reads, small enough for a test
// to fill.
const pipeBuffer = 64 << 10

// NetPipe returns the two ends of a connection in memory. Unlike net.Pipe it holds 64 KiB in each direction, so
// that both sides may write before either reads. Deadlines work as in TCP, and so do the errors, which are of
// type *net.OpError: os.ErrDeadlineExceeded for a deadline, net.ErrClosed after the own Close, and
// io.ErrClosedPipe for a write to an end that is closed. What was written before Close can still be read; io.EOF
// follows. Both have CloseWrite as *net.TCPConn has, which ends one direction only.
//
// Waiting is always on a channel, which testing/synctest counts as durably blocked.
func NetPipe() (c1, c2 net.Conn) {
	return newPipe("pipe", "pipe")
}

// newPipe returns the two ends of a connection between addr1 and addr2.
func newPipe(addr1, addr2 pipeAddr) (c1, c2 net.Conn) {
	a, b := newHalf(), newHalf()
	return &pipeConn{a, b, addr1, addr2}, &pipeConn{b, a, addr2, addr1}
}

// A pipeConn is one end of a NetPipe.
type pipeConn struct {
	in, out       *half
	local, remote pipeAddr
}

func (c *pipeConn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, opError("read", err)
}

func (c *pipeConn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, opError("write", err)
}

func (c *pipeConn) Close() error {
	c.in.update(func(h *half) { h.readClosed = true; h.buf = nil })
	c.out.update(func(h *half) { h.writeClosed = true })
	return nil
}

// CloseWrite lets the peer read io.EOF after what was written so far. Reading goes on.
func (c *pipeConn) CloseWrite() error {
	c.out.update(func(h *half) { h.writeClosed = true })
	return nil
}

func (c *pipeConn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

func (c *pipeConn) SetReadDeadline(t time.Time) error {
	c.in.update(func(h *half) { h.readDeadline = t })
	return nil
}

func (c *pipeConn) SetWriteDeadline(t time.Time) error {
	c.out.update(func(h *half) { h.writeDeadline = t })
	return nil
}

func (c *pipeConn) LocalAddr() net.Addr  { return c.local }
func (c *pipeConn) RemoteAddr() net.Addr { return c.remote }

// opError dresses err as the net package does.
func opError(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "pipe", Addr: pipeAddr("pipe"), Err: err}
}

type pipeAddr string

func (pipeAddr) Network() string  { return "pipe" }
func (a pipeAddr) String() string { return string(a) }

// A half is one direction of a NetPipe: a bounded buffer with a reading and a writing end.
type half struct {
	writer chan struct{} // capacity 1: held by the Write whose bytes are going in, so that two never mix

	mu                          sync.Mutex    // guards the fields below; nobody waits while holding it
	changed                     chan struct{} // closed and replaced when one of them changes
	buf                         []byte        // written, not yet read
	readClosed, writeClosed     bool
	readDeadline, writeDeadline time.Time
}

func newHalf() *half {
	return &half{writer: make(chan struct{}, 1), changed: make(chan struct{})}
}

// update changes h with f and wakes everybody who waits for a change.
func (h *half) update(f func(*half)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(h)
	h.signal()
}

// signal wakes everybody who waits for a change; h.mu is held.
func (h *half) signal() {
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *half) read(p []byte) (n int, err error) {
	for {
		h.mu.Lock()
		switch {
		case h.readClosed:
			err = net.ErrClosed
		case expired(h.readDeadline):
			err = os.ErrDeadlineExceeded
		case len(p) == 0:
		case len(h.buf) > 0:
			n = copy(p, h.buf)
			h.buf = h.buf[:copy(h.buf, h.buf[n:])]
			h.signal()
		case h.writeClosed:
			err = io.EOF
		default:
			changed, deadline := h.changed, h.readDeadline
			h.mu.Unlock()
			await(changed, deadline)
			continue
		}
		h.mu.Unlock()
		return n, err
	}
}

func (h *half) write(p []byte) (n int, err error) {
	// Whoever holds the token gives it back when the pipe closes or the deadline passes, so this wait needs
	// neither of them.
	h.writer <- struct{}{}
	defer func() { <-h.writer }()
	for {
		h.mu.Lock()
		free := pipeBuffer - len(h.buf)
		switch {
		case h.writeClosed:
			err = net.ErrClosed
		case h.readClosed:
			err = io.ErrClosedPipe
		case expired(h.writeDeadline):
			err = os.ErrDeadlineExceeded
		case free > 0 && n < len(p):
			part := p[n:min(len(p), n+free)]
			h.buf = append(h.buf, part...)
			n += len(part)
			h.signal()
		}
		changed, deadline := h.changed, h.writeDeadline
		h.mu.Unlock()
		if err != nil || n == len(p) {
			return n, err
		}
		if free == 0 {
			await(changed, deadline)
		}
	}
}

// expired reports whether the deadline t has passed.
func expired(t time.Time) bool { return !t.IsZero() && !time.Now().Before(t) }

// await returns when changed is closed or the deadline, if there is one, has passed.
func await(changed <-chan struct{}, deadline time.Time) {
	if deadline.IsZero() {
		<-changed
		return
	}
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}
