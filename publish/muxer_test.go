package publish

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// Times on the wire are whole milliseconds from the first packet on, do not fall within a track, and the composition
// time has either sign.
func TestMuxerTimes(t *testing.T) {
	var m muxer
	v := m.add(Track{Codec: media.AVC}, next)
	a := m.add(Track{Codec: media.AAC}, next)
	const ms = time.Millisecond
	tests := []struct {
		name        string
		track       int
		dts, pts    time.Duration
		at          message.Timestamp
		composition int32
	}{
		{"the first packet is at 0", v, -80 * ms, 0, 0, 80},
		{"rounded up", a, -23220 * time.Microsecond, 0, 57, 0},
		{"rounded down", v, -40*ms + 333*time.Microsecond, 120 * ms, 40, 160},
		{"shown before it is decoded", v, 0, -10 * ms, 80, -10},
		{"sound from before the beginning", a, -200 * ms, -200 * ms, 57, 0},
		{"behind 24 bits", v, 5 * time.Hour, 5 * time.Hour, 18000080, 0},
		{"behind 32 bits", v, 50 * 24 * time.Hour, 50 * 24 * time.Hour, 25032784, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			frames, err := m.packet(&Packet{Track: tt.track, DTS: tt.dts, PTS: tt.pts, Key: true, Data: []byte{0, 0, 0, 2, 0x65, 1}})
			if err != nil {
				t.Fatal(err)
			}
			got := frames[len(frames)-1].message
			if got.Timestamp != tt.at {
				t.Errorf("time %d, want %d", got.Timestamp, tt.at)
			}
			if tt.track != v {
				return
			}
			video, err := media.ParseVideo(got.Payload)
			if err != nil {
				t.Fatal(err)
			}
			if video.Composition != tt.composition {
				t.Errorf("composition time %d, want %d", video.Composition, tt.composition)
			}
		})
	}
}

// H.264, AAC and MP3 have the classic form in the first track of their kind, all else is Enhanced.
func TestMuxerForms(t *testing.T) {
	tests := []struct {
		name   string
		codec  media.Codec
		id     int
		legacy bool
		want   string // beginning of a key frame
	}{
		{"avc", media.AVC, 0, false, "1701000000"},
		{"avc in a further track", media.AVC, 1, false, "96036176633101"},
		{"hevc", media.HEVC, 0, false, "9368766331"},
		{"hevc as some servers know it", media.HEVC, 0, true, "1c01000000"},
		{"av1", media.AV1, 0, false, "9161763031"},
		{"vp9", media.VP9, 0, false, "9176703039"},
		{"aac", media.AAC, 0, false, "af01"},
		{"aac in a further track", media.AAC, 2, false, "95016d70346102"},
		{"mp3", media.MP3, 0, false, "2f"},
		{"opus", media.Opus, 0, false, "914f707573"},
		{"eac3", media.EAC3, 0, false, "9165632d33"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := muxer{legacyHEVC: tt.legacy}
			i := m.add(Track{Codec: tt.codec, SampleRate: 48000, Channels: 2}, tt.id)
			frames, err := m.packet(&Packet{Track: i, Key: true, Data: []byte{0xda, 0x7a}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want+"da7a", hexString(frames[0].message.Payload)); diff != "" {
				t.Errorf("payload (-want +got):\n%s", diff)
			}
		})
	}
}

func BenchmarkMuxer(b *testing.B) {
	var m muxer
	i := m.add(Track{Codec: media.AVC}, next)
	p := &Packet{Track: i, Data: joinLengths([][]byte{append([]byte{0x41}, make([]byte, 20_000)...)})}
	b.SetBytes(int64(len(p.Data)))
	b.ReportAllocs()
	for b.Loop() {
		p.DTS += 40 * time.Millisecond
		p.PTS = p.DTS
		if _, err := m.packet(p); err != nil {
			b.Fatal(err)
		}
	}
}
