package rtmp

import (
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/pkg/errors"

	"github.com/gortmp/rtmp/session"
)

// AcceptStream returns the peer's next publish or play request (servers). The stream is not accepted yet: using
// it, or Accept, does that; Close refuses it. It must not be called on a Conn that a Server runs.
func (c *Conn) AcceptStream(ctx context.Context) (*Stream, error) {
	if err := c.Handshake(ctx); err != nil {
		return nil, err
	}
	if c.client || c.server != nil {
		return nil, errors.New("rtmp: AcceptStream on a connection that is not one's own to serve")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.manual = true
	for {
		if len(c.requests) > 0 {
			return c.takeRequest(), nil
		}
		if err := c.dead(); err != nil {
			return nil, err
		}
		ch := c.arrived.wait()
		c.mu.Unlock()
		select {
		case <-ch:
		case <-ctx.Done():
		}
		c.mu.Lock()
		if ctx.Err() != nil && len(c.requests) == 0 {
			return nil, context.Cause(ctx)
		}
	}
}

// takeRequest returns the oldest waiting request. c.mu is held, and there is one.
func (c *Conn) takeRequest() *Stream {
	s := c.requests[0]
	c.requests = slices.Delete(c.requests, 0, 1)
	return s
}

// handleConnect answers the connect command. c.mu is held, but not while OnConnect runs.
func (c *Conn) handleConnect(ev session.ConnectRequested) {
	c.info = ConnInfo{App: ev.App, TCURL: ev.TCURL, FlashVer: ev.FlashVer, Connect: ev.Object}
	if c.server != nil && c.server.OnConnect != nil {
		info := c.infoNow()
		c.mu.Unlock()
		ctx, cancel := context.WithCancelCause(c.base)
		stop := context.AfterFunc(c.ctx, func() { cancel(c.err()) })
		err := c.server.callOnConnect(ctx, c, &info)
		stop()
		cancel(nil)
		c.mu.Lock()
		if err != nil {
			c.refuseConnect(ev.ID, err)
			return
		}
	}
	if c.err() == nil {
		c.srv.Accept(ev.ID)
		c.connected = true
		c.traceConnect(nil)
	}
}

// traceConnect calls Trace.Connect, without c.mu, which is held before and after.
func (c *Conn) traceConnect(err error) {
	if f := c.config.Trace.Connect; f != nil {
		c.mu.Unlock()
		f(c, err)
		c.mu.Lock()
	}
}

// refuseConnect answers connect with err and ends the connection once the peer has it.
func (c *Conn) refuseConnect(id uint32, err error) {
	if c.err() != nil {
		return
	}
	var refused *StatusError
	if !errors.As(err, &refused) {
		refused = &StatusError{Code: "NetConnection.Connect.Rejected", Description: "connection refused"}
	}
	c.srv.Reject(id, refused.status())
	c.hangUp(err)
	c.server.refused()
	c.traceConnect(err)
}

// hangUp ends the connection with err once the peer has taken what is queued and has closed its side, or a second
// has passed. c.mu is held and the Conn is not dead.
func (c *Conn) hangUp(err error) {
	c.kick()
	c.retire(err)
	c.wakeAll()
	c.loops.Go(func() {
		ctx, cancel := context.WithTimeout(c.ctx, closeGrace)
		defer cancel()
		if c.Flush(ctx) == nil {
			c.linger(ctx)
		}
		c.fail(err)
	})
}

// Ours: how many handlers of a connection may still run although their streams have ended. Those that wait for something
// else than their context would pile up otherwise: to ask for a stream and to give it back is cheap.
const maxOverdue = 16

// handleRequest makes a Stream of a publish or play request and gives it to whoever serves the connection.
func (c *Conn) handleRequest(ev session.StreamRequested) {
	r := &Request{
		Method:     MethodPlay,
		URL:        requestURL(c.info.TCURL, c.info.App, ev.Name),
		App:        c.info.App,
		Name:       ev.Name,
		Kind:       ev.Kind,
		Start:      ev.Start,
		Conn:       c.infoNow(),
		RemoteAddr: c.nc.RemoteAddr(),
	}
	if ev.Publish {
		r.Method = MethodPublish
	}
	s := &Stream{conn: c, id: ev.StreamID, requestID: ev.ID, req: r}
	switch {
	case c.draining:
		s.reject(refuse(r, "server is going down"))
		return
	case c.handlers-len(c.streams) >= maxOverdue:
		s.reject(refuse(r, "too many requests are still being withdrawn"))
		return
	}
	base := c.base
	if base == nil {
		base = context.Background() // the end of c ends s, which says why
	}
	r.ctx, s.cancel = context.WithCancelCause(base)
	if c.streams == nil {
		c.streams = make(map[uint32]*Stream)
	}
	c.streams[s.id] = s
	c.coalesce()
	if c.server != nil {
		c.handlers++
		c.serving.Go(func() { c.serveStream(s) })
		return
	}
	c.requests = append(c.requests, s)
	c.arrived.signal()
}

// handleWithdrawn forgets a request that the peer does not want answered any more.
func (c *Conn) handleWithdrawn(ev session.RequestWithdrawn) {
	s := c.streams[ev.StreamID]
	if s == nil || s.requestID != ev.ID {
		return
	}
	c.requests = slices.DeleteFunc(c.requests, func(other *Stream) bool { return other == s })
	s.end(io.EOF)
}

// serveStream runs the handler of the server on s and carries out its error.
func (c *Conn) serveStream(s *Stream) {
	err := c.server.callHandler(s)
	if f := c.config.Trace.Stream; f != nil {
		f(s, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handlers--
	c.finishStream(s, err)
}

// finishStream tells the peer what the handler of s returned. c.mu is held.
func (c *Conn) finishStream(s *Stream, err error) {
	if c.err() != nil {
		return
	}
	var refused *StatusError
	isRefused := errors.As(err, &refused)
	publish := s.req.Method == MethodPublish
	accepted := s.state == streamOpen
	switch {
	case s.state == streamEnded:
	case s.state == streamRequested:
		if !isRefused {
			refused = refuse(s.req, "refused")
		}
		if err == nil {
			refused.Description = "not handled"
		}
		s.reject(refused)
	case isRefused:
		c.SendStatus(s.id, refused.status())
		c.srv.Finish(s.id)
	default:
		c.srv.Finish(s.id)
	}
	s.end(cmp.Or(err, io.EOF))
	c.dispatch()
	switch {
	case len(c.streams) > 0 || c.dead() != nil:
	case c.draining:
		c.hangUp(ErrServerClosed)
	case accepted && publish && err != nil:
		// Encoders go on sending after an onStatus: only the end of the connection stops them.
		c.hangUp(err)
	}
}

// shutDown makes the streams of c end with ErrServerClosed, and c itself once their handlers have returned.
func (c *Conn) shutDown() {
	c.mu.Lock()
	if c.srv == nil {
		c.mu.Unlock()
		c.fail(ErrServerClosed)
		return
	}
	defer c.mu.Unlock()
	if c.dead() != nil {
		return
	}
	c.srv.RequestReconnect("", "server is going down")
	c.draining = true
	for _, s := range c.streams {
		s.drain(ErrServerClosed)
	}
	if len(c.streams) == 0 {
		c.hangUp(ErrServerClosed)
	}
	c.kick()
}

// refuse is the answer to r when there is nothing more precise to say.
func refuse(r *Request, why string) *StatusError {
	if r.Method == MethodPublish {
		return &StatusError{Code: "NetStream.Publish.Rejected", Description: why}
	}
	return &StatusError{Code: "NetStream.Play.Failed", Description: why}
}
