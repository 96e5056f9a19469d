package rtmp

import (
	"cmp"
	"io"
	"net"
	"os"
	"time"

	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/session"
)

// A Stream is one message stream of a Conn. In a Handler, a publish request is read from and a play request is
// written to; the first of either accepts it. A play request may also be read: what comes are the player's
// commands (pause, seek, …), which have been answered already, and of which the newest 64 are kept.
type Stream struct {
	conn *Conn
	id   uint32
	req  *Request // nil on the client side

	// Guarded by conn.mu.
	sent      traffic
	state     streamState
	requestID uint32 // of the session, while state is requested
	err       error  // why nothing more can be read once the queue is empty, and written at all
	queue     queue
	counted   int         // bytes of queue that are in conn.queued
	cancel    func(error) // ends the context of req; nil on the client side
	notices   []*notice   // statuses that somebody waits for
	sink      sink

	delay       time.Duration // see CoalesceReads
	received    traffic
	read, write deadline
}

type streamState uint8

const (
	streamRequested streamState = iota // by the peer, not answered
	streamOpen
	streamEnded
)

// ID returns the message stream id.
func (s *Stream) ID() uint32 { return s.id }

// Conn returns the connection that s belongs to.
func (s *Stream) Conn() *Conn { return s.conn }

// Request returns what the peer asked for; nil on the client side.
func (s *Stream) Request() *Request { return s.req }

// Accept accepts the request now instead of on first use. It does nothing on a stream that was accepted before.
func (s *Stream) Accept() error {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	return s.accept()
}

// accept is Accept with conn.mu held.
func (s *Stream) accept() error {
	if s.state == streamOpen {
		return nil
	}
	if s.state == streamEnded {
		return s.err
	}
	if err := s.conn.dead(); err != nil {
		return err
	}
	if err := s.conn.srv.Accept(s.requestID); err != nil {
		return err
	}
	s.state = streamOpen
	s.traceRequest(nil)
	if _, err := s.conn.input(time.Now(), nil); err != nil { // a publisher has from now on to send
		s.conn.loops.Go(func() { s.conn.fail(err) })
		return err
	}
	s.conn.dispatch()
	s.conn.advance()
	return nil
}

// reject refuses the request. conn.mu is held.
func (s *Stream) reject(refused *StatusError) {
	s.conn.srv.Reject(s.requestID, refused.status())
	s.traceRequest(refused)
}

func (s *Stream) traceRequest(err error) {
	if f := s.conn.config.Trace.Request; f != nil {
		f(s, err)
	}
}

// ReadMessage returns the peer's next message, owned by the caller. It returns io.EOF when the peer ended the
// stream, io.ErrUnexpectedEOF or the network's error when the connection broke, and whatever else the error table
// of the package says; what was queued before comes first.
func (s *Stream) ReadMessage() (*message.Message, error) {
	m := new(message.Message)
	if err := s.readInto(m, &s.read); err != nil {
		return nil, err
	}
	return m, nil
}

// Ours: the memory that a connection keeps for its next message, in bytes. Hardly a message of a live stream is longer.
const maxSpare = 1 << 20

// ReadInto is ReadMessage into m. It takes the capacity of m.Payload for a later message, so that a loop over one m
// hardly allocates: whoever wants to keep a payload must set m.Payload to nil before the next call.
func (s *Stream) ReadInto(m *message.Message) error {
	spare := m.Payload
	if err := s.readInto(m, &s.read); err != nil {
		return err
	}
	if cap(spare) > 0 && cap(spare) <= maxSpare {
		s.conn.mu.Lock()
		s.conn.Reuse(spare)
		s.conn.mu.Unlock()
	}
	return nil
}

func (s *Stream) readInto(m *message.Message, d *deadline) error {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.state == streamRequested {
		if err := s.accept(); err != nil {
			return err
		}
	}
	for {
		if d.passed() {
			return os.ErrDeadlineExceeded
		}
		if s.queue.pop(m) {
			s.count()
			return nil
		}
		if s.err != nil {
			return s.err
		}
		if err := waitFor(&c.mu, &s.queue.grown, d); err != nil {
			return err
		}
	}
}

// Buffered returns the number of messages that ReadMessage returns without waiting.
func (s *Stream) Buffered() int {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	return s.queue.len()
}

// push queues a message of the peer. What a player sends nobody has to read, and it must not hold the connection up:
// of that the oldest are dropped. conn.mu is held.
func (s *Stream) push(m *message.Message) {
	if s.err != nil {
		return
	}
	if s.sink.f != nil {
		s.pass(m, s.conn.rest > 0)
		return
	}
	s.queue.push(m)
	if s.req != nil && s.req.Method == MethodPlay {
		s.queue.trim()
	}
	s.count()
}

// count books what waits in the queue of s with the connection, which does not read on while there is too much of it.
// It counts only as long as more may come. conn.mu is held.
func (s *Stream) count() {
	c, most := s.conn, s.conn.config.ReadQueue
	n := s.queue.bytes
	if s.err != nil {
		n = 0
	}
	before := c.queued
	c.queued += n - s.counted
	s.counted = n
	if before > most && c.queued <= most {
		c.room.signal()
	}
}

// WriteMessage queues m on this stream, whatever m.StreamID says. m is not kept. It blocks while the write buffer
// of the connection is full.
func (s *Stream) WriteMessage(m *message.Message) error { return s.writeMessage(m, &s.write) }

func (s *Stream) writeMessage(m *message.Message, d *deadline) error {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := s.ready(d); err != nil {
		return err
	}
	own := *m
	own.StreamID = s.id
	if err := c.send(&own); err != nil {
		return err
	}
	s.sent.note(m)
	return nil
}

// ready accepts s if that is still to be done, and waits until something may be written. conn.mu is held.
func (s *Stream) ready(d *deadline) error {
	if s.state == streamRequested {
		if err := s.accept(); err != nil {
			return err
		}
	}
	return s.conn.waitRoom(s, d)
}

// writeErr returns why s takes nothing more; nil if it does. conn.mu is held.
func (s *Stream) writeErr() error {
	if s.err == io.EOF {
		return net.ErrClosed
	}
	return s.err
}

// WriteStatus sends an onStatus of your own on s. Its level is "error" unless e.Info has one.
func (s *Stream) WriteStatus(e *StatusError) error {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := s.ready(&s.write); err != nil {
		return err
	}
	st := e.status()
	if level, ok := e.Info.String("level"); ok {
		st.Level = level
	}
	if err := c.SendStatus(s.id, st); err != nil {
		return err
	}
	c.kick()
	return nil
}

// SetReadDeadline bounds pending and future ReadMessage calls of s. After a timeout nothing is lost.
func (s *Stream) SetReadDeadline(t time.Time) error {
	s.read.reset(t)
	return nil
}

// SetWriteDeadline bounds pending and future WriteMessage calls of s. After a timeout the message was queued whole
// or not at all.
func (s *Stream) SetWriteDeadline(t time.Time) error {
	s.write.reset(t)
	return nil
}

// Close ends s and tells the peer. A request that was not accepted is refused. It does not wait for what is
// queued; see Conn.Flush.
func (s *Stream) Close() error {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	s.closePolitely()
	s.end(net.ErrClosed)
	s.conn.kick()
	return nil
}

// closePolitely tells the peer that s ends. conn.mu is held.
func (s *Stream) closePolitely() {
	c := s.conn
	if s.state == streamEnded || c.err() != nil {
		return
	}
	switch {
	case c.client:
		c.cli.CloseStream(s.id)
	case s.state == streamRequested:
		s.reject(refuse(s.req, "closed"))
	default:
		c.srv.Finish(s.id)
	}
}

// end makes err what the user of s sees once the queue is empty. The first call wins. conn.mu is held.
func (s *Stream) end(err error) {
	if s.state == streamEnded {
		return
	}
	c := s.conn
	s.state = streamEnded
	s.err = cmp.Or(s.err, err)
	c.received.add(s.received)
	c.sent.add(s.sent)
	if c.streams[s.id] == s {
		delete(c.streams, s.id)
		c.coalesce()
	}
	if c.last == s {
		c.last = nil
	}
	if err == net.ErrClosed {
		s.queue.clear()
	}
	s.drain(s.err)
	for _, n := range s.notices {
		close(n.answer)
	}
	s.notices = nil
}

// drain makes err what the user of s sees: at once when writing, after what is queued when reading. The first call
// wins. conn.mu is held.
func (s *Stream) drain(err error) {
	s.err = cmp.Or(s.err, err)
	s.count()
	if s.cancel != nil {
		s.cancel(err)
	}
	s.queue.grown.signal()
	s.conn.room.signal()
}

// handleEnded carries out that the peer ended s. A client gives the stream back, of which servers allow only so many.
func (s *Stream) handleEnded(ev session.StreamEnded) {
	if ev.Status != nil && ev.Status.Level == "error" {
		s.end(refusal(*ev.Status))
	} else {
		s.end(io.EOF)
	}
	if s.conn.client {
		s.conn.cli.CloseStream(s.id)
	}
}
