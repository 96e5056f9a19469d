package rtmp

import (
	"net"
	"sync"
	"time"

	"github.com/pkg/errors"

	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/session"
)

// Ours.
const (
	shakeRead  = 2 << 10  // bytes: the buffer of a connection in its handshake, which many may be in for seconds
	idleRead   = 512      // bytes: the buffer of a connection that is waiting
	busyRead   = 64 << 10 // bytes: borrowed while data comes in
	recordRead = 16 << 10 // bytes: the same where a peer may stop and we have to keep it; TLS has no more at once
	coalesced  = 48 << 10 // bytes that are not left waiting for more, see Stream.CoalesceReads
	wakeEvery  = 10 * time.Millisecond
	replySlack = 64 << 10 // bytes of answers beyond WriteBuffer before the peer is held back
)

var (
	readBuffers   = sync.Pool{New: func() any { b := make([]byte, busyRead); return &b }}
	recordBuffers = sync.Pool{New: func() any { b := make([]byte, recordRead); return &b }}
)

// readLoop reads until the connection is dead and returns why.
func (c *Conn) readLoop() error {
	if r := c.readiness; r != nil {
		for {
			p, err := r.read()
			if err != nil {
				return ioError("read", err)
			}
			err = c.receive(p)
			r.release()
			if err != nil {
				return err
			}
		}
	}
	return c.readBuffered()
}

// readBuffered is readLoop for connections that cannot tell whether there is something to read. One on which
// nothing happens keeps a small buffer only; a large one is borrowed while data comes in.
func (c *Conn) readBuffered() error {
	small := make([]byte, idleRead)
	var large *[]byte
	defer func() {
		if large != nil {
			recordBuffers.Put(large)
		}
	}()
	for {
		buf := small
		if large != nil {
			buf = *large
		}
		n, err := c.nc.Read(buf)
		if n > 0 {
			if err := c.receive(buf[:n]); err != nil {
				return err
			}
		}
		if err != nil {
			return ioError("read", err)
		}
		switch {
		case large == nil && n == len(small):
			large = recordBuffers.Get().(*[]byte)
		case large != nil && n < len(small):
			recordBuffers.Put(large)
			large = nil
		}
	}
}

// receive gives p to the session, carries out what follows from it, and waits while the peer has to be held back.
func (c *Conn) receive(p []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(p) > 0 {
		if err := c.inputAll(time.Now(), p); err != nil {
			return err
		}
	}
	c.advance()
	for c.err() == nil && (c.queued > c.config.ReadQueue || c.out.pending(c) > c.config.WriteBuffer+replySlack) {
		if c.held.IsZero() {
			c.held = time.Now()
		}
		ch := c.room.wait()
		c.mu.Unlock()
		<-ch
		c.mu.Lock()
	}
	if !c.held.IsZero() {
		c.held = time.Time{}
		c.Resume(time.Now()) // the silence so far was ours
	}
	return nil
}

// inputAll gives p to the session, event by event: a payload is done with before the next message needs memory. c.mu is
// held, but not while user code runs.
func (c *Conn) inputAll(now time.Time, p []byte) error {
	for len(p) > 0 {
		n, err := c.input(now, p)
		p = p[n:]
		c.rest = len(p)
		c.dispatch()
		if err != nil {
			return err
		}
	}
	c.settle()
	return nil
}

// input gives p to the session, up to the first event, and returns how much that was. If it ends the session, so does c
// for everybody who gets c.mu after this: nobody is to see the session's own error before fail is called, which does the
// rest. c.mu is held.
func (c *Conn) input(now time.Time, p []byte) (int, error) {
	n, err := c.Feed(now, p)
	if err == nil {
		return n, nil
	}
	err = &ProtocolError{layer(err), err}
	c.die(err)
	c.retired = true
	return n, err
}

// writeError returns what the user sees when a write to the network gave err.
func (c *Conn) writeError(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return &ProtocolError{"session", &session.TimeoutError{What: "reading by the peer", After: c.config.WriteTimeout}}
	}
	return ioError("write", err)
}

// layer names the layer that made err.
func layer(err error) string {
	var (
		size    *chunk.SizeError
		limit   *chunk.LimitError
		header  *chunk.HeaderError
		control *chunk.ControlError
		body    *message.BodyError
	)
	switch {
	case errors.As(err, &size), errors.As(err, &limit), errors.As(err, &header), errors.As(err, &control):
		return "chunk"
	case errors.As(err, &body):
		return "message"
	}
	return "session"
}

// tick runs when the session may want to do something although nothing arrived.
func (c *Conn) tick() {
	now := time.Now()
	c.mu.Lock()
	if c.err() != nil {
		c.mu.Unlock()
		return
	}
	if !c.held.IsZero() {
		// It is we who do not read: the peer's silence means nothing.
		c.arm(now.Add(time.Second))
		c.mu.Unlock()
		return
	}
	_, err := c.input(now, nil)
	c.dispatch()
	t, ok := c.Timeout()
	if !ok {
		t = now.Add(time.Hour)
	}
	c.arm(t)
	c.mu.Unlock()
	if err != nil {
		c.fail(err)
	}
}

// advance lets the timer fire earlier, if the session has to act earlier than it had before. c.mu is held.
func (c *Conn) advance() {
	if t, ok := c.Timeout(); ok && t.Before(c.armed) {
		c.arm(t)
	}
}

// arm sets the timer to t, unless c has ended meanwhile. c.mu is held.
func (c *Conn) arm(t time.Time) {
	c.armed = t
	if c.err() == nil {
		c.timer.Reset(max(time.Until(t), 0))
	}
}
