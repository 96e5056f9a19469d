package amf3

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gortmp/rtmp/internal/golden"
)

// Heads and tails of containers that hold one value.
var nests = []struct{ name, head, tail string }{
	{"lists", "\x09\x03\x01", ""},
	{"associative arrays", "\x09\x01\x03a", "\x01"},
	{"dynamic objects", "\x0a\x0b\x01\x03a", "\x01"},
	{"sealed objects", "\x0a\x13\x01\x03a", ""},
	{"object vectors", "\x10\x03\x00\x01", ""},
	{"dictionary values", "\x11\x03\x00\x01", ""},
	{"dictionary keys", "\x11\x03\x00", "\x01"},
	{"wrapped objects", "\x0a\x07\x17ObjectProxy", ""},
}

func nested(head, tail string, levels int) []byte {
	return []byte(strings.Repeat(head, levels) + "\x01" + strings.Repeat(tail, levels))
}

// checkLimit checks that err is of the given kind and names the limit.
func checkLimit(t *testing.T, err, kind error, limit int) {
	t.Helper()
	var e *LimitError
	if !errors.Is(err, kind) || !errors.As(err, &e) || e.Limit != limit {
		t.Errorf("error = %v, want %v with limit %d", err, kind, limit)
	}
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
				if _, err := AppendDepth(nil, most, v); err != nil {
					t.Errorf("AppendDepth of %d levels: error = %v", most, err)
				}
				_, err = AppendDepth(nil, most-1, v)
				checkLimit(t, err, ErrTooDeep, most-1)
				_, _, err = ParseLimited(nested(n.head, n.tail, most+1), l)
				checkLimit(t, err, ErrTooDeep, most)
			}
		})
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

// listOf returns a list of n values, which are given.
func listOf(values string, n int) []byte {
	e := encoder{out: []byte{markerArray}}
	e.uint29(n<<1 | 1)
	return append(append(e.out, 0x01), values...)
}

func TestNodes(t *testing.T) {
	array := func(n int) []byte { return listOf(strings.Repeat("\x01", n-1), n-1) } // of n values with itself
	const most = 1 << 16
	if _, err := ParseAll(array(most)); err != nil {
		t.Errorf("%d values: error = %v", most, err)
	}
	_, err := ParseAll(array(most + 1))
	checkLimit(t, err, ErrTooManyNodes, most)
	if _, err := ParseAll(bytes.Repeat([]byte{0x01}, most)); err != nil {
		t.Errorf("%d values side by side: error = %v", most, err)
	}
	_, err = ParseAll(bytes.Repeat([]byte{0x01}, most+1))
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
	in := listOf("\x09\x05\x01\x01\x01"+"\x09\x02"+"\x09\x02", 3)
	if _, err := ParseAllLimited(in, Limits{Nodes: 10}); err != nil {
		t.Errorf("10 of 10 values by reference: error = %v", err)
	}
	_, err = ParseAllLimited(in, Limits{Nodes: 9})
	checkLimit(t, err, ErrTooManyNodes, 9)
}

// Each object behind a reference costs its memory again, because whoever converts or prints the values pays for it.
func TestMemory(t *testing.T) {
	body := func(references int) []byte {
		return listOf("\x0c\x8f\x51"+strings.Repeat("x", 1000)+strings.Repeat("\x0c\x02", references), 1+references)
	}
	// The byte array is charged 1,000 and 24; 40 for its place in the table, which a reference does not pay again for;
	// its slot in the list 16. The list is charged 48, 40 for its place in the table, 16 for its slot in the result.
	const bytesPerByte, free = 1, 4 << 10
	cost := func(references int) int { return 48 + 40 + 16 + 40 + (1024+16)*(1+references) }
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

// Strings are shared, so that repeating one costs no memory here. The bound on their sum is more generous, since to
// repeat strings is what the format is made for.
func TestText(t *testing.T) {
	body := func(references int) []byte {
		return listOf("\x06\x8f\x51"+strings.Repeat("x", 1000)+strings.Repeat("\x06\x00", references), 1+references)
	}
	// 1 MiB and 32 bytes for each byte of input: 1,000*(n+1) <= 1,048,576 + 32*(1,003 + 5 + 2*n)
	fits := 0
	for ; 1000*(fits+2) <= 1<<20+32*len(body(fits+1)); fits++ {
	}
	if fits < 1000 || fits > 1200 {
		t.Fatalf("%d references fit by this reckoning, want about 1,150", fits)
	}
	if _, err := ParseAll(body(fits)); err != nil {
		t.Errorf("%d references: error = %v", fits, err)
	}
	_, err := ParseAll(body(fits + 1))
	checkLimit(t, err, ErrTooLarge, 1<<20+32*len(body(fits+1)))
	if _, err := ParseAllLimited(body(fits+1), Limits{Memory: -1}); err != nil {
		t.Errorf("no bound: error = %v", err)
	}

	// The same strings behind references to their list: 500,000 bytes of text each time.
	twice := func(lists int) []byte {
		inner := "\x09\x87\x69\x01\x06\x8f\x51" + strings.Repeat("x", 1000) + strings.Repeat("\x06\x00", 499)
		return listOf(inner+strings.Repeat("\x09\x02", lists-1), lists)
	}
	if _, err := ParseAll(twice(2)); err != nil {
		t.Errorf("500,000 bytes twice: error = %v", err)
	}
	if _, err := ParseAllLimited(twice(3), Limits{Memory: 300}); err != nil {
		t.Errorf("500,000 bytes three times, 300 for each byte: error = %v", err)
	}
	_, err = ParseAllLimited(twice(4), Limits{Memory: 300})
	checkLimit(t, err, ErrTooLarge, 1<<20+300*len(twice(4)))
}

// Lists that hold the one before twice double with each line: forty lines stand for a trillion values.
func TestReferencesDoNotExplode(t *testing.T) {
	var in strings.Builder
	in.WriteString("\x09\x05\x01\x01\x01") // object 1
	for i := range 40 {
		e := encoder{out: []byte("\x09\x05\x01")}
		for range 2 {
			e.out = append(e.out, markerArray)
			e.uint29((1 + i) << 1)
		}
		in.Write(e.out)
	}
	body := listOf(in.String(), 41)
	_, err := ParseAll(body)
	if !errors.Is(err, ErrTooManyNodes) && !errors.Is(err, ErrTooLarge) {
		t.Errorf("error = %v, want ErrTooManyNodes or ErrTooLarge", err)
	}
	_, err = ParseAllLimited(body, Limits{Nodes: -1})
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("without a bound on values: error = %v, want ErrTooLarge", err)
	}
}

// Depth behind a reference counts where the reference stands.
func TestReferencesCannotHideDepth(t *testing.T) {
	in := listOf(string(nested(nests[0].head, "", 3))+"\x09\x03\x01\x09\x02", 2) // [[[[null]]], [->1]]
	if _, err := ParseAllLimited(in, Limits{Depth: 5}); err != nil {
		t.Errorf("5 of 5 levels by reference: error = %v", err)
	}
	_, err := ParseAllLimited(in, Limits{Depth: 4})
	checkLimit(t, err, ErrTooDeep, 4)
}

// What the decoder allocates in all, and what it holds at the end, stays below 32 bytes for each byte of input, for the
// shapes that cost most: either they are read, or they are refused.
func TestMemoryHeld(t *testing.T) {
	const n = 1<<16 - 2
	first := "\x0a\x03\x03C"                                                         // an object, whose class the following ones refer to
	ten := "\x0a\x81\x23\x01" + "\x03a\x03b\x03c\x03d\x03e\x03f\x03g\x03h\x03i\x03j" // ten sealed members
	shapes := map[string][]byte{
		"nulls":              listOf(strings.Repeat("\x01", n), n),
		"empty strings":      listOf(strings.Repeat("\x06\x01", n), n),
		"short strings":      listOf(strings.Repeat("\x06\x03a", n), n),
		"string references":  listOf("\x06\x03a"+strings.Repeat("\x06\x00", n-1), n),
		"integers":           listOf(strings.Repeat("\x04\xbf\xff\xff\xff", n), n),
		"doubles":            listOf(strings.Repeat("\x05\x3f\xe0\x00\x00\x00\x00\x00\x00", n), n),
		"empty lists":        listOf(strings.Repeat("\x09\x01\x01", n), n),
		"empty byte arrays":  listOf(strings.Repeat("\x0c\x01", n), n),
		"empty vectors":      listOf(strings.Repeat("\x0d\x01\x00", n), n),
		"empty dictionaries": listOf(strings.Repeat("\x11\x01\x00", n), n),
		"empty objects":      listOf(first+strings.Repeat("\x0a\x01", n-1), n),
		"sealed nulls":       listOf(ten+strings.Repeat("\x01", 10)+strings.Repeat("\x0a\x01"+strings.Repeat("\x01", 10), n/11-1), n/11),
		"dynamic nulls":      listOf(strings.Repeat("\x0a\x0b\x01\x03a\x01\x01", n/2), n/2),
		"classes":            listOf(strings.Repeat("\x0a\x03\x03C", n), n),
		"wrappers":           listOf("\x0a\x07\x17ObjectProxy\x01"+strings.Repeat("\x0a\x01\x01", n/2-1), n/2),
		"messages":           listOf("\x0a\x07\x07DSA\x00\x00"+strings.Repeat("\x0a\x01\x00\x00", n-1), n),
		"flagged values":     []byte("\x0a\x07\x07DSA" + strings.Repeat("\xbf", 9_999) + "\x3f" + strings.Repeat("\x01", 60_000) + "\x00"),
		"side by side":       []byte(strings.Repeat("\x01", 20_000)),
		"claimed lengths":    []byte(strings.Repeat("\x09\x87\x01\x01", 63)),
		"claimed members":    []byte(strings.Repeat("\x0a\x87\x03\x01", 63)),
	}
	for name, in := range shapes {
		t.Run(name, func(t *testing.T) {
			golden.CheckMemory(t, in, func(in []byte) (any, error) { return ParseAll(in) })
		})
	}
}
