package amf3

import (
	"bytes"
	"testing"

	"github.com/gortmp/rtmp/internal/golden"
)

func seed(f *testing.F) {
	for _, vector := range golden.Vectors(f, "amf3.") {
		f.Add(vector.Bytes)
	}
	for _, n := range nests {
		f.Add(nested(n.head, n.tail, 64))
		f.Add(nested(n.head, n.tail, 65))
	}
	b, err := Append(nil, everything())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("\x09\x03\x01\x09\x00"))     // in itself
	f.Add([]byte("\x09\xff\xff\xff\xff\x01")) // a false length
	f.Add([]byte("\x04\x80\x80\x80\x05"))     // more bytes than necessary
	f.Add([]byte("\x0a\x07\x07DSA\x81\x03\x01\x01\x01\x01\x01\x01"))
}

// children returns the values that v holds, and whether it is a container.
func children(v any) (list []any, container bool) {
	properties := func(of []Property) {
		for _, p := range of {
			list = append(list, p.Value)
		}
	}
	switch v := v.(type) {
	case *Array:
		properties(v.Assoc)
		return append(list, v.Dense...), true
	case *Object:
		properties(v.Dynamic)
		return append(list, v.Values...), true
	case *External:
		return v.Values, true
	case *ObjectVector:
		return v.Values, true
	case *Dictionary:
		for _, e := range v.Entries {
			list = append(list, e.Key, e.Value)
		}
		return list, true
	}
	return nil, false
}

// count returns how many values v consists of, how deep they lie, and how many bytes their own texts and numbers have.
func count(v any) (nodes, levels, size int) {
	list, container := children(v)
	nodes = 1
	for _, c := range list {
		n, l, s := count(c)
		nodes += n
		levels = max(levels, l)
		size += s
	}
	if container {
		levels++
	}
	switch v := v.(type) {
	case XML:
		size += len(v)
	case XMLDocument:
		size += len(v)
	case ByteArray:
		size += len(v)
	case *IntVector:
		size += 4 * len(v.Values)
	case *UintVector:
		size += 4 * len(v.Values)
	case *DoubleVector:
		size += 8 * len(v.Values)
	}
	return nodes, levels, size + 8
}

// Whatever comes in, what goes out stays in bounds, and Parse sees the value that ParseAll sees.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		values, err := ParseAll(in)
		if err != nil {
			return
		}
		nodes, size := 0, 0
		for _, v := range values {
			n, levels, s := count(v)
			nodes += n
			size += s
			if levels > 64 {
				t.Errorf("%d levels", levels)
			}
		}
		if nodes > 1<<16 {
			t.Errorf("%d values", nodes)
		}
		if size > 32*len(in)+4096 {
			t.Errorf("%d bytes stand for %d", len(in), size)
		}
		if len(values) == 0 {
			return
		}
		v, rest, err := Parse(in)
		if err != nil {
			t.Fatalf("Parse(%x) error = %v, ParseAll has none", in, err)
		}
		if !bytes.Equal(encoded(t, v), encoded(t, values[0])) || !bytes.HasSuffix(in, rest) {
			t.Errorf("Parse(%x) = %v and %x, want %v", in, v, rest, values[0])
		}
	})
}

// What was decoded and encoded decodes to the same. Values are compared by their encoding, since NaN differs from itself.
func FuzzRoundTrip(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		values, err := ParseAll(in)
		if err != nil {
			return
		}
		b := encoded(t, values...)
		again, err := ParseAllLimited(b, Limits{Memory: -1}) // fewer bytes may now stand for the same
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
