package media

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCodec(t *testing.T) {
	type codec struct {
		String  string
		FourCC  uint32 // 0: none
		Classic int    // -1: none
	}
	tests := map[Codec]codec{
		// The numbers are those of Enhanced RTMP v2.
		VP8:  {"vp08", 1987063864, -1},
		VP9:  {"vp09", 1987063865, -1},
		AV1:  {"av01", 1635135537, 13},
		AVC:  {"avc1", 1635148593, 7},
		HEVC: {"hvc1", 1752589105, 12},
		VVC:  {"vvc1", 1987470129, 14},
		AC3:  {"ac-3", 1633889587, -1},
		EAC3: {"ec-3", 1700998451, -1},
		Opus: {"Opus", 1332770163, -1},
		MP3:  {".mp3", 778924083, 2},
		FLAC: {"fLaC", 1716281667, -1},
		AAC:  {"mp4a", 1836069985, 10},

		0:                 {"none", 0, -1},
		1:                 {"codec 1", 0, -1},
		0x01020304:        {"FourCC 0x01020304", 0x01020304, -1},
		H263:              {"h263", 0, 2},
		Screen:            {"screen", 0, 3},
		VP6:               {"vp6", 0, 4},
		VP6Alpha:          {"vp6 alpha", 0, 5},
		Screen2:           {"screen2", 0, 6},
		RealH263:          {"real h263", 0, 8},
		MPEG4:             {"mpeg4", 0, 9},
		classicVideo | 15: {"video codec 15", 0, 15},
		PCM:               {"pcm", 0, 0},
		ADPCM:             {"adpcm", 0, 1},
		PCMLE:             {"pcm le", 0, 3},
		Nellymoser16:      {"nellymoser 16 kHz", 0, 4},
		Nellymoser8:       {"nellymoser 8 kHz", 0, 5},
		Nellymoser:        {"nellymoser", 0, 6},
		ALaw:              {"a-law", 0, 7},
		MuLaw:             {"mu-law", 0, 8},
		Speex:             {"speex", 0, 11},
		MP38:              {"mp3 8 kHz", 0, 14},
		DeviceSound:       {"device sound", 0, 15},
		classicAudio | 13: {"sound format 13", 0, 13},
	}
	for c, want := range tests {
		got := codec{String: c.String(), Classic: -1}
		if n, ok := c.FourCC(); ok {
			got.FourCC = n
		}
		if id, ok := c.ClassicID(); ok {
			got.Classic = int(id)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Codec %#x (-want +got):\n%s", uint32(c), diff)
		}
	}
}

func TestFourCC(t *testing.T) {
	if c, ok := FourCC("hvc1"); c != HEVC || !ok {
		t.Errorf(`FourCC("hvc1") = %v, %v, want hvc1, true`, c, ok)
	}
	for _, s := range []string{"", "*", "hvc", "hvc12", "\x00vc1"} {
		if c, ok := FourCC(s); c != 0 || ok {
			t.Errorf("FourCC(%q) = %v, %v, want none, false", s, c, ok)
		}
	}
}

func TestNames(t *testing.T) {
	tests := map[interface{ String() string }]string{
		KeyFrame: "key", InterFrame: "inter", DisposableFrame: "disposable", GeneratedFrame: "generated key",
		CommandFrame: "command", FrameType(7): "frame type 7",
		VideoSequenceStart: "sequence start", VideoCodedFrames: "coded frames", VideoSequenceEnd: "sequence end",
		VideoCodedFramesX: "coded frames x", VideoMetadata: "metadata",
		VideoMPEG2SequenceStart: "mpeg2 sequence start", VideoPacketType(9): "packet type 9",
		AudioSequenceStart: "sequence start", AudioCodedFrames: "coded frames", AudioSequenceEnd: "sequence end",
		AudioMultichannelConfig: "multichannel config", AudioPacketType(9): "packet type 9",
		SingleTrack: "single track", OneTrack: "one track", ManyTracks: "many tracks",
		ManyTracksManyCodecs: "many tracks many codecs", Multitrack(4): "multitrack type 3",
	}
	for v, want := range tests {
		if got := v.String(); got != want {
			t.Errorf("%T %#v is called %q, want %q", v, v, got, want)
		}
	}
}
