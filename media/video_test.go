package media

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/internal/golden"
)

func TestParseVideoClassic(t *testing.T) {
	tests := []struct {
		name string
		in   []byte
		want Video
		err  error
	}{
		{"sorenson key frame", []byte{0x12, 0xaa},
			Video{Codec: H263, FrameType: KeyFrame, PacketType: VideoCodedFrames, Body: []byte{0xaa}}, nil},
		{"vp6 adjustment is part of the body", []byte{0x24, 0x00, 0xaa},
			Video{Codec: VP6, FrameType: InterFrame, PacketType: VideoCodedFrames, Body: []byte{0, 0xaa}}, nil},
		{"avc sequence header", []byte{0x17, 0, 0, 0, 0, 1, 0x64},
			Video{Codec: AVC, FrameType: KeyFrame, Body: []byte{1, 0x64}}, nil},
		{"avc end of sequence", []byte{0x17, 2, 0, 0, 0},
			Video{Codec: AVC, FrameType: KeyFrame, PacketType: VideoSequenceEnd}, nil},
		{"avc before its display time", []byte{0x27, 1, 0xff, 0xff, 0xdf, 9},
			Video{Codec: AVC, FrameType: InterFrame, PacketType: VideoCodedFrames, Composition: -33,
				Body: []byte{9}}, nil},
		{"legacy hevc", []byte{0x1c, 0, 0, 0, 0, 1},
			Video{Codec: HEVC, FrameType: KeyFrame, Body: []byte{1}}, nil},
		{"legacy hevc frame", []byte{0x2c, 1, 0, 0, 40, 7},
			Video{Codec: HEVC, FrameType: InterFrame, PacketType: VideoCodedFrames, Composition: 40,
				Body: []byte{7}}, nil},
		{"ffmpeg's mpeg4", []byte{0x19, 1, 0, 0, 0, 0, 0, 1},
			Video{Codec: MPEG4, FrameType: KeyFrame, PacketType: VideoCodedFrames, Body: []byte{0, 0, 1}}, nil},
		{"command", []byte{0x57, 1},
			Video{Codec: AVC, FrameType: CommandFrame, PacketType: VideoCodedFrames, Command: SeekEnd}, nil},
		{"unknown codec", []byte{0x1f, 1},
			Video{Codec: classicVideo | 15, FrameType: KeyFrame, PacketType: VideoCodedFrames, Body: []byte{1}}, nil},
		{"unknown frame type", []byte{0x02},
			Video{Codec: H263, PacketType: VideoCodedFrames}, nil},
		{"empty", nil, Video{}, ErrShort},
		{"avc, one byte", []byte{0x17}, Video{}, ErrShort},
		{"avc, cut composition time", []byte{0x17, 1, 0, 0}, Video{}, ErrShort},
		{"avc, unknown packet type", []byte{0x17, 3, 0, 0, 0}, Video{}, ErrReserved},
		{"command without a command", []byte{0x52}, Video{}, ErrShort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseVideo(tt.in)
			if !errors.Is(err, tt.err) {
				t.Fatalf("ParseVideo(%x) error = %v, want %v", tt.in, err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("ParseVideo(%x) (-want +got):\n%s", tt.in, diff)
			}
			if err != nil {
				return
			}
			out, err := AppendVideoHeader(nil, got)
			if err != nil {
				t.Fatalf("AppendVideoHeader(%+v) error = %v", got, err)
			}
			if diff := cmp.Diff(tt.in, append(out, got.Body...)); diff != "" {
				t.Errorf("AppendVideoHeader(%+v) and body (-want +got):\n%s", got, diff)
			}
		})
	}
}

func TestParseVideoCut(t *testing.T) {
	for _, tt := range videoVectors {
		in := golden.Vector(t, tt.name).Bytes
		v, err := ParseVideo(in)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		for n := range len(in) - len(v.Body) { // every cut inside the header must fail
			if got, err := ParseVideo(in[:n]); !errors.Is(err, ErrShort) {
				t.Errorf("%s: ParseVideo(%x) = %+v, error %v, want ErrShort", tt.name, in[:n], got, err)
			}
		}
	}
}

func TestParseVideoRefused(t *testing.T) {
	modEx := func(records int) []byte {
		b := []byte{0x97}
		for range records {
			b = append(b, 0, 0xee, 0x37)
		}
		b[len(b)-1] = 0x33
		return append(b, "hvc1"...)
	}
	tests := []struct {
		name string
		in   []byte
		err  error
	}{
		{"packet type 8", []byte("\x98hvc1"), ErrReserved},
		{"packet type 15", []byte("\x9fhvc1"), ErrReserved},
		{"multitrack type 3", []byte("\x96\x30hvc1\x00"), ErrReserved},
		{"multitrack in multitrack", []byte("\x96\x06hvc1\x00"), ErrReserved},
		{"ModEx in multitrack", []byte("\x96\x07hvc1\x00"), ErrReserved},
		{"reserved packet type in multitrack", []byte("\x96\x08hvc1\x00"), ErrReserved},
		{"FourCC that begins with a zero", []byte("\x91\x00\x00\x09\x07"), ErrReserved},
		{"8 ModEx records", modEx(8), nil},
		{"9 ModEx records", modEx(9), ErrModExChain},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseVideo(tt.in)
			if !errors.Is(err, tt.err) {
				t.Fatalf("ParseVideo(%x) error = %v, want %v", tt.in, err, tt.err)
			}
			if err != nil {
				if diff := cmp.Diff(Video{}, got); diff != "" {
					t.Errorf("ParseVideo(%x) with an error (-want +got):\n%s", tt.in, diff)
				}
			}
		})
	}
}

func TestParseVideoUnknownFourCC(t *testing.T) {
	v, err := ParseVideo([]byte("\x91zzzz\x01\x02"))
	if err != nil || v.Codec.String() != "zzzz" || !v.IsKeyFrame() || !bytes.Equal(v.Body, []byte{1, 2}) {
		t.Errorf("ParseVideo with FourCC zzzz = %+v, error %v, want a key frame of codec zzzz", v, err)
	}
}

func TestParseVideoBodyIsCapped(t *testing.T) {
	in := append(make([]byte, 0, 64), "\x97\x02\x00\x00\x01\x01av01\xaa"...)
	v, err := ParseVideo(in)
	if err != nil {
		t.Fatal(err)
	}
	if chain, err := AppendNanos(v.ModEx, 7); err != nil || in[5] != 0x01 {
		t.Errorf("AppendNanos = %x, error %v, and changed the payload to %x", chain, err, in)
	}
}

func TestVideoIs(t *testing.T) {
	type is struct{ Header, Key, Coded, End, Metadata, Command bool }
	tests := []struct {
		in   string
		want is
	}{
		{"\x12", is{Key: true, Coded: true}},
		{"\x22", is{Coded: true}},
		{"\x42", is{Key: true, Coded: true}},
		{"\x52\x00", is{Command: true}},
		{"\x17\x00\x00\x00\x00\x01", is{Header: true}},
		{"\x17\x00\x00\x00\x00", is{}}, // as joy4 met it: an empty configuration configures nothing
		{"\x17\x01\x00\x00\x00\x01", is{Key: true, Coded: true}},
		{"\x1c\x01\x00\x00\x00\x01", is{Key: true, Coded: true}},
		{"\x27\x01\x00\x00\x00\x01", is{Coded: true}},
		{"\x17\x02\x00\x00\x00", is{End: true}},
		{"\x90hvc1\x01", is{Header: true}},
		{"\x95av01\x01", is{Header: true}},
		{"\x91hvc1\x00\x00\x00\x01", is{Key: true, Coded: true}},
		{"\x93hvc1\x01", is{Key: true, Coded: true}},
		{"\xa3hvc1\x01", is{Coded: true}},
		{"\x92hvc1", is{End: true}},
		{"\x94hvc1", is{Metadata: true}},
		{"\x84hvc1", is{Metadata: true}}, // OBS
		{"\xd4hvc1", is{Metadata: true}}, // ffmpeg
		{"\xd0\x00", is{Command: true}},
		{"\xd1\x00", is{Command: true}},
		{"\xd2\x01", is{Command: true}},
		{"\x96\x10av01\x01\x00\x00\x01\xff", is{Header: true}},
		{"\x96\x01av01\x01\xff", is{Key: true, Coded: true}},
	}
	for _, tt := range tests {
		v, err := ParseVideo([]byte(tt.in))
		if err != nil {
			t.Errorf("ParseVideo(%x) error = %v", tt.in, err)
		}
		got := is{v.IsSequenceHeader(), v.IsKeyFrame(), v.IsCoded(), v.IsEnd(), v.IsMetadata(), v.IsCommand()}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("ParseVideo(%x) (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestAppendVideoHeaderRefuses(t *testing.T) {
	tests := []struct {
		name string
		in   Video
	}{
		{"frame type of 4 bits", Video{Codec: AVC, FrameType: 8}},
		{"composition time of 25 bits", Video{Codec: AVC, PacketType: VideoCodedFrames, Composition: 1 << 23}},
		{"classic codec in the enhanced form", Video{Codec: H263, Enhanced: true}},
		{"enhanced codec in the classic form", Video{Codec: VP9}},
		{"sound", Video{Codec: AAC}},
		{"no codec", Video{}},
		{"classic packet type 3", Video{Codec: AVC, PacketType: VideoCodedFramesX}},
		{"sequence header of a codec that has none", Video{Codec: H263, PacketType: VideoSequenceStart}},
		{"composition time where there is none", Video{Codec: H263, PacketType: VideoCodedFrames, Composition: 1}},
		{"composition time of AV1", Video{Codec: AV1, Enhanced: true, PacketType: VideoCodedFrames, Composition: 1}},
		{"composition time of frames x", Video{Codec: HEVC, Enhanced: true, PacketType: VideoCodedFramesX,
			Composition: 1}},
		{"multitrack in the classic form", Video{Codec: AVC, Multitrack: OneTrack, Track: 1}},
		{"nanoseconds in the classic form", Video{Codec: AVC, Nanos: 1}},
		{"a million nanoseconds", Video{Codec: AVC, Enhanced: true, Nanos: 1000000}},
		{"the same for a command", Video{Enhanced: true, FrameType: CommandFrame, Nanos: 1000000}},
		{"multitrack type 3", Video{Codec: AVC, Enhanced: true, Multitrack: 4}},
		{"packet type multitrack", Video{Codec: AVC, Enhanced: true, PacketType: packetVideoMultitrack}},
		{"packet type 17", Video{Codec: AVC, Enhanced: true, PacketType: 17}},
		{"command of packet type ModEx", Video{Enhanced: true, FrameType: CommandFrame, PacketType: packetModEx}},
		{"a codec for many", Video{Codec: AVC, Enhanced: true, Multitrack: ManyTracksManyCodecs}},
		{"a track id without a track header", Video{Codec: AVC, Enhanced: true, Track: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := AppendVideoHeader([]byte{1}, tt.in)
			if !errors.Is(err, ErrValue) || !bytes.Equal(got, []byte{1}) {
				t.Errorf("AppendVideoHeader(01, %+v) = %x, error %v, want 01, ErrValue", tt.in, got, err)
			}
		})
	}
}
