package media

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
)

func TestChannelsVectors(t *testing.T) {
	tests := []struct {
		name string
		want Channels
	}{
		{"ea.channels.native", Channels{Order: ChannelsNative, Count: 6, Mask: 1<<FrontLeft | 1<<FrontRight |
			1<<FrontCenter | 1<<LowFrequency1 | 1<<BackLeft | 1<<BackRight}},
		{"ea.channels.custom", Channels{Order: ChannelsCustom, Count: 2, Speakers: []Speaker{FrontLeft, FrontRight}}},
		{"ea.channels.unspec", Channels{Order: ChannelsUnspecified, Count: 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := ParseAudio(golden.Vector(t, tt.name).Bytes)
			if err != nil || !a.IsMultichannelConfig() {
				t.Fatalf("ParseAudio = %+v, %v, want a multichannel config", a, err)
			}
			got, err := ParseChannels(a.Body)
			if err != nil {
				t.Fatalf("ParseChannels(%x) error = %v", a.Body, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ParseChannels(%x) (-want +got):\n%s", a.Body, diff)
			}
			out, err := AppendChannels(nil, got)
			if err != nil {
				t.Fatalf("AppendChannels(%+v) error = %v", got, err)
			}
			if diff := cmp.Diff(a.Body, out); diff != "" {
				t.Errorf("AppendChannels(%+v) (-want +got):\n%s", got, diff)
			}
			for n := range a.Body { // every cut must fail
				if _, err := ParseChannels(a.Body[:n]); !errors.Is(err, ErrShort) {
					t.Errorf("ParseChannels(%x) error = %v, want ErrShort", a.Body[:n], err)
				}
			}
		})
	}
}

func TestChannelsRefused(t *testing.T) {
	if _, err := ParseChannels([]byte{3, 2, 0, 1}); !errors.Is(err, ErrReserved) {
		t.Errorf("ParseChannels with order 3: error = %v, want ErrReserved", err)
	}
	for _, ch := range []Channels{
		{Order: 3, Count: 2},
		{Order: ChannelsCustom, Count: 2, Speakers: []Speaker{FrontLeft}},
	} {
		if b, err := AppendChannels(nil, ch); !errors.Is(err, ErrValue) || b != nil {
			t.Errorf("AppendChannels(%+v) = %x, error %v, want nil, ErrValue", ch, b, err)
		}
	}
}
