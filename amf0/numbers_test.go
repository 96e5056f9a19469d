package amf0

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Arrays of numbers are read in runs: their length, and where something else stands between them, must not matter.
func TestNumbersInArrays(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 50} {
		for other := -1; other < n; other++ { // where something else stands, -1 for nowhere
			want := make(StrictArray, n)
			for i := range want {
				want[i] = float64(i) * 100.5
			}
			if other >= 0 {
				want[other] = "text"
			}
			b, err := Append(nil, want, true)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseAll(b)
			if err != nil {
				t.Fatalf("%d numbers, text at %d: %v", n, other, err)
			}
			if diff := cmp.Diff([]any{want, true}, got); diff != "" {
				t.Errorf("%d numbers, text at %d (-want +got):\n%s", n, other, diff)
			}
			for cut := range len(b) - 2 {
				if _, _, err := Parse(b[:cut]); !errors.Is(err, ErrShort) {
					t.Fatalf("%d numbers, text at %d, first %d bytes: error = %v, want ErrShort", n, other, cut, err)
				}
			}
			if _, err := ParseAllLimited(b, Limits{Nodes: n + 2}); err != nil {
				t.Errorf("%d of %d values: error = %v", n+2, n+2, err)
			}
			_, err = ParseAllLimited(b, Limits{Nodes: n + 1})
			checkLimit(t, err, ErrTooManyNodes, n+1)
		}
	}
}

func TestNumberValue(t *testing.T) {
	for _, f := range []float64{0, 1, 255, 256, 1.5, -1, 1e300, math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64} {
		if got := numberValue(f); got != f {
			t.Errorf("numberValue(%v) = %v", f, got)
		}
	}
	if got := numberValue(math.Copysign(0, -1)); !math.Signbit(got.(float64)) {
		t.Errorf("numberValue(-0) = %v, want the sign kept", got)
	}
	if got := numberValue(math.NaN()); !math.IsNaN(got.(float64)) {
		t.Errorf("numberValue(NaN) = %v", got)
	}
}
