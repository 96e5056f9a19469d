package media

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/internal/golden"
)

func TestColorInfoVectors(t *testing.T) {
	tests := []struct {
		name string
		want ColorInfo
	}{
		{"ev.metadata", ColorInfo{Config: &ColorConfig{BitDepth: 10, Primaries: 9, Transfer: 16, Matrix: 9}}},
		{"ev.metadata.frametype5", ColorInfo{Config: &ColorConfig{BitDepth: 10, Primaries: 9, Transfer: 18, Matrix: 9}}},
		{"ev.metadata.reset", ColorInfo{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := ParseVideo(golden.Vector(t, tt.name).Bytes)
			if err != nil || !v.IsMetadata() {
				t.Fatalf("ParseVideo = %+v, %v, want metadata", v, err)
			}
			checkColorInfo(t, v.Body, tt.want)
		})
	}
}

// checkColorInfo wants body to be info, both ways.
func checkColorInfo(t *testing.T, body []byte, want ColorInfo) {
	t.Helper()
	got, ok, err := ParseColorInfo(body)
	if err != nil || !ok {
		t.Fatalf("ParseColorInfo(%x) = %v, error %v, want true, nil", body, ok, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ParseColorInfo(%x) (-want +got):\n%s", body, diff)
	}
	out, err := AppendColorInfo(nil, want)
	if err != nil {
		t.Fatalf("AppendColorInfo(%+v) error = %v", want, err)
	}
	if diff := cmp.Diff(body, out); diff != "" {
		t.Errorf("AppendColorInfo(%+v) (-want +got):\n%s", want, diff)
	}
}

func TestColorInfoComplete(t *testing.T) {
	body, err := amf0.Append(nil, "colorInfo", amf0.Object{
		{Name: "colorConfig", Value: amf0.Object{{Name: "matrixCoefficients", Value: 0.0}}},
		{Name: "hdrCll", Value: amf0.Object{{Name: "maxFall", Value: 400.0}, {Name: "maxCLL", Value: 1000.0}}},
		{Name: "hdrMdcv", Value: amf0.Object{
			{Name: "redX", Value: 0.708}, {Name: "redY", Value: 0.292},
			{Name: "greenX", Value: 0.17}, {Name: "greenY", Value: 0.797},
			{Name: "blueX", Value: 0.131}, {Name: "blueY", Value: 0.046},
			{Name: "whitePointX", Value: 0.3127}, {Name: "whitePointY", Value: 0.329},
			{Name: "maxLuminance", Value: 1000.0}, {Name: "minLuminance", Value: 0.0001},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	checkColorInfo(t, body, ColorInfo{
		Config:    &ColorConfig{Primaries: 2, Transfer: 2, Matrix: 0}, // matrix 0 is RGB, not "missing"
		Light:     &ContentLight{MaxFALL: 400, MaxCLL: 1000},
		Mastering: &MasteringDisplay{0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329, 1000, 0.0001},
	})
}

func TestParseColorInfoOdd(t *testing.T) {
	encode := func(values ...any) []byte {
		b, err := amf0.Append(nil, values...)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	tests := []struct {
		name string
		in   []byte
		ok   bool
		err  error
	}{
		{"empty body", nil, false, nil},
		{"other names", encode("other", 1, "more", nil), false, nil},
		{"after other names", encode("other", 1, "colorInfo", nil), true, nil},
		{"reset by an empty object", encode("colorInfo", amf0.Object{}), true, nil},
		{"a string where a number belongs", encode("colorInfo",
			amf0.Object{{Name: "hdrCll", Value: "bright"}}), true, nil},
		{"name without a value", encode("colorInfo"), false, ErrShort},
		{"cut value", encode("colorInfo", 1)[:14], false, amf0.ErrShort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok, err := ParseColorInfo(tt.in)
			if ok != tt.ok || !errors.Is(err, tt.err) {
				t.Errorf("ParseColorInfo(%x) = %v, error %v, want %v, %v", tt.in, ok, err, tt.ok, tt.err)
			}
			if diff := cmp.Diff(ColorInfo{}, got); diff != "" {
				t.Errorf("ParseColorInfo(%x) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}
