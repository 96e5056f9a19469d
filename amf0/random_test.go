package amf0

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/gortmp/rtmp/amf3"
)

// randomValue makes a value of any type, with at most the given levels.
func randomValue(r *rand.Rand, levels int) any {
	kinds := 14
	if levels == 0 {
		kinds = 10 // no containers
	}
	switch r.IntN(kinds) {
	case 0:
		return float64(r.IntN(1000))
	case 1:
		return math.Float64frombits(r.Uint64()>>2 | 1) // positive and finite
	case 2:
		return r.IntN(2) == 0
	case 3:
		return randomText(r)
	case 4:
		return nil
	case 5:
		return Undefined{}
	case 6:
		return Date(r.Int64N(1 << 40))
	case 7:
		return Unsupported{}
	case 8:
		return XML(randomText(r))
	case 9:
		return AMF3{[]any{int32(r.IntN(1000)), randomText(r), amf3.ByteArray(randomText(r))}[r.IntN(3)]}
	case 10:
		return randomObject(r, levels-1)
	case 11:
		return ECMAArray(randomObject(r, levels-1))
	case 12:
		return TypedObject{Class: randomText(r), Object: randomObject(r, levels-1)}
	}
	list := make(StrictArray, r.IntN(8))
	for i := range list {
		list[i] = randomValue(r, levels-1)
	}
	return list
}

func randomText(r *rand.Rand) string {
	return strings.Repeat(string([]byte{byte(r.Uint32())}), []int{0, 1, 3, 127, 128, 300}[r.IntN(6)])
}

func randomObject(r *rand.Rand, levels int) Object {
	o := make(Object, r.IntN(8))
	for i := range o {
		o[i] = Property{Name: randomText(r), Value: randomValue(r, levels)}
	}
	return o
}

// Every value comes back from its encoding.
func TestRandomValues(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 0))
		values := make([]any, 1+r.IntN(4))
		for i := range values {
			values[i] = randomValue(r, 4)
		}
		b, err := Append(nil, values...)
		if err != nil {
			t.Fatalf("seed %d: Append error = %v", seed, err)
		}
		got, err := ParseAll(b)
		if err != nil {
			t.Fatalf("seed %d: ParseAll error = %v", seed, err)
		}
		if !reflect.DeepEqual(got, values) {
			t.Errorf("seed %d: values do not come back from %x", seed, b)
		}
	}
}
