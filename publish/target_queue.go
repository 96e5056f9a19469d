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
	for _, f := range headersAt(t.headers, at) {
		t.q.push(f)
		if f.slot.kind == message.TypeVideo {
			t.q.untilKey[f.slot.track] = true
		}
	}
	if t.video {
		t.q.untilKey[0] = true
	}
}

// headersAt returns headers in the order in which they are sent, with the time at.
func headersAt(headers map[slot]frame, at time.Duration) []frame {
	var list []frame
	for _, f := range headers {
		m := *f.message
		m.Timestamp = timestamp(at)
		f.message, f.at = &m, at
		list = append(list, f)
	}
	slices.SortFunc(list, func(x, y frame) int {
		a, b := x.slot, y.slot
		if a.what != b.what {
			return int(a.what) - int(b.what)
		}
		if a.kind != b.kind {
			return int(b.kind) - int(a.kind) // video first
		}
		return int(a.track) - int(b.track)
	})
	return list
}

// setVideo says whether a stream begins with a key frame.
func (t *target) setVideo(video bool) {
	t.mu.Lock()
	t.video = video
	t.mu.Unlock()
}

// waitRoom waits until the queue is shorter than n bytes, or there is no connection.
func (t *target) waitRoom(n int) {
	for {
		t.mu.Lock()
		full := t.live && t.q.bytes >= n
		t.mu.Unlock()
		if !full {
			return
		}
		select {
		case <-t.room:
		case <-t.ctx.Done():
			return
		}
	}
}
