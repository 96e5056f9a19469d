package rtmp_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// maxLate is how long a message may be under way for somebody who does nothing wrong, whatever others do.
const maxLate = 150 * time.Millisecond

// A pair is a publisher and a player of one stream that know what is sent and what comes.
type pair struct {
	t    *testing.T
	stop context.CancelFunc
	pub  *rtmp.Publisher
	done sync.WaitGroup
	over chan struct{} // closed when the player has ended

	sent, got rtmptest.Checker

	mu   sync.Mutex // guards the fields below
	at   map[moment]time.Time
	late time.Duration // the longest that a message was under way
	slow []flight      // those that took longer than maxLate
	came chan struct{} // closed and replaced when a picture has come
}

// A moment tells the coded messages of a Source apart.
type moment struct {
	kind message.Type
	at   message.Timestamp
}

// newPair begins a stream of fps pictures a second at rawURL and waits until it runs.
func newPair(t *testing.T, dialer *rtmp.Dialer, rawURL string, fps int) *pair {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &pair{t: t, stop: stop, over: make(chan struct{}), came: make(chan struct{}), at: make(map[moment]time.Time)}
	player, err := dialer.Play(ctx, rawURL)
	if err != nil {
		t.Fatalf("the healthy player: %v", err)
	}
	if p.pub, err = dialer.Publish(ctx, rawURL); err != nil {
		t.Fatalf("the healthy publisher: %v", err)
	}
	p.done.Go(func() {
		defer close(p.over)
		defer player.Close()
		if _, err := message.Copy(receiver{p}, player); err != nil {
			t.Errorf("the healthy player: %v", err)
		}
	})
	p.done.Go(func() {
		src := &rtmptest.Source{Duration: -1, FPS: fps, KeyFrameSize: 3000, FrameSize: 300, AudioSize: 100}
		_, err := message.Copy(sender{p}, rtmp.Paced(ctx, src))
		if err != nil && ctx.Err() == nil {
			t.Errorf("the healthy publisher: %v", err)
		}
		if err := p.pub.Close(); err != nil {
			t.Errorf("the healthy publisher: Close: %v", err)
		}
	})
	p.wait()
	return p
}

// wait waits until a picture comes that was not there yet.
func (p *pair) wait() {
	p.t.Helper()
	p.mu.Lock()
	came := p.came
	p.mu.Unlock()
	select {
	case <-came:
	case <-p.over:
		p.t.Errorf("the healthy player has ended")
	case <-time.After(time.Minute):
		p.t.Errorf("the healthy player: no picture for a minute")
	}
}

// finish ends the stream, which must still run, and checks that nothing was lost and nothing late. blame returns for how
// much of the time of a message the machine is to blame.
func (p *pair) finish(blame func(flight) time.Duration) {
	p.t.Helper()
	for range 2 { // the first may have been under way
		p.wait()
	}
	p.stop()
	p.done.Wait()
	if diff := cmp.Diff(p.sent.Tally, p.got.Tally); diff != "" {
		p.t.Errorf("the healthy player (-sent +got):\n%s", diff)
	}
	for _, f := range p.slow {
		took, other := f.end.Sub(f.begin), blame(f)
		if took-other > maxLate {
			p.t.Errorf("a message of the healthy pair was under way for %v, of which the machine is to blame for %v; want at most %v", took, other, maxLate)
		}
	}
	p.t.Logf("healthy pair: %d messages, the latest after %v", p.got.Tally.Video+p.got.Tally.Audio, p.late)
}

// A sender is the writing end of a pair.
type sender struct{ *pair }

func (s sender) WriteMessage(m *message.Message) error {
	if err := s.sent.WriteMessage(m); err != nil {
		return err
	}
	s.mu.Lock()
	s.at[moment{m.Type, m.Timestamp}] = time.Now()
	s.mu.Unlock()
	return s.pub.WriteMessage(m)
}

// A receiver is the reading end of a pair.
type receiver struct{ *pair }

func (r receiver) WriteMessage(m *message.Message) error {
	r.mu.Lock()
	key := moment{m.Type, m.Timestamp}
	if begin, ok := r.at[key]; ok {
		f := flight{begin, time.Now()}
		took := f.end.Sub(f.begin)
		r.late = max(r.late, took)
		if took > maxLate {
			r.slow = append(r.slow, f)
		}
		delete(r.at, key)
	}
	if m.Type == message.TypeVideo {
		close(r.came)
		r.came = make(chan struct{})
	}
	r.mu.Unlock()
	return r.got.WriteMessage(m)
}
