package amf3

import (
	"math"

	"github.com/gortmp/rtmp/internal/wire"
)

// A Table is the table of values that references in a message can mean, with what each of them costs: a reference of two
// bytes is charged like the value that it stands for. Package amf0 uses it, too.
type Table struct{ lines list[line] }

type line struct {
	value                       any   // nil as long as it is being read
	levels, nodes, memory, text int32 // what it takes of a Budget
}

const lineCost = 40 // bytes, with what the allocator adds

// An Opening is a value in a Table that is being read.
type Opening struct{ index, nodes, memory, text, lowest int }

// Open gives the value that is read next its line, and charges it with memory bytes. It is Closed when the value is
// complete; until then references to it are refused. The error is a *LimitError.
func (t *Table) Open(b *Budget, memory int) (Opening, error) {
	b.memory -= lineCost
	o := Opening{index: t.lines.n, nodes: b.nodes, memory: b.memory, text: b.text, lowest: b.lowest}
	b.lowest = b.depth
	t.lines.add(line{})
	return o, b.Spend(0, memory)
}

// Close puts v into the line of o. What b lost since Open is its cost.
func (t *Table) Close(b *Budget, o Opening, v any) {
	*t.lines.at(o.index) = line{
		value:  v,
		levels: cost(b.lowest, b.depth),
		nodes:  cost(b.nodes, o.nodes),
		memory: cost(b.memory, o.memory),
		text:   cost(b.text, o.text),
	}
	b.lowest = min(b.lowest, o.lowest)
}

// cost returns by how much a figure went down. Only bounds set far above the defaults let it reach the end of its type.
func cost(now, before int) int32 { return int32(min(before-now, math.MaxInt32)) }

// Get returns the value with the given index and takes its cost from b. The error is a *ReferenceError or *LimitError.
func (t *Table) Get(b *Budget, index int) (any, error) {
	l, err := t.lines.get(index)
	if err != nil {
		return nil, err
	}
	if l.value == nil {
		return nil, &ReferenceError{Index: index, Len: t.lines.n}
	}
	if err := b.Spend(int(l.nodes), int(l.memory)); err != nil {
		return nil, err
	}
	if err := b.spendText(int(l.text)); err != nil {
		return nil, err
	}
	if err := b.Enter(int(l.levels)); err != nil {
		return nil, err
	}
	b.Leave(int(l.levels))
	return l.value, nil
}

// A list is a table that grows by one line at a time. The first lines need no memory of their own.
type list[T any] struct {
	few  [4]T
	many wire.Chunks[T]
	n    int
}

func (l *list[T]) add(v T) {
	l.n++
	*l.at(l.n - 1) = v
}

// at returns line i, which is there.
func (l *list[T]) at(i int) *T {
	if i < len(l.few) {
		return &l.few[i]
	}
	return l.many.At(i - len(l.few))
}

// get returns line i. The error is a *ReferenceError.
func (l *list[T]) get(i int) (v T, err error) {
	if i >= l.n {
		return v, &ReferenceError{Index: i, Len: l.n}
	}
	return *l.at(i), nil
}
