package rtmp

import (
	"cmp"

	"github.com/gortmp/rtmp/message"
)

// Ours: the memory that is kept for the next message in any case, in bytes.
const smallSpare = 32 << 10

// A sink is where the messages of a Stream go during Deliver. It is guarded by the mutex of the Conn.
type sink struct {
	f      func(m *message.Message, more bool) error
	isBusy bool  // f is running
	err    error // what f has returned
}

// Deliver gives the peer's messages to f, one after the other, until the stream is over or f returns an error. It
// returns that error, or the one that ReadMessage would return. What comes after f has failed is kept for ReadMessage.
//
// It is for servers with thousands of publishers: f is called by the goroutine that reads the connection, so that a
// message is neither queued nor wakes anybody. Until f returns nothing else is read from the connection and no ping
// is answered, so f must not wait, and it must not close the connection or the stream: an error does that. m and its
// payload are borrowed until f returns. With more, bytes behind m have come already: f is called again at once, so that
// what is to be done about m can be put off and be done for several. If the next message turns out not to be there as a
// whole, m is nil in that call.
func (s *Stream) Deliver(f func(m *message.Message, more bool) error) error {
	c := s.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.state == streamRequested {
		if err := s.accept(); err != nil {
			return err
		}
	}
	var m message.Message
	for s.queue.pop(&m) { // what came before there was an f
		s.count()
		if err := s.call(f, &m, false); err != nil {
			return err
		}
	}
	s.sink = sink{f: f}
	var err error
	for err = s.err; err == nil && s.sink.err == nil; err = cmp.Or(s.err, err) {
		err = waitFor(&c.mu, &s.queue.grown, &s.read)
	}
	s.sink.f = nil
	for s.sink.isBusy {
		ch := s.queue.grown.wait()
		c.mu.Unlock()
		<-ch
		c.mu.Lock()
	}
	return cmp.Or(s.sink.err, err)
}

// pass gives m to the sink; nil if there is none after all. With more it is called again before anybody else is. conn.mu
// is held, but not while the sink runs.
func (s *Stream) pass(m *message.Message, more bool) {
	c := s.conn
	if c.unsettled != s {
		c.settle()
	}
	if c.unsettled = nil; more {
		c.unsettled = s
	}
	s.sink.isBusy = true
	err := s.call(s.sink.f, m, more)
	s.sink.isBusy = false
	if err != nil && s.sink.f != nil {
		s.sink.f, s.sink.err = nil, err
	}
	if s.sink.f == nil {
		s.queue.grown.signal()
	}
}

// settle tells a sink that waits for more that there is nothing. c.mu is held, but not while the sink runs.
func (c *Conn) settle() {
	s := c.unsettled
	c.unsettled = nil
	if s != nil && s.sink.f != nil {
		s.pass(nil, false)
	}
}

// call calls f with m, whose payload then goes back to the session. conn.mu is held, but not while f runs.
func (s *Stream) call(f func(*message.Message, bool) error, m *message.Message, more bool) error {
	c := s.conn
	c.mu.Unlock()
	err := c.callSink(f, m, more)
	c.mu.Lock()
	if m == nil {
		return err
	}
	// A key frame is many times as large as what follows: its memory is given back, not kept for each publisher.
	if n := cap(m.Payload); n <= smallSpare || n <= maxSpare && n <= 4*len(m.Payload) {
		c.Reuse(m.Payload)
	}
	return err
}

// callSink calls f. On a connection of a Server a panic becomes an error.
func (c *Conn) callSink(f func(*message.Message, bool) error, m *message.Message, more bool) (err error) {
	if c.server != nil {
		defer c.server.recovered(c, "Deliver", &err)
	}
	return f(m, more)
}
