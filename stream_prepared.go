package rtmp

// WritePrepared sends messages that were cut once for many streams: one call, one write to the network. The
// messages stay frozen and may be in use by other streams at the same time. It blocks until the network has taken
// the bytes; with a write deadline set it only queues them, as WriteMessage does.
func (s *Stream) WritePrepared(pm ...*PreparedMessage) error {
	c := s.conn
	queued := s.write.active()
	c.mu.Lock()
	if err := s.ready(&s.write); err != nil {
		c.mu.Unlock()
		return err
	}
	var room [64][]byte
	segs, n := s.cut(room[:0], pm)
	c.writePrepared(segs, n, queued)
	return nil
}

// TryWritePrepared writes b if that is possible without waiting, for whoever serves many streams and must not be held
// up by one of them. It reports false, and has done nothing, if s was not accepted yet, if something else is still
// queued on the connection, if the peer has sent something that ReadMessage would return, if s is not the first stream
// of its connection, or if that is not a plain one of the operating system (TLS, a pipe). What the network does not
// take at once of messages that it has accepted is queued.
func (s *Stream) TryWritePrepared(b *PreparedBatch) (bool, error) {
	c := s.conn
	c.mu.Lock()
	if s.state != streamOpen || s.id != preparedStreamID || s.err != nil || s.queue.len() > 0 || s.write.active() ||
		c.retired || c.OutputLen() > 0 || !c.mayWriteAround() {
		c.mu.Unlock()
		return false, nil // WritePrepared or ReadMessage will say what there is to say
	}
	for _, p := range b.list {
		s.sent.bytes += uint64(p.length)
		c.out.setPrepared(c, p.csid)
		if f := c.config.Trace.Message; f != nil {
			f(c, true, p.Message())
		}
	}
	s.sent.messages += uint64(len(b.list))
	c.out.media = true
	err := c.writeAround(b.wire(c.ChunkSize()))
	c.mu.Unlock()
	if err != nil {
		c.failWriting(err)
		return false, c.writeError(err)
	}
	return true, nil
}

// cut appends the wire forms of pm for the peer of s, n bytes in all. conn.mu is held.
func (s *Stream) cut(segs [][]byte, pm []*PreparedMessage) (_ [][]byte, n int) {
	c := s.conn
	size := c.ChunkSize()
	for _, p := range pm {
		b := p.wire(size)
		if s.id == preparedStreamID {
			segs = append(segs, b)
		} else {
			segs = appendAddressed(segs, b, s.id)
		}
		n += len(b)
		s.sent.bytes += uint64(p.length)
		c.out.media = true
		c.out.setPrepared(c, p.csid)
		if f := c.config.Trace.Message; f != nil {
			f(c, true, p.Message())
		}
	}
	s.sent.messages += uint64(len(pm))
	return segs, n
}
