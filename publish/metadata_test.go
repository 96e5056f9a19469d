package publish

import (
	"testing"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/media"
)

// The metadata say what the tracks are.
func TestMetadata(t *testing.T) {
	given := media.Metadata{{Name: "title", Value: "film"}, {Name: "width", Value: 1.0}, {Name: "encoder", Value: "camera"}}
	m := muxer{duration: 12345678 * time.Microsecond, given: given}
	m.add(Track{Codec: media.AVC, Width: 1920, Height: 1080, FrameRate: 30000.0 / 1001, Bitrate: 4_500_000}, next)
	m.add(Track{Codec: media.HEVC, Width: 640, Height: 360}, next)
	m.add(Track{Codec: media.AAC, SampleRate: 48000, Channels: 2}, next)
	m.add(Track{Codec: media.Opus, SampleRate: 48000, Channels: 1}, next)
	f, err := m.metadata(0)
	if err != nil {
		t.Fatal(err)
	}
	md, err := media.ParseMetadata(f.message.Payload)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		"duration": 12.346, "width": 1920, "height": 1080, "framerate": 29.97, "videodatarate": 4500, "videocodecid": 7,
		"audiosamplerate": 48000, "audiochannels": 2, "audiocodecid": 10,
	} {
		if got, ok := md.Number(name); !ok || got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	for name, want := range map[string]string{"title": "film", "encoder": "camera"} {
		if got, _ := md.String(name); got != want {
			t.Errorf("%s = %q, want %q, as the source says", name, got, want)
		}
	}
	for _, tt := range []struct {
		name  string
		codec string
		want  float64
	}{{"videoTrackIdInfoMap", "videocodecid", 1752589105}, {"audioTrackIdInfoMap", "audiocodecid", 1332770163}} {
		v, _ := md.Get(tt.name)
		tracks, _ := amf0.AsObject(v)
		one, _ := tracks.Get("1")
		o, _ := amf0.AsObject(one)
		if got, _ := o.Number(tt.codec); got != tt.want {
			t.Errorf("%s of track 1 has %s %v, want %v", tt.name, tt.codec, got, tt.want)
		}
	}
}
