package rtmp

import (
	"io"
	"net"
	"sync"
	"time"

	"github.com/pkg/errors"

	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/handshake"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/session"
)

// Ours.
const (
	shakeRead  = 2 << 10  // bytes: the buffer of a connection in its handshake, which many may be in for seconds
	idleRead   = 512      // bytes: the buffer of a connection that is waiting
	busyRead   = 64 << 10 // bytes: borrowed while data comes in
	recordRead = 16 << 10 // bytes: the same where a peer may stop and we have to keep it; TLS has no more at once
	replySlack = 64 << 10 // bytes of answers beyond WriteBuffer before the peer is held back
)

var (
	readBuffers   = sync.Pool{New: func() any { b := make([]byte, busyRead); return &b }}
	recordBuffers = sync.Pool{New: func() any { b := make([]byte, recordRead); return &b }}
)

// run is the reading goroutine: handshake, then everything that arrives, until the connection is dead.
func (c *Conn) run() {
	rest, err := c.handshake()
	if f := c.config.Trace.Handshake; f != nil {
		f(c, err)
	}
	if err == nil {
		c.open()
		if err = c.receive(rest); err == nil {
			err = c.readLoop()
		}
	}
	c.fail(err)
	if f := c.config.Trace.Closed; f != nil {
		f(c, c.dead())
	}
}

// handshake does the handshake and returns the bytes that came after it.
func (c *Conn) handshake() (rest []byte, err error) {
	if d := c.config.HandshakeTimeout; d > 0 {
		c.nc.SetDeadline(time.Now().Add(d))
		defer c.nc.SetDeadline(time.Time{})
	}
	h := handshaker(handshake.NewServer(nil))
	if c.client {
		h = handshake.NewClient(nil)
	}
	buf := make([]byte, shakeRead)
	var p []byte
	var werr error // of a write; what the peer said before it left says more
	for done := false; !done; {
		var n int
		if n, done, err = h.Input(p); err != nil {
			return nil, &ProtocolError{"handshake", err}
		}
		if out := h.Output(); len(out) > 0 && werr == nil {
			_, werr = c.nc.Write(out)
		}
		if done && werr == nil {
			return append(rest, p[n:]...), nil
		}
		if done {
			return nil, c.handshakeError(werr)
		}
		if n, err = c.nc.Read(buf); n == 0 && err != nil {
			return nil, c.handshakeError(err)
		}
		p = buf[:n]
	}
	return nil, nil
}

// handshaker is what handshake.Client and handshake.Server have in common.
type handshaker interface {
	Input(p []byte) (n int, done bool, err error)
	Output() []byte
}

// handshakeError returns what the user sees when the network gave err before the end of the handshake.
func (c *Conn) handshakeError(err error) error {
	var timeout net.Error
	switch {
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	case errors.As(err, &timeout) && timeout.Timeout():
		return &ProtocolError{"handshake", &HandshakeTimeoutError{c.config.HandshakeTimeout}}
	}
	return ioError("handshake", err)
}

// open makes the session: from here on the connection can be used.
func (c *Conn) open() {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readiness = newReadyConn(c.nc)
	if c.client {
		c.cli = session.NewClient(c.config.session(), now)
		c.protocol = c.cli
	} else {
		c.srv = session.NewServer(c.config.session(), now)
		c.protocol = c.srv
	}
	c.armed, _ = c.Timeout()
	if c.armed.IsZero() {
		c.armed = now.Add(time.Hour)
	}
	c.timer = time.AfterFunc(c.armed.Sub(now), c.tick)
	close(c.ready)
}

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
		err := c.input(time.Now(), p)
		c.dispatch()
		if err != nil {
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

// input gives p to the session. If that ends it, so does c for everybody who gets c.mu after this: nobody is to see the
// session's own error before fail is called, which does the rest. c.mu is held.
func (c *Conn) input(now time.Time, p []byte) error {
	err := c.Input(now, p)
	if err == nil {
		return nil
	}
	err = &ProtocolError{layer(err), err}
	c.cancel(err)
	return err
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
	err := c.input(now, nil)
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

// dispatch carries out the events of the session and starts the writer. c.mu is held, but not while user code
// runs.
func (c *Conn) dispatch() {
	if c.dispatching {
		c.kick()
		return // whoever does it now, and may wait for OnCall, will see the new events too
	}
	c.dispatching = true
	for {
		ev, ok := c.Next()
		if !ok {
			break
		}
		c.handle(ev)
	}
	c.dispatching = false
	c.kick()
}

// handle carries out one event.
func (c *Conn) handle(ev session.Event) {
	switch ev := ev.(type) {
	case session.MessageReceived:
		c.deliver(ev.Message)
	case session.CallReceived:
		c.handleCall(ev)
	case session.PongReceived:
		for _, ch := range c.pongs[ev.Timestamp] {
			close(ch)
		}
		delete(c.pongs, ev.Timestamp)
	case session.StreamEnded:
		if s := c.streams[ev.StreamID]; s != nil {
			s.handleEnded(ev)
		}
	case session.StatusReceived:
		c.handleStatus(ev)
	case session.AckReceived:
		// Nobody waits for acknowledgements; see protocol notes in session.
	case session.ConnectRequested:
		c.handleConnect(ev)
	case session.StreamRequested:
		c.handleRequest(ev)
	case session.RequestWithdrawn:
		c.handleWithdrawn(ev)
	case session.ConnectAccepted, session.ConnectRejected:
		if c.connect != nil {
			c.connect <- ev
			c.connect = nil
		}
	case session.StreamAccepted:
		c.handleAccepted(ev)
	case session.StreamRejected:
		c.answer(ev.ID, ev)
	case session.CallReturned:
		c.answer(ev.ID, ev)
	case session.ReconnectRequested:
		c.config.Logger.Info("rtmp: server asks to reconnect", "remote", c.nc.RemoteAddr(), "to", ev.TCURL, "why", ev.Description)
	}
}

// deliver queues m where it will be read.
func (c *Conn) deliver(m *message.Message) {
	if f := c.config.Trace.Message; f != nil {
		f(c, false, m)
	}
	s := c.last
	if s == nil || s.id != m.StreamID {
		s = c.streams[m.StreamID]
	}
	if s == nil || m.StreamID == 0 {
		c.control.push(m)
		c.control.trim()
		return
	}
	c.last = s
	s.push(m)
}

// handleCall answers a remote method call of the peer.
func (c *Conn) handleCall(ev session.CallReceived) {
	if c.config.OnCall == nil {
		c.ReplyError(ev.Command, ev.Message.StreamID, session.Status{
			Level:       "error",
			Code:        "NetConnection.Call.Failed",
			Description: "method not found: " + clip(ev.Command.Name),
		})
		c.deliver(ev.Message)
		return
	}
	c.mu.Unlock()
	values, err := c.callOnCall(ev.Command)
	c.mu.Lock()
	var refused *StatusError
	switch {
	case err == nil:
		c.Reply(ev.Command, ev.Message.StreamID, values...)
	case errors.As(err, &refused):
		c.ReplyError(ev.Command, ev.Message.StreamID, refused.status())
	default:
		c.ReplyError(ev.Command, ev.Message.StreamID, session.Status{
			Level: "error", Code: "NetConnection.Call.Failed", Description: "call failed",
		})
	}
}

// callOnCall runs OnCall. On a connection of a Server a panic becomes an error.
func (c *Conn) callOnCall(call *message.Command) (values []any, err error) {
	if c.server != nil {
		defer c.server.recovered(c, "OnCall", &err)
	}
	return c.config.OnCall(c, call)
}

// clip shortens a peer's text for an answer or a log.
func clip(s string) string {
	const most = 64
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
