package publish

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gortmp/rtmp"
)

// A target is one server that is published to. It has one goroutine, run, which ends when ctx does, after finish, or
// when the target is given up.
type target struct {
	url    string
	name   string
	o      *Options
	dialer *rtmp.Dialer // that of o, with an ear for the server's wish to be left
	ctx    context.Context
	wake   chan struct{} // capacity 1: there is something to do
	room   chan struct{} // capacity 1: the queue has become shorter

	mu       sync.Mutex // guards what follows
	q        queue
	headers  map[slot]frame
	video    bool           // there is a video track, so that a key frame comes first
	live     bool           // there is a connection
	started  bool           // and the first frame was queued for it
	missed   bool           // there were frames before there was a connection
	asked    string         // the URL that the server wants us to go to; empty if it does not
	moving   bool           // the queue is kept for the next connection
	sent     map[slot]frame // headers of this connection
	finish   bool           // end when the queue is empty
	status   Status
	rate     meter
	reported time.Time // when OnQueue was called last
}

func newTarget(ctx context.Context, url, name string, o *Options) *target {
	t := &target{
		url: url, name: name, o: o, ctx: ctx,
		wake: make(chan struct{}, 1), room: make(chan struct{}, 1),
		q: newQueue(o), headers: make(map[slot]frame),
	}
	t.status.Target = t.name
	t.listen()
	return t
}

// run publishes until there is nothing more to do, and returns nil or a *TargetError.
func (t *target) run() error {
	delay, at, hops := t.o.RetryDelay, t.url, 0
	var last error
	for attempt := 1; ; attempt++ {
		switch {
		case last == nil:
		case t.ctx.Err() != nil:
			t.setState(StateClosed, attempt-1, nil, 0)
			return nil
		case t.finishing():
			last = &TargetError{Target: t.name, Err: last}
			t.setState(StateFailed, attempt-1, last, 0)
			return last
		}
		t.setState(StateConnecting, attempt, nil, 0)
		begin := time.Now()
		wasLive, err := t.connect(at, attempt)
		if err == nil || t.ctx.Err() != nil {
			t.setState(StateClosed, attempt, nil, 0)
			return nil
		}
		if wasLive && time.Since(begin) >= steadyAfter {
			attempt, delay, hops = 0, t.o.RetryDelay, 0
		}
		if to := t.takeAsked(); to != "" && hops < maxHops {
			attempt, at, last = 0, to, nil
			hops++
			continue
		}
		if at == t.url && t.isRefusal(err) {
			err = &TargetError{Target: t.name, Refused: true, Err: err}
			t.setState(StateFailed, attempt, err, 0)
			return err
		}
		at, last = t.url, err
		if tries := t.tries(); tries > 0 && attempt >= tries {
			err = &TargetError{Target: t.name, Tries: attempt, Err: err}
			t.setState(StateFailed, attempt, err, 0)
			return err
		}
		wait := time.Duration(float64(delay) * (0.75 + rand.Float64()/2))
		delay = min(time.Duration(float64(delay)*retryFactor), t.o.RetryMax)
		t.setState(StateWaiting, attempt, err, wait)
		t.pause(wait)
	}
}

// tries returns how many attempts in a row may fail, or a number that is not positive.
func (t *target) tries() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.status.Connects == 0 && t.o.FirstTries != 0 {
		return t.o.FirstTries
	}
	return t.o.Tries
}

// pause waits, but not beyond finish or the end of the context.
func (t *target) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for !t.finishing() {
		select {
		case <-t.wake:
		case <-timer.C:
			return
		case <-t.ctx.Done():
			return
		}
	}
}

// isRefusal reports whether trying again cannot help: the server said no, or the URL cannot be used. But a server
// that says that the stream exists, when we were publishing it, has not noticed that our connection was lost.
func (t *target) isRefusal(err error) bool {
	var bad *rtmp.URLError
	if errors.As(err, &bad) {
		return true
	}
	var status *rtmp.StatusError
	if !errors.As(err, &status) {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return !(status.Code == "NetStream.Publish.BadName" && t.status.Connects > 0)
}

// connect publishes to url over one connection. It returns nil when everything was sent after finish.
func (t *target) connect(url string, attempt int) (wasLive bool, err error) {
	dial, cancel := context.WithTimeout(t.ctx, t.o.ConnectTimeout)
	defer cancel()
	pub, err := t.dialer.Publish(dial, url)
	if err != nil {
		t.lost()
		return false, err
	}
	// A write that waits for the network must not outlive the context.
	stop := context.AfterFunc(t.ctx, func() { pub.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()

	t.found()
	t.setState(StateLive, attempt, nil, 0)
	if t.o.OnKeyFrame != nil {
		t.o.OnKeyFrame()
	}

	err = t.send(pub)
	if err == errMoving {
		pub.Close() // what it has to say is of no use any more
		return true, err
	}
	t.lost()
	if err != nil && t.ctx.Err() == nil {
		pub.Stream().Conn().CloseNow()
		return true, err
	}
	return true, pub.Close()
}

// found takes note of a connection. It begins with the headers of the one before if that was left in good order, else
// at the next key frame.
func (t *target) found() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live = true
	t.status.Connects++
	if !t.moving {
		t.q.reset()
		t.started = false
	} else {
		t.moving = false
		t.q.prepend(headersAt(t.sent, t.q.frames[0].at))
	}
	t.sent = make(map[slot]frame)
}

// lost takes note of that there is no connection.
func (t *target) lost() {
	t.mu.Lock()
	t.missed = t.missed || t.live
	t.live, t.started, t.moving = false, false, false
	t.q.reset()
	t.mu.Unlock()
	signal(t.room)
}

// send writes the queue to pub as it fills. It returns nil when it is empty after finish, the cause of ctx, and
// errMoving if the server wants to be left and this is the moment.
func (t *target) send(pub *rtmp.Publisher) error {
	for {
		t.mu.Lock()
		f, ok := t.q.pop()
		done := !ok && t.finish
		if ok && t.asked != "" && t.isBoundary(&f) {
			t.q.prepend([]frame{f})
			t.q.busy, t.moving = false, true
			t.mu.Unlock()
			return errMoving
		}
		if f.header {
			t.sent[f.slot] = f
		}
		t.mu.Unlock()
		switch {
		case done:
			return nil
		case !ok:
			select {
			case <-t.wake:
			case <-t.ctx.Done():
				return context.Cause(t.ctx)
			}
			continue
		}
		signal(t.room)
		if err := pub.WriteMessage(f.message); err != nil {
			return err
		}
		t.mu.Lock()
		t.status.Bytes += uint64(len(f.message.Payload))
		t.rate.add(len(f.message.Payload), time.Now())
		t.mu.Unlock()
	}
}

// end makes run return when everything that is queued was sent.
func (t *target) end() {
	t.mu.Lock()
	t.finish = true
	t.mu.Unlock()
	signal(t.wake)
}

func (t *target) finishing() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.finish
}

func (t *target) setState(s State, attempt int, err error, wait time.Duration) {
	t.mu.Lock()
	t.status.State, t.status.Attempt, t.status.NextRetry = s, attempt, time.Time{}
	if err != nil {
		t.status.Err = err
	}
	if s == StateWaiting {
		t.status.NextRetry = time.Now().Add(wait)
	}
	status := t.statusLocked()
	t.mu.Unlock()
	if t.o.OnStatus != nil {
		t.o.OnStatus(status)
	}
}

func (t *target) statusLocked() Status {
	s := t.status
	s.Bitrate = t.rate.bitrate(time.Now())
	s.DroppedVideo, s.DroppedAudio = t.q.droppedVideo, t.q.droppedAudio
	s.Queue, s.QueueBytes = t.q.length(t.q.newest), t.q.bytes
	return s
}

// signal wakes whoever waits for c, now or later.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
