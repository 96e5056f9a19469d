package relay

import (
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// A ring holds the newest messages of a stream under rising sequence numbers, bounded in bytes and in time. It
// keeps what came since the newest key frame beyond the bound in time, but not beyond the one in bytes.
type ring struct {
	maxBytes    int
	maxDuration time.Duration

	entries []entry // a power of two; the entry with number n is at n mod len
	tail    uint64  // number of the oldest entry
	head    uint64  // number of the next entry
	bytes   int

	key    uint64 // number of the newest key frame; meaningful if hasKey
	hasKey bool   // the newest key frame is still in the ring
	video  bool   // a coded video frame was seen: starting means starting at a key frame
}

// An entry is one message, and what is needed to start with it.
type entry struct {
	pm    *rtmp.PreparedMessage
	class class
	start *start // of key frames
}

// A start is what goes before the key frame of an entry. It is made when the first subscriber starts there.
type start struct {
	headers *headers
	prelude []*rtmp.PreparedMessage
}

// at returns the entry with number n, which must be in the ring.
func (r *ring) at(n uint64) *entry { return &r.entries[n&uint64(len(r.entries)-1)] }

// add appends a message and drops what is over the bounds.
func (r *ring) add(e entry) {
	if r.head-r.tail == uint64(len(r.entries)) {
		r.grow()
	}
	*r.at(r.head) = e
	r.bytes += e.pm.Len()
	switch e.class {
	case keyFrame:
		r.key, r.hasKey, r.video = r.head, true, true
	case frame:
		r.video = true
	}
	r.head++
	now := e.pm.Message().Timestamp
	for r.tail+1 < r.head && (r.bytes > r.maxBytes || r.outdated(now)) {
		r.drop()
	}
}

// outdated reports whether the oldest entry may go because of its age.
func (r *ring) outdated(now message.Timestamp) bool {
	if r.hasKey && r.tail == r.key {
		return false
	}
	return now.Sub(r.at(r.tail).pm.Message().Timestamp) > r.maxDuration
}

// drop removes the oldest entry.
func (r *ring) drop() {
	e := r.at(r.tail)
	r.bytes -= e.pm.Len()
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
