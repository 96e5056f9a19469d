package publish

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseAV1Sequence(t *testing.T) {
	tests := []struct {
		name string
		in   string // an OBU without size
		want av1Sequence
	}{
		{"10 bits, 1920x1080, level 4.1", "080000004aabbfc377ffe701",
			av1Sequence{level: 9, highBitDepth: 1, subX: 1, subY: 1, width: 1920, height: 1080}},
		{"8 bits, 320x180, level 2.0", "080000 00043cfeccdaf90040",
			av1Sequence{subX: 1, subY: 1, width: 320, height: 180}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			obu := unhex(tt.in)
			got, err := parseAV1Sequence(obu)
			if err != nil {
				t.Fatalf("parseAV1Sequence(%x) error = %v", obu, err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(av1Sequence{})); diff != "" {
				t.Errorf("parseAV1Sequence(%x) (-want +got):\n%s", obu, diff)
			}
			for n := range len(obu) - 3 { // the last bytes are no part of what is read
				if _, err := parseAV1Sequence(obu[:n]); err == nil {
					t.Errorf("first %d bytes: no error", n)
				}
			}
		})
	}
}
