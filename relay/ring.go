package relay

import (
	"time"

	"github.com/gortmp/rtmp"
)

// Ours.
const (
	// perMessage is what a message counts in a ring beside its wire form, in bytes: the memory that it takes.
	perMessage = 256

	// keyWait is how long video without a key frame is held back, and how long after its last frame a stream is
	// taken to have video. It is the longest key frame interval in common use.
	keyWait = 10 * time.Second
)

// A ring holds the newest messages of a stream under rising sequence numbers, bounded in bytes and in time. It
// keeps what came since the newest key frame beyond the bound in time, but not beyond the one in bytes. Times are
// those of arrival, since the stream began: timestamps may do what they want.
type ring struct {
	maxBytes    int
	maxDuration time.Duration // negative: none

	entries []entry // a power of two; the entry with number n is at n mod len
	tail    uint64  // number of the oldest entry
	head    uint64  // number of the next entry
	bytes   int

	video   bool          // there was some within keyWait; the other fields speak about it
	main    uint8         // the lowest track: one begins at its key frames
	frameAt time.Duration // when its newest frame came
	keyAt   time.Duration // when its newest key frame came; if none did, its first frame
	hasKey  bool          // the ring holds that key frame,
	key     uint64        // and this is its number
}

// An entry is one message.
type entry struct {
	pm      *rtmp.PreparedMessage
	plain   *rtmp.PreparedMessage // with isMulti: what it is without that header; nil if it is nothing
	at      time.Duration         // when it came
	end     uint64                // bytes of wire form that the stream had up to and with it
	version uint32                // of the headers after it
	class   class
	track   uint8 // the lowest, of video
}

// size returns what e counts.
func (e *entry) size() int {
	n := perMessage + e.pm.Len()
	if e.plain != nil {
		n += perMessage + e.plain.Len()
	}
	return n
}

// form returns e in the form that a reader understands, nil if there is none. A classic one cannot read multitrack
// messages.
func (e *entry) form(isClassic bool) *rtmp.PreparedMessage {
	if isClassic && e.class&isMulti != 0 {
		return e.plain
	}
	return e.pm
}

// at returns the entry with number n, which must be in the ring.
func (r *ring) at(n uint64) *entry { return &r.entries[n&uint64(len(r.entries)-1)] }

// add appends a message and drops what is over the bounds, but not the message itself. It reports whether this is
// where to begin from now on.
func (r *ring) add(e entry) (start bool) {
	if r.head-r.tail == uint64(len(r.entries)) {
		r.grow()
	}
	*r.at(r.head) = e
	r.bytes += e.size()
	start = r.look(&e)
	r.head++
	for r.tail+1 < r.head && (r.bytes > r.maxBytes || r.isOutdated(e.at)) {
		r.drop()
	}
	return start
}

// pass notes that e came and keeps nothing. It reports whether e is a key frame of the main track.
func (r *ring) pass(e *entry) (isKey bool) {
	isKey = r.look(e)
	r.hasKey = false
	r.head++
	for r.tail < r.head-1 {
		r.drop()
	}
	r.tail, r.entries = r.head, nil
	return isKey
}

// look notes what e, the next entry, tells about video. It reports whether e is a key frame of the main track.
func (r *ring) look(e *entry) bool {
	if r.video && e.at-r.frameAt > keyWait {
		r.video, r.hasKey = false, false
	}
	if e.class&(isKey|isFrame) == 0 {
		return false
	}
	if !r.video || e.track < r.main {
		r.video, r.main, r.keyAt, r.hasKey = true, e.track, e.at, false
	}
	if e.track != r.main {
		return false
	}
	r.frameAt = e.at
	if e.class&isKey == 0 {
		return false
	}
	r.key, r.hasKey, r.keyAt = r.head, true, e.at
	return true
}

// isOutdated reports whether the oldest entry may go because of its age.
func (r *ring) isOutdated(now time.Duration) bool {
	return r.maxDuration >= 0 && now-r.at(r.tail).at > r.maxDuration && !(r.hasKey && r.tail == r.key)
}

// drop removes the oldest entry.
func (r *ring) drop() {
	e := r.at(r.tail)
	r.bytes -= e.size()
	*e = entry{}
	if r.tail == r.key {
		r.hasKey = false
	}
	r.tail++
}

// grow doubles the number of places.
func (r *ring) grow() {
	old := *r
	r.entries = make([]entry, max(2*len(old.entries), 64))
	for n := old.tail; n < old.head; n++ {
		*r.at(n) = *old.at(n)
	}
}
