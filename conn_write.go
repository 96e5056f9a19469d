package rtmp

import (
	"cmp"
	"context"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"

	"github.com/gortmp/rtmp/message"
)

// Ours: what is written under one deadline. A peer that takes it slowly but steadily is not cut off unless it needs
// longer than WriteTimeout for so few bytes.
const writePiece = 128 << 10

// Ours: a write that takes so long has waited for the peer, and not for its turn on a busy machine.
const slowWrite = 100 * time.Millisecond

// An outbox is what waits to be written: prepared bytes in segs, then the output of the session. It is guarded by
// the mutex of its Conn. Whoever sets writing is the only one to write to the network until it takes it back.
type outbox struct {
	writing  bool
	shut     bool          // nothing more is to be written
	media    bool          // audio, video or data were sent
	err      error         // why a write failed: nothing may follow
	written  atomic.Uint64 // bytes handed to the network since the handshake
	prepared uint64        // chunk streams, by bit, on which prepared bytes went out since the session last spoke
	deadline time.Time     // the write deadline that was last set on the network connection
	segs     [][]byte
	segBytes int
	inFlight int // bytes that the writer has taken and not yet written

	direct net.Buffers // reused by writePrepared
}

// pending returns the number of bytes that were queued and not yet handed to the network.
func (o *outbox) pending(c *Conn) int { return c.OutputLen() + o.segBytes + o.inFlight }

// take returns the output of the session, as Output does.
func (o *outbox) take(c *Conn, spare []byte) []byte {
	o.prepared = 0
	return c.Output(spare)
}

// setPrepared tells the session that prepared bytes go out on chunk stream csid, unless it knows.
func (o *outbox) setPrepared(c *Conn, csid uint32) {
	bit := uint64(1) << (csid & 63)
	if o.prepared&bit == 0 || csid > 63 || c.OutputLen() > 0 {
		c.Prepared(csid)
		o.prepared |= bit
	}
}

// queueSegments puts prepared bytes behind everything queued so far.
func (o *outbox) queueSegments(c *Conn, segs [][]byte, n int) {
	if c.OutputLen() > 0 {
		out := o.take(c, nil)
		o.segs = append(o.segs, out)
		o.segBytes += len(out)
	}
	o.segs = append(o.segs, segs...)
	o.segBytes += n
}

// send encodes m. c.mu is held.
func (c *Conn) send(m *message.Message) error {
	var err error
	if c.srv != nil {
		err = c.srv.Send(m) // not through the interface, which would move m to the heap
	} else {
		err = c.cli.Send(m)
	}
	if err != nil {
		return err
	}
	c.out.media = c.out.media || m.Type.IsMedia()
	if f := c.config.Trace.Message; f != nil {
		f(c, true, m)
	}
	c.kick()
	return nil
}

// waitRoom waits until something may be queued on s, or on the connection if s is nil. c.mu is held, but not while
// it waits.
func (c *Conn) waitRoom(s *Stream, d *deadline) error {
	for {
		if s != nil {
			if err := s.writeErr(); err != nil {
				return err
			}
		}
		if err := c.dead(); err != nil {
			return unexpected(err)
		}
		if c.out.err != nil {
			return c.out.err
		}
		if d.passed() {
			return os.ErrDeadlineExceeded
		}
		if c.out.pending(c) < c.config.WriteBuffer {
			return nil
		}
		if err := waitFor(&c.mu, &c.room, d); err != nil {
			return err
		}
	}
}

// kick starts the writer if there is something to write and nobody does. c.mu is held.
func (c *Conn) kick() {
	if c.out.err != nil {
		c.out.take(c, nil) // nobody will ever read it
		return
	}
	if c.out.writing || c.out.shut || c.err() != nil || c.OutputLen() == 0 && len(c.out.segs) == 0 {
		return
	}
	c.out.writing = true
	c.loops.Go(c.writeLoop)
}

// reply is kick for answers: what the network takes at once is written at once, without waking a writer. c.mu is held.
func (c *Conn) reply() {
	if c.OutputLen() == 0 || c.err() != nil || !c.mayWriteAround() {
		c.kick()
		return
	}
	if err := c.writeAround(c.out.take(c, nil)); err != nil {
		c.out.writing = true // until it is booked nobody else is to write
		c.loops.Go(func() { c.failWriting(err) })
		return
	}
	c.room.signal()
}

// writeLoop writes what is queued until nothing is.
func (c *Conn) writeLoop() {
	var spare []byte    // the other half of the double buffer
	var bufs [][]byte   // reused
	var all net.Buffers // consumed by each write
	for {
		c.mu.Lock()
		out := &c.out
		bufs = append(bufs[:0], out.segs...)
		clear(out.segs)
		out.segs, out.segBytes = out.segs[:0], 0
		if c.OutputLen() > 0 {
			spare = out.take(c, spare)
			bufs = append(bufs, spare)
		}
		n := 0
		for _, b := range bufs {
			n += len(b)
		}
		if n == 0 || out.shut || c.err() != nil {
			out.writing = false
			c.room.signal() // linger may wait for it
			c.mu.Unlock()
			return
		}
		out.inFlight = n
		c.mu.Unlock()

		all = append(all[:0], bufs...)
		if !c.writeNow(all, n) {
			return
		}
		if cap(spare) > busyRead {
			spare = nil
		}
	}
}

// writeNow hands bufs, which it consumes, to the network and books them. Only the one that set writing may call
// it, without c.mu. A failure ends the connection.
func (c *Conn) writeNow(bufs net.Buffers, n int) bool {
	var err error
	for len(bufs) > 0 && err == nil {
		start := time.Now()
		c.extendWriteDeadline(start)
		switch piece := cutPiece(&bufs); len(piece) {
		case 1:
			_, err = c.nc.Write(piece[0])
		default:
			_, err = piece.WriteTo(c.nc)
		}
		if now := time.Now(); err == nil && now.Sub(start) >= slowWrite {
			c.mu.Lock()
			c.Taken(now)
			c.mu.Unlock()
		}
	}
	if err != nil {
		c.failWriting(err)
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.inFlight = 0
	c.out.written.Add(uint64(n))
	c.room.signal()
	return true
}

// failWriting ends the connection because a write failed with err. If the peer has closed it, that is left to the
// reader: what the peer sent before that can still be read, and is not lost because nobody hears our answers. c.mu is
// not held.
func (c *Conn) failWriting(err error) {
	err = c.writeError(err)
	if errors.As(err, new(*ProtocolError)) {
		c.fail(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out.writing = false
	c.out.inFlight = 0
	c.room.signal()
	if c.out.err != nil {
		return
	}
	c.out.err = err
	if c.err() != nil {
		return
	}
	clear(c.out.segs)
	c.out.segs, c.out.segBytes = nil, 0
	c.kick()
	wait := c.config.WriteTimeout
	if wait <= 0 {
		wait = defaultWriteTimeout
	}
	giveUp := time.AfterFunc(wait, func() { c.fail(err) })
	context.AfterFunc(c.ctx, func() { giveUp.Stop() })
}

// cutPiece removes up to writePiece bytes from the front of bufs and returns them.
func cutPiece(bufs *net.Buffers) net.Buffers {
	all := *bufs
	n := 0
	for i, b := range all {
		if n += len(b); n > writePiece {
			if i > 0 {
				*bufs = all[i:]
				return all[:i:i]
			}
			piece := net.Buffers{b[:writePiece:writePiece]}
			all[0] = b[writePiece:]
			return piece
		}
	}
	*bufs = nil
	return all
}

// extendWriteDeadline keeps the deadline of the network connection between WriteTimeout and a quarter more away,
// so that not every write has to set it.
func (c *Conn) extendWriteDeadline(now time.Time) {
	d := c.config.WriteTimeout
	if d <= 0 {
		return
	}
	if c.out.deadline.Sub(now) < d {
		c.out.deadline = now.Add(d + d/4)
		c.nc.SetWriteDeadline(c.out.deadline)
	}
}

// Flush waits until everything queued before the call has been handed to the network.
func (c *Conn) Flush(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.protocol == nil {
		return unexpected(c.err())
	}
	if c.out.err != nil {
		return cmp.Or(unexpected(c.err()), c.out.err)
	}
	target := c.out.written.Load() + uint64(c.out.pending(c))
	for c.out.written.Load() < target {
		if c.err() != nil && !c.out.writing { // else it may have been written, and what follows was quicker
			return unexpected(c.dead())
		}
		if c.out.err != nil {
			return cmp.Or(unexpected(c.err()), c.out.err)
		}
		ch := c.room.wait()
		c.mu.Unlock()
		select {
		case <-ch:
		case <-ctx.Done():
		}
		c.mu.Lock()
		if err := ctx.Err(); err != nil && c.out.written.Load() < target {
			return context.Cause(ctx)
		}
	}
	return nil
}

// linger tells the peer that nothing more comes, once everything queued was flushed, and waits until it has closed
// its side or ctx, which is made from c.ctx, is done. Until then the network may still have to deliver: if it cannot
// hand over what the peer sends meanwhile, such as an acknowledgement, it throws everything away.
func (c *Conn) linger(ctx context.Context) {
	nc, ok := c.nc.(interface{ CloseWrite() error })
	if !ok {
		return
	}
	c.mu.Lock()
	c.out.shut = true
	for c.out.writing && ctx.Err() == nil {
		ch := c.room.wait()
		c.mu.Unlock()
		select {
		case <-ch:
		case <-ctx.Done():
		}
		c.mu.Lock()
	}
	c.mu.Unlock()
	if ctx.Err() == nil && nc.CloseWrite() == nil {
		<-ctx.Done()
	}
}

// writePrepared writes segs, n bytes on the given chunk streams, after everything that was queued before. If
// nobody is writing it does so itself, in one call, and does not wait for the writer. c.mu is held at the
// beginning and not at the end.
func (c *Conn) writePrepared(segs [][]byte, n int, queued bool) {
	out := &c.out
	if queued || out.writing || c.OutputLen() > 0 || len(out.segs) > 0 {
		out.queueSegments(c, segs, n)
		c.kick()
		c.mu.Unlock()
		return
	}
	out.writing = true
	out.inFlight = n
	out.direct = append(out.direct[:0], segs...)
	c.loops.Add(1)
	bufs := out.direct
	c.mu.Unlock()
	defer c.loops.Done()
	if !c.writeNow(bufs, n) {
		return
	}
	c.mu.Lock()
	clear(bufs[:cap(bufs)][:len(segs)])
	out.writing = false
	c.kick() // what was queued meanwhile
	c.mu.Unlock()
}

// mayWriteAround reports whether bytes may be written without the writer: it has nothing to do, and it is known how
// much the network takes at once. c.mu is held.
func (c *Conn) mayWriteAround() bool {
	out := &c.out
	return c.readiness != nil && !out.shut && !out.writing && out.err == nil && len(out.segs) == 0
}

// writeAround writes as much of b as the network takes at once and leaves the rest to the writer, see mayWriteAround.
// c.mu is held.
func (c *Conn) writeAround(b []byte) error {
	out := &c.out
	if !out.deadline.IsZero() {
		out.deadline = time.Time{} // it may have passed, and here nobody waits
		c.nc.SetWriteDeadline(time.Time{})
	}
	n, err := c.readiness.write(b)
	if err != nil {
		return err
	}
	out.written.Add(uint64(n))
	if n < len(b) {
		out.segs, out.segBytes = append(out.segs, b[n:]), len(b)-n
		c.kick()
	}
	return nil
}
