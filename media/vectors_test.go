package media

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/internal/golden"
)

// The body of all vectors that have coded frames, and the configuration record of those that have one.
var (
	frames = []byte{0x10, 0x12, 0x14, 0x16, 0x18, 0x1a}
	config = []byte{1, 2, 3, 4, 5, 6, 7, 8}
)

// counting returns the 256 bytes 0 to 255.
func counting() []byte {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

var videoVectors = []struct {
	name string
	want Video // without Body where the body is left to another test
}{
	{"ev.seqstart.hvc1", Video{Codec: HEVC, Enhanced: true, FrameType: KeyFrame, Body: config}},
	{"ev.frames.hvc1", Video{Codec: HEVC, Enhanced: true, FrameType: KeyFrame, PacketType: VideoCodedFrames,
		Composition: 66, Body: frames}},
	{"ev.frames.hvc1.neg", Video{Codec: HEVC, Enhanced: true, FrameType: InterFrame, PacketType: VideoCodedFrames,
		Composition: -33, Body: frames}},
	{"ev.framesx.hvc1", Video{Codec: HEVC, Enhanced: true, FrameType: InterFrame, PacketType: VideoCodedFramesX,
		Body: frames}},
	{"ev.seqstart.av01", Video{Codec: AV1, Enhanced: true, FrameType: KeyFrame, Body: config}},
	{"ev.frames.av01", Video{Codec: AV1, Enhanced: true, FrameType: KeyFrame, PacketType: VideoCodedFrames,
		Body: frames}},
	{"ev.frames.vp09", Video{Codec: VP9, Enhanced: true, FrameType: InterFrame, PacketType: VideoCodedFrames,
		Body: frames}},
	{"ev.seqend.av01", Video{Codec: AV1, Enhanced: true, FrameType: KeyFrame, PacketType: VideoSequenceEnd}},
	{"ev.frames.avc1", Video{Codec: AVC, Enhanced: true, FrameType: KeyFrame, PacketType: VideoCodedFrames,
		Body: frames}},
	{"ev.mpeg2ts.av01", Video{Codec: AV1, Enhanced: true, FrameType: KeyFrame, PacketType: VideoMPEG2SequenceStart,
		Body: frames}},
	{"ev.metadata", Video{Codec: HEVC, Enhanced: true, FrameType: KeyFrame, PacketType: VideoMetadata}},
	{"ev.metadata.frametype5", Video{Codec: HEVC, Enhanced: true, FrameType: CommandFrame, PacketType: VideoMetadata}},
	{"ev.metadata.reset", Video{Codec: AV1, Enhanced: true, FrameType: KeyFrame, PacketType: VideoMetadata}},
	{"ev.command.seekstart", Video{Enhanced: true, FrameType: CommandFrame, PacketType: VideoCodedFrames,
		Command: SeekStart}},
	{"ev.modex.nano", Video{Codec: HEVC, Enhanced: true, FrameType: KeyFrame, PacketType: VideoCodedFrames,
		Nanos: 500000, ModEx: []byte{2, 7, 0xa1, 0x20, 1}, Body: frames}},
	{"ev.modex.two", Video{Codec: HEVC, Enhanced: true, FrameType: KeyFrame, PacketType: VideoCodedFramesX,
		Nanos: 2, ModEx: []byte{2, 0, 0, 1, 7, 2, 0, 0, 2, 3}, Body: frames}},
	{"ev.modex.16bit", Video{Codec: HEVC, Enhanced: true, FrameType: KeyFrame, PacketType: VideoCodedFramesX,
		Nanos: 0x000102, ModEx: bytes.Join([][]byte{{0xff, 0, 0xff}, counting(), {3}}, nil), Body: frames}},
	{"ev.mt.one", Video{Codec: HEVC, Enhanced: true, FrameType: KeyFrame, Multitrack: OneTrack, Track: 1,
		Body: config}},
	{"ev.mt.many", Video{Codec: AV1, Enhanced: true, FrameType: KeyFrame, PacketType: VideoCodedFrames,
		Multitrack: ManyTracks}},
	{"ev.mt.manycodecs", Video{Enhanced: true, FrameType: InterFrame, PacketType: VideoCodedFrames,
		Multitrack: ManyTracksManyCodecs}},
	{"flv.avc.nalu", Video{Codec: AVC, FrameType: KeyFrame, PacketType: VideoCodedFrames, Composition: 80,
		Body: []byte{0, 0, 0, 2, 0x65, 0x88}}},
}

var audioVectors = []struct {
	name string
	want Audio
}{
	{"ea.seqstart.opus", Audio{Codec: Opus, Enhanced: true}},
	{"ea.frames.opus", Audio{Codec: Opus, Enhanced: true, PacketType: AudioCodedFrames, Body: frames}},
	{"ea.frames.ac3", Audio{Codec: AC3, Enhanced: true, PacketType: AudioCodedFrames, Body: frames}},
	{"ea.seqend", Audio{Codec: Opus, Enhanced: true, PacketType: AudioSequenceEnd}},
	{"ea.mp4a", Audio{Codec: AAC, Enhanced: true, Body: []byte{0x12, 0x10}}},
	{"ea.channels.native", Audio{Codec: Opus, Enhanced: true, PacketType: AudioMultichannelConfig}},
	{"ea.channels.custom", Audio{Codec: EAC3, Enhanced: true, PacketType: AudioMultichannelConfig}},
	{"ea.channels.unspec", Audio{Codec: FLAC, Enhanced: true, PacketType: AudioMultichannelConfig}},
	{"ea.mt.one", Audio{Codec: AAC, Enhanced: true, PacketType: AudioCodedFrames, Multitrack: OneTrack, Track: 1,
		Body: frames}},
	{"ea.mt.many", Audio{Codec: Opus, Enhanced: true, PacketType: AudioCodedFrames, Multitrack: ManyTracks}},
	{"ea.modex", Audio{Codec: Opus, Enhanced: true, PacketType: AudioCodedFrames, Nanos: 999999,
		ModEx: []byte{2, 0x0f, 0x42, 0x3f, 1}, Body: frames}},
	{"flv.aac.seq", Audio{Codec: AAC, Flags: AACFlags, Body: []byte{0x12, 0x10}}},
	{"flv.aac.raw", Audio{Codec: AAC, Flags: AACFlags, PacketType: AudioCodedFrames, Body: []byte{0x21, 0}}},
}

func TestVideoVectors(t *testing.T) {
	done := make(map[string]bool)
	for _, tt := range videoVectors {
		done[tt.name] = true
		t.Run(tt.name, func(t *testing.T) {
			in := golden.Vector(t, tt.name).Bytes
			got, err := ParseVideo(in)
			if err != nil {
				t.Fatalf("ParseVideo(%x) error = %v", in, err)
			}
			out, err := AppendVideoHeader(nil, got)
			if err != nil {
				t.Fatalf("AppendVideoHeader(%+v) error = %v", got, err)
			}
			if diff := cmp.Diff(in, append(out, got.Body...)); diff != "" {
				t.Errorf("AppendVideoHeader(%+v) and body (-want +got):\n%s", got, diff)
			}
			if tt.want.Body == nil {
				got.Body = nil
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("ParseVideo(%x) (-want +got):\n%s", in, diff)
			}
		})
	}
	for _, v := range golden.Vectors(t, "ev.") {
		if !done[v.Name] {
			t.Errorf("vector %s is not in the table", v.Name)
		}
	}
}

func TestAudioVectors(t *testing.T) {
	done := make(map[string]bool)
	for _, tt := range audioVectors {
		done[tt.name] = true
		t.Run(tt.name, func(t *testing.T) {
			in := golden.Vector(t, tt.name).Bytes
			got, err := ParseAudio(in)
			if err != nil {
				t.Fatalf("ParseAudio(%x) error = %v", in, err)
			}
			out, err := AppendAudioHeader(nil, got)
			if err != nil {
				t.Fatalf("AppendAudioHeader(%+v) error = %v", got, err)
			}
			if diff := cmp.Diff(in, append(out, got.Body...)); diff != "" {
				t.Errorf("AppendAudioHeader(%+v) and body (-want +got):\n%s", got, diff)
			}
			if tt.want.Body == nil {
				got.Body = nil
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("ParseAudio(%x) (-want +got):\n%s", in, diff)
			}
		})
	}
	for _, v := range golden.Vectors(t, "ea.") {
		if !done[v.Name] {
			t.Errorf("vector %s is not in the table", v.Name)
		}
	}
}
