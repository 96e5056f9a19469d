package amf0

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf3"
)

func TestObjectAccess(t *testing.T) {
	inner := Object{{Name: "x", Value: 1.0}}
	o := Object{
		{Name: "s", Value: "text"}, {Name: "n", Value: 1.5}, {Name: "b", Value: false}, {Name: "o", Value: inner},
		{Name: "int", Value: 7}, {Name: "twice", Value: "first"}, {Name: "twice", Value: "second"},
		{Name: "s3", Value: AMF3{"text"}}, {Name: "n3", Value: AMF3{int32(7)}}, {Name: "b3", Value: AMF3{true}},
		{Name: "null", Value: nil},
	}
	type answer struct {
		Value any
		OK    bool
	}
	a := func(v any, ok bool) answer { return answer{v, ok} }
	get := func(name string) answer { return a(o.Get(name)) }
	str := func(name string) answer { s, ok := o.String(name); return a(s, ok) }
	number := func(name string) answer { f, ok := o.Number(name); return a(f, ok) }
	boolean := func(name string) answer { b, ok := o.Bool(name); return a(b, ok) }
	object := func(name string) answer { p, ok := o.Object(name); return a(p, ok) }
	tests := []struct {
		name string
		got  answer
		want answer
	}{
		{"Get", get("s"), a("text", true)},
		{"Get of two", get("twice"), a("second", true)},
		{"Get of null", get("null"), a(nil, true)},
		{"Get of nothing", get("none"), a(nil, false)},
		{"String", str("s"), a("text", true)},
		{"String of AMF3", str("s3"), a("text", true)},
		{"String of number", str("n"), a("", false)},
		{"String of nothing", str("none"), a("", false)},
		{"Number", number("n"), a(1.5, true)},
		{"Number of int", number("int"), a(7.0, true)},
		{"Number of AMF3", number("n3"), a(7.0, true)},
		{"Number of string", number("s"), a(0.0, false)},
		{"Number of null", number("null"), a(0.0, false)},
		{"Number of nothing", number("none"), a(0.0, false)},
		{"Bool", boolean("b"), a(false, true)},
		{"Bool of AMF3", boolean("b3"), a(true, true)},
		{"Bool of nothing", boolean("none"), a(false, false)},
		{"Object", object("o"), a(inner, true)},
		{"Object of string", object("s"), a(Object(nil), false)},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestObjectSetAndDelete(t *testing.T) {
	var o Object
	o.Set("a", 1.0)
	o.Set("b", 2.0)
	o.Set("a", 3.0)
	want := Object{{Name: "a", Value: 3.0}, {Name: "b", Value: 2.0}}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("after Set (-want +got):\n%s", diff)
	}
	o = append(o, Property{Name: "a", Value: 4.0})
	o.Set("a", 5.0)
	want = Object{{Name: "a", Value: 3.0}, {Name: "b", Value: 2.0}, {Name: "a", Value: 5.0}}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Errorf("after Set of the second of two (-want +got):\n%s", diff)
	}
	o.Delete("a")
	o.Delete("none")
	if diff := cmp.Diff(Object{{Name: "b", Value: 2.0}}, o); diff != "" {
		t.Errorf("after Delete (-want +got):\n%s", diff)
	}
}

func TestAsObject(t *testing.T) {
	o := Object{{Name: "a", Value: 1.0}}
	point := &amf3.Object{
		Traits: &amf3.Traits{Class: "P", Members: []string{"x", "y"}, Dynamic: true},
		Values: []any{int32(1), amf3.XMLDocument("<a/>")},
		Dynamic: []amf3.Property{
			{Name: "u", Value: amf3.Undefined{}}, {Name: "d", Value: amf3.Date(5)}, {Name: "x", Value: amf3.XML("<b/>")},
			{Name: "list", Value: &amf3.Array{}},
		},
	}
	plain := Object{
		{Name: "x", Value: 1.0}, {Name: "y", Value: XML("<a/>")},
		{Name: "u", Value: Undefined{}}, {Name: "d", Value: Date(5)}, {Name: "x", Value: XML("<b/>")},
		{Name: "list", Value: AMF3{&amf3.Array{}}},
	}
	tests := []struct {
		name string
		in   any
		want Object
		ok   bool
	}{
		{"object", o, o, true},
		{"empty object", Object{}, Object{}, true},
		{"ECMA array", ECMAArray(o), o, true},
		{"typed object", TypedObject{Class: "C", Object: o}, o, true},
		{"typed object by pointer", &TypedObject{Class: "C", Object: o}, o, true},
		{"no typed object", (*TypedObject)(nil), nil, false},
		{"AMF3 object", AMF3{point}, plain, true},
		{"wrapped AMF3 object", AMF3{&amf3.External{Class: "ObjectProxy", Values: []any{point}}}, plain, true},
		{"AMF3 array of names", AMF3{&amf3.Array{Assoc: []amf3.Property{{Name: "a", Value: int32(1)}}}}, o, true},
		{"AMF3 list", AMF3{&amf3.Array{Dense: []any{nil}}}, nil, false},
		{"AMF3 message", AMF3{&amf3.External{Class: "DSA", Flags: [][]byte{{1}, {0}}, Values: []any{nil}}}, nil, false},
		{"no AMF3 object", AMF3{(*amf3.Object)(nil)}, nil, false},
		{"no AMF3 array", AMF3{(*amf3.Array)(nil)}, nil, false},
		{"AMF3 null", AMF3{nil}, nil, false},
		{"strict array", StrictArray{o}, nil, false},
		{"string", "a", nil, false},
		{"null", nil, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := AsObject(tt.in)
			if ok != tt.ok {
				t.Errorf("AsObject(%v) reports %t, want %t", tt.in, ok, tt.ok)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("AsObject(%v) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestDate(t *testing.T) {
	at := time.Date(2023, 11, 14, 22, 13, 20, 999_999_999, time.UTC)
	if got, want := DateOf(at).Time(), at.Truncate(time.Millisecond); got != want {
		t.Errorf("DateOf(%v).Time() = %v, want %v", at, got, want)
	}
	for _, d := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		if got := Date(d).Time(); !got.IsZero() {
			t.Errorf("Date(%v).Time() = %v, want the zero time", d, got)
		}
	}
	if got := Date(-1.5).Time(); got != time.UnixMilli(-1).UTC() {
		t.Errorf("Date(-1.5).Time() = %v, want one millisecond before 1970", got)
	}
}
