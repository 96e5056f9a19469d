package publish

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
)

// adtsFile returns n silent frames in ADTS.
func adtsFile(n int) []byte {
	var ps mpeg4audio.ADTSPackets
	for range n {
		ps = append(ps, &mpeg4audio.ADTSPacket{Type: 2, SampleRate: 48000, ChannelConfig: 2, AU: silentFrame})
	}
	b, err := ps.Marshal()
	if err != nil {
		panic(err)
	}
	return b
}

func TestADTSSource(t *testing.T) {
	whole := adtsFile(5)
	tests := []struct {
		name string
		in   []byte
		n    int
		err  error
	}{
		{"whole", whole, 5, io.EOF},
		{"garbage between frames", append(append(adtsFile(2), 1, 2, 0xff, 3), adtsFile(3)...), 5, io.EOF},
		{"cut", whole[:len(whole)-3], 4, io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := NewSource(bytes.NewReader(tt.in), nil)
			if err != nil {
				t.Fatal(err)
			}
			if tr := s.Tracks()[0]; !bytes.Equal(tr.Config, silentConfig) || tr.SampleRate != 48000 || tr.Channels != 2 {
				t.Errorf("track = %+v", tr)
			}
			for i := range tt.n {
				p, err := s.ReadPacket()
				if err != nil {
					t.Fatalf("packet %d: %v", i, err)
				}
				if want := ticks(int64(i)*1024, 48000); p.DTS != want || !bytes.Equal(p.Data, silentFrame) {
					t.Errorf("packet %d at %v is %x, want %x at %v", i, p.DTS, p.Data, silentFrame, want)
				}
			}
			if _, err := s.ReadPacket(); !errors.Is(err, tt.err) {
				t.Errorf("the end: error = %v, want %v", err, tt.err)
			}
		})
	}
}
