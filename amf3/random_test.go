package amf3

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// A maker makes random values. It returns some of the pointers again that it has made before.
type maker struct {
	*rand.Rand
	made   []any // complete values held by pointer, and how deep they are
	levels []int
	traits []*Traits
}

// value makes a value with at most the given levels.
func (m *maker) value(levels int) any {
	kinds := 18
	if levels == 0 {
		kinds = 13 // no containers
	}
	switch m.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return Undefined{}
	case 2:
		return m.IntN(2) == 0
	case 3:
		return int32(m.Uint32()) >> 3
	case 4:
		return math.Float64frombits(m.Uint64()>>2 | 1) // positive and finite
	case 5:
		return m.text()
	case 6:
		return XMLDocument(m.text())
	case 7:
		return XML(m.text())
	case 8:
		return Date(m.Int64N(1 << 40))
	case 9:
		return ByteArray(m.text())
	case 10:
		return m.keep(&IntVector{Fixed: true, Values: []int32{int32(m.Uint32()), 1}}, 0)
	case 11:
		return m.keep(&DoubleVector{Values: []float64{1.5}}, 0)
	case 12:
		if i := len(m.made); i > 0 {
			if i = m.IntN(i); m.levels[i] <= levels {
				return m.made[i]
			}
		}
		return m.keep(&UintVector{Values: []uint32{m.Uint32()}}, 0)
	case 13:
		return m.keep(&Array{Assoc: m.properties(levels - 1), Dense: m.list(1+m.IntN(5), levels-1)}, levels)
	case 14:
		return m.keep(&ObjectVector{Class: m.text(), Values: m.list(1+m.IntN(5), levels-1)}, levels)
	case 15:
		return m.keep(&Dictionary{Weak: true, Entries: []Entry{{m.value(levels - 1), m.value(levels - 1)}}}, levels)
	case 16:
		return m.keep(&External{Class: "ObjectProxy", Values: m.list(1, levels-1)}, levels)
	}
	o := new(Object)
	if len(m.traits) == 0 || m.IntN(2) == 0 {
		m.traits = append(m.traits, &Traits{Class: m.text(), Members: []string{m.text(), m.text()}, Dynamic: m.IntN(2) == 0})
	}
	if m.IntN(3) > 0 {
		o.Traits = m.traits[m.IntN(len(m.traits))]
		o.Values = m.list(2, levels-1)
	}
	if o.Traits == nil || o.Traits.Dynamic {
		o.Dynamic = m.properties(levels - 1)
	}
	return m.keep(o, levels)
}

func (m *maker) keep(v any, levels int) any {
	m.made = append(m.made, v)
	m.levels = append(m.levels, levels)
	return v
}

func (m *maker) text() string {
	return strings.Repeat(string([]byte{byte(m.Uint32())}), []int{0, 1, 3, 63, 64, 200}[m.IntN(6)])
}

func (m *maker) list(n, levels int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = m.value(levels)
	}
	return list
}

func (m *maker) properties(levels int) []Property {
	list := make([]Property, 1+m.IntN(5))
	for i := range list {
		list[i] = Property{"p" + m.text(), m.value(levels)}
	}
	return list
}

// Every value comes back from its encoding, and what was one object is still one.
func TestRandomValues(t *testing.T) {
	for seed := range uint64(1000) {
		m := maker{Rand: rand.New(rand.NewPCG(seed, 0))}
		values := m.list(1+m.IntN(4), 4)
		b, err := Append(nil, values...)
		if err != nil {
			t.Fatalf("seed %d: Append error = %v", seed, err)
		}
		got, err := ParseAll(b)
		if err != nil {
			t.Fatalf("seed %d: ParseAll(%x) error = %v", seed, b, err)
		}
		if !reflect.DeepEqual(got, values) {
			t.Errorf("seed %d: values do not come back from %x", seed, b)
		}
		again, err := Append(nil, got...)
		if err != nil || string(again) != string(b) {
			t.Errorf("seed %d: encoded again to %x, error %v, want %x", seed, again, err, b)
		}
	}
}
