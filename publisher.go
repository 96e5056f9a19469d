package rtmp

import (
	"context"
	"time"

	"github.com/pkg/errors"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// A Publisher sends a stream to a server.
type Publisher struct {
	s    *Stream
	owns bool // closing it closes its connection
}

// Stream returns the stream that p writes to.
func (p *Publisher) Stream() *Stream { return p.s }

// WriteMessage queues m and does not keep it. It blocks while the write buffer of the connection is full. After
// the server ended the stream it returns what the server said as a *StatusError, or net.ErrClosed.
func (p *Publisher) WriteMessage(m *message.Message) error { return p.s.WriteMessage(m) }

// WriteMetadata sends meta as the stream's onMetaData, with timestamp 0. Players that join later get the last one.
func (p *Publisher) WriteMetadata(meta amf0.Object) error {
	payload, err := amf0.Append(nil, "onMetaData", amf0.ECMAArray(meta))
	if err != nil {
		return err
	}
	return p.s.WriteMessage(&message.Message{Type: message.TypeData, Payload: payload})
}

// SetWriteDeadline bounds pending and future WriteMessage calls.
func (p *Publisher) SetWriteDeadline(t time.Time) error { return p.s.SetWriteDeadline(t) }

// Close unpublishes and waits, for at most a second, until what is queued was handed to the network. It reports
// the loss of anything that WriteMessage had taken, with the *StatusError of the server if it said one. If p came from Publish or Dialer.Publish, it closes the
// connection as well; see Conn.Close.
func (p *Publisher) Close() error {
	err := p.s.finish()
	switch {
	case p.owns && err != nil:
		p.s.conn.CloseNow() // the second is over
	case p.owns:
		p.s.conn.Close()
	}
	return err
}

// finish closes s and flushes the connection. It returns what kept queued messages from being sent.
func (s *Stream) finish() error {
	s.conn.mu.Lock()
	broken, ended := s.conn.err(), s.err
	s.conn.mu.Unlock()
	if errors.Is(ended, ErrRefused) {
		return ended // the server said what became of it
	}
	if broken != nil {
		return unexpected(broken)
	}
	s.Close()
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	return s.conn.Flush(ctx)
}
