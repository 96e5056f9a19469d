package publish

import (
	"context"
	"io"
)

// abortableSize is how much is read ahead. Ours: what a pipe holds.
const abortableSize = 64 << 10 // bytes

// An abortable is a reader whose Read returns when ctx ends, whatever that of the reader below does. It has one
// goroutine while a Read below is under way, which ends with that.
type abortable struct {
	ctx  context.Context
	r    io.Reader
	rest []byte
	err  error
	got  chan chunk // nil while nothing is under way
}

// A chunk is what one Read gave.
type chunk struct {
	b   []byte
	err error
}

func (a *abortable) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		if a.got == nil {
			got := make(chan chunk, 1)
			a.got = got
			go func() {
				b := make([]byte, abortableSize)
				n, err := a.r.Read(b)
				got <- chunk{b[:n], err}
			}()
		}
		select {
		case c := <-a.got:
			a.rest, a.err, a.got = c.b, c.err, nil
		case <-a.ctx.Done():
			return 0, context.Cause(a.ctx)
		}
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}
