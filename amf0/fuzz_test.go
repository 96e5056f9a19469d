package amf0

import (
	"bytes"
	"testing"

	"github.com/gortmp/rtmp/internal/golden"
)

func seed(f *testing.F) {
	for _, vector := range golden.Vectors(f, "amf0.", "cmd.", "data.") {
		f.Add(vector.Bytes)
	}
	for _, n := range nests {
		f.Add(nested(n.head, n.tail, 64))
		f.Add(nested(n.head, n.tail, 65))
	}
	f.Add([]byte("\x0a\x00\x00\x00\x03\x0a\x00\x00\x00\x02\x05\x05\x07\x00\x01\x07\x00\x01")) // references
	f.Add([]byte("\x0a\x00\x00\x00\x01\x07\x00\x00"))                                         // to itself
	f.Add([]byte("\x0a\xff\xff\xff\xff\x05"))                                                 // a false length
}

// count returns how many values v consists of, those of AMF3 not counted, and how deep they lie.
func count(v any) (nodes, levels int) {
	var children []any
	switch v := v.(type) {
	case StrictArray:
		children = v
	case Object, ECMAArray, TypedObject:
		o, _ := AsObject(v)
		for _, p := range o {
			children = append(children, p.Value)
		}
	default:
		return 1, 0
	}
	nodes = 1
	for _, c := range children {
		n, l := count(c)
		nodes += n
		levels = max(levels, l)
	}
	return nodes, levels + 1
}

// Whatever comes in, what goes out stays in bounds, and Parse sees the values that ParseAll sees.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		values, err := ParseAll(in)
		if err != nil {
			return
		}
		nodes := 0
		for _, v := range values {
			n, levels := count(v)
			nodes += n
			if levels > 64 {
				t.Errorf("%d levels", levels)
			}
		}
		if nodes > 1<<16 {
			t.Errorf("%d values", nodes)
		}
		if b := encoded(t, values...); len(b) > 32*len(in)+4096 {
			t.Errorf("%d bytes stand for %d", len(in), len(b))
		}
		// Without references between them the values can be read one by one.
		rest := in
		for i, want := range values {
			v, after, err := Parse(rest)
			if err != nil {
				if _, ok := err.(*ReferenceError); !ok {
					t.Fatalf("value %d of %x: Parse error = %v", i, in, err)
				}
				return
			}
			if i == 0 && !bytes.Equal(encoded(t, v), encoded(t, want)) {
				t.Errorf("Parse(%x) = %v, want %v", in, v, want)
			}
			rest = after
		}
		if len(rest) != 0 {
			t.Errorf("%x is left", rest)
		}
	})
}

// What was decoded and encoded decodes to the same. Values are compared by their encoding, which no two values share:
// cmp needs twice the time for each level, and NaN differs from itself.
func FuzzRoundTrip(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		values, err := ParseAll(in)
		if err != nil {
			return
		}
		b := encoded(t, values...)
		again, err := ParseAllLimited(b, Limits{Memory: -1}) // AMF3 may have become shorter
		if err != nil {
			t.Fatalf("ParseAll(%x), from %x: error = %v", b, in, err)
		}
		if b2 := encoded(t, again...); !bytes.Equal(b, b2) {
			t.Errorf("from %x: encoded %x, then %x", in, b, b2)
		}
	})
}

func encoded(t *testing.T, values ...any) []byte {
	t.Helper()
	b, err := Append(nil, values...)
	if err != nil {
		t.Fatalf("Append(%v) error = %v", values, err)
	}
	return b
}
