package amf3

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
)

func TestVectors(t *testing.T) {
	at := DateOf(time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC))
	point := &Traits{Class: "Pt", Members: []string{"x", "y"}}
	line := &Traits{Class: "Pt", Members: []string{"x"}}
	shared := &Object{}
	want := map[string]any{
		"amf3.int.0":           int32(0),
		"amf3.int.1":           int32(1),
		"amf3.int.127":         int32(127),
		"amf3.int.128":         int32(128),
		"amf3.int.16383":       int32(16383),
		"amf3.int.16384":       int32(16384),
		"amf3.int.2097151":     int32(2097151),
		"amf3.int.2097152":     int32(2097152),
		"amf3.int.268435455":   int32(268435455),
		"amf3.int.-1":          int32(-1),
		"amf3.int.min":         int32(-268435456),
		"amf3.double.over":     268435456.0,
		"amf3.double.0.5":      0.5,
		"amf3.undefined":       Undefined{},
		"amf3.null":            nil,
		"amf3.false":           false,
		"amf3.true":            true,
		"amf3.string":          "hello",
		"amf3.string.empty":    "",
		"amf3.array.strref":    &Array{Dense: []any{"ab", "cd", "ab"}},
		"amf3.array.assoc":     &Array{Assoc: []Property{{"k", int32(7)}}, Dense: []any{true}},
		"amf3.object.dynamic":  &Object{Dynamic: []Property{{"a", int32(1)}, {"b", "a"}}},
		"amf3.object.sealed":   &Object{Traits: point, Values: []any{int32(1), int32(2)}},
		"amf3.object.traitref": &Array{Dense: []any{&Object{Traits: line, Values: []any{int32(1)}}, &Object{Traits: line, Values: []any{int32(2)}}}},
		"amf3.object.objref":   &Array{Dense: []any{shared, shared}},
		"amf3.object.externalizable": &External{Class: "flex.messaging.io.ArrayCollection",
			Values: []any{&Array{Dense: []any{int32(5)}}}},
		"amf3.date":          at,
		"amf3.xmldoc":        XMLDocument("<a/>"),
		"amf3.xml":           XML("<a/>"),
		"amf3.bytearray":     ByteArray{1, 2, 3},
		"amf3.vector.int":    &IntVector{Values: []int32{1, -1}},
		"amf3.vector.uint":   &UintVector{Fixed: true, Values: []uint32{4294967295}},
		"amf3.vector.double": &DoubleVector{Values: []float64{2.5}},
		"amf3.vector.object": &ObjectVector{Values: []any{&Object{}}},
		"amf3.dictionary":    &Dictionary{Entries: []Entry{{"k", int32(1)}}},
	}
	for _, vector := range golden.Vectors(t, "amf3.") {
		t.Run(vector.Name, func(t *testing.T) {
			value, ok := want[vector.Name]
			if !ok {
				t.Fatalf("no value is written down for this vector: %s", vector.Meaning)
			}
			got, rest, err := Parse(vector.Bytes)
			if err != nil || len(rest) != 0 {
				t.Fatalf("Parse(%x) leaves %x, error = %v", vector.Bytes, rest, err)
			}
			if diff := cmp.Diff(value, got); diff != "" {
				t.Errorf("Parse(%x) (-want +got):\n%s", vector.Bytes, diff)
			}
			for _, v := range []any{value, got} { // the written one and the read one
				b, err := Append(nil, v)
				if err != nil {
					t.Fatalf("Append(%v) error = %v", v, err)
				}
				if diff := cmp.Diff(vector.Bytes, b); diff != "" {
					t.Errorf("Append(%v) (-want +got):\n%s", v, diff)
				}
			}
		})
	}
}
