package rtmp

import (
	"sync"
	"sync/atomic"
	"time"
)

// A broadcast wakes everybody who waits for something guarded by a mutex to change. Both methods are called
// with that mutex held; the channel is waited on without it. It costs nothing while nobody waits.
type broadcast struct{ ch chan struct{} }

// wait returns a channel that the next signal closes.
func (b *broadcast) wait() <-chan struct{} {
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

// signal wakes all that wait.
func (b *broadcast) signal() {
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}

// A deadline turns a time into a channel that is closed once the time has passed. The zero value is no
// deadline.
type deadline struct {
	set atomic.Bool

	mu      sync.Mutex // guards the fields below
	timer   *time.Timer
	expired chan struct{} // nil: nobody has waited yet, and no deadline was ever set
}

// reset makes t the deadline; the zero time means none.
func (d *deadline) reset(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil && !d.timer.Stop() {
		<-d.expired // the old timer has fired or is about to close this channel
	}
	d.timer = nil
	d.set.Store(!t.IsZero())
	if d.expired == nil || isClosed(d.expired) {
		d.expired = make(chan struct{})
	}
	if t.IsZero() {
		return
	}
	expired := d.expired
	if left := time.Until(t); left > 0 {
		d.timer = time.AfterFunc(left, func() { close(expired) })
		return
	}
	close(expired)
}

// done returns the channel that is closed when the deadline has passed, be it one that is set while somebody waits.
func (d *deadline) done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.expired == nil {
		d.expired = make(chan struct{})
	}
	return d.expired
}

// active reports whether a deadline is set, passed or not.
func (d *deadline) active() bool { return d.set.Load() }

// passed reports whether the deadline has passed.
func (d *deadline) passed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.expired != nil && isClosed(d.expired)
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
