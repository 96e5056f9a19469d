package media

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/internal/golden"
)

func TestParseAudioClassic(t *testing.T) {
	tests := []struct {
		name string
		in   []byte
		want Audio
		err  error
	}{
		{"silence", nil, Audio{Silence: true}, nil},
		{"mp3", []byte{0x2f, 0xff}, Audio{Codec: MP3, Flags: 0xf, PacketType: AudioCodedFrames, Body: []byte{0xff}}, nil},
		{"mp3 at 8 kHz", []byte{0xe2, 0xff},
			Audio{Codec: MP38, Flags: 2, PacketType: AudioCodedFrames, Body: []byte{0xff}}, nil},
		{"speex", []byte{0xb2, 1}, Audio{Codec: Speex, Flags: 2, PacketType: AudioCodedFrames, Body: []byte{1}}, nil},
		{"device sound of a DJI drone", []byte{0xf0}, Audio{Codec: DeviceSound, PacketType: AudioCodedFrames}, nil},
		{"reserved format", []byte{0xd0, 1},
			Audio{Codec: classicAudio | 13, PacketType: AudioCodedFrames, Body: []byte{1}}, nil},
		{"aac, one byte", []byte{0xaf}, Audio{}, ErrShort},
		{"aac, unknown packet type", []byte{0xaf, 2}, Audio{}, ErrReserved},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseAudio(tt.in)
			if !errors.Is(err, tt.err) {
				t.Fatalf("ParseAudio(%x) error = %v, want %v", tt.in, err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("ParseAudio(%x) (-want +got):\n%s", tt.in, diff)
			}
			if err != nil {
				return
			}
			out, err := AppendAudioHeader(nil, got)
			if err != nil {
				t.Fatalf("AppendAudioHeader(%+v) error = %v", got, err)
			}
			if diff := cmp.Diff(tt.in, append(out, got.Body...)); diff != "" {
				t.Errorf("AppendAudioHeader(%+v) and body (-want +got):\n%s", got, diff)
			}
		})
	}
}

func TestParseAudioCut(t *testing.T) {
	for _, tt := range audioVectors {
		in := golden.Vector(t, tt.name).Bytes
		a, err := ParseAudio(in)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		for n := 1; n < len(in)-len(a.Body); n++ { // every cut inside the header must fail
			if got, err := ParseAudio(in[:n]); !errors.Is(err, ErrShort) {
				t.Errorf("%s: ParseAudio(%x) = %+v, error %v, want ErrShort", tt.name, in[:n], got, err)
			}
		}
	}
}

func TestParseAudioRefused(t *testing.T) {
	for _, in := range []string{
		"\x93Opus", "\x96Opus", "\x98Opus", "\x9fOpus", // reserved packet types
		"\x95\x30Opus\x00",                     // multitrack type 3
		"\x95\x05Opus\x00", "\x95\x07Opus\x00", // multitrack and ModEx in multitrack
		"\x91\x00pus",                                                  // no FourCC
		"\x97\x00\x00\x05\x33Opus", "\x97\x00\x00\x09\x00\x00\x0eOpus", // ModEx and then the like
	} {
		if got, err := ParseAudio([]byte(in)); !errors.Is(err, ErrReserved) {
			t.Errorf("ParseAudio(%x) = %+v, error %v, want ErrReserved", in, got, err)
		}
	}
}

func TestAudioIs(t *testing.T) {
	type is struct{ Header, Coded, End, Channels bool }
	tests := []struct {
		in   string
		want is
	}{
		{"", is{End: true}},
		{"\x2f\xff", is{Coded: true}},
		{"\xaf\x00\x12\x10", is{Header: true}},
		{"\xaf\x00", is{}},
		{"\xaf\x01\x21", is{Coded: true}},
		{"\x90mp4a\x12\x10", is{Header: true}},
		{"\x90mp4a", is{}},
		{"\x90ac-3", is{Header: true}}, // ffmpeg writes these, and there is nothing to put into them
		{"\x90Opus", is{Header: true}},
		{"\x91Opus\xfc", is{Coded: true}},
		{"\x92Opus", is{End: true}},
		{"\x94Opus\x00\x02", is{Channels: true}},
	}
	for _, tt := range tests {
		a, err := ParseAudio([]byte(tt.in))
		if err != nil {
			t.Errorf("ParseAudio(%x) error = %v", tt.in, err)
		}
		got := is{a.IsSequenceHeader(), a.IsCoded(), a.IsEnd(), a.IsMultichannelConfig()}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("ParseAudio(%x) (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestSoundFlags(t *testing.T) {
	type sound struct{ Rate, Bits, Channels int }
	tests := map[SoundFlags]sound{
		0x0: {5512, 8, 1}, 0x4: {11025, 8, 1}, 0x8: {22050, 8, 1}, 0xc: {44100, 8, 1}, 0x2: {5512, 16, 1},
		AACFlags: {44100, 16, 2},
	}
	for f, want := range tests {
		if diff := cmp.Diff(want, sound{f.Rate(), f.Bits(), f.Channels()}); diff != "" {
			t.Errorf("SoundFlags %#x (-want +got):\n%s", uint8(f), diff)
		}
	}
}

func TestAppendAudioHeaderRefuses(t *testing.T) {
	tests := []struct {
		name string
		in   Audio
	}{
		{"classic codec in the enhanced form", Audio{Codec: Speex, Enhanced: true}},
		{"enhanced codec in the classic form", Audio{Codec: Opus}},
		{"pictures", Audio{Codec: AVC}},
		{"the format of the enhanced header", Audio{Codec: classicAudio | exFormat, PacketType: AudioCodedFrames}},
		{"flags of 5 bits", Audio{Codec: MP3, Flags: 16, PacketType: AudioCodedFrames}},
		{"flags in the enhanced form", Audio{Codec: MP3, Flags: 1, Enhanced: true}},
		{"end of classic aac", Audio{Codec: AAC, PacketType: AudioSequenceEnd}},
		{"sequence header of a codec that has none", Audio{Codec: Speex, PacketType: AudioSequenceStart}},
		{"multitrack in the classic form", Audio{Codec: AAC, Multitrack: OneTrack, Track: 1}},
		{"ModEx in the classic form", Audio{Codec: AAC, ModEx: []byte{0, 0, 0}}},
		{"a million nanoseconds", Audio{Codec: AAC, Enhanced: true, Nanos: 1000000}},
		{"packet type 3", Audio{Codec: AAC, Enhanced: true, PacketType: 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := AppendAudioHeader([]byte{1}, tt.in)
			if !errors.Is(err, ErrValue) || !bytes.Equal(got, []byte{1}) {
				t.Errorf("AppendAudioHeader(01, %+v) = %x, error %v, want 01, ErrValue", tt.in, got, err)
			}
		})
	}
}
