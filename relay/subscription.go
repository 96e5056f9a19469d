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

// Ours: what a subscription takes out of the ring at a time. It is the memory that a reader can hold which stands
// still.
const (
	maxBatch      = 64
	maxBatchBytes = 256 << 10 // one message more than that may be taken
)

// A Subscription is a place in a stream. It is a message.Reader for one goroutine; Close and Dropped may be called
// from any.
type Subscription struct {
	// What serving a parked player takes is side by side: with thousands of them little of it is in a cache.
	player    *rtmp.Stream // what park serves; nil for readers of other kinds
	isClassic bool         // the reader cannot read multitrack messages; set before it reads
	unwanted  class        // messages that the reader does without; this and gate are guarded like cursor
	gate      gate

	hub     *Hub
	stream  *stream
	remote  net.Addr // nil if the reader is not a player
	since   time.Time
	done    chan struct{} // closed by Close
	closed  bool          // guarded by Hub.mu
	dropped atomic.Uint64
	told    uint64 // of dropped, to Trace.Skipped

	after *Publication // the last one before this came, which waits for another; guarded by Hub.mu

	timer  *time.Timer // fires when nobody has published for long enough; nil if somebody did
	isLate bool        // it has fired

	wake chan struct{} // with player; capacity 1

	// Guarded by stream.mu. While s is parked, whoever holds stream.serving uses them.
	isParked  bool
	place     int    // in stream.parked
	cursor    uint64 // number of the next entry
	needStart bool   // a place to begin at, not before cursor, has to be found first
	isBehind  bool   // because the reader was too slow
	version   uint32 // of the headers that the reader has got
	isPaused  bool
	pausedAt  uint64 // what cursor was then

	batch []*rtmp.PreparedMessage // what ReadMessage has read; from next on not yet returned
	next  int
}

// ReadMessage returns the next message, owned by the caller. It waits until there is one. It returns io.EOF when the
// stream is over, net.ErrClosed after Close, and a *rtmp.StatusError with NetStream.Play.StreamNotFound if nobody
// published the stream within the Hub's PlayWait.
func (s *Subscription) ReadMessage() (*message.Message, error) {
	if s.next == len(s.batch) {
		var err error
		s.next = 0
		if s.batch, err = s.ReadPrepared(s.batch[:0]); err != nil {
			return nil, err
		}
	}
	m := *s.batch[s.next].Message()
	m.Payload = bytes.Clone(m.Payload)
	s.batch[s.next] = nil
	s.next++
	return &m, nil
}

// Dropped returns the number of messages that were skipped because the reader was too slow.
func (s *Subscription) Dropped() uint64 { return s.dropped.Load() }

// ReadPrepared appends messages that are there to dst, at least one, as they are: frozen and shared with all other
// readers. It takes at most 64, or about 256 KiB, and what goes before them where it begins. It waits and ends like
// ReadMessage and must not be mixed with it. It allocates only to make room in dst, and when it waits.
func (s *Subscription) ReadPrepared(dst []*rtmp.PreparedMessage) ([]*rtmp.PreparedMessage, error) {
	for n := len(dst); ; {
		var err error
		if dst, err = s.read(context.Background(), dst); err != nil || len(dst) > n {
			return dst, err
		}
	}
}

// read is ReadPrepared for as long as ctx. It also returns when something came and nothing of it is for the reader.
func (s *Subscription) read(ctx context.Context, dst []*rtmp.PreparedMessage) ([]*rtmp.PreparedMessage, error) {
	for {
		st := s.stream
		select {
		case <-s.done:
			return dst, net.ErrClosed
		default:
		}
		st.mu.Lock()
		n, cursor := len(dst), s.cursor
		dst = s.collect(dst)
		isNew := len(dst) > n || s.cursor != cursor
		if s.cursor != cursor {
			st.progress.signal()
		}
		isLive, isOver := st.live, st.ended
		var changed <-chan struct{}
		if !isNew && !isOver {
			if s.park(); !s.isParked {
				changed = st.changed.wait()
			}
		}
		st.mu.Unlock()
		switch {
		case isNew:
			s.hub.Trace.skipped(s)
			return dst, nil
		case isOver && s.reenter():
			continue
		case isOver:
			return dst, io.EOF
		case isLive:
			s.timer = nil
		case s.isLate:
			return dst, notFound(st.name)
		}
		var late <-chan time.Time
		if s.timer != nil {
			late = s.timer.C
		}
		select {
		case <-changed:
		case <-s.wake:
		case <-late:
			s.isLate = true
		case <-s.done:
			s.leave()
		case <-ctx.Done():
			s.leave()
			return dst, context.Cause(ctx)
		}
	}
}

// collect appends what is to be read next. stream.mu is held.
func (s *Subscription) collect(dst []*rtmp.PreparedMessage) []*rtmp.PreparedMessage {
	r := &s.stream.ring
	if s.isPaused {
		s.cursor = r.head
		return dst
	}
	if !s.needStart && s.cursor < r.tail {
		s.needStart, s.isBehind = true, true
	}
	end := s.stream.shown
	if s.needStart && s.cursor < r.head {
		dst = s.start(dst)
		end = r.head // a merge window holds nobody up who has nothing yet
	}
	last := len(dst) + maxBatch
	for size := 0; s.cursor < end && len(dst) < last && size < maxBatchBytes; s.cursor++ {
		e := r.at(s.cursor)
		s.version = e.version
		if !s.wants(e) {
			if s.isBehind && e.class&s.unwanted == 0 {
				s.dropped.Add(1)
			}
			continue
		}
		if pm := e.form(s.isClassic); pm != nil {
			dst = append(dst, pm)
			size += pm.Len()
		}
	}
	return dst
}

// wants reports whether the reader is to get e, if it is there in a form for it.
func (s *Subscription) wants(e *entry) bool {
	return e.class&s.unwanted == 0 && (e.class&(isKey|isFrame) == 0 || s.gate.opens(e))
}

// start moves the cursor to where the reader begins, and appends the headers that it needs there. There are
// messages behind the cursor, and stream.mu is held.
func (s *Subscription) start(dst []*rtmp.PreparedMessage) []*rtmp.PreparedMessage {
	st, r := s.stream, &s.stream.ring
	from := s.cursor
	s.needStart = false
	s.gate = gate{}
	var prelude []entry
	if r.hasKey && r.key >= from && (s.isBehind || !st.nextKey) {
		s.cursor = r.key
		if s.version != st.start.headers.version {
			prelude = st.prelude()
		}
	} else {
		s.cursor = r.head
		s.gate = gate{isHolding: r.video, since: r.keyAt}
		if s.version != st.headers.version {
			prelude = st.headers.at(st.time)
			s.version = st.headers.version
		}
	}
	for i := range prelude {
		if pm := prelude[i].form(s.isClassic); pm != nil {
			dst = append(dst, pm)
		}
	}
	if s.isBehind {
		s.dropped.Add(s.cursor - from)
	}
	return dst
}

// Close ends the subscription. A waiting read returns net.ErrClosed.
func (s *Subscription) Close() error {
	err := s.close()
	if err == nil {
		s.hub.Trace.playEnd(s)
	}
	return err
}

func (s *Subscription) close() error {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.closed = true
	close(s.done)
	s.stream.mu.Lock()
	delete(s.stream.roaming, s)
	s.stream.progress.signal()
	s.stream.mu.Unlock()
	s.hub.leave(s.stream)
	return nil
}
