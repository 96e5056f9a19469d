package relay

import (
	"sync"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// Ours.
const (
	maxMerged = 1 << 20 // bytes that wait in a merge window; one message more may
	trimEvery = 64      // messages
)

// A stream is what is known under one name: a ring that its publication fills and its subscriptions read. It
// exists as long as there is either.
type stream struct {
	name    string
	created time.Time

	merge    time.Duration // see Hub.Merge; never changed
	nextKey  bool          // see Hub.NextKey; never changed
	patience time.Duration // see Hub.Patience; never changed

	// Held by whoever adds to the ring or serves the parked, which must not be two at a time; with it what that takes.
	// It is locked before Hub.mu.
	serving  sync.Mutex
	window   *time.Timer // calls flush; nil if there is no merge window
	batch    batch
	declined []*Subscription

	mu       sync.Mutex // guards the fields below; nobody waits while holding it, and Hub.mu and serving are locked before it
	ring     ring
	shown    uint64            // number of the next entry that subscribers do not see yet; what follows is in the merge window
	version  uint32            // of the headers before that entry
	pending  int               // size of the entries that are not shown
	time     message.Timestamp // of the newest message
	wire     uint64            // bytes of wire form that came
	last     moment            // when the newest sound or picture was
	headers  *headers          // in force now
	sound    media.Codec       // of the last audio message that has one
	start    start             // meaningful if ring.hasKey
	pub      *Publication      // the present one, or the last; nil if nobody has published yet. Changed under Hub.mu too
	live     bool              // pub publishes
	ended    bool              // nobody may continue after pub
	turn     broadcast         // pub is over, or the grace is
	changed  broadcast
	progress broadcast                  // somebody has read something, or has left
	parked   []*Subscription            // see park
	roaming  map[*Subscription]struct{} // those that are not parked
	trimAt   uint64                     // see trim

	members int // publication and subscriptions; guarded by Hub.mu
}

// A start is what goes before the newest key frame.
type start struct {
	headers *headers // in force there
	time    message.Timestamp
	prelude []entry // made when the first subscriber begins there
}

// unlock releases st.mu after something has changed, and wakes all subscriptions that wait.
func (st *stream) unlock() {
	waiting := st.changed
	st.changed = nil
	st.mu.Unlock()
	waiting.signal()
}

// A broadcast is a channel that is closed when something happens; nil if nobody waits for that. It is guarded like what
// happens.
type broadcast chan struct{}

func (b *broadcast) wait() <-chan struct{} {
	if *b == nil {
		*b = make(broadcast)
	}
	return *b
}

func (b *broadcast) signal() {
	if *b != nil {
		close(*b)
		*b = nil
	}
}

// write adds a message of p to the ring. With more it need not be shown yet: another call, or flush, follows at once.
func (st *stream) write(p *Publication, m *message.Message, more bool) error {
	if len(m.Payload) > maxPayload {
		return message.ErrTooLarge
	}
	d := classify(m)
	st.await(p, perMessage+len(m.Payload))
	st.serving.Lock()
	defer st.serving.Unlock()
	e := entry{class: d.class, track: d.first()}
	isHeard := st.isHeard()
	if isHeard || d.class&(isConfig|isClearing) != 0 {
		e.pm = rtmp.NewPreparedMessage(m)
		if d.class&isMulti != 0 {
			if m := plain(m); m != nil {
				e.plain = rtmp.NewPreparedMessage(m)
			}
		}
	}
	st.mu.Lock()
	if p.over != nil {
		st.mu.Unlock()
		return p.over
	}
	st.follow(&d, &e)
	e.at, e.version = time.Since(st.created), st.headers.version
	st.time = m.Timestamp
	st.last.follow(&e, m.Timestamp)
	if !isHeard {
		isStart := st.ring.pass(&e)
		p.tally.note(m, &e, st.ring.main, isStart)
		st.shown, st.version = st.ring.head, st.headers.version
		st.mu.Unlock()
		return nil
	}
	st.wire += uint64(e.pm.Len())
	e.end = st.wire
	isStart := st.ring.add(e)
	if isStart {
		st.start = start{headers: st.headers, time: m.Timestamp}
	}
	p.tally.note(m, &e, st.ring.main, isStart)
	st.trim()
	window := p.window()
	if window <= 0 && !more || st.pending > maxMerged {
		st.show()
		return nil
	}
	if st.pending += e.size(); window > 0 && st.ring.head-st.shown == 1 {
		st.openWindow(window)
	}
	st.mu.Unlock()
	return nil
}

// isHeard reports whether anybody is ever going to get what is written now.
func (st *stream) isHeard() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return !st.nextKey || len(st.parked) > 0 || len(st.roaming) > 0
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

// openWindow makes what comes from now on wait until the merge window closes. stream.serving is held.
func (st *stream) openWindow(d time.Duration) {
	if st.window == nil {
		st.window = time.AfterFunc(d, st.flush)
		return
	}
	st.window.Reset(d)
}

// flush shows what is there: the merge window has closed, or nothing more follows at once.
func (st *stream) flush() {
	st.serving.Lock()
	defer st.serving.Unlock()
	st.mu.Lock()
	st.show()
}

// trim drops what nobody is going to read: what everybody has read and is not the newest key frame or behind it. While
// there are subscribers to be asked that is done now and then only. stream.mu is held.
func (st *stream) trim() {
	r := &st.ring
	if len(st.roaming) > 0 && r.head < st.trimAt {
		return
	}
	st.trimAt = r.head + trimEvery
	low := st.shown
	if r.hasKey && !st.nextKey {
		low = min(low, r.key)
	}
	for s := range st.roaming {
		if !s.needStart && !s.isPaused {
			low = min(low, s.cursor)
		}
	}
	for r.tail < low {
		r.drop()
	}
}

// prelude returns what goes before the newest key frame. st.mu is held, and the ring has that key frame.
func (st *stream) prelude() []entry {
	if st.start.prelude == nil {
		st.start.prelude = st.start.headers.at(st.start.time)
	}
	return st.start.prelude
}
