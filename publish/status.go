package publish

import (
	"fmt"
	"net/url"
	"time"
)

// A State is what a target is doing.
type State int

// The states of a target.
const (
	StateConnecting State = iota // connecting, for the first time or again
	StateLive                    // publishing
	StateWaiting                 // the connection failed or was lost; the next attempt is at Status.NextRetry
	StateFailed                  // given up: refused, or too many attempts
	StateClosed                  // ended as asked
)

// String returns the state in a word.
func (s State) String() string {
	switch s {
	case StateConnecting:
		return "connecting"
	case StateLive:
		return "live"
	case StateWaiting:
		return "waiting"
	case StateFailed:
		return "failed"
	case StateClosed:
		return "closed"
	}
	return fmt.Sprintf("state %d", int(s))
}

// A Status says how a target is doing.
type Status struct {
	Target  string // its URL without user and stream key, which may be secret, and a number if others have the same
	State   State
	Attempt int // to connect, in this row; 0 when a connection was lost that had held

	Err       error     // why the last connection failed or ended; nil if none did
	NextRetry time.Time // with StateWaiting

	Connects     int    // connections that were live, this one included
	Bytes        uint64 // payload sent
	Bitrate      int    // bits of payload per second, over the last seconds
	DroppedVideo int    // frames left out because the uplink was too slow
	DroppedAudio int
	MissedVideo  int // frames that came while there was no connection, or before the first key frame after that
	MissedAudio  int

	Queue      time.Duration // from the oldest frame that is not with the network to the newest
	QueueBytes int
}

// A TargetError says which target was given up and why. It matches, with errors.Is and errors.As, what it was given
// up for: a *rtmp.StatusError if the server refused.
type TargetError struct {
	Target  string // as in Status
	Refused bool   // the server does not want it; trying again would not help
	Tries   int    // attempts, if it was not refused; 0 if it was not connected when publishing ended
	Err     error
}

// Error names the target and the reason.
func (e *TargetError) Error() string {
	if e.Refused {
		return fmt.Sprintf("publish: %s refused: %v", e.Target, e.Err)
	}
	if e.Tries == 0 {
		return fmt.Sprintf("publish: %s not connected at the end: %v", e.Target, e.Err)
	}
	return fmt.Sprintf("publish: %s given up after %d attempts: %v", e.Target, e.Tries, e.Err)
}

// Unwrap returns the reason.
func (e *TargetError) Unwrap() error { return e.Err }

// publicNames returns a name for each URL, without what may be secret, and each of them once.
func publicNames(urls []string) []string {
	names := make([]string, len(urls))
	count := make(map[string]int)
	for i, u := range urls {
		names[i] = publicURL(u)
		count[names[i]]++
	}
	used := make(map[string]int)
	for i, name := range names {
		if count[name] > 1 {
			used[name]++
			names[i] = fmt.Sprintf("%s (%d)", name, used[name])
		}
	}
	return names
}

// publicURL returns rawURL without user, query and the last element of the path, which is the stream key.
func publicURL(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" {
		return "target"
	}
	path := u.EscapedPath()
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			path = path[:i]
			break
		}
	}
	return u.Scheme + "://" + u.Host + path
}

// A meter measures a bitrate over windows of meterWindow.
type meter struct {
	begin time.Time
	bytes int
	rate  int // of the last whole window
}

const meterWindow = 2 * time.Second

func (m *meter) add(n int, now time.Time) {
	m.roll(now)
	m.bytes += n
}

// bitrate returns that of the last whole window, or of the first one so far.
func (m *meter) bitrate(now time.Time) int {
	m.roll(now)
	if passed := now.Sub(m.begin); m.rate == 0 && passed >= meterWindow/4 {
		return int(float64(m.bytes) * 8 / passed.Seconds())
	}
	return m.rate
}

func (m *meter) roll(now time.Time) {
	passed := now.Sub(m.begin)
	switch {
	case m.begin.IsZero() || passed >= 2*meterWindow:
		*m = meter{begin: now}
	case passed >= meterWindow:
		*m = meter{begin: now, rate: int(float64(m.bytes) * 8 / passed.Seconds())}
	}
}
