package rtmp

import (
	"context"
	"time"

	"github.com/gortmp/rtmp/message"
)

// Ours, after real streams and files: sound and picture are interleaved within 10 seconds, timestamps of one kind of
// message go back by less than 100 ms, and the first frame follows the headers within half a second, unless they have
// the timestamp 0 whatever the time of the stream is.
const (
	paceAhead  = 10 * time.Second       // a longer step beyond the newest timestamp is a jump
	paceBack   = 100 * time.Millisecond // and so is a longer step back of one kind of message
	paceStart  = 500 * time.Millisecond // the same for the very first step
	paceBehind = time.Second            // what is made up for after a stall; the rest of it is forgotten
)

// Paced returns a Reader that gives src's messages at the pace of their timestamps, as a live source would: the first
// one at once, each later one when the time since the first has passed that lies between their timestamps. The
// messages are not changed.
//
// A caller or a source that stalls finds at most one second of messages that come without a pause afterwards; the
// rest of the delay stays. A message before its time, because its kind lags behind the other, comes at once.
// Timestamps that jump cause no wait: more than 10 seconds ahead of all others, or 100 milliseconds back among audio,
// video or the rest. The message comes at once. If those after it go on from there, so does the time; if they do not,
// as after a header with the timestamp 0, nothing has changed. The first step away from the timestamp that the stream
// begins with is a jump if it is longer than half a second.
//
// When ctx ends, ReadMessage returns its cause, also while it waits; a ReadMessage of src is not interrupted. Only
// one goroutine may read at a time.
func Paced(ctx context.Context, src message.Reader) message.Reader {
	return &paced{ctx: ctx, src: src}
}

// A paced keeps the time by its newest message: at is when that was due, newest is its timestamp.
type paced struct {
	ctx   context.Context
	src   message.Reader
	timer *time.Timer

	begun   bool // there was a message
	moving  bool // there was a second timestamp
	at      time.Time
	newest  message.Timestamp
	last    [3]message.Timestamp // by kind
	hasLast [3]bool

	jumped   bool // the previous message was off the timeline, at jumpTime with the timestamp jumpTo
	jumpTime time.Time
	jumpTo   message.Timestamp
}

func (p *paced) ReadMessage() (*message.Message, error) {
	if p.ctx.Err() != nil {
		return nil, context.Cause(p.ctx)
	}
	m, err := p.src.ReadMessage()
	if err != nil {
		return nil, err
	}
	if err := p.wait(p.due(time.Now(), m)); err != nil {
		return nil, err
	}
	return m, nil
}

// wait waits until t.
func (p *paced) wait(t time.Time) error {
	d := time.Until(t)
	if d <= 0 {
		return nil
	}
	if p.timer == nil {
		p.timer = time.NewTimer(d)
	} else {
		p.timer.Reset(d)
	}
	select {
	case <-p.timer.C:
		return nil
	case <-p.ctx.Done():
		p.timer.Stop()
		return context.Cause(p.ctx)
	}
}

// due returns when m is to be given, which is in the past if at once.
func (p *paced) due(now time.Time, m *message.Message) time.Time {
	kind := paceKind(m.Type)
	switch {
	case !p.begun:
		p.begun = true
		p.restart(now, m.Timestamp)
	case !p.moving && m.Timestamp != p.newest:
		p.moving = true
		if d := m.Timestamp.Sub(p.newest); d > paceStart || d < -paceStart {
			p.restart(now, m.Timestamp)
		}
	case p.isJump(kind, m.Timestamp):
		if d := m.Timestamp.Sub(p.jumpTo); !p.jumped || d < 0 || d > paceAhead {
			p.jumped, p.jumpTime, p.jumpTo = true, now, m.Timestamp
			return now
		} else if d == 0 {
			return now
		}
		p.restart(p.jumpTime, p.jumpTo)
	}
	p.jumped = false
	p.last[kind], p.hasLast[kind] = m.Timestamp, true
	due := p.at.Add(m.Timestamp.Sub(p.newest))
	if p.newest.Before(m.Timestamp) { // only what is new moves the time
		if stalled := now.Add(-paceBehind); due.Before(stalled) {
			due = stalled
		}
		p.at, p.newest = due, m.Timestamp
	}
	return due
}

// restart makes the timeline go through ts at the time at, and forgets what was before.
func (p *paced) restart(at time.Time, ts message.Timestamp) {
	p.at, p.newest = at, ts
	p.hasLast = [3]bool{}
}

// isJump reports whether ts is off the timeline for a message of this kind.
func (p *paced) isJump(kind int, ts message.Timestamp) bool {
	d := ts.Sub(p.newest)
	if p.hasLast[kind] {
		return d > paceAhead || ts.Sub(p.last[kind]) < -paceBack
	}
	return d > paceAhead || d < -paceAhead
}

// paceKind tells apart what has timestamps of its own.
func paceKind(t message.Type) int {
	switch t {
	case message.TypeAudio:
		return 0
	case message.TypeVideo:
		return 1
	}
	return 2
}
