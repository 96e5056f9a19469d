package main

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/gortmp/rtmp/relay"
)

// Ours: when a stream is reported as troubled.
const (
	slowSpeed   = 0.95             // seconds of the stream that come in a second
	keyFrameAge = 10 * time.Second // who joins meanwhile sees no picture, or an old one; the longest interval in common use
	settleTime  = 10 * time.Second // before what a publisher sends says how quick it is
)

// reportStats logs the figures of all streams every so often, until the function that it returns has been called.
func (s *service) reportStats(every time.Duration) (stop func()) {
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case now := <-tick.C:
				for _, st := range s.hub.Stats() {
					logStats(s.log, now, &st)
				}
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-stopped }
}

// logStats writes one line about st, as a warning if something is wrong with it.
func logStats(log *slog.Logger, now time.Time, st *relay.StreamStats) {
	log = log.With("stream", st.Name)
	if !st.IsLive {
		log.Info("nobody publishes", "players", len(st.Players))
		return
	}
	attrs := []any{
		"bitrate", bitrate(uint64(st.Bitrate/8), time.Second),
		"fps", fmt.Sprintf("%.1f", st.FrameRate),
		"speed", fmt.Sprintf("%.2fx", st.Speed),
		"keyframes", interval(st),
		"players", len(st.Players),
	}
	if st.Publisher != nil {
		attrs = append([]any{"publisher", st.Publisher}, attrs...)
	}
	if p := st.Slowest(); p != nil {
		if p.RemoteAddr != nil {
			attrs = append(attrs, "slowest", p.RemoteAddr)
		}
		attrs = append(attrs, "behind", tenths(p.Queue.Duration), "skipped", p.Dropped)
	}
	if wrong := troubles(now, st); len(wrong) > 0 {
		log.Warn("stream: "+strings.Join(wrong, "; "), attrs...)
		return
	}
	log.Info("stream: well", attrs...)
}

// troubles says what is wrong with a stream that is published.
func troubles(now time.Time, st *relay.StreamStats) (wrong []string) {
	settled := now.Sub(st.Since) >= settleTime
	switch {
	case settled && st.Bitrate == 0:
		wrong = append(wrong, "the publisher sends nothing")
	case settled && st.Speed < slowSpeed && st.AudioFrames+st.VideoFrames > 0:
		wrong = append(wrong, "the publisher is slow")
	}
	if st.VideoFrames > 0 && st.KeyFrameAge > keyFrameAge {
		wrong = append(wrong, "no key frame for "+tenths(st.KeyFrameAge))
	}
	slow := 0
	for i := range st.Players {
		if st.Players[i].IsSlow() {
			slow++
		}
	}
	switch slow {
	case 0:
	case 1:
		wrong = append(wrong, "1 player is slow")
	default:
		wrong = append(wrong, fmt.Sprintf("%d players are slow", slow))
	}
	return wrong
}

// interval says how often key frames come.
func interval(st *relay.StreamStats) string {
	switch {
	case st.KeyFrames == 0:
		return "none"
	case st.KeyFrameInterval == 0:
		return "one so far"
	}
	return "every " + tenths(st.KeyFrameInterval)
}

// tenths formats d in seconds and tenths.
func tenths(d time.Duration) string { return fmt.Sprintf("%.1fs", d.Seconds()) }

// logSkipped tells which player was too slow to get everything.
func (s *service) logSkipped(stream string, p relay.PlayerStats, n uint64) {
	s.log.Warn("player is slow and skips", "stream", stream, "peer", p.RemoteAddr, "messages", n, "in_all", p.Dropped)
}
