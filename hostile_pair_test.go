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

// A pair is a publisher and a player of one stream that know what is sent and what comes.
type pair struct {
	t    *testing.T
	stop context.CancelFunc
	pub  *rtmp.Publisher
	done sync.WaitGroup

	begun sync.Once
	came  chan struct{} // closed when a picture has come

	sent, got rtmptest.Checker
	clock     clock

	mu   sync.Mutex // guards the fields below
	at   map[moment]time.Time
	late time.Duration // the longest that a message was under way
}

// A moment tells the coded messages of a Source apart.
type moment struct {
	kind message.Type
	at   message.Timestamp
}

// newPair begins a stream at rawURL and waits until it runs.
func newPair(t *testing.T, dialer *rtmp.Dialer, rawURL string) *pair {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &pair{t: t, stop: stop, came: make(chan struct{}), at: make(map[moment]time.Time)}
	player, err := dialer.Play(ctx, rawURL)
	if err != nil {
		t.Fatalf("the healthy player: %v", err)
	}
	if p.pub, err = dialer.Publish(ctx, rawURL); err != nil {
		t.Fatalf("the healthy publisher: %v", err)
	}
	p.done.Go(func() { p.clock.run(ctx) })
	p.done.Go(func() {
		defer player.Close()
		if _, err := message.Copy(receiver{p}, player); err != nil {
			t.Errorf("the healthy player: %v", err)
		}
	})
	p.done.Go(func() {
		src := &rtmptest.Source{Duration: -1, KeyFrameSize: 3000, FrameSize: 700, AudioSize: 100}
		_, err := message.Copy(sender{p}, rtmp.Paced(ctx, src))
		if err != nil && ctx.Err() == nil {
			t.Errorf("the healthy publisher: %v", err)
		}
		if err := p.pub.Close(); err != nil {
			t.Errorf("the healthy publisher: Close: %v", err)
		}
	})
	<-p.came
	return p
}

// finish ends the stream and checks that nothing was lost.
func (p *pair) finish() {
	p.stop()
	p.done.Wait()
	if diff := cmp.Diff(p.sent.Tally, p.got.Tally); diff != "" {
		p.t.Errorf("the healthy player (-sent +got):\n%s", diff)
	}
	// What is late because the machine has other things to do is not the server's fault: a message goes through some ten
	// goroutines, any of which may have had to wait as long as the clock had.
	if most := 150*time.Millisecond + 10*p.clock.late; p.late > most {
		p.t.Errorf("a message of the healthy pair was under way for %v, want at most %v", p.late, most)
	}
	p.t.Logf("healthy pair: %d messages, the latest after %v, the clock %v late", p.got.Tally.Video+p.got.Tally.Audio, p.late, p.clock.late)
}

// A clock that ticks, and notes how late it was at most.
type clock struct{ late time.Duration }

func (c *clock) run(ctx context.Context) {
	const period = 2 * time.Millisecond
	tick := time.NewTicker(period)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-tick.C:
			now := time.Now()
			c.late = max(c.late, now.Sub(last)-period)
			last = now
		case <-ctx.Done():
			return
		}
	}
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
	if at, ok := r.at[key]; ok {
		r.late = max(r.late, time.Since(at))
		delete(r.at, key)
	}
	r.mu.Unlock()
	if r.got.Tally.Video > 0 {
		r.begun.Do(func() { close(r.came) })
	}
	return r.got.WriteMessage(m)
}
