package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/rtmptest"
)

func TestMain(m *testing.M) { rtmptest.Main(m) }

// Benchmark is all that the command measures, as the tools for Go benchmarks want it.
func Benchmark(b *testing.B) {
	for _, g := range groups() {
		for _, w := range g.works {
			b.Run(g.name+"/"+w.name, func(b *testing.B) {
				tasks, err := w.open()
				if err != nil {
					b.Fatal(err)
				}
				for _, t := range tasks {
					b.Run(t.lib.name, func(b *testing.B) {
						b.SetBytes(int64(w.bytes))
						b.ReportAllocs()
						if err := t.run(b.N); err != nil {
							b.Fatal(err)
						}
					})
				}
			})
		}
	}
}

// What is measured is right, and done by everybody who can.
func TestOpen(t *testing.T) {
	const everybody = "floor rtmp gortmplib lal go-rtmp joy4"
	want := map[string]string{
		"dechunk":          everybody,
		"chunk":            "floor rtmp gortmplib go-rtmp",
		"chunk/4096":       "floor rtmp gortmplib lal go-rtmp",
		"amf0":             everybody,
		"handshake/digest": "floor rtmp lal",
		"handshake/plain":  "floor rtmp gortmplib lal go-rtmp",
		"relay":            "floor rtmp gortmplib lal go-rtmp",
	}
	for _, g := range groups() {
		for _, w := range g.works {
			t.Run(g.name+"/"+w.name, func(t *testing.T) {
				tasks, err := w.open()
				if err != nil {
					t.Fatal(err)
				}
				var names []string
				for _, task := range tasks {
					names = append(names, task.lib.name)
					if err := task.run(3); err != nil {
						t.Errorf("%s: %v", task.lib.name, err)
					}
				}
				key := g.name
				switch {
				case g.name == "handshake":
					key += "/" + w.name
				case g.name == "chunk" && strings.HasSuffix(w.name, "chunk=4096"):
					key += "/4096"
				}
				if diff := cmp.Diff(want[key], strings.Join(names, " ")); diff != "" {
					t.Errorf("%s/%s is done by (-want +got):\n%s", g.name, w.name, diff)
				}
			})
		}
	}
}

// The checks find what is wrong.
func TestChecks(t *testing.T) {
	f := newFilm(1_000)
	other := newFilm(1_000)
	other.bodies[3] = bytes.Clone(other.bodies[3])
	other.bodies[3][999]++
	late := newFilm(1_000)
	late.fps = 25
	for _, lib := range libraries()[:2] { // they are checked by different readers
		tests := []struct {
			name string
			film *film
			n    int
			want string
		}{
			{"right", f, checked, ""},
			{"a byte", other, checked, "frame 3 has"},
			{"the time", late, checked, "frame 1 has the timestamp 40, want 33"},
			{"too few", f, checked - 1, "99 frames were written, want 100"},
		}
		for _, tt := range tests {
			t.Run(lib.name+"/"+tt.name, func(t *testing.T) {
				var tp tape
				if err := lib.chunk(&tp, 128, tt.n, tt.film.frame); err != nil {
					t.Fatal(err)
				}
				err := tp.check(f, 128, checked, lib)
				if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("check = %v, want %q", err, tt.want)
				}
			})
		}
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		list []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{9, 1}, 5}, {[]float64{7, 1, 100}, 7}} {
		if got := median(tt.list); got != tt.want {
			t.Errorf("median(%v) = %v, want %v", tt.list, got, tt.want)
		}
	}
}

// A candidate that takes as long as the floor and one that takes longer, with what they allocate.
func TestMeasure(t *testing.T) {
	spin := func(times int) func(n int) error {
		var sum int
		return func(n int) error {
			for range n * times * 1000 {
				sum++
			}
			return nil
		}
	}
	var sink []byte
	cells, err := measure([]task{
		{&library{name: floorName}, spin(1)},
		{&library{name: "same"}, spin(1)},
		{&library{name: "slow"}, spin(4)},
		{&library{name: "allocating"}, func(n int) error {
			for range n {
				sink = make([]byte, 1000)
			}
			return nil
		}},
	}, 5, 4*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if cells[0].ratio != 1 {
		t.Errorf("the floor has the ratio %v to itself", cells[0].ratio)
	}
	if same, slow := cells[1].ratio, cells[2].ratio; slow < 2*same {
		t.Errorf("ratios of equal and of fourfold work are %.2f and %.2f", same, slow)
	}
	if a := cells[3].allocs; a < 0.9 || a > 1.1 {
		t.Errorf("one allocation is counted as %v (%d bytes)", a, len(sink))
	}
}

func TestTable(t *testing.T) {
	libs := libraries()
	tb := table{group: &group{title: "Some work"}}
	tb.add(&work{name: "message=4000/chunk=128", bytes: 4000}, []cell{
		{libs[0], 800 * time.Nanosecond, 1, 1},
		{libs[1], 1600 * time.Nanosecond, 2, 1.004},
	})
	tb.add(&work{name: "digest"}, []cell{{libs[0], 20_500 * time.Nanosecond, 1, 0.01}, {libs[3], time.Millisecond, 48.78, 1500}})
	var b strings.Builder
	if err := tb.write(&b); err != nil {
		t.Fatal(err)
	}
	want := `
### Some work

| | floor | rtmp | lal |
|---|---|---|---|
| message=4000, chunk=128 | 800 ns, 5000 MB/s, 1 alloc | **2.00** (1.6 µs, 2500 MB/s, 1 alloc) | – |
| digest | 20.5 µs, 0 allocs | – | **48.78** (1000 µs, 1500 allocs) |
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	b.Reset()
	if err := (&table{group: &group{}}).write(&b); err != nil || b.Len() > 0 {
		t.Errorf("a table without lines is %q, error %v", b.String(), err)
	}
}

func TestRunArguments(t *testing.T) {
	for _, tt := range []struct {
		pattern string
		rounds  int
		round   time.Duration
		want    string
	}{
		{"(", 1, 1, "missing closing )"},
		{".", 0, 1, "0 rounds of 1ns measure nothing"},
		{".", 1, -1, "1 rounds of -1ns measure nothing"},
	} {
		if err := run(tt.pattern, tt.rounds, tt.round); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("run(%q, %d, %v) = %v, want %q", tt.pattern, tt.rounds, tt.round, err, tt.want)
		}
	}
}
