package publish

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/media"
)

func TestSplitDolby(t *testing.T) {
	frame := func(fill byte) []byte { // AC-3, 48 kHz, 32 kbit/s: 64 words
		f := make([]byte, 128)
		copy(f, []byte{0x0b, 0x77, fill, fill, 0})
		return f
	}
	join := func(parts ...[]byte) (b []byte) {
		for _, p := range parts {
			b = append(b, p...)
		}
		return b
	}
	tests := []struct {
		name   string
		in     []byte
		frames [][]byte
		rest   []byte
	}{
		{"nothing", nil, nil, nil},
		{"two frames", join(frame(1), frame(2)), [][]byte{frame(1), frame(2)}, nil},
		{"a frame and a half", join(frame(1), frame(2)[:64]), [][]byte{frame(1)}, frame(2)[:64]},
		{"begins in the middle", join(frame(9)[40:], frame(1)), [][]byte{frame(1)}, nil},
		{"ends inside the length", join(frame(1), frame(2)[:3]), [][]byte{frame(1)}, frame(2)[:3]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			frames, rest := splitDolby(tt.in, media.AC3)
			if diff := cmp.Diff(tt.frames, frames); diff != "" {
				t.Errorf("frames (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.rest, rest); diff != "" {
				t.Errorf("rest (-want +got):\n%s", diff)
			}
		})
	}
}
