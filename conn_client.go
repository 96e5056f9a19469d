package rtmp

import (
	"context"
	"net"
	"time"

	"github.com/pkg/errors"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/session"
)

// Connect sends the connect command for the application that the whole path of rawURL names, and waits for the
// answer. Dial does it by itself; it is for a Conn made with NewClientConn. extra is merged into the connect
// object: it replaces properties of the same name, and a property that is amf0.Undefined is left out. A server
// that refuses gives a *StatusError.
//
// RTMP 1.0, section 7.2.1.1.
func (c *Conn) Connect(ctx context.Context, rawURL string, extra amf0.Object) error {
	t, err := parseTarget(rawURL, false)
	if err != nil {
		return err
	}
	return c.connectTo(ctx, t, extra)
}

func (c *Conn) connectTo(ctx context.Context, t *target, extra amf0.Object) error {
	if !c.client {
		return errServerRole
	}
	if d := c.config.ConnectTimeout; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, d+c.config.HandshakeTimeout, &ProtocolError{
			"session", &session.TimeoutError{What: "answer to connect", After: d},
		})
		defer cancel()
	}
	if err := c.Handshake(ctx); err != nil {
		return err
	}
	object := amf0.Object{
		{Name: "app", Value: t.app},
		{Name: "type", Value: "nonprivate"},
		{Name: "flashVer", Value: flashVer},
		{Name: "tcUrl", Value: t.tcURL},
	}
	for _, p := range extra {
		object.Set(p.Name, p.Value)
	}
	n := 0
	for _, p := range object {
		if p.Value != any(amf0.Undefined{}) {
			object[n] = p
			n++
		}
	}
	object = object[:n]

	answer := make(chan session.Event, 1)
	c.mu.Lock()
	if err := c.dead(); err != nil {
		c.mu.Unlock()
		return unexpected(err)
	}
	if err := c.cli.Connect(object); err != nil {
		c.mu.Unlock()
		return err
	}
	c.connect = answer
	c.info = clientInfo(object)
	c.kick()
	c.mu.Unlock()

	var ev session.Event
	select {
	case ev = <-answer:
	case <-c.use.Done():
		select {
		case ev = <-answer: // the answer and the end came together
		default:
			return unexpected(c.dead())
		}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if refused, ok := ev.(session.ConnectRejected); ok {
		return refusal(refused.Status)
	}
	return nil
}

// flashVer is what encoders send; some servers look at it.
const flashVer = "FMLE/3.0 (compatible; gortmp)"

var errServerRole = errors.New("rtmp: not possible on the server's side of a connection")

// Publish opens a stream on c and publishes under name, which may have a query behind it. A server that refuses
// gives a *StatusError at once. If ctx ends first, the request is withdrawn and c stays usable.
func (c *Conn) Publish(ctx context.Context, name string) (*Publisher, error) {
	s, err := c.openStream(ctx, func() (uint32, error) { return c.cli.Publish(name, "") })
	if err != nil {
		return nil, err
	}
	return &Publisher{s: s}, nil
}

// Play opens a stream on c and plays name, live or recorded; see Publish.
func (c *Conn) Play(ctx context.Context, name string) (*Player, error) {
	s, err := c.openStream(ctx, func() (uint32, error) { return c.cli.Play(name, -2*time.Second) })
	if err != nil {
		return nil, err
	}
	return &Player{s: s}, nil
}

// Call invokes a remote method on the connection and returns what follows the transaction id in the result: first
// the command object, then the values. A method that fails gives a *StatusError.
//
// RTMP 1.0, section 7.2.1.2.
func (c *Conn) Call(ctx context.Context, method string, args ...any) ([]any, error) {
	r, err := c.transact(ctx, func() (uint32, error) { return c.cli.Call(method, args...) })
	if err != nil {
		return nil, err
	}
	ev := r.(session.CallReturned)
	if ev.Err != nil {
		return ev.Values, refusal(*ev.Err)
	}
	return ev.Values, nil
}

// openStream does begin, which asks the server for a stream, and waits for the answer.
func (c *Conn) openStream(ctx context.Context, begin func() (uint32, error)) (*Stream, error) {
	r, err := c.transact(ctx, begin)
	if err != nil {
		return nil, err
	}
	if ev, ok := r.(session.StreamRejected); ok {
		return nil, refusal(ev.Status)
	}
	return r.(*Stream), nil
}

// transact does begin and waits for the answer under the id that it returned.
func (c *Conn) transact(ctx context.Context, begin func() (uint32, error)) (any, error) {
	if !c.client {
		return nil, errServerRole
	}
	if err := c.Handshake(ctx); err != nil {
		return nil, err
	}
	answer := make(chan any, 1)
	c.mu.Lock()
	if err := c.dead(); err != nil {
		c.mu.Unlock()
		return nil, unexpected(err)
	}
	id, err := begin()
	if err != nil {
		c.mu.Unlock()
		return nil, err
	}
	if c.waits == nil {
		c.waits = make(map[uint32]chan any)
	}
	c.waits[id] = answer
	c.kick()
	c.mu.Unlock()

	select {
	case r := <-answer:
		return r, nil
	case <-c.use.Done():
		select {
		case r := <-answer: // the answer and the end came together
			return r, nil
		default:
			return nil, unexpected(c.dead())
		}
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waits, id)
	c.cli.Cancel(id) // an error says that the answer has just come
	select {
	case r := <-answer:
		if s, ok := r.(*Stream); ok {
			s.closePolitely()
			s.end(net.ErrClosed)
		}
	default:
	}
	c.kick()
	return nil, context.Cause(ctx)
}

// answer gives the result of a publish, play or call to whoever waits for it. c.mu is held.
func (c *Conn) answer(id uint32, r any) {
	if ch := c.waits[id]; ch != nil {
		delete(c.waits, id)
		ch <- r
	}
}

// handleAccepted carries out that the server opened a stream.
func (c *Conn) handleAccepted(ev session.StreamAccepted) {
	s := &Stream{conn: c, id: ev.StreamID, state: streamOpen}
	if c.streams == nil {
		c.streams = make(map[uint32]*Stream)
	}
	c.streams[ev.StreamID] = s
	c.answer(ev.ID, s)
}
