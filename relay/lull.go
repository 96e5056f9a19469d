package relay

import (
	"time"

	"github.com/gortmp/rtmp"
)

// Ours: how long messages wait in the connection of their publisher where that does no harm.
const lull = 100 * time.Millisecond

// feed tells that p comes from s, which can be told how often to read.
func (p *Publication) feed(s *rtmp.Stream) {
	p.stream.mu.Lock()
	defer p.stream.mu.Unlock()
	p.source = s
}

// rest makes what feeds p read as seldom as its stream allows. Only whoever writes to p may call it.
func (p *Publication) rest() {
	if p.source == nil {
		return
	}
	delay := p.stream.lull()
	if !p.source.CoalesceReads(delay) {
		delay = 0
	}
	if p.delay != delay {
		p.stream.mu.Lock()
		p.delay = delay
		p.stream.mu.Unlock()
	}
}

// window returns how long a message of p waits in the ring, beside what it has waited already.
func (p *Publication) window() time.Duration { return p.stream.merge - p.delay }

// lull returns how long messages for st may wait before they are read: while nobody would get them, or would get them
// later anyway.
func (st *stream) lull() time.Duration {
	st.mu.Lock()
	defer st.mu.Unlock()
	switch {
	case st.merge > 0:
		return min(st.merge, lull)
	case len(st.parked)+len(st.roaming) == 0:
		return lull
	}
	return 0
}

// rouse ends the lull: somebody has come.
func (st *stream) rouse() {
	st.mu.Lock()
	var source *rtmp.Stream
	if st.live && st.merge <= 0 {
		source = st.pub.source
	}
	st.mu.Unlock()
	if source != nil {
		source.CoalesceReads(0)
	}
}
