package amf3

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAppendConverts(t *testing.T) {
	type number uint16
	at := time.Date(2023, 11, 14, 22, 13, 20, 123456789, time.FixedZone("", 3600))
	tests := []struct {
		name     string
		in, want any
	}{
		{"int", int(-5), int32(-5)},
		{"int8", int8(-5), int32(-5)},
		{"int16", int16(-5), int32(-5)},
		{"int64", int64(-5), int32(-5)},
		{"uint", uint(5), int32(5)},
		{"uint8", uint8(5), int32(5)},
		{"uint16", uint16(5), int32(5)},
		{"uint32", uint32(5), int32(5)},
		{"uint64", uint64(math.MaxUint64), float64(math.MaxUint64)},
		{"named number", number(5), int32(5)},
		{"float32", float32(0.5), 0.5},
		{"largest integer", 1<<28 - 1, int32(1<<28 - 1)},
		{"one more", 1 << 28, float64(1 << 28)},
		{"one more, unsigned", uint(1 << 28), float64(1 << 28)},
		{"smallest integer", -1 << 28, int32(-1 << 28)},
		{"one less", -1<<28 - 1, float64(-1<<28 - 1)},
		{"int32 beyond 29 bits", int32(math.MaxInt32), float64(math.MaxInt32)},
		{"a double stays one", 5.0, 5.0},
		{"time", at, Date(1699996400123)},
		{"bytes", []byte("ab"), ByteArray("ab")},
		{"list", []any{1, "a"}, &Array{Dense: []any{int32(1), "a"}}},
		{"no array", (*Array)(nil), nil},
		{"no object", (*Object)(nil), nil},
		{"no external", (*External)(nil), nil},
		{"no vector", (*IntVector)(nil), nil},
		{"no dictionary", (*Dictionary)(nil), nil},
		{"no bytes", ByteArray(nil), ByteArray{}},
		{"traits of an anonymous object", &Object{Traits: &Traits{Dynamic: true}}, &Object{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := Append(nil, tt.in)
			if err != nil {
				t.Fatalf("Append(%v) error = %v", tt.in, err)
			}
			got, _, err := Parse(b)
			if err != nil {
				t.Fatalf("Parse(%x) error = %v", b, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse(Append(%v)) (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestAppendErrors(t *testing.T) {
	array := &Array{Dense: []any{nil}}
	array.Dense[0] = array
	object := &Object{Dynamic: []Property{{"a", nil}}}
	object.Dynamic[0].Value = &Array{Dense: []any{object}}
	list := []any{nil}
	list[0] = list
	tests := []struct {
		name string
		in   any
		want error // a sentinel, or a typed error to be equal to
	}{
		{"struct", struct{}{}, &TypeError{Version: 3, Type: "struct {}"}},
		{"pointer", new(int), &TypeError{Version: 3, Type: "*int"}},
		{"duration", time.Second, &TypeError{Version: 3, Type: "time.Duration"}},
		{"inside", &Dictionary{Entries: []Entry{{make(chan int), nil}}}, &TypeError{Version: 3, Type: "chan int"}},
		{"array in itself", array, &ReferenceError{Index: 1, Len: 2}}, // 0 is the array around all of them
		{"object in itself", object, &ReferenceError{Index: 1, Len: 3}},
		{"list in itself", list, &LimitError{Err: ErrTooDeep, Limit: 64}},
		{"values without traits", &Object{Values: []any{nil}}, ErrObject},
		{"fewer values than members", &Object{Traits: &Traits{Members: []string{"a"}}}, ErrObject},
		{"dynamic property of a sealed class", &Object{Traits: &Traits{}, Dynamic: []Property{{"a", nil}}}, ErrObject},
		{"property without name", &Object{Dynamic: []Property{{"", nil}}}, ErrObject},
		{"element without name", &Array{Assoc: []Property{{"", nil}}}, ErrObject},
		{"unknown class", &External{Class: "X", Values: []any{nil}}, &ClassError{Class: "X"}},
		{"wrapper of nothing", &External{Class: "ObjectProxy"}, ErrObject},
		{"wrapper of two", &External{Class: "ObjectProxy", Values: []any{nil, nil}}, ErrObject},
		{"wrapper with flags", &External{Class: "ObjectProxy", Flags: [][]byte{{1}}, Values: []any{nil}}, ErrObject},
		{"message without flags", &External{Class: "DSA"}, ErrObject},
		{"message with an empty list", &External{Class: "DSA", Flags: [][]byte{{0}, {}}}, ErrObject},
		{"message whose flags go on", &External{Class: "DSA", Flags: [][]byte{{0}, {0x80}}}, ErrObject},
		{"message whose flags end early", &External{Class: "DSA", Flags: [][]byte{{0, 0}, {0}}}, ErrObject},
		{"message with too few values", &External{Class: "DSA", Flags: [][]byte{{1}, {1}}, Values: []any{nil}}, ErrObject},
		{"message with too many values", &External{Class: "DSA", Flags: [][]byte{{1}, {0}}, Values: []any{nil, nil}}, ErrObject},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := Append([]byte("before"), "value", []any{tt.in})
			if !errors.Is(err, tt.want) && !reflect.DeepEqual(tt.want, err) {
				t.Errorf("Append error = %v, want %v", err, tt.want)
			}
			if string(b) != "before" {
				t.Errorf("Append with an error returns %q, want what was there before", b)
			}
			if err.Error() == "" {
				t.Error("the error has no text")
			}
		})
	}
}

// Every integer that has a form of its own keeps its value, and its length is what the table of the format says.
func TestUint29(t *testing.T) {
	for _, edge := range []int{0, 1 << 7, 1 << 14, 1 << 21, 1 << 28} {
		for n := max(edge-2, minInteger); n <= min(edge+2, maxInteger); n++ {
			for _, n := range []int{n, -n} {
				b, err := Append(nil, n)
				if err != nil {
					t.Fatal(err)
				}
				want := 4
				for length, below := range []int{1: 1 << 7, 2: 1 << 14, 3: 1 << 21} {
					if n >= 0 && n < below {
						want = length
						break
					}
				}
				if len(b) != 1+want {
					t.Errorf("%d takes %d bytes, want %d", n, len(b)-1, want)
				}
				if v, _, err := Parse(b); v != int32(n) || err != nil {
					t.Errorf("%d comes back as %v, error %v", n, v, err)
				}
			}
		}
	}
}

// Tables of the encoder work the same below and above the size up to which they are searched one by one.
func TestManyReferences(t *testing.T) {
	for _, n := range []int{7, 8, 9, 100} {
		var objects, values []any
		for i := range n {
			objects = append(objects, &Object{
				Traits: &Traits{Class: fmt.Sprint("class", i), Members: []string{fmt.Sprint("member", i)}},
				Values: []any{fmt.Sprint("text", i)},
			})
			values = append(values, Date(i)) // takes a number and is never referred to
		}
		values = append(append(values, objects...), objects...)
		b, err := Append(nil, &Array{Dense: values})
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := Parse(b)
		if err != nil {
			t.Fatalf("%d objects twice: %v", n, err)
		}
		if diff := cmp.Diff(&Array{Dense: values}, got); diff != "" {
			t.Errorf("%d objects twice (-want +got):\n%s", n, diff)
		}
		list := got.(*Array).Dense
		for i := range n {
			if list[n+i] != list[2*n+i] {
				t.Errorf("object %d of %d has become two", i, n)
			}
		}
	}
}

// Encoding into a buffer with room allocates nothing, as long as there are no more strings, objects and classes than the
// tables have room for without growing.
func TestAppendAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 4<<10)
	shared := &Object{Dynamic: []Property{{"a", "text"}}}
	values := []any{nil, true, int32(5), 1.5, "text", Date(5), ByteArray{1}, shared, shared,
		&IntVector{Values: []int32{1}}, &Dictionary{Entries: []Entry{{"k", int32(1)}}}}
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := Append(buf, values...); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("Append costs %.1f allocations, want none", allocs)
	}
}
