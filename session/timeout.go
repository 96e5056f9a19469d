package session

import "time"

// Timeout returns the time at which Input(now, nil) is due if nothing arrives until then, and false if there is
// none. It is cheap, and the answer only moves back while bytes arrive: an owner may ask when its timer fires.
func (e *engine) Timeout() (time.Time, bool) {
	if e.err != nil {
		return time.Time{}, false
	}
	due, _, _ := e.due()
	if due == never {
		return time.Time{}, false
	}
	return e.start.Add(due), true
}

// Resume tells that the owner took no bytes until now, for reasons of its own: silence counts from now on.
func (e *engine) Resume(now time.Time) {
	e.now = now.Sub(e.start)
	e.lastByte, e.lastMedia, e.lastSign, e.pinged = e.now, e.now, e.now, false
}

// Taken tells that the peer has taken bytes that had to wait for it. It lives, although it may not have come to the
// ping that lies behind them.
func (e *engine) Taken(now time.Time) {
	e.now = now.Sub(e.start)
	e.lastSign, e.pinged = e.now, false
}

const never = time.Duration(1<<63 - 1)

// due returns the next time at which something is to be done, and what: to end the session with an error that
// says what was missing for so long, or to ping if nothing is named.
func (e *engine) due() (at time.Duration, what string, after time.Duration) {
	at = never
	at2 := func(t, bound time.Duration, w string) {
		if t < at {
			at, what, after = t, w, bound
		}
	}
	if t, ok := e.role.connectDue(); ok {
		at2(t, e.config.ConnectTimeout, "connect command")
	}
	if stall := e.config.StallTimeout; stall > 0 {
		if e.dec.Partial() {
			at2(e.lastByte+stall, stall, "rest of a message")
		} else if e.receiving > 0 {
			at2(e.lastMedia+stall, stall, "media from the publisher")
		}
	}
	if idle := e.config.IdleTimeout; idle > 0 {
		if e.pinged {
			at2(e.lastSign+idle, idle, "any byte")
		} else {
			at2(e.lastSign+idle/2, 0, "")
		}
	}
	return at, what, after
}

// checkTime does what is due.
func (e *engine) checkTime() error {
	for {
		at, what, after := e.due()
		if e.now < at {
			return nil
		}
		if what != "" {
			return &TimeoutError{What: what, After: after}
		}
		e.Ping(e.start.Add(e.now))
		e.pinged = true
	}
}
