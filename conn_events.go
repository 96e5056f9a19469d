package rtmp

import (
	"net/url"

	"github.com/pkg/errors"

	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/session"
)

// dispatch carries out the events of the session and starts the writer. c.mu is held, but not while user code
// runs.
func (c *Conn) dispatch() {
	if c.dispatching {
		c.reply()
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
	c.reply()
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
		// A statistic: there are peers that never send one, so nothing may wait for it.
	case session.ConnectRequested:
		c.handleConnect(ev)
	case session.StreamRequested:
		c.handleRequest(ev)
	case session.RequestWithdrawn:
		c.handleWithdrawn(ev)
	case session.ConnectAccepted, session.ConnectRejected:
		_, c.connected = ev.(session.ConnectAccepted)
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
		c.handleReconnect(ev)
	}
}

// handleReconnect tells OnReconnect where to. A reference that cannot be resolved is as good as none.
func (c *Conn) handleReconnect(ev session.ReconnectRequested) {
	if c.config.OnReconnect == nil {
		return
	}
	to := c.info.TCURL
	if base, err := url.Parse(to); err == nil && ev.TCURL != "" {
		if u, err := base.Parse(ev.TCURL); err == nil {
			to = u.String()
		}
	}
	c.mu.Unlock()
	c.config.OnReconnect(c, to)
	c.mu.Lock()
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
		c.received.note(m)
		c.control.push(m)
		c.control.trim()
		return
	}
	c.last = s
	s.received.note(m)
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
