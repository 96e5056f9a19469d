package main

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
	"github.com/gortmp/rtmp/rtmptest"
)

// timeless returns a logger like that of serve, without the time.
func timeless(log *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

func TestLogStats(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	address := func(port int) net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: port} }
	well := func(change func(*relay.StreamStats)) *relay.StreamStats {
		st := &relay.StreamStats{
			Name: "live/cam", IsLive: true, Publisher: address(1), Since: start, AudioFrames: 900, VideoFrames: 500,
			KeyFrames: 10, KeyFrameInterval: 2 * time.Second, KeyFrameAge: time.Second, Bitrate: 2.5e6, FrameRate: 25,
			Speed: 1, Players: []relay.PlayerStats{{RemoteAddr: address(2)}, {RemoteAddr: address(3)}},
		}
		if change != nil {
			change(st)
		}
		return st
	}
	const figures = ` stream=live/cam publisher=192.0.2.1:1 bitrate="2500 kbit/s" fps=25.0 speed=1.00x keyframes="every 2.0s" players=2`
	tests := []struct {
		name  string
		after time.Duration
		stats *relay.StreamStats
		want  string
	}{
		{"well", time.Minute, well(nil), `level=INFO msg="stream: well"` + figures},
		{
			"a player that is a little behind", time.Minute,
			well(func(st *relay.StreamStats) { st.Players[1].Queue.Duration = time.Second }),
			`level=INFO msg="stream: well"` + figures + ` slowest=192.0.2.1:3 behind=1.0s skipped=0`,
		},
		{
			"a slow player", time.Minute,
			well(func(st *relay.StreamStats) {
				st.Players[1].Queue.Duration, st.Players[1].Dropped = 3200*time.Millisecond, 120
			}),
			`level=WARN msg="stream: 1 player is slow"` + figures + ` slowest=192.0.2.1:3 behind=3.2s skipped=120`,
		},
		{
			"slow players and no key frame", time.Minute,
			well(func(st *relay.StreamStats) {
				st.Players[0].Queue.Duration, st.Players[1].Queue.Duration = 4*time.Second, 3*time.Second
				st.KeyFrameAge = 12 * time.Second
			}),
			`level=WARN msg="stream: no key frame for 12.0s; 2 players are slow"` + figures + ` slowest=192.0.2.1:2 behind=4.0s skipped=0`,
		},
		{
			"a slow publisher", time.Minute, well(func(st *relay.StreamStats) { st.Speed = 0.61 }),
			`level=WARN msg="stream: the publisher is slow"` + strings.Replace(figures, "1.00x", "0.61x", 1),
		},
		{
			"a publisher that has just begun", 9 * time.Second, well(func(st *relay.StreamStats) { st.Speed = 0.61 }),
			`level=INFO msg="stream: well"` + strings.Replace(figures, "1.00x", "0.61x", 1),
		},
		{
			"a publisher that has stopped", time.Minute,
			well(func(st *relay.StreamStats) { st.Bitrate, st.FrameRate, st.Speed = 0, 0, 0 }),
			`level=WARN msg="stream: the publisher sends nothing" stream=live/cam publisher=192.0.2.1:1 bitrate="0 kbit/s"` +
				` fps=0.0 speed=0.00x keyframes="every 2.0s" players=2`,
		},
		{
			"data only", time.Minute, &relay.StreamStats{Name: "live/cue", IsLive: true, Since: start, Bitrate: 800},
			`level=INFO msg="stream: well" stream=live/cue bitrate="1 kbit/s" fps=0.0 speed=0.00x keyframes=none players=0`,
		},
		{
			"nobody publishes", time.Minute, well(func(st *relay.StreamStats) { st.IsLive = false }),
			`level=INFO msg="nobody publishes" stream=live/cam players=2`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			logStats(timeless(&log), start.Add(tt.after), tt.stats)
			if diff := cmp.Diff(tt.want+"\n", log.String()); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReportStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := newService(timeless(&log))
		stop := s.reportStats(10*time.Second + 20*time.Millisecond) // between two frames
		pub, err := s.hub.Publish("live/cam")
		if err != nil {
			t.Fatal(err)
		}
		defer pub.Close()
		source := &rtmptest.Source{Duration: 15 * time.Second, NoAudio: true, KeyFrameSize: 5000}
		if _, err := message.Copy(pub, rtmp.Paced(t.Context(), source)); err != nil {
			t.Fatal(err)
		}
		stop()
		<-time.After(time.Minute)
		// From 5 s to 10.02 s 126 frames came, of 5000 bytes each.
		want := `level=INFO msg="stream: well" stream=live/cam bitrate="1004 kbit/s" fps=25.1 speed=1.00x keyframes="every 2.0s" players=0` + "\n"
		if diff := cmp.Diff(want, log.String()); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}
