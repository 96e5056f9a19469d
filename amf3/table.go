package amf3

import "github.com/gortmp/rtmp/internal/wire"

// A Table is the table of values that references in a message can mean, with what each of them costs: a reference of two
// bytes is charged like the value that it stands for. Package amf0 uses it, too.
type Table struct {
	few  [4]line
	many wire.Chunks[line]
	n    int
}

type line struct {
	value  any // nil as long as it is being read
	levels int32
	nodes  int32
	memory int
}

const lineCost = 40 // bytes, with what the allocator adds

// An Opening is a value in a Table that is being read.
type Opening struct{ index, nodes, memory, lowest int }

// Open gives the value that is read next its line. It is Closed when the value is complete; until then references to it
// are refused. The error is a *LimitError.
func (t *Table) Open(b *Budget) (Opening, error) {
	o := Opening{index: t.n, nodes: b.Nodes, memory: b.Memory, lowest: b.Lowest}
	b.Lowest = b.Depth
	if err := b.Spend(0, lineCost); err != nil {
		return o, err
	}
	t.n++
	*t.at(o.index) = line{}
	return o, nil
}

func (t *Table) at(index int) *line {
	if index < len(t.few) {
		return &t.few[index]
	}
	return t.many.At(index - len(t.few))
}

// Close puts v into the line of o. What b lost since Open is its cost.
func (t *Table) Close(b *Budget, o Opening, v any) {
	*t.at(o.index) = line{
		value:  v,
		levels: int32(b.Depth - b.Lowest),
		nodes:  int32(min(o.nodes-b.Nodes, 1<<31-1)),
		memory: o.memory - b.Memory,
	}
	b.Lowest = min(b.Lowest, o.lowest)
}

// Get returns the value with the given index and takes its cost from b. The error is a *ReferenceError or *LimitError.
func (t *Table) Get(b *Budget, index int) (any, error) {
	if index >= t.n || t.at(index).value == nil {
		return nil, &ReferenceError{Index: index, Len: t.n}
	}
	l := t.at(index)
	if err := b.Spend(int(l.nodes), l.memory); err != nil {
		return nil, err
	}
	if err := b.Enter(int(l.levels)); err != nil {
		return nil, err
	}
	b.Leave(int(l.levels))
	return l.value, nil
}

// A list is a table of things that are complete when they get their number.
type list[T any] struct {
	chunks wire.Chunks[T]
	n      int
}

func (l *list[T]) add(v T) {
	*l.chunks.At(l.n) = v
	l.n++
}

func (l *list[T]) get(index int) (v T, err error) {
	if index >= l.n {
		return v, &ReferenceError{Index: index, Len: l.n}
	}
	return *l.chunks.At(index), nil
}
