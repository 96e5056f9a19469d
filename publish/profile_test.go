package publish

import (
	"strings"
	"testing"
	"time"

	"github.com/gortmp/rtmp/media"
)

func TestProfileOf(t *testing.T) {
	tests := []struct{ url, want string }{
		{"rtmp://a.rtmp.youtube.com/live2/key", "YouTube"},
		{"rtmps://live-api-s.facebook.com:443/rtmp/key?s=1", "Facebook"},
		{"rtmp://ingest.global-contribute.live-video.net/app/key", "Twitch"},
		{"rtmps://fa723fc1b171.global-contribute.live-video.net/app/key", "Amazon IVS"},
		{"rtmp://fra02.contribute.live-video.net/app/key", "Twitch"},
		{"rtmp://live.TWITCH.tv/app/key", "Twitch"},
		{"rtmp://notyoutube.com/app/key", ""},
		{"rtmp://127.0.0.1/app/key", ""},
		{"::", ""},
	}
	for _, tt := range tests {
		got := ""
		if p := ProfileOf(tt.url); p != nil {
			got = p.Name
		}
		if got != tt.want {
			t.Errorf("ProfileOf(%q) = %q, want %q", tt.url, got, tt.want)
		}
	}
}

func TestProfileCheck(t *testing.T) {
	const url = "rtmp://live-api-s.facebook.com/rtmp/secret"
	got := ProfileOf(url).Check(url, []Track{{Codec: media.HEVC, Bitrate: 20_000_000}})
	want := []Problem{ProblemTLS, ProblemCodec, ProblemBitrate, ProblemNoAudio}
	if len(got) != len(want) {
		t.Fatalf("Check = %v, want %d warnings", got, len(want))
	}
	for i, w := range got {
		if w.Problem != want[i] || strings.Contains(w.String(), "secret") || !strings.Contains(w.Text, "Facebook") {
			t.Errorf("warning %d = %q (%d), want problem %d and no key in it", i, w, w.Problem, want[i])
		}
	}
	if got := ProfileOf(url).Check(strings.Replace(url, "rtmp:", "rtmps:", 1), []Track{{Codec: media.AVC}, {Codec: media.AAC}}); got != nil {
		t.Errorf("Check of what is fine = %v", got)
	}
}

// What can only be seen while publishing is said once.
func TestWarnings(t *testing.T) {
	var got []Problem
	w := newWatcher([]string{"rtmp://live.twitch.tv/app/key", "rtmp://localhost/app/key"}, func(w Warning) { got = append(got, w.Problem) })
	w.track(&Track{Codec: media.AVC})
	w.track(&Track{Codec: media.AAC})
	var m muxer
	track := m.add(Track{Codec: media.AVC}, next)
	for n := range 500 { // 20 seconds, two key frames 10 seconds apart, three B-frames in a row
		dts := time.Duration(n) * fakePeriod
		p := &Packet{Track: track, DTS: dts, PTS: dts, Key: n%250 == 0, Data: make([]byte, 50_000)}
		if n%4 == 0 {
			p.PTS += 4 * fakePeriod
		}
		frames, err := m.packet(p)
		if err != nil {
			t.Fatal(err)
		}
		for i := range frames {
			w.frame(&frames[i])
		}
	}
	want := []Problem{ProblemBFrames, ProblemKeyFrames, ProblemBitrate}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("problems %v, want %v", got, want)
	}
}
