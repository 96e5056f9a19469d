package rtmp

import (
	"os"
	"sync"

	"github.com/gortmp/rtmp/message"
)

// ReadMessage returns the next message that belongs to no open Stream, owned by the caller; chunk sizes,
// acknowledgements and pings are handled and not returned. Of messages that nobody reads the oldest are dropped.
//
// On a server Conn whose AcceptStream was never called it does the whole of a simple ingest server: it waits for
// the first publish or play request, accepts it, and reads that stream.
func (c *Conn) ReadMessage() (*message.Message, error) {
	m := new(message.Message)
	s, err := c.firstStream(&c.read)
	if err != nil {
		return nil, err
	}
	if s != nil {
		if err := s.readInto(m, &c.read); err != nil {
			return nil, err
		}
		return m, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if c.read.passed() {
			return nil, os.ErrDeadlineExceeded
		}
		if c.control.pop(m) {
			return m, nil
		}
		if err := c.dead(); err != nil {
			return nil, err
		}
		if err := waitFor(&c.mu, &c.control.grown, &c.read); err != nil {
			return nil, err
		}
	}
}

// WriteMessage queues m on the stream that m.StreamID names and does not keep it. It blocks while the write
// buffer is full. On a server Conn whose AcceptStream was never called it writes to the stream that ReadMessage
// reads.
func (c *Conn) WriteMessage(m *message.Message) error {
	s, err := c.firstStream(&c.write)
	if err != nil {
		return err
	}
	if s != nil {
		return s.writeMessage(m, &c.write)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.waitRoom(nil, &c.write); err != nil {
		return err
	}
	if err := c.send(m); err != nil {
		return err
	}
	c.sent.note(m)
	return nil
}

// firstStream returns the stream that a server Conn without AcceptStream reads and writes, waiting for the first
// request; using it accepts it. It returns nil if there is no such stream because c is used otherwise.
func (c *Conn) firstStream(d *deadline) (*Stream, error) {
	if err := c.awaitHandshake(d.done(), func() error { return os.ErrDeadlineExceeded }); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client || c.server != nil {
		return nil, nil
	}
	for c.first == nil && !c.manual {
		if len(c.requests) > 0 {
			c.first = c.takeRequest()
			break
		}
		if err := c.dead(); err != nil {
			return nil, err
		}
		if err := waitFor(&c.mu, &c.arrived, d); err != nil {
			return nil, err
		}
	}
	return c.first, nil
}

// waitFor waits, with mu held but not while waiting, until b is signalled. It returns os.ErrDeadlineExceeded if
// d passes first.
func waitFor(mu *sync.Mutex, b *broadcast, d *deadline) error {
	ch := b.wait()
	mu.Unlock()
	defer mu.Lock()
	select {
	case <-d.done():
		return os.ErrDeadlineExceeded
	default:
	}
	select {
	case <-ch:
		return nil
	case <-d.done():
		return os.ErrDeadlineExceeded
	}
}
