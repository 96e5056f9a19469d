package relay

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// A Subscription is a place in a stream. It is a message.Reader for one goroutine; Close may be called from any.
type Subscription struct {
	hub     *Hub
	stream  *stream
	ctx     context.Context         // done when it is closed
	cancel  context.CancelCauseFunc // ends a waiting read
	dropped atomic.Uint64

	// Guarded by stream.mu.
	cursor    uint64             // number of the next entry
	needStart bool               // a place to begin at has to be found first, not before cursor
	overrun   bool               // because the reader was too slow
	waiting   *message.Timestamp // since when there is video and no key frame to begin at
	needKey   bool               // no video before the first key frame
	headers   *headers           // what the reader got when it began

	batch []*rtmp.PreparedMessage // read and not yet returned by ReadMessage
}

// ReadMessage returns the next message, owned by the caller. It waits until somebody publishes the stream. It
// returns io.EOF when the stream is over and net.ErrClosed after Close.
func (s *Subscription) ReadMessage() (*message.Message, error) {
	if len(s.batch) == 0 {
		batch, err := s.ReadPrepared(s.batch[:0])
		if err != nil {
			return nil, err
		}
		s.batch = batch
	}
	m := *s.batch[0].Message()
	m.Payload = bytes.Clone(m.Payload)
	s.batch[0] = nil
	s.batch = s.batch[1:]
	return &m, nil
}

// Dropped returns the number of messages that were skipped because the reader was too slow.
func (s *Subscription) Dropped() uint64 { return s.dropped.Load() }

// ReadPrepared appends all messages that are there to dst, at least one, as they are: frozen and shared with all
// other readers. It waits and ends like ReadMessage and must not be mixed with it.
func (s *Subscription) ReadPrepared(dst []*rtmp.PreparedMessage) ([]*rtmp.PreparedMessage, error) {
	return s.read(s.ctx, dst)
}

// read is ReadPrepared for as long as ctx.
func (s *Subscription) read(ctx context.Context, dst []*rtmp.PreparedMessage) ([]*rtmp.PreparedMessage, error) {
	st := s.stream
	n := len(dst)
	st.mu.Lock()
	for {
		dst = s.collect(dst)
		if len(dst) > n {
			st.mu.Unlock()
			return dst, nil
		}
		if st.ended {
			st.mu.Unlock()
			return dst, io.EOF
		}
		ch := st.wait()
		st.mu.Unlock()
		select {
		case <-ch:
		case <-s.ctx.Done():
			return dst, context.Cause(s.ctx)
		case <-ctx.Done():
			return dst, context.Cause(ctx)
		}
		st.mu.Lock()
	}
}

// collect appends everything from the cursor to the head. st.mu is held.
func (s *Subscription) collect(dst []*rtmp.PreparedMessage) []*rtmp.PreparedMessage {
	r := &s.stream.ring
	if !s.needStart && s.cursor < r.tail {
		s.needStart, s.overrun = true, true
		s.waiting = nil
	}
	if s.needStart {
		if dst = s.start(dst); s.needStart {
			return dst
		}
	}
	for ; s.cursor < r.head; s.cursor++ {
		switch e := r.at(s.cursor); {
		case e.class == frame && s.needKey:
			continue // the publisher began between two key frames
		case e.class == keyFrame:
			s.needKey = false
			fallthrough
		default:
			dst = append(dst, e.pm)
		}
	}
	return dst
}

// start moves the cursor to where the reader can begin, and appends the headers that it needs there. If there is
// no such place yet, it leaves needStart as it is. st.mu is held.
func (s *Subscription) start(dst []*rtmp.PreparedMessage) []*rtmp.PreparedMessage {
	r := &s.stream.ring
	if r.head == r.tail {
		return dst
	}
	from := s.cursor
	newest := r.at(r.head - 1).pm.Message().Timestamp
	switch {
	case r.hasKey && r.key >= from:
		s.cursor = r.key
		e := r.at(r.key)
		if s.headers != e.start.headers {
			s.headers = e.start.headers
			dst = append(dst, e.prelude()...)
		}
	case r.video && s.waiting == nil:
		s.waiting = &newest
		return dst
	case r.video && newest.Sub(*s.waiting) < r.maxDuration:
		return dst
	default:
		// There is no video, or none that has key frames: begin with what comes next.
		s.cursor = r.head
		s.needKey = !r.video
		if s.headers != s.stream.headers {
			s.headers = s.stream.headers
			dst = append(dst, s.headers.at(newest)...)
		}
	}
	if s.overrun {
		s.dropped.Add(s.cursor - from)
	}
	s.needStart, s.overrun = false, false
	return dst
}

// skip makes the reader go on at the next key frame, as after a pause. It must not be called during a read.
func (s *Subscription) skip() {
	s.stream.mu.Lock()
	defer s.stream.mu.Unlock()
	s.cursor = s.stream.ring.head
	s.needStart, s.waiting = true, nil
}

// awaitLive waits until somebody publishes the stream, for at most d. It reports whether somebody does or did.
func (s *Subscription) awaitLive(ctx context.Context, d time.Duration) (bool, error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	st := s.stream
	st.mu.Lock()
	for !st.live && !st.ended {
		ch := st.wait()
		st.mu.Unlock()
		select {
		case <-ch:
		case <-timer.C:
			return false, nil
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
		st.mu.Lock()
	}
	st.mu.Unlock()
	return true, nil
}

// Close ends the subscription. A waiting read returns net.ErrClosed.
func (s *Subscription) Close() error {
	if s.ctx.Err() != nil {
		return net.ErrClosed
	}
	s.cancel(net.ErrClosed)
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.leave(s.stream)
	return nil
}
