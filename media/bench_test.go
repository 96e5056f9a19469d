package media

import (
	"testing"

	"github.com/gortmp/rtmp/internal/golden"
)

// What a relay asks of each message, and what it appends, costs no allocation.
func TestAllocations(t *testing.T) {
	for _, v := range golden.Vectors(t, "ev.", "flv.avc") {
		dst := make([]byte, 0, 2*len(v.Bytes))
		if n := testing.AllocsPerRun(100, func() {
			video, err := ParseVideo(v.Bytes)
			if err != nil {
				t.Error(err)
			}
			tracks := video.Tracks()
			for tracks.Next() {
				_ = tracks.Track().ID
			}
			if video.IsSequenceHeader() || video.IsKeyFrame() || tracks.Err() == nil {
				dst, _ = AppendVideoHeader(dst[:0], video)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations, want 0", v.Name, n)
		}
	}
	for _, v := range golden.Vectors(t, "ea.", "flv.aac") {
		dst := make([]byte, 0, 2*len(v.Bytes))
		if n := testing.AllocsPerRun(100, func() {
			audio, err := ParseAudio(v.Bytes)
			if err != nil {
				t.Error(err)
			}
			tracks := audio.Tracks()
			for tracks.Next() {
				_ = tracks.Track().ID
			}
			if audio.IsSequenceHeader() || tracks.Err() == nil {
				dst, _ = AppendAudioHeader(dst[:0], audio)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations, want 0", v.Name, n)
		}
	}
}

func BenchmarkParseVideo(b *testing.B) {
	for _, name := range []string{"flv.avc.nalu", "ev.frames.hvc1", "ev.modex.two", "ev.mt.manycodecs"} {
		b.Run(name, func(b *testing.B) {
			in := golden.Vector(b, name).Bytes
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				v, err := ParseVideo(in)
				if err != nil {
					b.Fatal(err)
				}
				if v.Multitrack.many() {
					for tracks := v.Tracks(); tracks.Next(); {
					}
				}
			}
		})
	}
}

func BenchmarkParseAudio(b *testing.B) {
	for _, name := range []string{"flv.aac.raw", "ea.frames.opus", "ea.mt.one"} {
		b.Run(name, func(b *testing.B) {
			in := golden.Vector(b, name).Bytes
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseAudio(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendVideoHeader(b *testing.B) {
	v := Video{Codec: HEVC, Enhanced: true, FrameType: KeyFrame, PacketType: VideoCodedFrames, Composition: 40, Nanos: 1}
	dst, err := AppendVideoHeader(nil, v)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		if dst, err = AppendVideoHeader(dst[:0], v); err != nil {
			b.Fatal(err)
		}
	}
}
