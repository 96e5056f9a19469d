package publish

import (
	"context"
	"net"
	"sync"
	"time"
)

// Ours.
const (
	encoderWindow = 300 * time.Millisecond // sound and picture of an encoder are closer together than that
	startWindow   = 500 * time.Millisecond // how long the other kind of track is waited for at the beginning
	closeTimeout  = 5 * time.Second        // for what is queued when a publisher is closed
	settleTimeout = 2 * time.Second        // how long a file waits for the slower ones of several targets
	unpacedQueue  = 1 << 20                // bytes queued per target before an unpaced source waits
)

// A Publisher sends what an encoder puts out to one or several servers, and stays with them: it connects again when a
// connection is lost, and leaves frames out when the uplink is too slow. Its methods may be called from any goroutine.
//
// A server that refuses is not asked again, as its answer would be the same; only if it says that the stream exists
// already, after we have been publishing it, it may just not have noticed yet that our connection was lost. A server
// that asks to be left, for itself or another one, is left at the next key frame, and nothing is lost.
//
// The embedded TrackWriter is that of the first video and the first audio track. There is a goroutine for each
// target; all are gone when Close returns.
type Publisher struct {
	*TrackWriter

	o       *Options
	ctx     context.Context
	cancel  context.CancelCauseFunc
	loops   sync.WaitGroup
	targets []*target

	mu      sync.Mutex    // guards what follows, and the order in which frames reach the targets
	change  chan struct{} // closed, and made anew, when a target changes its state
	mux     muxer
	il      interleaver
	begun   bool // the headers were handed to the targets
	closed  bool
	left    int   // targets that have not ended
	live    int   // targets with a connection
	failure error // of the first target that was given up
	watch   *watcher
}

// To returns a Publisher to url. It connects in the background: see Ready. What is written before there is a
// connection is not sent; a stream begins with a key frame. When ctx ends, the publisher ends the stream and
// disconnects; Close still has to be called.
func To(ctx context.Context, url string, o *Options) *Publisher {
	p := newPublisher(ctx, url, o)
	p.il.window = encoderWindow
	p.start()
	return p
}

// newPublisher returns a Publisher that does nothing before start.
func newPublisher(ctx context.Context, url string, o *Options) *Publisher {
	p := &Publisher{o: o.withDefaults(), change: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	p.TrackWriter = &TrackWriter{p: p}
	p.mux.legacyHEVC = p.o.LegacyHEVC
	onStatus := p.o.OnStatus
	p.o.OnStatus = func(s Status) {
		p.noteState()
		if onStatus != nil {
			onStatus(s)
		}
	}
	urls := append([]string{url}, p.o.Also...)
	p.left = len(urls)
	p.watch = newWatcher(urls, p.o.OnWarning)
	for i, name := range publicNames(urls) {
		p.targets = append(p.targets, newTarget(p.ctx, urls[i], name, p.o))
	}
	return p
}

func (p *Publisher) start() {
	for _, t := range p.targets {
		p.loops.Go(func() { p.ended(t.run()) })
	}
}

// noteState counts the targets that are live. Every target has one goroutine, so its states come in order.
func (p *Publisher) noteState() {
	live := 0
	for _, t := range p.targets {
		t.mu.Lock()
		if t.status.State == StateLive {
			live++
		}
		t.mu.Unlock()
	}
	p.mu.Lock()
	p.live = live
	p.changed()
	p.mu.Unlock()
}

// changed wakes everybody who waits for a change.
func (p *Publisher) changed() {
	close(p.change)
	p.change = make(chan struct{})
}

func (p *Publisher) ended(err error) {
	p.mu.Lock()
	p.left--
	if p.failure == nil {
		p.failure = err
	}
	p.changed()
	p.mu.Unlock()
}

// Ready waits until the first target is live. It returns a *TargetError when all of them were given up, and the cause
// of ctx if that ends first.
func (p *Publisher) Ready(ctx context.Context) error {
	for {
		p.mu.Lock()
		live, err, change := p.live, p.errLocked(), p.change
		p.mu.Unlock()
		if err != nil || live > 0 {
			return err
		}
		select {
		case <-change:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// errLocked returns why nothing can be published any more, or nil.
func (p *Publisher) errLocked() error {
	switch {
	case p.closed:
		return net.ErrClosed
	case p.ctx.Err() != nil:
		return context.Cause(p.ctx)
	case p.left == 0:
		return p.failure
	}
	return nil
}

// settled waits until every target has had its first attempt, so that none misses the beginning of a file that
// another one got. It waits no longer than settleTimeout.
func (p *Publisher) settled(ctx context.Context) {
	limit := time.NewTimer(settleTimeout)
	defer limit.Stop()
	for {
		p.mu.Lock()
		change := p.change
		p.mu.Unlock()
		connecting := false
		for _, t := range p.targets {
			t.mu.Lock()
			connecting = connecting || t.status.State == StateConnecting
			t.mu.Unlock()
		}
		if !connecting {
			return
		}
		select {
		case <-change:
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// Status returns the state and the figures of each target, in the order of the URLs.
func (p *Publisher) Status() []Status {
	var list []Status
	for _, t := range p.targets {
		t.mu.Lock()
		list = append(list, t.statusLocked())
		t.mu.Unlock()
	}
	return list
}

// addTrack adds a track with an id on the wire, or next, and returns its index.
func (p *Publisher) addTrack(t Track, id int) (int, error) {
	i := p.mux.add(t, id)
	p.il.grow(i)
	for _, target := range p.targets {
		target.setVideo(p.mux.videos > 0)
	}
	p.watch.track(&p.mux.tracks[i].Track)
	if !p.begun {
		return i, nil
	}
	return i, p.begin()
}

// begin hands metadata and sequence headers to the targets.
func (p *Publisher) begin() error {
	p.begun = true
	headers, err := p.mux.headers(p.mux.now)
	p.push(headers)
	return err
}

func (p *Publisher) push(frames []frame) {
	for _, f := range frames {
		p.watch.frame(&f)
		for _, t := range p.targets {
			t.push(f)
		}
	}
}

// send makes messages of a packet and queues them.
func (p *Publisher) send(pk *Packet) error {
	frames, err := p.mux.packet(pk)
	if err != nil {
		return err
	}
	p.push(frames)
	return nil
}

// write takes a packet of an encoder, which is in order only within its track.
func (p *Publisher) write(pk *Packet) error {
	p.il.push(pk)
	if !p.begun {
		if !(p.mux.videos > 0 && p.mux.audios > 0) && p.il.span() < startWindow {
			return nil
		}
		if err := p.begin(); err != nil {
			return err
		}
	}
	return p.drain()
}

func (p *Publisher) drain() error {
	for pk := p.il.pop(); pk != nil; pk = p.il.pop() {
		if err := p.send(pk); err != nil {
			return err
		}
	}
	return nil
}

// Close sends what was written, ends the stream and disconnects. It takes at most 5 seconds, and returns ErrUnsent if
// that was too short. If a target was given up, it returns the *TargetError of the first one. Closing again does nothing.
func (p *Publisher) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		p.loops.Wait()
		return nil
	}
	p.il.flush = true
	var err error
	if !p.begun && len(p.mux.tracks) > 0 {
		err = p.begin()
	}
	if e := p.drain(); err == nil {
		err = e
	}
	p.push(p.mux.end())
	p.closed = true
	p.mu.Unlock()

	for _, t := range p.targets {
		t.end()
	}
	timer := time.AfterFunc(closeTimeout, func() { p.cancel(ErrUnsent) })
	p.loops.Wait()
	timer.Stop()
	p.cancel(net.ErrClosed)

	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.failure != nil:
		return p.failure
	case context.Cause(p.ctx) == ErrUnsent:
		return ErrUnsent
	}
	return err
}
