package relay

import (
	"sync"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// A stream is what is known under one name: a ring that its publication fills and its subscriptions read. It
// exists as long as there is either.
type stream struct {
	name string

	mu      sync.Mutex // guards the fields below
	ring    ring
	headers *headers
	live    bool // somebody publishes
	ended   bool // somebody published, and it is over
	changed chan struct{}

	members int // publication and subscriptions; guarded by Hub.mu
}

// wait returns a channel that is closed by the next signal. st.mu is held.
func (st *stream) wait() <-chan struct{} {
	if st.changed == nil {
		st.changed = make(chan struct{})
	}
	return st.changed
}

// signal wakes all subscriptions that wait. st.mu is held.
func (st *stream) signal() {
	if st.changed != nil {
		close(st.changed)
		st.changed = nil
	}
}

// write adds a message to the ring.
func (st *stream) write(m *message.Message) {
	pm := rtmp.NewPreparedMessage(m)
	kind, where := classify(m)
	st.mu.Lock()
	defer st.mu.Unlock()
	e := entry{pm: pm, class: kind}
	switch kind {
	case config:
		st.headers = st.headers.with(where, pm)
	case forgotten:
		st.headers = st.headers.without(where)
	case keyFrame:
		e.start = &start{headers: st.headers}
	}
	st.ring.add(e)
	st.signal()
}

// prelude returns what goes before the key frame e. st.mu is held.
func (e *entry) prelude() []*rtmp.PreparedMessage {
	if e.start.prelude == nil {
		e.start.prelude = e.start.headers.at(e.pm.Message().Timestamp)
	}
	return e.start.prelude
}
