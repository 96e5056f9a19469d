package rtmp_test

import (
	"sync"
	"time"
)

// A clock tells what the machine is to blame for when something was late: it ticks, and notes when it was late itself,
// because this process has not had the processor that it wanted.
type clock struct {
	over chan struct{}
	done sync.WaitGroup

	mu     sync.Mutex    // guards the fields below
	late   time.Duration // at most
	stalls []flight
}

// A flight is the time in which something was under way.
type flight struct{ begin, end time.Time }

func startClock() *clock {
	c := &clock{over: make(chan struct{})}
	c.done.Go(c.run)
	return c
}

// stop ends the goroutine of c.
func (c *clock) stop() {
	close(c.over)
	c.done.Wait()
}

func (c *clock) run() {
	const period = 2 * time.Millisecond
	tick := time.NewTicker(period)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-tick.C:
		case <-c.over:
			return
		}
		now := time.Now()
		c.note(flight{last.Add(period), now})
		last = now
	}
}

// note notes a flight in which the clock stood still, if it is one.
func (c *clock) note(f flight) {
	late := f.end.Sub(f.begin)
	if late <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late = max(c.late, late)
	c.stalls = append(c.stalls, f)
}

// blame returns for how much of a flight the machine may be to blame: twice the time in which the clock stood still, for
// what is late has been with several goroutines, and the clock is one, which may have been on the better processor. On a
// machine that has nothing else to do that is next to nothing.
func (c *clock) blame(f flight) (sum time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.stalls {
		begin, end := s.begin, s.end
		if begin.Before(f.begin) {
			begin = f.begin
		}
		if end.After(f.end) {
			end = f.end
		}
		sum += 2 * max(0, end.Sub(begin))
	}
	return sum
}
