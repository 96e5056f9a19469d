package rtmp

import (
	"io"
	"net"
	"time"

	"github.com/pkg/errors"

	"github.com/gortmp/rtmp/handshake"
	"github.com/gortmp/rtmp/session"
)

// run is the reading goroutine: handshake, then everything that arrives, until the connection is dead.
func (c *Conn) run() {
	if f := c.config.Trace.Opened; f != nil {
		f(c)
	}
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
