package publish

import (
	"context"
	"time"
)

// maxCatchUp is how much of a delay is made up for by sending faster. Ours: what goes beyond it would be a burst that
// no uplink takes.
const maxCatchUp = time.Second

// A pacer waits for the time of packets, by the wall clock.
type pacer struct {
	begun bool
	at    time.Time     // when dts was due
	dts   time.Duration // of the newest packet
}

// wait waits until a packet with the given DTS is due, or for ctx, of which it returns the cause.
func (p *pacer) wait(ctx context.Context, dts time.Duration) error {
	now := time.Now()
	if !p.begun {
		p.begun, p.at, p.dts = true, now, dts
		return nil
	}
	switch step := dts - p.dts; {
	case step > jumpAhead:
		p.dts = dts // a gap is not waited for
	case step > 0:
		p.at, p.dts = p.at.Add(dts-p.dts), dts
	}
	if late := now.Sub(p.at); late > maxCatchUp {
		p.at = now.Add(-maxCatchUp) // the rest of the delay stays
	}
	d := p.at.Sub(now)
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
