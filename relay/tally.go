package relay

import (
	"net"
	"time"

	"github.com/gortmp/rtmp/message"
)

// Ours.
const (
	// rateSeconds is how far back rates look, beside the second that has begun. It is longer than the key frame
	// interval of most streams, or their rates would go up and down with it.
	rateSeconds = 5

	// maxJump is the longest step of timestamps that is time that has passed, and not a new beginning.
	maxJump = 10 * time.Second
)

// A tally counts what a publisher sends. It is guarded by stream.mu. Times are those of the ring.
type tally struct {
	publisher net.Addr
	since     time.Time
	begun     time.Duration

	messages, bytes    uint64
	audio, video, keys uint64
	keyAt, keyInterval time.Duration
	keyTime, mediaTime message.Timestamp // of the newest key frame; of the newest audio or video
	hasMedia           bool
	seconds            [rateSeconds + 1]second
}

// A second is what came in one.
type second struct {
	number int64 // since the stream began
	bytes  uint64
	frames uint64        // of video
	media  time.Duration // by which the timestamps went on
}

// begin makes t that of a publisher who begins now, with a stream that was created then.
func (t *tally) begin(publisher net.Addr, created time.Time) {
	now := time.Now()
	*t = tally{publisher: publisher, since: now, begun: now.Sub(created)}
}

// note counts m, which is e in a ring whose lowest track is main. isStart says that it is a key frame of that.
func (t *tally) note(m *message.Message, e *entry, main uint8, isStart bool) {
	number := int64(e.at / time.Second)
	s := &t.seconds[number%int64(len(t.seconds))]
	if s.number != number {
		*s = second{number: number}
	}
	t.messages++
	t.bytes += uint64(len(m.Payload))
	s.bytes += uint64(len(m.Payload))
	isVideo := e.class&(isKey|isFrame) != 0
	switch {
	case isVideo && e.track == main:
		t.video++
		s.frames++
	case e.class&(isAudio|isConfig) == isAudio:
		t.audio++
	case !isVideo:
		return
	}
	if isStart {
		if d := m.Timestamp.Sub(t.keyTime); t.keys > 0 && d > 0 {
			t.keyInterval = d
		}
		t.keys++
		t.keyAt, t.keyTime = e.at, m.Timestamp
	}
	switch d := m.Timestamp.Sub(t.mediaTime); {
	case !t.hasMedia, d > maxJump, d < -maxJump:
		t.mediaTime, t.hasMedia = m.Timestamp, true
	case d > 0:
		t.mediaTime = m.Timestamp
		s.media += d
	}
}

// lasts returns how long it took the publisher to send n bytes of wire form, on average.
func (t *tally) lasts(n uint64, now time.Duration) time.Duration {
	const header = 12 // bytes of each message
	sent := t.bytes + header*t.messages
	if n == 0 || sent == 0 {
		return 0
	}
	return time.Duration(float64(n) / float64(sent) * float64(now-t.begun)).Round(time.Millisecond)
}

// recent returns what came in the last seconds, and in how much time.
func (t *tally) recent(now time.Duration) (sum second, span time.Duration) {
	first := int64(now/time.Second) - rateSeconds
	for _, s := range t.seconds {
		if s.number >= first {
			sum.bytes += s.bytes
			sum.frames += s.frames
			sum.media += s.media
		}
	}
	return sum, now - max(time.Duration(first)*time.Second, t.begun)
}
