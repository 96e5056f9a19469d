package amf3

import (
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const acknowledge = "flex.messaging.messages.AcknowledgeMessageExt"

// inline returns s, of less than 64 bytes, as it stands on the wire.
func inline(s string) string { return string([]byte{byte(len(s)<<1 | 1)}) + s }

func TestParse(t *testing.T) {
	tests := []struct {
		name, in string
		want     any
	}{
		{"integer in two bytes instead of one", "\x04\x80\x00", int32(0)},
		{"integer in four bytes instead of one", "\x04\x80\x80\x80\x05", int32(5)},
		{"string length in two bytes instead of one", "\x06\x80\x05ab", "ab"},
		{"largest positive integer", "\x04\xbf\xff\xff\xff", int32(1<<28 - 1)},
		{"smallest negative integer", "\x04\xc0\x80\x80\x00", int32(-1 << 28)},
		{"fourth byte above 0x80", "\x04\x80\xdb\xc6\xc0", int32(3_000_000)}, // a known reader makes -64 of it
		{"string that is not UTF-8", "\x06\x05\xe9\xff", "\xe9\xff"},
		{"date with bits in its head", "\x08\x7f\x3f\xf0\x00\x00\x00\x00\x00\x00", Date(1)},
		{"empty array", "\x09\x01\x01", &Array{}},
		{"empty object", "\x0a\x0b\x01\x01", &Object{}},
		{"empty byte array", "\x0c\x01", ByteArray{}},
		{"empty XML", "\x0b\x01", XML("")},
		{"empty dictionary", "\x11\x01\x01", &Dictionary{Weak: true}},
		{"empty vectors", "\x09\x09\x01\x0d\x01\x01\x0e\x01\x00\x0f\x01\x00\x10\x01\x00\x01",
			&Array{Dense: []any{&IntVector{Fixed: true}, &UintVector{}, &DoubleVector{}, &ObjectVector{}}}},
		{"vector of any class by star", "\x10\x03\x01\x03*\x01", &ObjectVector{Fixed: true, Class: "*", Values: []any{nil}}},
		{"dictionary with keys of any kind", "\x11\x05\x00\x09\x01\x01\x03\x04\x01\x02",
			&Dictionary{Entries: []Entry{{&Array{}, true}, {int32(1), false}}}},
		{"sealed and dynamic", "\x0a\x1b\x03C\x03a\x01\x03b\x03\x01",
			&Object{Traits: &Traits{Class: "C", Members: []string{"a"}, Dynamic: true}, Values: []any{nil}, Dynamic: []Property{{"b", true}}}},
		{"class without members", "\x0a\x03\x03C", &Object{Traits: &Traits{Class: "C"}}},
		{"member without name", "\x0a\x13\x03C\x01\x01", &Object{Traits: &Traits{Class: "C", Members: []string{""}}, Values: []any{nil}}},
		{"anonymous traits again", "\x09\x05\x01\x0a\x0b\x01\x01\x0a\x01\x03a\x01\x01",
			&Array{Dense: []any{&Object{}, &Object{Dynamic: []Property{{"a", nil}}}}}},
		{"strings of all places in one table",
			"\x09\x09\x03k\x01\x01\x06\x00\x0a\x13\x03C\x03m\x06\x02\x06\x04\x10\x01\x00\x02",
			&Array{Assoc: []Property{{"k", nil}}, Dense: []any{"k",
				&Object{Traits: &Traits{Class: "C", Members: []string{"m"}}, Values: []any{"C"}}, "m", &ObjectVector{Class: "C"}}}},
		{"the empty string has no place in the table", "\x09\x07\x01\x06\x01\x06\x03a\x06\x00", &Array{Dense: []any{"", "a", "a"}}},
		{"XML has no place in the table of strings", "\x09\x05\x01\x0b\x03x\x06\x03a", &Array{Dense: []any{XML("x"), "a"}}},
		{"references to every kind", "\x09\x1d\x01" + // the array is 0
			"\x07\x03x\x08\x01\x00\x00\x00\x00\x00\x00\x00\x00\x0b\x03y\x0c\x03z" + // 1 to 4
			"\x0d\x03\x00\x00\x00\x00\x05\x0e\x03\x00\x00\x00\x00\x06\x11\x01\x00" + // 5 to 7
			"\x07\x02\x08\x04\x0b\x06\x0c\x08\x0d\x0a\x0e\x0c\x11\x0e",
			&Array{Dense: []any{XMLDocument("x"), Date(0), XML("y"), ByteArray("z"),
				&IntVector{Values: []int32{5}}, &UintVector{Values: []uint32{6}}, &Dictionary{},
				XMLDocument("x"), Date(0), XML("y"), ByteArray("z"),
				&IntVector{Values: []int32{5}}, &UintVector{Values: []uint32{6}}, &Dictionary{}}}},
		{"wrapped object", "\x0a\x07\x17ObjectProxy\x0a\x0b\x01\x03a\x01\x01",
			&External{Class: "ObjectProxy", Values: []any{&Object{Dynamic: []Property{{"a", nil}}}}}},
		{"externalizable by reference to its class", "\x09\x05\x01\x0a\x07\x17ObjectProxy\x01\x0a\x01\x03",
			&Array{Dense: []any{&External{Class: "ObjectProxy", Values: []any{nil}}, &External{Class: "ObjectProxy", Values: []any{true}}}}},
		// AbstractMessage: body, time to live (bit 6), then in the second byte the two ids as bytes and a reserved bit;
		// bit 6 means nothing there. AsyncMessage: correlation id.
		{"DSA", "\x0a\x07\x07DSA\xc1\x47" + "\x03\x04\x05" + "\x0c\x03a\x0c\x03b\x01" + "\x01" + "\x06\x03c",
			&External{Class: "DSA", Flags: [][]byte{{0xc1, 0x47}, {0x01}},
				Values: []any{true, int32(5), ByteArray("a"), ByteArray("b"), nil, "c"}}},
		{"DSC", "\x0a\x07\x07DSC\x00\x00\x01\x04\x05",
			&External{Class: "DSC", Flags: [][]byte{{0}, {0}, {1}}, Values: []any{int32(5)}}},
		{"DSK", "\x0a\x07\x07DSK\x01\x01\x00\x00", &External{Class: "DSK", Flags: [][]byte{{1}, {0}, {0}}, Values: []any{nil}}},
		{"message by its full name", "\x0a\x07" + inline(acknowledge) + "\x00\x00\x00",
			&External{Class: acknowledge, Flags: [][]byte{{0}, {0}, {0}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, rest, err := Parse([]byte(tt.in))
			if err != nil || len(rest) != 0 {
				t.Fatalf("Parse(%x) leaves %x, error = %v", tt.in, rest, err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Parse(%x) (-want +got):\n%s", tt.in, diff)
			}
			b, err := Append(nil, got)
			if err != nil {
				t.Fatalf("Append(%v) error = %v", got, err)
			}
			again, _, err := Parse(b)
			if err != nil {
				t.Fatalf("Parse(%x), encoded from %x: error = %v", b, tt.in, err)
			}
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("encoded and decoded (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	reference := func(index, n int) error { return &ReferenceError{Index: index, Len: n} }
	tests := []struct {
		name, in string
		want     error // a sentinel, or a typed error to be equal to
	}{
		{"nothing", "", ErrShort},
		{"unknown marker", "\x12", &MarkerError{Version: 3, Marker: 0x12, Offset: 0}},
		{"unknown marker inside", "\x09\x03\x01\xff", &MarkerError{Version: 3, Marker: 0xff, Offset: 3}},
		{"integer without bytes", "\x04", ErrShort},
		{"integer cut", "\x04\xff\xff\xff", ErrShort},
		{"double cut", "\x05\x00\x00\x00\x00\x00\x00\x00", ErrShort},
		{"string longer than the input", "\x06\x07ab", ErrShort},
		{"string of 256 MiB", "\x06\xff\xff\xff\xff", ErrShort},
		{"XML longer than the input", "\x0b\x07ab", ErrShort},
		{"date cut", "\x08\x01\x00", ErrShort},
		{"byte array of 256 MiB", "\x0c\xff\xff\xff\xff", ErrShort},
		{"array of 256 Mi", "\x09\xff\xff\xff\xff\x01", ErrShort},
		{"array whose names take the room of its list", "\x09\x05\x03a\x01\x01", ErrShort},
		{"array that leaves no room for its outer", "\x09\x05\x01\x09\x05\x01\x01\x01", ErrShort},
		{"array without end of names", "\x09\x01", ErrShort},
		{"int vector of 256 Mi", "\x0d\xff\xff\xff\xff\x00", ErrShort},
		{"uint vector without flag", "\x0e\x01", ErrShort},
		{"uint vector too long", "\x0e\x03\x00\x00", ErrShort},
		{"double vector of 256 Mi", "\x0f\xff\xff\xff\xff\x00", ErrShort},
		{"object vector of 256 Mi", "\x10\xff\xff\xff\xff\x00\x01", ErrShort},
		{"object vector without flag", "\x10\x01", ErrShort},
		{"object vector without class", "\x10\x01\x00", ErrShort},
		{"dictionary of 256 Mi", "\x11\xff\xff\xff\xff\x00", ErrShort},
		{"dictionary without flag", "\x11\x01", ErrShort},
		{"dictionary key without value", "\x11\x03\x00\x01", ErrShort},
		{"object without class", "\x0a\x0b", ErrShort},
		{"object with members without end", "\x0a\x0b\x01", ErrShort},
		{"object with 32 Mi members", "\x0a\xff\xff\xff\xf3\x01", ErrShort},
		{"object with fewer values than members", "\x0a\x23\x01\x03a\x03b\x01", ErrShort},
		{"members of a known class that do not fit", "\x09\x05\x01\x0a\x23\x03C\x03a\x03b\x01\x01\x0a\x01", ErrShort},
		{"string reference to nothing", "\x06\x00", reference(0, 0)},
		{"object reference to nothing", "\x0a\x00", reference(0, 0)},
		{"traits reference to nothing", "\x0a\x01", reference(0, 0)},
		{"traits reference to their own object", "\x0a\x13\x03C\x03a\x0a\x05", reference(1, 1)},
		{"array in itself", "\x09\x03\x01\x09\x00", reference(0, 1)},
		{"object in itself", "\x0a\x0b\x01\x03a\x0a\x00\x01", reference(0, 1)},
		{"dictionary in itself", "\x11\x03\x00\x11\x00\x01", reference(0, 1)},
		{"vector in itself", "\x10\x03\x00\x01\x10\x00", reference(0, 1)},
		{"externalizable in itself", "\x0a\x07\x17ObjectProxy\x0a\x00", reference(0, 1)},
		{"unknown class", "\x0a\x07\x03X", &ClassError{Class: "X"}},
		{"class without name", "\x0a\x07\x01", &ClassError{}},
		{"flags without end", "\x0a\x07\x07DSA\x80\x80", ErrShort},
		{"flags without values", "\x0a\x07\x07DSA\x01", ErrShort},
		{"wrapper without value", "\x0a\x07\x17ObjectProxy", ErrShort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, rest, err := Parse([]byte(tt.in))
			if !errors.Is(err, tt.want) && !reflect.DeepEqual(tt.want, err) {
				t.Fatalf("Parse(%x) = %v, error %v, want %v", tt.in, v, err, tt.want)
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

// everything is a value with every type in it, and references of every kind.
func everything() any {
	point := &Traits{Class: "Pt", Members: []string{"x", "y"}}
	shared := &Object{Dynamic: []Property{{"a", "text"}}}
	return &Array{
		Assoc: []Property{{"k", int32(7)}, {"text", "k"}},
		Dense: []any{
			Undefined{}, nil, false, true, int32(300), 0.5, "text", XMLDocument("<a/>"), Date(5), XML("<b/>"), ByteArray{1, 2},
			shared, shared,
			&Object{Traits: point, Values: []any{int32(1), shared}}, &Object{Traits: point, Values: []any{int32(-1), nil}},
			&Object{Traits: &Traits{Class: "D", Dynamic: true}, Dynamic: []Property{{"a", nil}}},
			&IntVector{Values: []int32{1, -1}}, &UintVector{Fixed: true, Values: []uint32{1}},
			&DoubleVector{Values: []float64{1.5}}, &ObjectVector{Class: "Pt", Values: []any{nil, shared}},
			&Dictionary{Entries: []Entry{{"k", shared}, {int32(1), nil}}},
			&External{Class: "ObjectProxy", Values: []any{shared}},
			&External{Class: "DSA", Flags: [][]byte{{0x81, 0x03}, {0x01}}, Values: []any{nil, ByteArray{1}, ByteArray{2}, "k"}},
		},
	}
}

func TestParseCuts(t *testing.T) {
	in, err := Append(nil, everything())
	if err != nil {
		t.Fatal(err)
	}
	got, rest, err := Parse(in)
	if err != nil || len(rest) != 0 {
		t.Fatalf("Parse leaves %x, error = %v", rest, err)
	}
	if diff := cmp.Diff(everything(), got); diff != "" {
		t.Errorf("encoded and decoded (-want +got):\n%s", diff)
	}
	list := got.(*Array).Dense
	if list[11] != list[12] || list[11] != list[13].(*Object).Values[1] {
		t.Error("one object has become several")
	}
	if list[13].(*Object).Traits != list[14].(*Object).Traits {
		t.Error("the traits of two objects are not the same")
	}
	for n := range in { // no part of a value is a value
		if _, _, err := Parse(in[:n]); !errors.Is(err, ErrShort) {
			t.Errorf("first %d bytes: error = %v, want ErrShort", n, err)
		}
	}
	for i := range in { // the values have nothing of the input
		in[i] = 0xff
	}
	if diff := cmp.Diff(everything(), got); diff != "" {
		t.Errorf("after the buffer has changed (-want +got):\n%s", diff)
	}
}

// Tables go on from one value to the next in ParseAll, and start again in each Parse.
func TestTablesOfSeveralValues(t *testing.T) {
	object := &Object{Traits: &Traits{Class: "C", Members: []string{"text"}}, Values: []any{"text"}}
	in := []byte("\x0a\x13\x03C\x09text\x06\x02" + "\x06\x02" + "\x0a\x00" + "\x0a\x01\x01")
	want := []any{object, "text", object, &Object{Traits: object.Traits, Values: []any{nil}}}
	got, err := ParseAll(in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ParseAll(%x) (-want +got):\n%s", in, diff)
	}
	b, err := Append(nil, got...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, b); diff != "" {
		t.Errorf("Append of it (-want +got):\n%s", diff)
	}
	_, rest, err := Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Parse(rest); !errors.Is(err, ErrReference) {
		t.Errorf("Parse of the second value alone: error = %v, want ErrReference", err)
	}
	if got, err := ParseAll(nil); err != nil || len(got) != 0 {
		t.Errorf("ParseAll(nil) = %v, error %v, want nothing", got, err)
	}
}

func TestObjectGet(t *testing.T) {
	o := &Object{
		Traits:  &Traits{Members: []string{"a", "b", "missing"}, Dynamic: true},
		Values:  []any{int32(1), int32(2)},
		Dynamic: []Property{{"c", int32(3)}, {"b", int32(4)}, {"c", nil}},
	}
	tests := []struct {
		name string
		want any
		ok   bool
	}{
		{"a", int32(1), true}, {"b", int32(4), true}, {"c", nil, true}, {"missing", nil, false}, {"none", nil, false},
	}
	for _, tt := range tests {
		if v, ok := o.Get(tt.name); v != tt.want || ok != tt.ok {
			t.Errorf("Get(%q) = %v, %t, want %v, %t", tt.name, v, ok, tt.want, tt.ok)
		}
	}
	if v, ok := new(Object).Get("a"); v != nil || ok {
		t.Errorf("Get of an empty object = %v, %t, want nil, false", v, ok)
	}
}
