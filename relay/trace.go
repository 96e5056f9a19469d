package relay

import (
	"log/slog"
	"net"
)

// A Trace is a set of hooks of a Hub, any of which may be nil. They are called by the goroutine of the publisher or of
// the player that they are about, which waits for them, and without any lock. The figures are those of the moment.
type Trace struct {
	// PublishBegin and PublishEnd are called when somebody has begun to publish a stream, and when that is over.
	// The figures are what this publisher sent, without those of the players. One from whom another takes over
	// ends when it has noticed, which is after the other has begun.
	PublishBegin, PublishEnd func(s StreamStats)

	// PlayBegin and PlayEnd are called when somebody has begun to play a stream, or to wait for it, and when that
	// is over.
	PlayBegin, PlayEnd func(stream string, p PlayerStats)

	// Skipped is called when a player goes on after n messages were skipped because it was too slow.
	Skipped func(stream string, p PlayerStats, n uint64)
}

func (t *Trace) publishBegin(p *Publication) {
	if t != nil && t.PublishBegin != nil {
		t.PublishBegin(p.stats())
	}
}

func (t *Trace) publishEnd(p *Publication) {
	if t != nil && t.PublishEnd != nil {
		t.PublishEnd(p.stats())
	}
}

func (t *Trace) playBegin(s *Subscription) {
	if t != nil && t.PlayBegin != nil {
		t.PlayBegin(s.stream.name, s.stats())
	}
}

func (t *Trace) playEnd(s *Subscription) {
	if t != nil && t.PlayEnd != nil {
		t.PlayEnd(s.stream.name, s.stats())
	}
}

// skipped tells what s has skipped since the last time. Only the reader of s may call it.
func (t *Trace) skipped(s *Subscription) {
	if t == nil || t.Skipped == nil {
		return
	}
	if n := s.Dropped() - s.told; n > 0 {
		s.told += n
		t.Skipped(s.stream.name, s.stats(), n)
	}
}

// stats returns the figures of s.
func (s *Subscription) stats() PlayerStats { return s.stream.playerStats([]*Subscription{s})[0] }

// LogValue returns the figures, and of the players how many there are, how many are slow, and the one that is furthest
// behind.
func (s StreamStats) LogValue() slog.Value {
	slow := 0
	for i := range s.Players {
		if s.Players[i].IsSlow() {
			slow++
		}
	}
	attrs := []slog.Attr{
		slog.String("stream", s.Name),
		slog.Bool("live", s.IsLive),
		remote("publisher", s.Publisher),
		slog.Time("since", s.Since),
		slog.Uint64("messages", s.Messages),
		slog.Uint64("bytes", s.Bytes),
		slog.Float64("bitrate", s.Bitrate),
		slog.Float64("frameRate", s.FrameRate),
		slog.Float64("speed", s.Speed),
		slog.Duration("keyFrameInterval", s.KeyFrameInterval),
		slog.Duration("keyFrameAge", s.KeyFrameAge),
		slog.Int("players", len(s.Players)),
		slog.Int("slow", slow),
	}
	if p := s.Slowest(); p != nil {
		attrs = append(attrs, slog.Any("slowest", *p))
	}
	return slog.GroupValue(attrs...)
}

// LogValue returns the figures.
func (p PlayerStats) LogValue() slog.Value {
	return slog.GroupValue(
		remote("remote", p.RemoteAddr),
		slog.Time("since", p.Since),
		slog.Uint64("messages", p.Messages),
		slog.Uint64("bytes", p.Bytes),
		slog.Uint64("dropped", p.Dropped),
		slog.Int("behindMessages", p.Queue.Messages),
		slog.Int("behindBytes", p.Queue.Bytes),
		slog.Duration("behind", p.Queue.Duration),
		slog.Bool("paused", p.IsPaused),
	)
}

// remote returns an attribute with addr, an empty one if there is none.
func remote(key string, addr net.Addr) slog.Attr {
	if addr == nil {
		return slog.Attr{}
	}
	return slog.String(key, addr.String())
}
