package relay

import (
	"io"
	"net"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// A Publication is a stream that is being published. It is a message.Writer. Its methods may be called from any
// goroutine.
type Publication struct {
	hub    *Hub
	stream *stream
}

// WriteMessage passes m on to everybody who subscribed, see the documentation of the package. It waits for
// them no longer than the Hub's Patience. m is not kept. It returns net.ErrClosed after Close, and message.ErrTooLarge for a payload of 16 MiB or more.
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
	return p.stream.write(m)
}

// Close ends the stream: subscribers get what they have not read yet and then io.EOF. The name is free at once.
func (p *Publication) Close() error {
	st := p.stream
	st.serving.Lock()
	defer st.serving.Unlock()
	st.mu.Lock()
	st.show()
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	if err := st.end(); err != nil {
		return err
	}
	p.hub.leave(st)
	return nil
}

// end makes nothing more come. It returns net.ErrClosed if it has ended before. serving is held.
func (st *stream) end() error {
	st.mu.Lock()
	defer st.unlock()
	if st.ended {
		return net.ErrClosed
	}
	st.live, st.ended = false, true
	st.progress.signal()
	if st.window != nil {
		st.window.Stop()
	}
	for len(st.parked) > 0 {
		st.unpark(st.parked[0], st.shown, st.version)
	}
	return nil
}

// servePublish feeds a stream from s until it ends.
func (h *Hub) servePublish(s *rtmp.Stream, r *rtmp.Request) error {
	p, err := h.Publish(name(r))
	if err != nil {
		return err
	}
	defer p.Close()
	if err := s.Accept(); err != nil {
		return err
	}
	if err := s.Deliver(func(m *message.Message, _ bool) error { return p.WriteMessage(m) }); err != io.EOF {
		return err
	}
	return nil
}
