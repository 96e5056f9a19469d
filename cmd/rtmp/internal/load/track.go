package load

import (
	"time"

	"github.com/gortmp/rtmp/message"
)

// A track is what a player knows of the video or the audio frames of its stream.
type track struct {
	due     func(seq uint32) time.Duration // when a frame is due, and its timestamp
	started bool
	next    uint32        // number of the next frame
	shift   time.Duration // what timestamps are off by
}

// tolerance is by how much the distance of two timestamps may change on the way. Ours: servers that count in another
// unit round.
const tolerance = 2 * time.Millisecond

// A verdict is what a frame shows.
type verdict struct {
	lost    uint32 // frames missing in front of it
	skipped uint32 // the same, but sent before the player got its first picture
	isBack  bool   // it came again, or late
	isOff   bool   // its timestamp does not go with the others
}

// see takes the frame with the stamp st. Joined is when the player got its first picture, on the clock of the Test;
// negative if it has none yet.
func (t *track) see(st stamp, timestamp message.Timestamp, joined time.Duration) (v verdict) {
	shift := timestamp.Sub(message.Timestamp(0).Add(t.due(st.seq)))
	if !t.started {
		t.started, t.next, t.shift = true, st.seq+1, shift
		return verdict{}
	}
	v.isOff = shift < t.shift-tolerance || shift > t.shift+tolerance
	if st.seq < t.next {
		v.isBack = true
		return v
	}
	missing := st.seq - t.next
	for v.skipped < missing && (joined < 0 || st.sent-t.due(st.seq)+t.due(t.next+v.skipped) < joined) {
		v.skipped++
	}
	v.lost = missing - v.skipped
	t.next = st.seq + 1
	return v
}
