package wire

import (
	"bytes"
	"strings"
	"testing"
)

func TestScannerReadsInOrder(t *testing.T) {
	in := []byte("\x07abcdefg-rest")
	s := NewScanner(in, 0)
	if c, ok := s.Next(); c != 7 || !ok {
		t.Errorf("Next = %d, %t, want 7, true", c, ok)
	}
	if text, ok := s.String(3); text != "abc" || !ok {
		t.Errorf("String(3) = %q, %t, want abc, true", text, ok)
	}
	if b, ok := s.Bytes(2); string(b) != "de" || !ok {
		t.Errorf("Bytes(2) = %q, %t, want de, true", b, ok)
	}
	if text, ok := s.String(2); text != "fg" || !ok {
		t.Errorf("String(2) = %q, %t, want fg, true", text, ok)
	}
	if text, ok := s.String(6); ok {
		t.Errorf("String(6) of 5 bytes = %q, true, want false", text)
	}
	if b, ok := s.Bytes(6); ok {
		t.Errorf("Bytes(6) of 5 bytes = %q, true, want false", b)
	}
	if s.Pos() != 8 || s.Len() != 5 || string(s.Rest()) != "-rest" {
		t.Errorf("Pos %d, Len %d, Rest %q, want 8, 5, -rest", s.Pos(), s.Len(), s.Rest())
	}
	if text, ok := s.String(5); text != "-rest" || !ok {
		t.Errorf("String(5) = %q, %t, want -rest, true", text, ok)
	}
	if _, ok := s.Next(); ok {
		t.Error("Next at the end reports true")
	}
	if text, ok := s.String(0); text != "" || !ok {
		t.Errorf("String(0) at the end = %q, %t, want an empty one, true", text, ok)
	}
}

func TestScannerStringsOutliveTheInput(t *testing.T) {
	in := []byte(strings.Repeat("0123456789", 2000))
	want := string(in)
	s := NewScanner(in, 0)
	var got strings.Builder
	var parts []string
	for n := 1; s.Len() > 0; n = n%701 + 1 {
		text, ok := s.String(min(n, s.Len()))
		if !ok {
			t.Fatalf("String(%d) reports false with %d bytes left", n, s.Len())
		}
		parts = append(parts, text)
	}
	clear(in)
	for _, p := range parts {
		got.WriteString(p)
	}
	if got.String() != want {
		t.Error("the strings joined are not the input")
	}
}

func TestScannerAllocatesWindows(t *testing.T) {
	in := bytes.Repeat([]byte{'x'}, 1<<20)
	for _, tt := range []struct {
		name            string
		expect, strings int
		most            float64
	}{
		{"expected length", 4000, 400, 1},
		{"unknown length", 0, 400, 7}, // 64, 128, …, 4096
		{"long", 0, 100_000, 260},     // 4 KiB each
	} {
		t.Run(tt.name, func(t *testing.T) {
			allocs := testing.AllocsPerRun(10, func() {
				s := NewScanner(in, tt.expect)
				for range tt.strings {
					s.String(10)
				}
			})
			if allocs > tt.most {
				t.Errorf("%d strings of 10 bytes cost %.0f allocations, want at most %.0f", tt.strings, allocs, tt.most)
			}
		})
	}
}
