package publish

import "time"

// An interleaver puts the packets of several tracks into the order of DTS. It holds a packet back until all tracks
// have got as far, but not if the others are behind by more than the window or take more memory than maxHeld.
type interleaver struct {
	window time.Duration
	queues [][]*Packet // by track; those of track -1 are in the first
	held   int         // bytes
	newest time.Duration
	any    bool
	flush  bool // nothing more comes
}

// maxHeld is how many bytes an interleaver holds back. Ours: a few seconds of the highest bitrates in use.
const maxHeld = 64 << 20

// grow makes room for track i.
func (il *interleaver) grow(i int) {
	for len(il.queues) <= i {
		il.queues = append(il.queues, nil)
	}
}

func (il *interleaver) push(p *Packet) {
	i := max(p.Track, 0)
	il.grow(i)
	il.queues[i] = append(il.queues[i], p)
	il.held += packetSize(p)
	if !il.any || p.DTS > il.newest {
		il.newest, il.any = p.DTS, true
	}
}

// pop returns the next packet, or nil if there is none that can be given away yet.
func (il *interleaver) pop() *Packet {
	first, waiting := -1, false
	for i, q := range il.queues {
		switch {
		case len(q) == 0:
			waiting = true
		case first < 0 || q[0].DTS < il.queues[first][0].DTS:
			first = i
		}
	}
	if first < 0 {
		return nil
	}
	p := il.queues[first][0]
	if waiting && !il.flush && il.held <= maxHeld && il.newest-p.DTS <= il.window {
		return nil
	}
	il.queues[first][0] = nil
	il.queues[first] = il.queues[first][1:]
	il.held -= packetSize(p)
	return p
}

// span returns the time from the first packet held back to the newest.
func (il *interleaver) span() time.Duration {
	first := il.newest
	for _, q := range il.queues {
		if len(q) > 0 {
			first = min(first, q[0].DTS)
		}
	}
	return il.newest - first
}

func packetSize(p *Packet) int {
	n := len(p.Data)
	if p.Message != nil {
		n += len(p.Message.Payload)
	}
	return n
}
