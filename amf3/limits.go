package amf3

// DefaultDepth is how many containers may lie inside each other in a message, if nothing else is said: in what is decoded,
// by Limits, and in what is encoded. Ours: no encoder is known that needs more than eight.
const DefaultDepth = 64

// Ours. The format sets no bounds; these are the ones that a connection has by default.
const (
	defaultNodes  = 1 << 16 // values in one message
	defaultMemory = 32      // bytes of memory per byte of input; no honest message needs as many

	// maxDepth is what Limits.Depth can be raised to. A stack overflow cannot be recovered from, and at this
	// depth the decoder needs about 1 MiB of stack.
	maxDepth = 1 << 10

	// freeMemory and freeText are added to the allowance of every input, in bytes: they keep short inputs from
	// being refused for a fixed overhead. Strings are shared, so that their repetition costs no memory here;
	// freeText is for those who copy them.
	freeMemory = 4 << 10
	freeText   = 1 << 20
)

// Limits bound what decoding one message may cost. The zero value means the defaults.
type Limits struct {
	// Depth is how many containers may lie inside each other. Zero means 64. At most 1,024, which is also
	// what a negative number means.
	Depth int

	// Nodes is how many values a message may hold, those inside containers included and every reference
	// counted as what it points at. Zero means 65,536; negative means no bound.
	Nodes int

	// Memory is how many bytes of memory the values may take for each byte of input, with 4 KiB allowed on top,
	// every reference counted as what it points at. Zero means 32; negative means no bound.
	Memory int
}

// A Budget is what decoding may still spend. Package amf0 passes its own to the AMF3 values between its values, so
// that one bound covers the whole message; others need only Limits.
type Budget struct {
	depth  int // levels
	nodes  int // values
	memory int // bytes
	text   int // bytes of AMF3 strings, those meant by references included

	// lowest is the lowest figure that depth has had. Whoever wants to know how deep a part goes sets it to
	// depth before.
	lowest int

	limits    Limits // what the figures were at first; Memory in bytes
	textLimit int
}

const unbounded = int(^uint(0) >> 2) // far from overflowing when something is added

// Budget returns what l allows for an input of size bytes.
func (l Limits) Budget(size int) Budget {
	if l.Depth == 0 {
		l.Depth = DefaultDepth
	}
	if l.Depth < 0 || l.Depth > maxDepth {
		l.Depth = maxDepth
	}
	if l.Nodes == 0 {
		l.Nodes = defaultNodes
	}
	if l.Nodes < 0 {
		l.Nodes = unbounded
	}
	if l.Memory == 0 {
		l.Memory = defaultMemory
	}
	text := unbounded
	if l.Memory < 0 || l.Memory > unbounded/(size+1) {
		l.Memory = unbounded
	} else {
		l.Memory *= size
		text = l.Memory + freeText
		l.Memory += freeMemory
	}
	return Budget{
		depth: l.Depth, nodes: l.Nodes, memory: l.Memory, text: text, lowest: l.Depth, limits: l, textLimit: text,
	}
}

// Spend takes nodes values and memory bytes from b. The error is a *LimitError.
func (b *Budget) Spend(nodes, memory int) error {
	b.nodes -= nodes
	b.memory -= memory
	if b.nodes < 0 || b.memory < 0 {
		return b.exceeded()
	}
	return nil
}

// spendText takes n bytes of text from b. The error is a *LimitError.
func (b *Budget) spendText(n int) error {
	if b.text -= n; b.text < 0 {
		return b.exceeded()
	}
	return nil
}

// exceeded returns the error for the figure that is below zero.
//
//go:noinline
func (b *Budget) exceeded() error {
	switch {
	case b.depth < 0:
		return &LimitError{Err: ErrTooDeep, Limit: b.limits.Depth}
	case b.nodes < 0:
		return &LimitError{Err: ErrTooManyNodes, Limit: b.limits.Nodes}
	case b.text < 0:
		return &LimitError{Err: ErrTooLarge, Limit: b.textLimit}
	}
	return &LimitError{Err: ErrTooLarge, Limit: b.limits.Memory}
}

// Enter takes levels levels of depth from b, which Leave gives back. The error is a *LimitError.
func (b *Budget) Enter(levels int) error {
	b.depth -= levels
	if b.depth < b.lowest {
		b.lowest = b.depth
		if b.depth < 0 {
			return b.exceeded()
		}
	}
	return nil
}

// Leave gives levels levels of depth back to b.
func (b *Budget) Leave(levels int) { b.depth += levels }
