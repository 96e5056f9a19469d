package wire

import "testing"

func TestUint24(t *testing.T) {
	for _, v := range []uint32{0, 1, 0xff, 0x100, 0xabcdef, MaxUint24} {
		b := AppendUint24(nil, v)
		if got := Uint24(b); got != v || len(b) != 3 {
			t.Errorf("Uint24(AppendUint24(%#x)) = %#x from %d bytes", v, got, len(b))
		}
		var p [3]byte
		PutUint24(p[:], v)
		if string(p[:]) != string(b) {
			t.Errorf("PutUint24(%#x) = %x, AppendUint24 gives %x", v, p, b)
		}
	}
}

func TestCursorReadsInOrder(t *testing.T) {
	c := NewCursor([]byte{1, 0, 2, 0, 0, 3, 0, 0, 0, 4, 6, 7})
	if a, b, d, e := c.Uint8(), c.Uint16(), c.Uint24(), c.Uint32(); a != 1 || b != 2 || d != 3 || e != 4 {
		t.Errorf("fields = %d %d %d %d, want 1 2 3 4", a, b, d, e)
	}
	if got := c.Bytes(2); string(got) != "\x06\x07" || cap(got) != 2 {
		t.Errorf("Bytes(2) = %x with capacity %d, want 0607 with 2", got, cap(got))
	}
	if c.Short() || c.Len() != 0 {
		t.Errorf("after the last byte: Short %v, Len %d, want false, 0", c.Short(), c.Len())
	}
}

func TestCursorStaysShort(t *testing.T) {
	c := NewCursor([]byte{1, 2, 3})
	if v := c.Uint32(); v != 0 || !c.Short() {
		t.Fatalf("Uint32 of 3 bytes = %d, Short %v, want 0, true", v, c.Short())
	}
	if v := c.Uint8(); v != 0 || !c.Short() {
		t.Errorf("Uint8 after a short read = %d, Short %v, want 0, true", v, c.Short())
	}
	if b := c.Bytes(-1); b != nil {
		t.Errorf("Bytes(-1) = %x, want nil", b)
	}
}
