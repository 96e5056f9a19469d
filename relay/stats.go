package relay

import (
	"maps"
	"net"
	"slices"
	"sort"
	"strings"
	"time"
)

// A StreamStats says what goes on in a stream. If nobody publishes it, what is said about a publisher is about the last
// one, and zero if there was none.
type StreamStats struct {
	Name      string
	IsLive    bool      // somebody publishes it
	Publisher net.Addr  // nil if it did not come through a Request
	Since     time.Time // when the publisher began

	// What the publisher has sent: messages and the bytes of their payloads.
	Messages, Bytes uint64
	AudioFrames     uint64 // messages with coded sound, of all tracks
	VideoFrames     uint64 // messages with coded pictures, of the lowest track
	KeyFrames       uint64 // of those

	// KeyFrameInterval is the time between the newest two key frames by their timestamps, and KeyFrameAge is how
	// long ago the newest one came.
	KeyFrameInterval, KeyFrameAge time.Duration

	// Rates of the last five to six seconds, or since the publisher began.
	Bitrate   float64 // bit/s, of payloads
	FrameRate float64 // VideoFrames per second
	Speed     float64 // by how much the timestamps went on, for each second: less than 1 if the publisher is slow

	Ring    Queue // what is kept; its Bytes are those that Hub.MaxBytes bounds
	Players []PlayerStats
}

// A Queue is a number of messages.
type Queue struct {
	Messages int
	Bytes    int           // of wire form
	Duration time.Duration // since the oldest of them came; estimated if it is only in a connection any more
}

// A PlayerStats says what goes on in a Subscription, most of which are players.
type PlayerStats struct {
	RemoteAddr net.Addr // nil if it did not come through a Request
	Since      time.Time

	// What was given to the connection of the player: messages and the bytes of their payloads. Zero for readers
	// without one.
	Messages, Bytes uint64

	Dropped  uint64 // messages that it has missed because it was too slow
	Queue    Queue  // what it has not got yet: of the ring, and of what its connection still has to write
	IsPaused bool
}

// Ours: a player that is behind for so long does not keep up. Those that do are behind for milliseconds.
const slowAfter = time.Second

// IsSlow reports whether the player is more than a second behind what is published.
func (p *PlayerStats) IsSlow() bool { return p.Queue.Duration > slowAfter }

// Slowest returns the player that is furthest behind; nil if all have everything.
func (s *StreamStats) Slowest() *PlayerStats {
	var slowest *PlayerStats
	for i := range s.Players {
		if p := &s.Players[i]; p.Queue.Duration > 0 && (slowest == nil || p.Queue.Duration > slowest.Queue.Duration) {
			slowest = p
		}
	}
	return slowest
}

// Stats returns the figures of all streams as they are now, by name, and of their players, by the time they came.
// Nobody has to wait for it longer than for a message: the figures of one player belong together, those of different
// players need not be of the same moment.
func (h *Hub) Stats() []StreamStats {
	h.mu.Lock()
	streams := slices.Collect(maps.Values(h.streams))
	h.mu.Unlock()
	slices.SortFunc(streams, func(a, b *stream) int { return strings.Compare(a.name, b.name) })
	stats := make([]StreamStats, len(streams))
	for i, st := range streams {
		stats[i] = st.stats()
		stats[i].Players = st.playerStats(st.readers())
	}
	return stats
}

// stats returns the figures of st without the players.
func (st *stream) stats() StreamStats {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.statsNow(st.pub)
}

// stats returns the figures of the stream of p, with what p has sent, which may be over.
func (p *Publication) stats() StreamStats {
	p.stream.mu.Lock()
	defer p.stream.mu.Unlock()
	return p.stream.statsNow(p)
}

// statsNow returns the figures of st without the players, with what p has sent. st.mu is held.
func (st *stream) statsNow(p *Publication) StreamStats {
	now := time.Since(st.created)
	r := &st.ring
	s := StreamStats{Name: st.name, IsLive: st.live && p == st.pub, Ring: r.span(r.tail, r.head, now)}
	s.Ring.Bytes = r.bytes
	if p == nil {
		return s
	}
	t := &p.tally
	s.Publisher, s.Since = t.publisher, t.since
	s.Messages, s.Bytes = t.messages, t.bytes
	s.AudioFrames, s.VideoFrames, s.KeyFrames = t.audio, t.video, t.keys
	s.KeyFrameInterval = t.keyInterval
	if t.keys > 0 {
		s.KeyFrameAge = now - t.keyAt
	}
	if sum, span := t.recent(now); span > 0 {
		s.Bitrate = 8 * float64(sum.bytes) / span.Seconds()
		s.FrameRate = float64(sum.frames) / span.Seconds()
		s.Speed = sum.media.Seconds() / span.Seconds()
	}
	return s
}

// Ours: how many players are looked at while the publisher has to wait, which is a few microseconds.
const statsBatch = 100

// playerStats returns the figures of subs, which are of st, by the time they came.
func (st *stream) playerStats(subs []*Subscription) []PlayerStats {
	slices.SortFunc(subs, func(a, b *Subscription) int { return a.since.Compare(b.since) })
	stats := make([]PlayerStats, 0, len(subs))
	for batch := range slices.Chunk(subs, statsBatch) {
		var unwritten [statsBatch]int
		n := len(stats)
		for i, s := range batch {
			p := PlayerStats{RemoteAddr: s.remote, Since: s.since}
			if s.player != nil {
				conn := s.player.Stats()
				p.Messages, p.Bytes, unwritten[i] = conn.MessagesWritten, conn.BytesWritten, conn.WriteQueue
			}
			stats = append(stats, p)
		}
		st.mu.Lock()
		now := time.Since(st.created)
		for i, s := range batch {
			if s.stream != st {
				continue // it waits for another publisher meanwhile
			}
			p := &stats[n+i]
			p.Dropped, p.Queue, p.IsPaused = s.missed(), s.queue(unwritten[i], now), s.isPaused
		}
		st.mu.Unlock()
	}
	return stats
}

// missed returns how many messages s was too slow for: those that it has skipped, and those that are out of the ring
// since it stands still. stream.mu is held.
func (s *Subscription) missed() uint64 {
	n, tail := s.Dropped(), s.stream.ring.tail
	if !s.hasAll() && s.cursor < tail {
		n += tail - s.cursor
	}
	return n
}

// hasAll reports whether nothing in the ring waits for s. stream.mu is held.
func (s *Subscription) hasAll() bool { return s.isParked || s.needStart || s.isPaused }

// queue returns what s has still to get of what is shown, unwritten bytes of which are with its connection. stream.mu
// is held.
func (s *Subscription) queue(unwritten int, now time.Duration) Queue {
	st, r := s.stream, &s.stream.ring
	next := st.shown
	if !s.hasAll() {
		next = max(s.cursor, r.tail)
	}
	waiting := r.before(st.shown) - r.before(next)
	var gone time.Duration
	if unwritten > 0 {
		// What the connection has is what was in front of the cursor. The ring need not have that any more.
		have := r.before(next) - r.before(r.tail)
		written := max(have, uint64(unwritten)) - uint64(unwritten)
		next = r.tail + uint64(sort.Search(int(next-r.tail), func(i int) bool {
			return r.at(r.tail+uint64(i)).end-r.before(r.tail) > written
		}))
		if st.pub != nil {
			gone = st.pub.tally.lasts(max(uint64(unwritten), have)-have, now)
		}
	}
	q := r.span(next, st.shown, now)
	q.Bytes = int(waiting) + unwritten
	q.Duration += gone
	return q
}

// span returns what r holds from number n on and in front of end. The bytes are those of wire form.
func (r *ring) span(n, end uint64, now time.Duration) Queue {
	if n == end {
		return Queue{}
	}
	return Queue{Messages: int(end - n), Bytes: int(r.before(end) - r.before(n)), Duration: now - r.at(n).at}
}

// before returns how many bytes of wire form the stream had in front of number n, which is in r or the next.
func (r *ring) before(n uint64) uint64 {
	switch {
	case r.head == r.tail:
		return 0
	case n == r.tail:
		return r.at(n).end - uint64(r.at(n).pm.Len())
	}
	return r.at(n - 1).end
}

// readers returns the subscriptions of st.
func (st *stream) readers() []*Subscription {
	st.mu.Lock()
	defer st.mu.Unlock()
	subs := make([]*Subscription, 0, len(st.parked)+len(st.roaming))
	return slices.AppendSeq(append(subs, st.parked...), maps.Keys(st.roaming))
}
