package amf0

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The cases that the reference system has unit tests for: A1 to A9 encode, A10 to A18 decode. Every one is checked in
// both directions here.
func TestReference(t *testing.T) {
	const (
		n332 = "\x00\x40\x74\xc0\x00\x00\x00\x00\x00" // number 332
		n1   = "\x00\x3f\xf0\x00\x00\x00\x00\x00\x00"
		n2   = "\x00\x40\x00\x00\x00\x00\x00\x00\x00"
	)
	long := strings.Repeat("a", 1<<16)
	tests := []struct {
		name  string
		value any
		wire  string
	}{
		{"A1", StrictArray{332.0}, "\x0a\x00\x00\x00\x01" + n332},
		{"A2", 332.0, n332},
		{"A3", true, "\x01\x01"},
		{"A4", false, "\x01\x00"},
		{"A5", "test", "\x02\x00\x04test"},
		{"A6", nil, "\x05"},
		{"A7", Object{{Name: "test", Value: 332.0}}, "\x03\x00\x04test" + n332 + "\x00\x00\x09"},
		{"A8", long, "\x0c\x00\x01\x00\x00" + long}, // not an error here: there is a form for it
		{"A9", Undefined{}, "\x06"},
		{"A10", StrictArray{1.0, 2.0}, "\x0a\x00\x00\x00\x02" + n1 + n2},
		{"A11", 332.0, n332},
		{"A12", true, "\x01\x01"},
		{"A13", false, "\x01\x00"},
		{"A14", "test", "\x02\x00\x04test"},
		{"A15", nil, "\x05"},
		{"A16", Object{{Name: "test", Value: 332.0}}, "\x03\x00\x04test" + n332 + "\x00\x00\x09"},
		{"A17", ECMAArray{{Name: "test1", Value: 1.0}, {Name: "test2", Value: "second"}},
			"\x08\x00\x00\x00\x02\x00\x05test1" + n1 + "\x00\x05test2\x02\x00\x06second\x00\x00\x09"},
		{"A18", Undefined{}, "\x06"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := Append(nil, tt.value)
			if err != nil {
				t.Fatalf("Append(%v) error = %v", tt.value, err)
			}
			if diff := cmp.Diff([]byte(tt.wire), b); diff != "" {
				t.Errorf("Append(%v) (-want +got):\n%s", tt.value, diff)
			}
			v, rest, err := Parse([]byte(tt.wire))
			if err != nil || len(rest) != 0 {
				t.Fatalf("Parse(%x) leaves %x, error = %v", tt.wire, rest, err)
			}
			if diff := cmp.Diff(tt.value, v); diff != "" {
				t.Errorf("Parse(%x) (-want +got):\n%s", tt.wire, diff)
			}
		})
	}
}

// What the reference system gets wrong, and what is right.
func TestReferenceCorrections(t *testing.T) {
	t.Run("65535 bytes are a short string", func(t *testing.T) {
		s := strings.Repeat("a", 1<<16-1)
		want := append([]byte("\x02\xff\xff"), s...)
		if b, err := Append(nil, s); err != nil || !bytes.Equal(b, want) {
			t.Errorf("Append of 65,535 bytes begins %x, error %v, want 02ffff", b[:3], err)
		}
	})
	t.Run("a longer name is an error", func(t *testing.T) {
		o := Object{{Name: strings.Repeat("a", 1<<16), Value: nil}}
		if b, err := Append([]byte("x"), o); err != ErrTooLong || string(b) != "x" {
			t.Errorf("Append of a name of 65,536 bytes = %d bytes, error %v, want 1 and ErrTooLong", len(b), err)
		}
	})
	t.Run("any byte but 0 is true", func(t *testing.T) {
		for c := 1; c < 256; c++ {
			if v, _, err := Parse([]byte{0x01, byte(c)}); v != true || err != nil {
				t.Errorf("Parse(01%02x) = %v, error %v, want true", c, v, err)
			}
		}
	})
	t.Run("a cut array is an error", func(t *testing.T) {
		if v, _, err := Parse([]byte("\x0a\x00\x00\x00\x02\x05")); err != ErrShort {
			t.Errorf("Parse of one element of two = %v, error %v, want ErrShort", v, err)
		}
	})
	t.Run("a stray end marker is an error", func(t *testing.T) {
		if v, err := ParseAll([]byte("\x05\x09\x05")); err == nil {
			t.Errorf("ParseAll(050905) = %v, want an error", v)
		}
	})
	t.Run("the order is that of the caller", func(t *testing.T) {
		o := Object{{Name: "z", Value: nil}, {Name: "a", Value: nil}, {Name: "m", Value: nil}}
		want := "\x03\x00\x01z\x05\x00\x01a\x05\x00\x01m\x05\x00\x00\x09"
		for range 20 {
			if b, err := Append(nil, o); err != nil || string(b) != want {
				t.Fatalf("Append(%v) = %x, error %v, want %x", o, b, err, want)
			}
		}
	})
}
