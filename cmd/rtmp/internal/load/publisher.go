package load

import (
	"context"
	"time"

	"github.com/gortmp/rtmp"
)

// A publisher sends one stream in real time.
type publisher struct {
	t      *Test
	number int
	src    source
	pub    *rtmp.Publisher // nil if the server did not take it

	isBroken bool // it ended by a failure
}

// dial starts the publishing.
func (p *publisher) dial(ctx context.Context) error {
	ctx, cancel := p.t.config.Limit(ctx)
	defer cancel()
	var err error
	p.pub, err = p.t.config.Dialer.Publish(ctx, p.t.config.url(p.number))
	return err
}

// run sends frames when they are due, until ctx ends, which is no error. What is late is sent at once.
func (p *publisher) run(ctx context.Context) error {
	// A server that takes nothing must not hold up the end.
	stop := context.AfterFunc(ctx, func() { p.pub.SetWriteDeadline(time.Now().Add(p.t.config.Grace)) })
	defer stop()
	headers, err := p.src.headers()
	if err != nil {
		return err
	}
	for _, m := range headers {
		if err := p.pub.WriteMessage(m); err != nil {
			return err
		}
	}
	start := p.t.now()
	due := time.NewTimer(0)
	defer due.Stop()
	for {
		select {
		case <-due.C:
		case <-ctx.Done():
			return nil
		}
		now := p.t.now()
		for p.src.due() <= now-start {
			p.t.lag.add(now - start - p.src.due())
			m, err := p.src.next(now)
			if err != nil {
				return err
			}
			if err := p.pub.WriteMessage(m); err != nil {
				return err
			}
			n := uint64(len(m.Payload))
			p.t.sent.Add(n)
			if p.t.isMeasured(now) {
				p.t.sentThen.Add(n)
			}
			if ctx.Err() != nil {
				return nil
			}
			now = p.t.now()
		}
		due.Reset(start + p.src.due() - now)
	}
}
