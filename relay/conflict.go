package relay

import (
	"context"
	"net"
	"time"

	"github.com/gortmp/rtmp"
)

// Ours: as long as a publisher may be silent by default before its connection ends, so that whoever waits outlives one
// that the network has lost.
const defaultPublishWait = 30 * time.Second

// A Conflict says what becomes of a publish request for a name under which somebody else publishes.
type Conflict uint8

const (
	// Refuse refuses it with NetStream.Publish.BadName.
	Refuse Conflict = iota

	// TakeOver ends the old publisher with NetStream.Publish.BadName and gives its players to the new one, if
	// that may continue the stream, see Hub.Identity. Others are refused. Two encoders with one name that both
	// reconnect take it from each other again and again, unless Identity tells them apart.
	TakeOver

	// Wait leaves it unanswered until the name is free, for at most Hub.PublishWait. Then it is refused. Of several
	// that wait, any one may be the next.
	Wait
)

// admit gives the name that r asks for to a new publication, as soon as Conflict lets it. Whoever takes the name away
// from it calls stop.
func (h *Hub) admit(r *rtmp.Request, stop func()) (*Publication, error) {
	var identity string
	if h.Identity != nil {
		identity = h.Identity(r)
	}
	wait := h.PublishWait
	if wait <= 0 {
		wait = defaultPublishWait
	}
	var late <-chan time.Time
	for {
		p, turn, err := h.claim(name(r), identity, r.RemoteAddr, h.Conflict, stop)
		if err == nil {
			h.Trace.publishBegin(p)
		}
		if err == nil || h.Conflict != Wait {
			return p, err
		}
		if late == nil {
			late = time.After(wait)
		}
		select {
		case <-turn:
		case <-late:
			return nil, err
		case <-r.Context().Done():
			return nil, context.Cause(r.Context())
		}
	}
}

// claim makes a publication of the stream called name by somebody at remote, be it a new stream or one that it continues. If somebody else
// has the name it returns a channel that is closed when that may have changed.
func (h *Hub) claim(name, identity string, remote net.Addr, c Conflict, stop func()) (*Publication, <-chan struct{}, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	st := h.join(name)
	st.mu.Lock()
	defer st.unlock()
	p := &Publication{hub: h, stream: st, identity: identity, stop: stop}
	if old := st.pub; old != nil {
		if !h.mayContinue(old.identity, identity) || st.live && c != TakeOver {
			h.leave(st)
			return nil, st.turn.wait(), badName("already published: " + name)
		}
		if st.live {
			old.over = badName("taken over by another publisher: " + name)
			st.progress.signal()
			if old.stop != nil {
				old.stop()
			}
		}
		h.leave(st) // for old, which has left its place to p
		p.splice = st.splice()
	}
	p.tally.begin(remote, st.created)
	st.pub, st.live = p, true
	return p, nil, nil
}

// mayContinue reports whether the publisher with the identity next may continue the stream of another one.
func (h *Hub) mayContinue(identity, next string) bool {
	return h.Identity == nil || identity == next && next != ""
}

func badName(why string) *rtmp.StatusError {
	return &rtmp.StatusError{Code: "NetStream.Publish.BadName", Description: why}
}
