package amf0

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gortmp/rtmp/amf3"
	"github.com/gortmp/rtmp/internal/golden"
)

// Heads and tails of containers that hold one value.
var nests = []struct{ name, head, tail string }{
	{"strict arrays", "\x0a\x00\x00\x00\x01", ""},
	{"objects", "\x03\x00\x01a", "\x00\x00\x09"},
	{"ECMA arrays", "\x08\x00\x00\x00\x00\x00\x01a", "\x00\x00\x09"},
	{"typed objects", "\x10\x00\x01C\x00\x01a", "\x00\x00\x09"},
}

func nested(head, tail string, levels int) []byte {
	return []byte(strings.Repeat(head, levels) + "\x05" + strings.Repeat(tail, levels))
}

func TestDepth(t *testing.T) {
	for _, n := range nests {
		t.Run(n.name, func(t *testing.T) {
			for _, limit := range []int{1, 5, 0, 1024} {
				l := Limits{Depth: limit, Memory: -1}
				most := limit
				if limit == 0 {
					most = 64
				}
				v, _, err := ParseLimited(nested(n.head, n.tail, most), l)
				if err != nil {
					t.Fatalf("%d levels with a limit of %d: error = %v", most, limit, err)
				}
				if b, err := AppendDepth(nil, most, v); err != nil || len(b) != most*len(n.head+n.tail)+1 {
					t.Errorf("AppendDepth of %d levels: %d bytes, error = %v", most, len(b), err)
				}
				_, err = AppendDepth(nil, most-1, v)
				checkLimit(t, err, ErrTooDeep, most-1)
				_, _, err = ParseLimited(nested(n.head, n.tail, most+1), l)
				checkLimit(t, err, ErrTooDeep, most)
			}
		})
	}
}

// checkLimit checks that err is of the given kind and names the limit.
func checkLimit(t *testing.T, err, kind error, limit int) {
	t.Helper()
	var e *LimitError
	if !errors.Is(err, kind) || !errors.As(err, &e) || e.Limit != limit {
		t.Errorf("error = %v, want %v with limit %d", err, kind, limit)
	}
}

// A stack overflow could not be recovered from: however deep the input, the answer is an error, and soon.
func TestHugeDepth(t *testing.T) {
	for _, n := range nests {
		for _, levels := range []int{100_000, 4_000_000} {
			t.Run(fmt.Sprintf("%s/%d", n.name, levels), func(t *testing.T) {
				in := []byte(strings.Repeat(n.head, levels))
				if _, err := ParseAll(in); !errors.Is(err, ErrTooDeep) {
					t.Errorf("error = %v, want ErrTooDeep", err)
				}
				_, err := ParseAllLimited(in, Limits{Depth: -1, Nodes: -1, Memory: -1})
				checkLimit(t, err, ErrTooDeep, 1024)
			})
		}
	}
}

// The AMF3 values of a message share its limits.
func TestDepthGoesOnInAMF3(t *testing.T) {
	const head, tail = "\x11\x09\x03\x01", "\x01" // an AMF3 array of one null
	_, _, err := ParseLimited([]byte(strings.Repeat(nests[0].head, 4)+head+tail), Limits{Depth: 5})
	if err != nil {
		t.Errorf("four levels and one of AMF3, limit 5: error = %v", err)
	}
	_, _, err = ParseLimited([]byte(strings.Repeat(nests[0].head, 5)+head+tail), Limits{Depth: 5})
	checkLimit(t, err, ErrTooDeep, 5)

	v := any(AMF3{&amf3.Array{Dense: []any{nil}}})
	for range 4 {
		v = StrictArray{v}
	}
	if _, err := AppendDepth(nil, 5, v); err != nil {
		t.Errorf("AppendDepth 5: error = %v", err)
	}
	_, err = AppendDepth(nil, 4, v)
	checkLimit(t, err, ErrTooDeep, 4)
}

func TestNodes(t *testing.T) {
	array := func(n int) []byte { // of n values with itself
		return append([]byte{0x0a, 0, byte((n - 1) >> 16), byte((n - 1) >> 8), byte(n - 1)}, bytes.Repeat([]byte{0x05}, n-1)...)
	}
	const most = 1 << 16
	if _, err := ParseAll(array(most)); err != nil {
		t.Errorf("%d values: error = %v", most, err)
	}
	_, err := ParseAll(array(most + 1))
	checkLimit(t, err, ErrTooManyNodes, most)
	if _, err := ParseAll(bytes.Repeat([]byte{0x05}, most)); err != nil {
		t.Errorf("%d values side by side: error = %v", most, err)
	}
	_, err = ParseAll(bytes.Repeat([]byte{0x05}, most+1))
	checkLimit(t, err, ErrTooManyNodes, most)
	if _, err := ParseAllLimited(array(10), Limits{Nodes: 10}); err != nil {
		t.Errorf("10 of 10 values: error = %v", err)
	}
	_, err = ParseAllLimited(array(11), Limits{Nodes: 10})
	checkLimit(t, err, ErrTooManyNodes, 10)
	if _, err := ParseAllLimited(array(most+1), Limits{Nodes: -1}); err != nil {
		t.Errorf("no bound: error = %v", err)
	}

	// A reference counts as what it stands for: an array of [[null, null], that, that] has 1 + 3*3 values.
	in := []byte("\x0a\x00\x00\x00\x03\x0a\x00\x00\x00\x02\x05\x05\x07\x00\x01\x07\x00\x01")
	if _, err := ParseAllLimited(in, Limits{Nodes: 10}); err != nil {
		t.Errorf("10 of 10 values by reference: error = %v", err)
	}
	_, err = ParseAllLimited(in, Limits{Nodes: 9})
	checkLimit(t, err, ErrTooManyNodes, 9)

	// So do the values of AMF3: its array, the two in it, the value around it.
	in = []byte("\x11\x09\x05\x01\x01\x01")
	if _, err := ParseAllLimited(in, Limits{Nodes: 4}); err != nil {
		t.Errorf("4 of 4 values with AMF3: error = %v", err)
	}
	_, err = ParseAllLimited(in, Limits{Nodes: 3})
	checkLimit(t, err, ErrTooManyNodes, 3)
}

// Each reference to a long string costs its length again, because whoever encodes or prints the values pays for it.
func TestMemory(t *testing.T) {
	body := func(references int) []byte {
		b := []byte("\x0a\x00\x00\x00\x01\x02\x03\xe8" + strings.Repeat("x", 1000))
		for range references {
			b = append(b, 0x07, 0, 0)
		}
		return b
	}
	// The array is charged 1,000 for the text, 16 and 16 for string and slot, 40 for itself, and 16 for its slot in the
	// body, all of which each reference is charged again; and once 40 for its place in the table.
	const bytesPerByte, free = 1, 4 << 10
	cost := func(references int) int { return 40 + (1000+16+16+40+16)*(1+references) }
	fits := 0
	for ; cost(fits+1) <= bytesPerByte*len(body(fits+1))+free; fits++ {
	}
	if fits != 3 {
		t.Fatalf("%d references fit by this reckoning, want 3", fits)
	}
	if _, err := ParseAllLimited(body(fits), Limits{Memory: bytesPerByte}); err != nil {
		t.Errorf("%d references: error = %v", fits, err)
	}
	_, err := ParseAllLimited(body(fits+1), Limits{Memory: bytesPerByte})
	checkLimit(t, err, ErrTooLarge, bytesPerByte*len(body(fits+1))+free)
	if _, err := ParseAllLimited(body(fits+1), Limits{Memory: -1}); err != nil {
		t.Errorf("no bound: error = %v", err)
	}
	if _, err := ParseAll(body(10_000)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("10,000 references to 1,000 bytes: error = %v, want ErrTooLarge", err)
	}
}

// Objects that refer to the one before twice double with each line: forty lines stand for a trillion values.
func TestReferencesDoNotExplode(t *testing.T) {
	in := []byte("\x0a\x00\x00\x00\x02\x05\x05")
	for i := range 40 {
		in = append(in, 0x0a, 0, 0, 0, 2, 0x07, 0, byte(i), 0x07, 0, byte(i))
	}
	_, err := ParseAll(in)
	if !errors.Is(err, ErrTooManyNodes) && !errors.Is(err, ErrTooLarge) {
		t.Errorf("error = %v, want ErrTooManyNodes or ErrTooLarge", err)
	}
	_, err = ParseAllLimited(in, Limits{Nodes: -1})
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("without a bound on values: error = %v, want ErrTooLarge", err)
	}
}

// Depth behind a reference counts where the reference stands.
func TestReferencesCannotHideDepth(t *testing.T) {
	// [[[null]]] first, then arrays around a reference to it.
	in := append([]byte{0x0a, 0, 0, 0, 2}, nested(nests[0].head, "", 3)...)
	in = append(in, 0x0a, 0, 0, 0, 1, 0x07, 0, 1)
	if _, err := ParseAllLimited(in, Limits{Depth: 5}); err != nil {
		t.Errorf("5 of 5 levels by reference: error = %v", err)
	}
	_, err := ParseAllLimited(in, Limits{Depth: 4})
	checkLimit(t, err, ErrTooDeep, 4)
}

// What the decoder allocates in all, and what it holds at the end, stays below 32 bytes for each byte of input, for the
// shapes that cost most.
func TestMemoryHeld(t *testing.T) {
	repeat := func(s string, n int) []byte { return []byte(strings.Repeat(s, n)) }
	list := func(s string, n int) []byte {
		return append([]byte{0x0a, 0, byte(n >> 16), byte(n >> 8), byte(n)}, repeat(s, n)...)
	}
	const n = 1<<16 - 2
	shapes := map[string][]byte{
		"nulls":            list("\x05", n),
		"empty objects":    list("\x03\x00\x00\x09", n),
		"empty arrays":     list("\x0a\x00\x00\x00\x00", n),
		"empty strings":    list("\x02\x00\x00", n),
		"short strings":    list("\x02\x00\x01a", n),
		"numbers":          list("\x00\x40\x74\xc0\x00\x00\x00\x00\x00", n),
		"small objects":    list("\x03\x00\x00\x05\x00\x00\x09", n/2),
		"empty properties": append(append([]byte{0x03}, repeat("\x00\x00\x05", n)...), "\x00\x00\x09"...),
		"AMF3 integers":    list("\x11\x04\x00", n/2),
		"AMF3 strings":     list("\x11\x06\x03a", n/2),
		"cut text":         list("\x02\x00\x01a\x0a\x00\x00\x00\x01\x05", n/4),
		"side by side":     repeat("\x05", 20_000),
		"claimed lengths":  repeat("\x0a\x00\x10\x00\x00", 63),
	}
	for name, in := range shapes {
		t.Run(name, func(t *testing.T) {
			golden.CheckMemory(t, in, func(in []byte) (any, error) { return ParseAll(in) })
		})
	}
}

// Without a bound on memory, too, nothing is allocated for a length that the input cannot hold: here the strings in the
// outer array have used up what its later elements need, so that less than nothing is left for the inner one.
func TestFalseLengthWithoutMemoryBound(t *testing.T) {
	in := []byte("\x0a\x00\x00\x00\x03\x02\x00\x01a\x0a\xff\xff\xff\xff")
	_, _, err := ParseLimited(in, Limits{Memory: -1, Nodes: -1})
	if !errors.Is(err, ErrShort) {
		t.Errorf("error = %v, want ErrShort", err)
	}
}
