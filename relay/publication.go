package relay

import (
	"io"
	"os"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// A Publication is a stream that is being published. It is a message.Writer. Its methods may be called from any
// goroutine.
type Publication struct {
	hub      *Hub
	stream   *stream
	identity string
	stop     func()        // tells whoever feeds it that another has taken over; may be nil
	source   *rtmp.Stream  // what feeds it; nil if that is this program. Guarded by stream.mu too
	delay    time.Duration // how long source lets messages wait; changed by whoever writes, with stream.mu
	splice   *splice       // nil if nothing came before
	over     error         // why it takes nothing more; guarded by stream.mu, as is the next
	tally    tally
	closed   bool // Close was called; guarded by Hub.mu
}

// WriteMessage passes m on to everybody who subscribed, see the documentation of the package. It waits for them no longer
// than the Hub's Patience. m is not kept. It returns net.ErrClosed after Close, a *rtmp.StatusError with
// NetStream.Publish.BadName if another publisher has taken over, and message.ErrTooLarge for a payload of 16 MiB or more.
func (p *Publication) WriteMessage(m *message.Message) error { return p.pass(m, false) }

// pass is WriteMessage. With more another call follows at once, with the next message or with nil, and m may go out
// together with that message.
func (p *Publication) pass(m *message.Message, more bool) error {
	if !more {
		p.rest()
	}
	if m == nil {
		return p.skip(more)
	}
	if m.Type != message.TypeAggregate {
		return p.write(m, more)
	}
	own := *m // m itself stays where it is, which need not be the heap
	return p.writeParts(&own, more)
}

// writeParts passes on what an aggregate consists of.
func (p *Publication) writeParts(m *message.Message, more bool) error {
	parts, err := message.Parts(m)
	if err != nil {
		return p.skip(more) // a message that lies about its parts is dropped, not the stream
	}
	for part := range parts {
		if err := p.write(part, true); err != nil {
			return err
		}
	}
	return p.skip(more)
}

// write passes m on if it is something to pass on.
func (p *Publication) write(m *message.Message, more bool) error {
	switch t := m.Type; {
	case t.IsProtocolControl(), t == message.TypeUserControl, t.IsCommand(),
		t == message.TypeSharedObject, t == message.TypeSharedObjectAMF3:
		return p.skip(more)
	}
	if p.splice == nil {
		return p.stream.write(p, m, more)
	}
	own := *m
	if !p.splice.fit(&own) {
		return p.skip(more)
	}
	return p.stream.write(p, &own, more)
}

// skip does what is left to do when there is nothing to write.
func (p *Publication) skip(more bool) error {
	if !more && p.window() <= 0 {
		p.stream.flush()
	}
	return p.reason()
}

// reason returns why p takes nothing more; nil if it does.
func (p *Publication) reason() error {
	p.stream.mu.Lock()
	defer p.stream.mu.Unlock()
	return p.over
}

// servePublish feeds a stream from s until it ends.
func (h *Hub) servePublish(s *rtmp.Stream, r *rtmp.Request) error {
	p, err := h.admit(r, func() { s.SetReadDeadline(time.Now()) })
	if err != nil {
		return err
	}
	defer p.Close()
	if err := s.Accept(); err != nil {
		return err
	}
	p.feed(s)
	switch err := s.Deliver(p.pass); err {
	case io.EOF:
		return nil
	case os.ErrDeadlineExceeded:
		return p.reason()
	default:
		return err
	}
}
