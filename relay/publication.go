package relay

import (
	"io"
	"net"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// A Publication is a stream that is being published. It is a message.Writer.
type Publication struct {
	hub    *Hub
	stream *stream
	closed bool
}

// WriteMessage passes m on to everybody who subscribed. It never waits for any of them. m is not kept. Aggregates
// are passed on as the messages they consist of; commands and control messages, which are nobody else's business,
// are not passed on.
func (p *Publication) WriteMessage(m *message.Message) error {
	if p.closed {
		return net.ErrClosed
	}
	switch m.Type {
	case message.TypeAudio, message.TypeVideo, message.TypeData, message.TypeDataAMF3:
		p.stream.write(m)
	case message.TypeAggregate:
		body, err := message.Parse(m)
		if err != nil {
			return nil // a message that lies about its parts is dropped, not the stream
		}
		for _, part := range body.(*message.Aggregate).Messages {
			p.stream.write(part)
		}
	}
	return nil
}

// Close ends the stream: subscribers get what they have not read yet and then io.EOF.
func (p *Publication) Close() error {
	if p.closed {
		return net.ErrClosed
	}
	p.closed = true
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	p.stream.mu.Lock()
	p.stream.live, p.stream.ended = false, true
	p.stream.signal()
	p.stream.mu.Unlock()
	p.hub.leave(p.stream)
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
	var m message.Message
	for {
		if err := s.ReadInto(&m); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		p.WriteMessage(&m)
	}
}
