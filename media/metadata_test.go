package media

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
)

func TestMetadata(t *testing.T) {
	want := Metadata{{Name: "width", Value: 1280.0}, {Name: "encoder", Value: "x"}, {Name: "stereo", Value: true}}
	payload, err := AppendMetadata([]byte{1}, want)
	if err != nil {
		t.Fatalf("AppendMetadata(%v) error = %v", want, err)
	}
	if payload[0] != 1 || !IsMetadata(payload[1:]) {
		t.Fatalf("AppendMetadata(01, %v) = %x, want 01 and an onMetaData message", want, payload)
	}
	got, err := ParseMetadata(append(payload[1:], 5)) // a null behind the object
	if err != nil {
		t.Fatalf("ParseMetadata(%x) error = %v", payload[1:], err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ParseMetadata(%x) (-want +got):\n%s", payload[1:], diff)
	}

	if b, err := AppendMetadata([]byte{1}, Metadata{{Name: "c", Value: make(chan int)}}); err == nil || len(b) != 1 {
		t.Errorf("AppendMetadata(01, a channel) = %x, error %v, want 01 and an error", b, err)
	}
}

func TestParseMetadataRefuses(t *testing.T) {
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
		err  error
	}{
		{"nothing", nil, ErrNotMetadata},
		{"another name", encode("onTextData", amf0.Object{}), ErrNotMetadata},
		{"form of the wire", encode("@setDataFrame", "onMetaData", amf0.Object{}), ErrNotMetadata},
		{"no object", encode("onMetaData"), amf0.ErrShort},
		{"a number", encode("onMetaData", 1), ErrNotMetadata},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := ParseMetadata(tt.in); !errors.Is(err, tt.err) || got != nil {
				t.Errorf("ParseMetadata(%x) = %v, error %v, want nil, %v", tt.in, got, err, tt.err)
			}
		})
	}
}
