package relay

import "github.com/gortmp/rtmp"

// A player that has read everything is parked: the publisher's own goroutine hands it what comes next, as long as its
// connection takes that without waiting. So a message usually costs a player one system call, and no goroutine has to
// be woken for it. As soon as a player does not keep up, or has something to say, its own goroutine goes on from where
// the publisher stopped, and parks it again when it has caught up.
//
// While a player is parked its cursor means nothing: it has everything that is shown.

// park leaves it to the publisher to serve s, if that is possible. stream.mu is held, and s has read everything.
func (s *Subscription) park() {
	st := s.stream
	if s.player == nil || s.needStart || s.isPaused || s.cursor != st.shown || !st.live {
		return
	}
	delete(st.roaming, s)
	s.isParked, s.place = true, len(st.parked)
	st.parked = append(st.parked, s)
}

// unpark takes s, which is parked, out of the publisher's hands: it goes on at cursor, with headers of that version.
// stream.serving and stream.mu are held.
func (st *stream) unpark(s *Subscription, cursor uint64, version uint32) {
	last := len(st.parked) - 1
	moved := st.parked[last]
	st.parked[s.place], moved.place = moved, s.place
	st.parked[last] = nil
	st.parked = st.parked[:last]
	st.roaming[s] = struct{}{}
	s.isParked, s.cursor, s.version = false, cursor, version
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// leave unparks s when its goroutine goes on for another reason.
func (s *Subscription) leave() {
	st := s.stream
	st.serving.Lock()
	defer st.serving.Unlock()
	st.mu.Lock()
	defer st.mu.Unlock()
	if s.isParked {
		st.unpark(s, st.shown, st.version)
	}
}

// show lets the subscribers see all that has come, and serves those that are parked. stream.serving and stream.mu are
// held, at the end only the former.
func (st *stream) show() {
	from, version := st.shown, st.version
	if from == st.ring.head {
		st.mu.Unlock()
		return
	}
	b := &st.batch
	parked := st.parked // others may be parked meanwhile, behind these, and nobody is taken away
	for ; len(parked) > 0 && st.shown < st.ring.head; st.shown++ {
		b.add(st.ring.at(st.shown))
	}
	st.shown, st.version, st.pending = st.ring.head, st.headers.version, 0
	st.unlock()
	for _, s := range parked {
		if !s.take(b) {
			st.declined = append(st.declined, s)
		}
	}
	b.reset()
	if len(st.declined) == 0 {
		return
	}
	st.mu.Lock()
	for _, s := range st.declined {
		st.unpark(s, from, version)
	}
	st.mu.Unlock()
	clear(st.declined)
	st.declined = st.declined[:0]
}

// take hands b to the player of s. It reports false if that is left to the goroutine of s.
func (s *Subscription) take(b *batch) bool {
	wanted := 0
	for i := range b.entries {
		if s.wants(&b.entries[i]) {
			wanted++
		}
	}
	if wanted < len(b.entries) {
		return wanted == 0
	}
	joined := b.join(s.isClassic)
	if joined == nil {
		return true
	}
	ok, err := s.player.TryWritePrepared(joined)
	return ok && err == nil
}

// A batch is what the parked are served at a time. It is reused.
type batch struct {
	entries []entry
	isMulti bool // there is an entry that classic players get in another form
	forms   [2]struct {
		list   []*rtmp.PreparedMessage
		joined rtmp.PreparedBatch
	}
}

func (b *batch) add(e *entry) {
	b.entries = append(b.entries, *e)
	b.isMulti = b.isMulti || e.class&isMulti != 0
}

// join returns b as it is, or the form for classic players; nil if there is nothing for them.
func (b *batch) join(isClassic bool) *rtmp.PreparedBatch {
	f := &b.forms[0]
	if isClassic && b.isMulti {
		f = &b.forms[1]
	}
	if len(f.list) == 0 {
		for i := range b.entries {
			if pm := b.entries[i].form(isClassic); pm != nil {
				f.list = append(f.list, pm)
			}
		}
		f.joined.Join(f.list...)
	}
	if len(f.list) == 0 {
		return nil
	}
	return &f.joined
}

// reset makes b empty. What is out of the ring is to be gone.
func (b *batch) reset() {
	clear(b.entries)
	b.entries, b.isMulti = b.entries[:0], false
	for i := range b.forms {
		f := &b.forms[i]
		clear(f.list)
		f.list = f.list[:0]
		f.joined.Join()
	}
}
