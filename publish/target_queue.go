package publish

import (
	"slices"
	"time"

	"github.com/gortmp/rtmp/message"
)

// push queues f. Without a connection, headers are remembered and all else is left out.
func (t *target) push(f frame) {
	t.mu.Lock()
	dropped := t.pushLocked(f)
	var report *Status
	if t.o.OnQueue != nil && t.live {
		if now := time.Now(); dropped || now.Sub(t.reported) >= 250*time.Millisecond {
			t.reported = now
			s := t.statusLocked()
			report = &s
		}
	}
	t.mu.Unlock()
	signal(t.wake)
	if report != nil {
		t.o.OnQueue(*report)
	}
}

func (t *target) pushLocked(f frame) (dropped bool) {
	if f.header {
		t.headers[f.slot] = f
	}
	// Who missed nothing gets the sound before the first key frame, too.
	if t.live && !t.started && f.coded && (!t.video || !t.missed || f.video() && f.key) {
		t.begin(f.at)
	}
	if !t.live || !t.started {
		t.missed = t.missed || f.coded
		switch {
		case !f.coded:
		case f.video():
			t.status.MissedVideo++
		default:
			t.status.MissedAudio++
		}
		return false
	}
	return t.q.push(f)
}

// begin queues the headers, with the time of the first frame after them.
func (t *target) begin(at time.Duration) {
	t.started = true
	var slots []slot
	for s := range t.headers {
		slots = append(slots, s)
	}
	slices.SortFunc(slots, func(a, b slot) int {
		if a.what != b.what {
			return int(a.what) - int(b.what)
		}
		if a.kind != b.kind {
			return int(b.kind) - int(a.kind) // video first
		}
		return int(a.track) - int(b.track)
	})
	for _, s := range slots {
		f := t.headers[s]
		m := *f.message
		m.Timestamp = timestamp(at)
		f.message, f.at = &m, at
		t.q.push(f)
		if s.kind == message.TypeVideo {
			t.q.untilKey[s.track] = true
		}
	}
	if t.video {
		t.q.untilKey[0] = true
	}
}
