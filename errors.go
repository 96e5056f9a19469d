package rtmp

import (
	"errors" // the standard one: a sentinel is made once and wants no stack
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/session"
)

var (
	// ErrServerClosed is returned by the Serve methods after Shutdown or Close, and by the streams of a server
	// that is going down.
	ErrServerClosed = errors.New("rtmp: server closed")

	// ErrRefused matches, with errors.Is, any *StatusError.
	ErrRefused = errors.New("rtmp: refused by peer")
)

// A StatusError is an onStatus or _error with level "error": what a peer said, or what a Handler answers. It
// says who is at fault: the peer understood the request and refused it. Trying again without a change is
// unlikely to help.
//
// RTMP 1.0, section 7.2.2.
type StatusError struct {
	Code        string      // for example "NetStream.Publish.BadName"
	Description string      // the peer's words, for a person
	Info        amf0.Object // further members
}

// Error returns the code and the description, quoted if they have characters that do something to a terminal or to a
// log of lines, and cut if they are long: they are the peer's.
func (e *StatusError) Error() string {
	text := "rtmp: refused: " + printable(e.Code)
	if e.Description != "" {
		text += ": " + printable(e.Description)
	}
	return text
}

// printable returns a peer's text as it may be shown to a person.
func printable(s string) string {
	const most = 500 // bytes
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// Is reports whether target is ErrRefused.
func (e *StatusError) Is(target error) bool { return target == ErrRefused }

// status returns e as the information object that goes over the wire.
func (e *StatusError) status() session.Status {
	return session.Status{Level: "error", Code: e.Code, Description: e.Description, Info: e.Info}
}

// refusal returns what the peer said as an error.
func refusal(st session.Status) *StatusError {
	return &StatusError{Code: st.Code, Description: st.Description, Info: st.Info}
}

// A ProtocolError is something the peer did, or failed to do in time, that RTMP does not allow. It ends the
// connection. Err is the precise error of the layer that noticed, with its figures.
type ProtocolError struct {
	Layer string // "handshake", "chunk", "message" or "session"
	Err   error
}

// Error returns the layer and the precise error.
func (e *ProtocolError) Error() string {
	text := e.Err.Error()
	if !strings.HasPrefix(text, e.Layer+": ") {
		text = e.Layer + ": " + text
	}
	return "rtmp: " + text
}

// Unwrap returns the precise error.
func (e *ProtocolError) Unwrap() error { return e.Err }

// A HandshakeTimeoutError reports a handshake that did not end in time, whatever was sent in between.
type HandshakeTimeoutError struct{ After time.Duration }

// Error returns the time that was waited.
func (e *HandshakeTimeoutError) Error() string { return fmt.Sprintf("not finished after %v", e.After) }

// Timeout reports true, as in net.Error.
func (e *HandshakeTimeoutError) Timeout() bool { return true }
