package media

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
)

// The headers of the vectors, made from their meaning.
func TestAppendModEx(t *testing.T) {
	frame := Video{Codec: HEVC, Enhanced: true, FrameType: KeyFrame, PacketType: VideoCodedFramesX}
	chain := func(data ...[]byte) (chain []byte) {
		for _, d := range data {
			var err error
			if chain, err = AppendModEx(chain, ModExNanos, d); err != nil {
				t.Fatal(err)
			}
		}
		return chain
	}
	tests := []struct {
		name string
		set  func(v *Video)
	}{
		{"ev.modex.nano", func(v *Video) { v.Nanos, v.PacketType = 500000, VideoCodedFrames }},
		{"ev.modex.two", func(v *Video) { v.ModEx = chain([]byte{0, 0, 1}, []byte{0, 0, 2}) }},
		{"ev.modex.16bit", func(v *Video) { v.ModEx = chain(counting()) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := frame
			tt.set(&v)
			got, err := AppendVideoHeader(nil, v)
			if err != nil {
				t.Fatalf("AppendVideoHeader(%+v) error = %v", v, err)
			}
			if diff := cmp.Diff(golden.Vector(t, tt.name).Bytes, append(got, frames...)); diff != "" {
				t.Errorf("AppendVideoHeader(%+v) (-want +got):\n%s", v, diff)
			}
		})
	}

	a := Audio{Codec: Opus, Enhanced: true, PacketType: AudioCodedFrames, Nanos: 999999}
	got, err := AppendAudioHeader(nil, a)
	if err != nil {
		t.Fatalf("AppendAudioHeader(%+v) error = %v", a, err)
	}
	if diff := cmp.Diff(golden.Vector(t, "ea.modex").Bytes, append(got, frames...)); diff != "" {
		t.Errorf("AppendAudioHeader(%+v) (-want +got):\n%s", a, diff)
	}
}

// Records of another type are kept for whoever comes next, and an offset may follow them.
func TestModExOtherTypes(t *testing.T) {
	chain, err := AppendModEx(nil, 5, []byte{0xee})
	if err == nil {
		chain, err = AppendNanos(chain, 250)
	}
	if err == nil {
		chain, err = AppendModEx(chain, ModExNanos, []byte{0xff, 0xff, 0xff}) // out of range: no offset
	}
	if err == nil {
		chain, err = AppendModEx(chain, ModExNanos, []byte{1, 2}) // too short for one
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := AppendVideoHeader(nil, Video{Enhanced: true, FrameType: CommandFrame, ModEx: chain, Command: SeekEnd})
	if err != nil {
		t.Fatal(err)
	}
	v, err := ParseVideo(b)
	if err != nil || v.Nanos != 250 || v.Command != SeekEnd || !v.IsCommand() {
		t.Fatalf("ParseVideo(%x) = %+v, error %v, want a command at 250 ns", b, v, err)
	}

	var kinds []byte
	for rest := v.ModEx; len(rest) > 0; {
		var kind byte
		if kind, _, rest, err = CutModEx(rest); err != nil {
			t.Fatalf("CutModEx: %v", err)
		}
		kinds = append(kinds, kind)
	}
	if !bytes.Equal(kinds, []byte{5, 0, 0, 0}) {
		t.Errorf("types of the chain %x = %d, want 5 0 0 0", v.ModEx, kinds)
	}
}

func TestCutModEx(t *testing.T) {
	for _, size := range []int{1, 3, 255, 256, 257, 65536} {
		data := bytes.Repeat([]byte{0xab}, size)
		chain, err := AppendModEx(nil, 9, data)
		if err != nil {
			t.Fatal(err)
		}
		kind, got, rest, err := CutModEx(chain)
		if err != nil || kind != 9 || !bytes.Equal(got, data) || len(rest) != 0 {
			t.Errorf("CutModEx of %d bytes = type %d, %d bytes, rest %x, error %v", size, kind, len(got), rest, err)
		}
		for _, n := range []int{0, 1, len(chain) - 1} {
			if _, _, _, err := CutModEx(chain[:n]); !errors.Is(err, ErrShort) {
				t.Errorf("CutModEx of %d bytes, cut to %d: error = %v, want ErrShort", size, n, err)
			}
		}
	}
}

func TestAppendModExRefuses(t *testing.T) {
	for _, tt := range []struct {
		kind byte
		size int
	}{{16, 1}, {0, 0}, {0, 65537}} {
		if b, err := AppendModEx(nil, tt.kind, make([]byte, tt.size)); !errors.Is(err, ErrValue) || b != nil {
			t.Errorf("AppendModEx(type %d, %d bytes) = %d bytes, error %v, want ErrValue", tt.kind, tt.size, len(b), err)
		}
	}
}
