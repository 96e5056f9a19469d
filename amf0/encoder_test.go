package amf0

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf3"
)

func TestAppendConverts(t *testing.T) {
	type number uint16
	at := time.Date(2023, 11, 14, 22, 13, 20, 123456789, time.FixedZone("", 3600))
	tests := []struct {
		name     string
		in, want any // want is encoded as it is
	}{
		{"int", int(-5), -5.0},
		{"int8", int8(-5), -5.0},
		{"int16", int16(-5), -5.0},
		{"int32", int32(-5), -5.0},
		{"int64", int64(-5), -5.0},
		{"uint", uint(5), 5.0},
		{"uint8", uint8(5), 5.0},
		{"uint16", uint16(5), 5.0},
		{"uint32", uint32(5), 5.0},
		{"uint64", uint64(math.MaxUint64), float64(math.MaxUint64)},
		{"float32", float32(0.5), 0.5},
		{"named number", number(5), 5.0},
		{"time", at, Date(1699996400123)},
		{"strings", []string{"a", "b"}, StrictArray{"a", "b"}},
		{"list", []any{1, "a"}, StrictArray{1.0, "a"}},
		{"map", map[string]any{"b": 1, "a": 2, "c": nil},
			Object{{Name: "a", Value: 2.0}, {Name: "b", Value: 1.0}, {Name: "c", Value: nil}}},
		{"typed object by pointer", &TypedObject{Class: "C", Object: Object{{Name: "a", Value: 1}}},
			TypedObject{Class: "C", Object: Object{{Name: "a", Value: 1.0}}}},
		{"no typed object", (*TypedObject)(nil), nil},
		{"no list", StrictArray(nil), StrictArray{}},
		{"no object", Object(nil), Object{}},
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
	loop := Object{{Name: "a", Value: nil}}
	loop[0].Value = loop
	list := StrictArray{nil}
	list[0] = list
	long := strings.Repeat("a", 1<<16)
	tests := []struct {
		name string
		in   any
		want error // a sentinel, or a typed error to be equal to
	}{
		{"struct", struct{}{}, &TypeError{Version: 0, Type: "struct {}"}},
		{"pointer", new(int), &TypeError{Version: 0, Type: "*int"}},
		{"complex", 1i, &TypeError{Version: 0, Type: "complex128"}},
		{"duration", time.Second, &TypeError{Version: 0, Type: "time.Duration"}},
		{"inside", Object{{Name: "a", Value: StrictArray{make(chan int)}}}, &TypeError{Version: 0, Type: "chan int"}},
		{"inside AMF3", AMF3{struct{}{}}, &TypeError{Version: 3, Type: "struct {}"}},
		{"object in itself", loop, &LimitError{Err: ErrTooDeep, Limit: 64}},
		{"list in itself", list, &LimitError{Err: ErrTooDeep, Limit: 64}},
		{"name too long", ECMAArray{{Name: long, Value: nil}}, ErrTooLong},
		{"class too long", TypedObject{Class: long}, ErrTooLong},
		{"AMF3 object without members", AMF3{&amf3.Object{Values: []any{1}}}, amf3.ErrObject},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := Append([]byte("before"), "value", tt.in)
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

func TestStringBoundary(t *testing.T) {
	for _, n := range []int{0, 1, 65534, 65535, 65536, 65537, 1 << 20} {
		s := strings.Repeat("x", n)
		b, err := Append(nil, s, XML(s))
		if err != nil {
			t.Errorf("Append of %d bytes: %v", n, err)
			continue
		}
		head := 3
		if n > 65535 {
			head = 5
		}
		if len(b) != head+n+5+n {
			t.Errorf("%d bytes as string and XML take %d, want %d", n, len(b), head+n+5+n)
		}
		values, err := ParseAll(b)
		if err != nil || values[0] != s || values[1] != XML(s) {
			t.Errorf("%d bytes do not come back, error %v", n, err)
		}
	}
}

func TestAppendHelpers(t *testing.T) {
	got := AppendNull(AppendBool(AppendBool(AppendString(AppendNumber(nil, 1.5), "a"), true), false))
	want, err := Append(nil, 1.5, "a", true, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("helpers against Append (-want +got):\n%s", diff)
	}
}

// Encoding into a buffer with room allocates nothing, whatever the types, and neither does calling Append with
// values that are not boxed yet.
func TestAppendAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 64<<10)
	values := []any{"connect", 1.5, true, nil, Undefined{}, Unsupported{}, Date(5), XML("<a/>"), int32(7),
		Object{{Name: "a", Value: 1.5}, {Name: "b", Value: ECMAArray{{Name: "c", Value: "d"}}}},
		StrictArray{"a", 2.5}, TypedObject{Class: "C", Object: Object{{Name: "a", Value: nil}}}, []string{"a"},
		AMF3{int32(5)}, AMF3{"text"},
	}
	for _, w := range workloads {
		values = append(values, w.values...)
	}
	check := func(name string, f func() error) {
		t.Helper()
		allocs := testing.AllocsPerRun(100, func() {
			if err := f(); err != nil {
				t.Fatal(err)
			}
		})
		if allocs != 0 {
			t.Errorf("%s costs %.1f allocations, want none", name, allocs)
		}
	}
	check("Append of every type", func() error {
		_, err := Append(buf, values...)
		return err
	})
	n, s := 1000.5, strings.Repeat("s", 10)
	object := Object{{Name: "a", Value: 1.5}}
	check("Append of variables", func() error {
		n++
		_, err := Append(buf, s, n, nil, object)
		return err
	})
	check("helpers", func() error {
		AppendBool(AppendNull(AppendNumber(AppendString(buf, s), n)), true)
		return nil
	})
}
