package session

import (
	"errors"
	"fmt"
	"time"

	"github.com/gortmp/rtmp/message"
)

var (
	// ErrNoRequest is returned by Accept, Reject and Cancel when nothing waits under that id: it was answered
	// before, or the peer has withdrawn it. It ends nothing.
	ErrNoRequest = errors.New("session: no such request")

	// ErrConnected is returned by Connect when it was called before. It ends nothing.
	ErrConnected = errors.New("session: connect was already sent")

	// ErrNotConnected is returned by what needs an accepted connect. It ends nothing.
	ErrNotConnected = errors.New("session: not connected")

	// ErrTimeout matches every *TimeoutError.
	ErrTimeout = errors.New("session: timeout")
)

// A TimeoutError tells what the peer did not send in time. It ends the session.
type TimeoutError struct {
	What  string        // "connect command", "rest of a message", "media from the publisher" or "any byte"
	After time.Duration // how long it was waited for
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("session: no %s for %v", e.What, e.After)
}

func (e *TimeoutError) Unwrap() error { return ErrTimeout }

// Timeout reports true, as in net.Error.
func (e *TimeoutError) Timeout() bool { return true }

// A CommandError is a command message that cannot be read. It ends the session. Err is the reason.
type CommandError struct {
	StreamID uint32
	Err      error
}

func (e *CommandError) Error() string {
	return fmt.Sprintf("session: command on stream %d: %v", e.StreamID, e.Err)
}

func (e *CommandError) Unwrap() error { return e.Err }

// A StreamError is returned by a method whose stream does not exist, or is not in a state for it. It ends
// nothing.
type StreamError struct {
	StreamID uint32
	Op       string // what was tried: "send audio", "finish", …
}

func (e *StreamError) Error() string {
	return fmt.Sprintf("session: %s: stream %d is not open for it", e.Op, e.StreamID)
}

func sendError(m *message.Message) error {
	return &StreamError{StreamID: m.StreamID, Op: "send " + m.Type.String()}
}
