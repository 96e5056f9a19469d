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
	stop     func()  // tells whoever feeds it that another has taken over; may be nil
	splice   *splice // nil if nothing came before
	over     error   // why it takes nothing more; guarded by stream.mu
}

// WriteMessage passes m on to everybody who subscribed, see the documentation of the package. It never waits for any
// of them. m is not kept. It returns net.ErrClosed after Close, a *rtmp.StatusError with NetStream.Publish.BadName if
// another publisher has taken over, and message.ErrTooLarge for a payload of 16 MiB or more.
func (p *Publication) WriteMessage(m *message.Message) error {
	if m.Type != message.TypeAggregate {
		return p.write(m)
	}
	own := *m // m itself stays where it is, which need not be the heap
	return p.writeParts(&own)
}

// writeParts passes on what an aggregate consists of.
func (p *Publication) writeParts(m *message.Message) error {
	parts, err := message.Parts(m)
	if err != nil {
		return nil // a message that lies about its parts is dropped, not the stream
	}
	for part := range parts {
		if err := p.write(part); err != nil {
			return err
		}
	}
	return nil
}

// write passes m on if it is something to pass on.
func (p *Publication) write(m *message.Message) error {
	switch t := m.Type; {
	case t.IsProtocolControl(), t == message.TypeUserControl, t.IsCommand(),
		t == message.TypeSharedObject, t == message.TypeSharedObjectAMF3:
		return nil
	}
	if p.splice == nil {
		return p.stream.write(p, m)
	}
	own := *m
	if !p.splice.fit(&own) {
		return p.reason()
	}
	return p.stream.write(p, &own)
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
	switch err := s.Deliver(p.WriteMessage); err {
	case io.EOF:
		return nil
	case os.ErrDeadlineExceeded:
		return p.reason()
	default:
		return err
	}
}
