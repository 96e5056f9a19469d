package load

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStamp(t *testing.T) {
	for _, size := range []int{stampSize, stampSize + 1, 1000, 200_000} {
		want := stamp{run: 0xdeadbeef, stream: 7, isKey: size == 1000, seq: 0xfffffffe, sent: 3*time.Hour + 1}
		b := make([]byte, size)
		want.put(b)
		if bytes.IndexByte(b, 0) >= 0 {
			t.Errorf("%d bytes with a stamp contain a zero", size)
		}
		for _, front := range []string{"", "\x17\x01\x00\x00\x00\x00\x00\x00\x08\x67", "rtmp-benc"} {
			got, isWhole, ok := findStamp(append([]byte(front), b...))
			if !ok || !isWhole {
				t.Fatalf("findStamp(%q + %d bytes) = whole %t, ok %t", front, size, isWhole, ok)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(stamp{})); diff != "" {
				t.Errorf("findStamp(%q + %d bytes) (-want +got):\n%s", front, size, diff)
			}
		}
	}
}

func TestStampDamaged(t *testing.T) {
	b := make([]byte, 500)
	(&stamp{seq: 9}).put(b)
	for i := range b {
		d := bytes.Clone(b)
		d[i] ^= 0x80
		// A digit may have become another one, but not here: none of them has the top bit.
		if _, isWhole, ok := findStamp(d); ok && isWhole && i != len(magic)+16 {
			t.Errorf("byte %d is another, and nothing is noticed", i)
		}
	}
	for n := range b {
		if _, isWhole, _ := findStamp(b[:n]); isWhole {
			t.Errorf("the first %d bytes are taken for all", n)
		}
	}
	other := make([]byte, 500)
	(&stamp{seq: 10}).put(other)
	if _, isWhole, ok := findStamp(append(b[:stampSize:stampSize], other[stampSize:]...)); !ok || isWhole {
		t.Errorf("the pattern of another frame: whole %t, ok %t", isWhole, ok)
	}
}
