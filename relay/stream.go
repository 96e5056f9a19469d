package relay

import (
	"net"
	"sync"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A stream is what is known under one name: a ring that its publication fills and its subscriptions read. It
// exists as long as there is either.
type stream struct {
	name    string
	created time.Time

	mu      sync.Mutex // guards the fields below; nobody waits while holding it
	ring    ring
	headers *headers    // in force now
	sound   media.Codec // of the last audio message that has one
	start   start       // meaningful if ring.hasKey
	live    bool        // somebody publishes
	ended   bool        // somebody published, and it is over
	changed chan struct{}
	parked  []*Subscription // see park

	serving sync.Mutex      // held by whoever adds to the ring and serves
	spare   []*Subscription // guarded by serving

	members int // publication and subscriptions; guarded by Hub.mu
}

// A start is what goes before the newest key frame.
type start struct {
	headers *headers // in force there
	time    message.Timestamp
	prelude []entry // made when the first subscriber begins there
}

// wait returns a channel that is closed when something has changed. st.mu is held.
func (st *stream) wait() <-chan struct{} {
	if st.changed == nil {
		st.changed = make(chan struct{})
	}
	return st.changed
}

// unlock releases st.mu after something has changed, and wakes all subscriptions that wait.
func (st *stream) unlock() {
	waiting := st.changed
	st.changed = nil
	st.mu.Unlock()
	if waiting != nil {
		close(waiting)
	}
}

// write adds a message to the ring.
func (st *stream) write(m *message.Message) error {
	if len(m.Payload) > maxPayload {
		return message.ErrTooLarge
	}
	d := classify(m)
	e := entry{pm: rtmp.NewPreparedMessage(m), class: d.class, track: d.first()}
	if d.class&isMulti != 0 {
		if p := plain(m); p != nil {
			e.plain = rtmp.NewPreparedMessage(p)
		}
	}
	st.serving.Lock()
	defer st.serving.Unlock()
	st.mu.Lock()
	if st.ended {
		st.mu.Unlock()
		return net.ErrClosed
	}
	st.follow(&d, &e)
	e.at, e.version = time.Since(st.created), st.headers.version
	if st.ring.add(e) {
		st.start = start{headers: st.headers, time: m.Timestamp}
	}
	next := st.ring.head
	parked := st.parked
	st.parked = st.spare
	st.unlock()
	st.serve(&e, next, parked)
	return nil
}

// maxPayload is what fits into the 24 bits that a message has for its length.
const maxPayload = 1<<24 - 1

// follow makes of st.headers what they are after e, which d describes.
func (st *stream) follow(d *description, e *entry) {
	switch {
	case d.class&isConfig != 0:
		st.headers = st.headers.with(header{description: *d, pm: e.pm, plain: e.plain})
	case d.class&isClearing != 0:
		st.headers = st.headers.without(*d, (*header).isReplacedBy)
	case d.class&isKey != 0:
		st.headers = st.headers.outdated(d)
	case d.class&isAudio != 0 && d.codec != 0:
		if d.codec == st.sound { // not for a single message, which may be a fault
			st.headers = st.headers.outdated(d)
		}
		st.sound = d.codec
	}
}

// prelude returns what goes before the newest key frame. st.mu is held, and the ring has that key frame.
func (st *stream) prelude() []entry {
	if st.start.prelude == nil {
		st.start.prelude = st.start.headers.at(st.start.time)
	}
	return st.start.prelude
}
