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
	url  string
	name string
	o    *Options
	ctx  context.Context
	wake chan struct{} // capacity 1: there is something to do
	room chan struct{} // capacity 1: the queue has become shorter

	mu       sync.Mutex // guards what follows
	q        queue
	headers  map[slot]frame
	video    bool // there is a video track, so that a key frame comes first
	live     bool // there is a connection
	started  bool // and the first frame was queued for it
	missed   bool // there were frames before there was a connection
	finish   bool // end when the queue is empty
	status   Status
	rate     meter
	reported time.Time // when OnQueue was called last
}

func newTarget(ctx context.Context, url string, o *Options) *target {
	t := &target{
		url: url, name: publicURL(url), o: o, ctx: ctx,
		wake: make(chan struct{}, 1), room: make(chan struct{}, 1),
		q: newQueue(o), headers: make(map[slot]frame),
	}
	t.status.Target = t.name
	return t
}

// run publishes until there is nothing more to do, and returns nil or a *TargetError.
func (t *target) run() error {
	delay := t.o.RetryDelay
	var last error
	for attempt := 1; ; attempt++ {
		if last != nil && t.finishing() {
			last = &TargetError{Target: t.name, Err: last}
			t.setState(StateFailed, attempt-1, last, 0)
			return last
		}
		t.setState(StateConnecting, attempt, nil, 0)
		begin := time.Now()
		wasLive, err := t.connect(attempt)
		if err == nil || t.ctx.Err() != nil {
			t.setState(StateClosed, attempt, nil, 0)
			return nil
		}
		if wasLive && time.Since(begin) >= steadyAfter {
			attempt, delay = 0, t.o.RetryDelay
		}
		if t.isRefusal(err) {
			err = &TargetError{Target: t.name, Refused: true, Err: err}
			t.setState(StateFailed, attempt, err, 0)
			return err
		}
		last = err
		if t.o.Tries > 0 && attempt >= t.o.Tries {
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

// connect publishes over one connection. It returns nil when everything was sent after finish.
func (t *target) connect(attempt int) (wasLive bool, err error) {
	dial, cancel := context.WithTimeout(t.ctx, t.o.ConnectTimeout)
	defer cancel()
	pub, err := t.o.Dialer.Publish(dial, t.url)
	if err != nil {
		return false, err
	}
	// A write that waits for the network must not outlive the context.
	stop := context.AfterFunc(t.ctx, func() { pub.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()

	t.mu.Lock()
	t.q.reset()
	t.live, t.started = true, false
	t.status.Connects++
	t.mu.Unlock()
	t.setState(StateLive, attempt, nil, 0)
	if t.o.OnKeyFrame != nil {
		t.o.OnKeyFrame()
	}

	err = t.send(pub)

	t.mu.Lock()
	t.live, t.started, t.missed = false, false, true
	t.q.reset()
	t.mu.Unlock()
	signal(t.room)
	if err != nil && t.ctx.Err() == nil {
		pub.Stream().Conn().CloseNow()
		return true, err
	}
	return true, pub.Close()
}

// send writes the queue to pub as it fills. It returns nil when it is empty after finish, and the cause of ctx.
func (t *target) send(pub *rtmp.Publisher) error {
	for {
		t.mu.Lock()
		f, ok := t.q.pop()
		done := !ok && t.finish
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
	t.rate.roll(time.Now())
	s.Bitrate = t.rate.rate
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
