package load

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// A Test is load on a server. It owns a goroutine that steers it, and one for each publisher and player; all are gone
// when Done is closed.
type Test struct {
	config Config
	run    uint32
	epoch  time.Time
	done   chan struct{}
	result Result // complete when done is closed

	publishersLeft, playersLeft, playersToJoin *countdown

	publishing, joined, failed atomic.Int64
	sent, received, frames     atomic.Uint64
	lost, skipped, back, off   atomic.Uint64
	damaged, foreign           atomic.Uint64
	sentThen, receivedThen     atomic.Uint64 // payload bytes of frames that were sent while it was measured
	from, to                   atomic.Int64  // when that was, on the clock of the Test
	latency, join, lag         histogram

	mu       sync.Mutex // guards the field below
	failures []Failure
}

// Start starts a Test, which goes on until it is over, or until ctx ends: then it is ended in good order as well.
func Start(ctx context.Context, c Config) *Test {
	t := &Test{
		config: c.resolved(), run: rand.Uint32(), epoch: time.Now(), done: make(chan struct{}),
		publishersLeft: newCountdown(c.Publishers),
		playersLeft:    newCountdown(c.Players),
		playersToJoin:  newCountdown(c.Players),
	}
	t.from.Store(math.MaxInt64)
	t.to.Store(math.MaxInt64)
	go func() {
		defer close(t.done)
		t.steer(ctx)
	}()
	return t
}

// Done returns a channel that is closed when t is over.
func (t *Test) Done() <-chan struct{} { return t.done }

// now returns the time on the clock of t.
func (t *Test) now() time.Duration { return time.Since(t.epoch) }

// steer is the course of a Test.
func (t *Test) steer(ctx context.Context) {
	sending, stopSending := context.WithCancel(ctx)
	defer stopSending()
	playing, stopPlaying := context.WithCancel(context.WithoutCancel(ctx))
	defer stopPlaying()
	var sends, plays sync.WaitGroup
	publishers := t.publish(ctx, sending, &sends)
	var players []*player
	if len(publishers) > 0 {
		if t.config.Players > 0 {
			pause(ctx, settleTime, nil)
			players = t.play(ctx, playing, &plays, publishers)
			pause(ctx, joinTime, t.playersToJoin.zero)
		}
		t.measure(ctx)
	}
	stopSending()
	sends.Wait()
	t.collect(players)
	stopPlaying()
	plays.Wait()
	t.unpublish(publishers)
	t.result.Failures = t.failures
}

// pause waits for d, or until ctx ends, or over is closed.
func pause(ctx context.Context, d time.Duration, over <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-over:
	case <-ctx.Done():
	}
}

// ramp calls start n times, at the pace of the configuration, until ctx ends.
func (t *Test) ramp(ctx context.Context, n int, start func(i int)) {
	begin := t.now()
	for i := range n {
		if d := begin + time.Duration(i)*time.Second/time.Duration(t.config.Ramp) - t.now(); d > 0 {
			pause(ctx, d, nil)
		}
		if ctx.Err() != nil {
			return
		}
		start(i)
	}
}

// publish starts the publishers, which send until sending ends, and returns those that the server has taken.
func (t *Test) publish(ctx, sending context.Context, sends *sync.WaitGroup) (taken []*publisher) {
	var all []*publisher
	var dials sync.WaitGroup
	t.ramp(ctx, t.config.Publishers, func(i int) {
		p := &publisher{t: t, number: i, src: source{run: t.run, stream: uint32(i), rate: t.config.Rate}}
		all = append(all, p)
		dials.Add(1)
		sends.Go(func() {
			defer t.publishersLeft.done()
			err := p.dial(ctx)
			dials.Done()
			if err == nil {
				t.publishing.Add(1)
				err = p.run(sending)
			}
			if err != nil && sending.Err() == nil {
				p.isBroken = true
				t.fail(Publisher, err)
			}
		})
	})
	dials.Wait()
	for _, p := range all {
		if p.pub != nil {
			taken = append(taken, p)
		}
	}
	return taken
}

// play starts the players, which play until playing ends.
func (t *Test) play(ctx, playing context.Context, plays *sync.WaitGroup, publishers []*publisher) (players []*player) {
	t.ramp(ctx, t.config.Players, func(i int) {
		p := newPlayer(t, publishers[i%len(publishers)])
		players = append(players, p)
		plays.Go(func() {
			defer close(p.over)
			defer t.playersLeft.done()
			defer p.ready()
			err := p.dial(playing)
			if err == nil {
				err = p.run(playing)
			}
			if err != nil && ctx.Err() == nil && playing.Err() == nil {
				t.fail(Player, err)
			}
		})
	})
	return players
}

// measure lets the time pass that counts. It ends early when nobody is left.
func (t *Test) measure(ctx context.Context) {
	start := t.now()
	t.from.Store(int64(start))
	timer := time.NewTimer(t.config.Duration)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.publishersLeft.zero:
	case <-t.playersLeft.zero:
		pause(ctx, settleTime, t.publishersLeft.zero) // if it is their fault, they are about to notice
	case <-ctx.Done():
	}
	t.result.Measured = t.now() - start
	t.to.Store(int64(start + t.result.Measured))
}

// isMeasured reports whether what was sent at that time counts.
func (t *Test) isMeasured(sent time.Duration) bool {
	return int64(sent) >= t.from.Load() && int64(sent) < t.to.Load()
}

// collect waits until the players have got what was sent, which is no more than it is now.
func (t *Test) collect(players []*player) {
	ctx, cancel := context.WithTimeout(context.Background(), t.config.Grace)
	defer cancel()
	for _, p := range players {
		p.finish()
	}
	for _, p := range players {
		if _, hasPicture := p.missing(); !hasPicture {
			continue
		}
		select {
		case <-p.caught:
		case <-p.over:
		case <-ctx.Done():
		}
	}
	for _, p := range players {
		select {
		case <-p.over:
			continue // it is a failure already, or the Test was ended before it began
		default:
		}
		missing, hasPicture := p.missing()
		if !hasPicture && t.result.Measured > 0 {
			t.fail(Player, ErrNoPicture)
		}
		if !p.stream.isBroken {
			t.lost.Add(missing)
		}
	}
}

// unpublish ends the streams.
func (t *Test) unpublish(publishers []*publisher) {
	var closing sync.WaitGroup
	for _, p := range publishers {
		closing.Go(func() {
			if err := p.pub.Close(); err != nil && !p.isBroken {
				t.fail(Publisher, err)
			}
		})
	}
	closing.Wait()
}

// A countdown closes zero when done was called as often as it was told. With 0 it never does.
type countdown struct {
	left atomic.Int64
	zero chan struct{}
}

func newCountdown(n int) *countdown {
	c := &countdown{zero: make(chan struct{})}
	c.left.Store(int64(n))
	return c
}

func (c *countdown) done() {
	if c.left.Add(-1) == 0 {
		close(c.zero)
	}
}
