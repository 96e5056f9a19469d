package amf0

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf3"
)

const one = "\x00\x3f\xf0\x00\x00\x00\x00\x00\x00" // number 1

// What is let pass because peers send it.
func TestParseLenient(t *testing.T) {
	tests := []struct {
		name, in string
		want     any
	}{
		{"ECMA count too small", "\x08\x00\x00\x00\x00\x00\x01a\x05\x00\x01b\x05\x00\x00\x09",
			ECMAArray{{Name: "a", Value: nil}, {Name: "b", Value: nil}}},
		{"ECMA count too large", "\x08\xff\xff\xff\xff\x00\x01a\x05\x00\x00\x09", ECMAArray{{Name: "a", Value: nil}}},
		{"object without its end", "\x03\x00\x01a\x05", Object{{Name: "a", Value: nil}}},
		{"ECMA array without its end", "\x08\x00\x00\x00\x01\x00\x01a\x05", ECMAArray{{Name: "a", Value: nil}}},
		{"typed object without its end", "\x10\x00\x01C\x00\x01a\x05",
			TypedObject{Class: "C", Object: Object{{Name: "a", Value: nil}}}},
		{"nothing but a marker", "\x03", Object{}},
		{"two ends left out", "\x03\x00\x01a\x03\x00\x01b\x05", Object{{Name: "a", Value: Object{{Name: "b", Value: nil}}}}},
		{"empty name", "\x03\x00\x00\x05\x00\x00\x09", Object{{Name: "", Value: nil}}},
		{"empty name twice", "\x03\x00\x00\x05\x00\x00\x06\x00\x00\x09",
			Object{{Name: "", Value: nil}, {Name: "", Value: Undefined{}}}},
		{"the same name twice", "\x03\x00\x01a\x05\x00\x01a\x06\x00\x00\x09",
			Object{{Name: "a", Value: nil}, {Name: "a", Value: Undefined{}}}},
		{"boolean of 2", "\x01\x02", true},
		{"string that is not UTF-8", "\x02\x00\x02\xe9\xff", "\xe9\xff"},
		{"name that is not UTF-8", "\x03\x00\x01\xe9\x05\x00\x00\x09", Object{{Name: "\xe9", Value: nil}}},
		{"short long string", "\x0c\x00\x00\x00\x01a", "a"},
		{"date with a time zone", "\x0b" + one[1:] + "\xff\x88", Date(1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, rest, err := Parse([]byte(tt.in))
			if err != nil || len(rest) != 0 {
				t.Fatalf("Parse(%x) leaves %x, error = %v", tt.in, rest, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse(%x) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	marker := func(m byte, offset int) error { return &MarkerError{Version: 0, Marker: m, Offset: offset} }
	tests := []struct {
		name, in string
		want     error // a sentinel, or a typed error to be equal to
	}{
		{"nothing", "", ErrShort},
		{"movie clip", "\x04", marker(0x04, 0)},
		{"record set", "\x0e", marker(0x0e, 0)},
		{"end without object", "\x09", marker(0x09, 0)},
		{"unknown", "\x12", marker(0x12, 0)},
		{"unknown inside", "\x03\x00\x01a\xff", marker(0xff, 4)},
		{"end behind a name", "\x03\x00\x01a\x09", marker(0x09, 4)},
		{"end in an array", "\x0a\x00\x00\x00\x03\x00\x00\x09", ErrShort},
		{"end in an array, long enough", "\x0a\x00\x00\x00\x01\x09", marker(0x09, 5)},
		{"array longer than the input", "\x0a\x00\x00\x00\x02\x05", ErrShort},
		{"array of 4 Gi", "\x0a\xff\xff\xff\xff\x05", ErrShort},
		{"array that leaves no room for its outer", "\x0a\x00\x00\x00\x02\x0a\x00\x00\x00\x03\x05\x05\x05", ErrShort},
		{"string longer than the input", "\x02\xff\xffa", ErrShort},
		{"string of 4 Gi", "\x0c\xff\xff\xff\xff", ErrShort},
		{"cut name", "\x03\x00\x05a", ErrShort},
		{"name without value", "\x03\x00\x01a", ErrShort},
		{"empty name without value", "\x03\x00\x00", ErrShort},
		{"reference to nothing", "\x07\x00\x00", &ReferenceError{Index: 0, Len: 0}},
		{"reference to itself", "\x0a\x00\x00\x00\x03\x07\x00\x00", &ReferenceError{Index: 0, Len: 1}},
		{"reference to an outer object", "\x03\x00\x01a\x03\x00\x01b\x07\x00\x00", &ReferenceError{Index: 0, Len: 2}},
		{"reference to a later value", "\x0a\x00\x00\x00\x04\x07\x00\x01\x0a\x00\x00\x00\x00", &ReferenceError{Index: 1, Len: 1}},
		{"AMF3 without value", "\x11", ErrShort},
		{"AMF3 marker", "\x11\x12", &MarkerError{Version: 3, Marker: 0x12, Offset: 1}},
		{"AMF3 class", "\x11\x0a\x07\x03X", &ClassError{Class: "X"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, rest, err := Parse([]byte(tt.in))
			if !errors.Is(err, tt.want) && !reflect.DeepEqual(tt.want, err) {
				t.Errorf("Parse(%x) = %v, error %v, want %v", tt.in, v, err, tt.want)
			}
			if v != nil || string(rest) != tt.in {
				t.Errorf("Parse(%x) = %v and %x with an error, want nil and the input", tt.in, v, rest)
			}
			if err.Error() == "" {
				t.Error("the error has no text")
			}
			var r *ReferenceError
			if errors.As(err, &r) && !errors.Is(err, ErrReference) {
				t.Errorf("%v is not ErrReference", err)
			}
		})
	}
}

// Every cut of a message fails or, between two properties, gives a part of it; none panics.
func TestParseCuts(t *testing.T) {
	in, err := Append(nil, Object{
		{Name: "number", Value: 1.0}, {Name: "bool", Value: true}, {Name: "string", Value: "abc"},
		{Name: "long", Value: strings.Repeat("x", 1<<16)}, {Name: "date", Value: Date(1)}, {Name: "xml", Value: XML("<a/>")},
		{Name: "list", Value: StrictArray{nil, Undefined{}, Unsupported{}}}, {Name: "ecma", Value: ECMAArray{{Name: "a", Value: 1.0}}},
		{Name: "typed", Value: TypedObject{Class: "C", Object: Object{{Name: "a", Value: 1.0}}}},
		{Name: "amf3", Value: AMF3{&amf3.Array{Dense: []any{int32(1), "a"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	short := 0
	for n := range in {
		_, _, err := Parse(in[:n])
		switch {
		case errors.Is(err, ErrShort):
			short++
		case err != nil:
			t.Errorf("first %d bytes: error = %v, want ErrShort or none", n, err)
		}
	}
	// 15 cuts fall where a name could begin: behind the heads of the three objects and each of their twelve properties.
	if want := len(in) - 15; short != want {
		t.Errorf("%d cuts are ErrShort, want %d of %d", short, want, len(in))
	}
}

func TestParseLeavesTheRest(t *testing.T) {
	in := []byte("\x02\x00\x01a\x05\x03\x00\x00\x09" + one)
	want := []any{"a", nil, Object{}, 1.0}
	rest := in
	for i, w := range want {
		v, after, err := Parse(rest)
		if err != nil {
			t.Fatalf("value %d: %v", i, err)
		}
		if diff := cmp.Diff(w, v); diff != "" {
			t.Errorf("value %d (-want +got):\n%s", i, diff)
		}
		rest = after
	}
	if len(rest) != 0 {
		t.Errorf("%x is left", rest)
	}
	all, err := ParseAll(in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("ParseAll(%x) (-want +got):\n%s", in, diff)
	}
	if all, err := ParseAll(nil); err != nil || len(all) != 0 {
		t.Errorf("ParseAll(nil) = %v, error %v, want nothing", all, err)
	}
}

// Values do not change with the buffer that they were read from.
func TestParseKeepsNothing(t *testing.T) {
	in := []byte("\x03\x00\x01a\x02\x00\x03abc\x00\x01b\x11\x0c\x05\x01\x02\x00\x00\x09")
	want := Object{{Name: "a", Value: "abc"}, {Name: "b", Value: AMF3{amf3.ByteArray{1, 2}}}}
	v, _, err := Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range in {
		in[i] = 0xff
	}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("after the buffer has changed (-want +got):\n%s", diff)
	}
}

// References share what they point at, over all the values of a message and in the order of the markers.
func TestReferences(t *testing.T) {
	//           0: {x: 1: []}         "s" (no place)   2: ECMA{}                ->1          ->0         3: typed C  ->2          ->3
	in := []byte("\x03\x00\x01x\x0a\x00\x00\x00\x00\x00\x00\x09" + "\x02\x00\x01s" + "\x08\x00\x00\x00\x00\x00\x00\x09" +
		"\x07\x00\x01" + "\x07\x00\x00" + "\x10\x00\x01C\x00\x00\x09" + "\x07\x00\x02" + "\x07\x00\x03")
	object := Object{{Name: "x", Value: StrictArray{}}}
	typed := TypedObject{Class: "C", Object: Object{}}
	want := []any{object, "s", ECMAArray{}, StrictArray{}, object, typed, ECMAArray{}, typed}
	got, err := ParseAll(in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ParseAll(%x) (-want +got):\n%s", in, diff)
	}
	got[0].(Object)[0].Value = "changed"
	if v, _ := got[4].(Object).Get("x"); v != "changed" {
		t.Errorf("a change of the object shows %v at its reference, want the change", v)
	}
}

// A loop over the values of a long body costs what their bytes cost, not the length of the body each time.
func TestParseInALoop(t *testing.T) {
	rest := bytes.Repeat([]byte("\x02\x00\x01a"), 50_000)
	before := testing.AllocsPerRun(1, func() {})
	allocs := testing.AllocsPerRun(1, func() {
		for b := rest; len(b) > 0; {
			var err error
			if _, b, err = Parse(b); err != nil {
				t.Fatal(err)
			}
		}
	})
	if allocs-before > 2*50_000 {
		t.Errorf("50,000 strings cost %.0f allocations, want 2 each", allocs)
	}
}

func TestParseProperties(t *testing.T) {
	want := Object{{Name: "a", Value: nil}, {Name: "b", Value: true}}
	for _, in := range []string{"\x00\x01a\x05\x00\x01b\x01\x01", "\x00\x01a\x05\x00\x01b\x01\x01\x00\x00\x09"} {
		got, err := ParseProperties([]byte(in))
		if err != nil {
			t.Errorf("ParseProperties(%x) error = %v", in, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ParseProperties(%x) (-want +got):\n%s", in, diff)
		}
	}
	var e *MarkerError
	if _, err := ParseProperties([]byte("\x00\x00\x09\x05")); !errors.As(err, &e) {
		t.Errorf("ParseProperties with bytes behind the end: error = %v, want a *MarkerError", err)
	}
}
