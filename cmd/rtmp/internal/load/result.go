package load

import "time"

// A Role is what somebody does in a Test.
type Role string

// The two that there are.
const (
	Publisher Role = "publisher"
	Player    Role = "player"
)

// A Failure is a publisher or player that could not begin, or did not get to the end.
type Failure struct {
	Role Role
	Err  error // that of package rtmp, ErrEnded or ErrNoPicture
}

// fail notes a Failure.
func (t *Test) fail(role Role, err error) {
	t.failed.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = append(t.failures, Failure{role, err})
}

// A Progress is how far a Test is.
type Progress struct {
	Elapsed        time.Duration // since the first connection
	Publishing     int           // publishers that the server has taken
	Joined         int           // players that have got a picture
	Failed         int           // publishers and players
	Sent, Received uint64        // payload bytes
	Lost           uint64        // frames
	Latency        Summary
}

// Progress returns how far t is. It may be called at any time.
func (t *Test) Progress() Progress {
	return Progress{
		Elapsed:    t.now(),
		Publishing: int(t.publishing.Load()),
		Joined:     int(t.joined.Load()),
		Failed:     int(t.failed.Load()),
		Sent:       t.sent.Load(),
		Received:   t.received.Load(),
		Lost:       t.lost.Load(),
		Latency:    t.latency.summary(),
	}
}

// A Result is what a Test has shown.
type Result struct {
	Measured       time.Duration // what was measured of the Duration; zero if it did not come to that
	Sent, Received uint64        // payload bytes of the frames that were sent in that time, of all publishers and players

	// From the beginning to the end, of all players together.
	Frames     uint64 // received
	Lost       uint64 // that were sent after a player had its first picture and did not come
	Skipped    uint64 // that were sent before it, behind others that came: servers begin with what they have kept
	OutOfOrder uint64 // that came after later ones, or again
	Damaged    uint64 // whose bytes were not what they had been
	Foreign    uint64 // that nobody of the Test sent
	Shifted    uint64 // whose timestamps moved against the others by more than 2 ms

	Publishing, Joined int // publishers that the server took, players that got a picture

	Latency Summary // from the call that sends a frame to its arrival; what was sent after a player's first picture
	Join    Summary // from dialing to the first picture
	Lag     Summary // by how much frames were sent late. Much of it: this machine or the server cannot keep up.

	Failures []Failure
}

// OK reports whether all that should arrive did, and everybody stayed to the end.
func (r *Result) OK() bool {
	return len(r.Failures) == 0 && r.Lost+r.OutOfOrder+r.Damaged+r.Foreign == 0
}

// Result returns what t has shown. It waits until t is over.
func (t *Test) Result() *Result {
	<-t.done
	r := t.result
	r.Frames, r.Lost, r.Skipped, r.OutOfOrder = t.frames.Load(), t.lost.Load(), t.skipped.Load(), t.back.Load()
	r.Damaged, r.Foreign, r.Shifted = t.damaged.Load(), t.foreign.Load(), t.off.Load()
	r.Sent, r.Received = t.sentThen.Load(), t.receivedThen.Load()
	r.Publishing, r.Joined = int(t.publishing.Load()), int(t.joined.Load())
	r.Latency, r.Join, r.Lag = t.latency.summary(), t.join.summary(), t.lag.summary()
	return &r
}
