package session

import (
	"math"
	"strings"
	"time"

	"github.com/gortmp/rtmp/message"
)

// publish takes the publish command.
//
// RTMP 1.0, section 7.2.2.6.
func (s *Server) publish(streamID uint32, c *message.Command) {
	refuse := func(code, description string) {
		s.status(streamID, levelError, code, description)
	}
	name, okName := optional(c, 0, "")
	kind, okKind := publishKind(c)
	switch {
	case !okName || !validName(name):
		refuse(codePublishBadName, "The name is too long or contains control characters.")
	case !okKind:
		refuse(codePublishRejected, "The type must be live, record or append.")
	default:
		st, reason := s.idle(streamID)
		if st == nil {
			refuse(codePublishRejected, reason)
			return
		}
		*st = stream{id: streamID, state: streamWaiting, publish: true, inbound: true, name: name}
		st.request = s.ask(serverRequest{stream: st})
		s.emit(StreamRequested{ID: st.request, StreamID: streamID, Publish: true, Name: name, Kind: kind})
	}
}

// publishKind returns the second argument of publish in its plain form. Encoders differ in case and leave it out.
func publishKind(c *message.Command) (kind string, ok bool) {
	kind, ok = optional(c, 1, "live")
	switch kind = strings.ToLower(kind); kind {
	case "":
		return "live", ok
	case "appendwithgap":
		return "append", ok
	case "live", "record", "append":
		return kind, ok
	}
	return "", false
}

// play takes the play command. Play of false is how Flash stops.
//
// RTMP 1.0, section 7.2.2.1.
func (s *Server) play(streamID uint32, c *message.Command) {
	if on, ok := arg[bool](c, 0); ok && !on {
		s.closeStream(streamID, &message.Command{}, false)
		return
	}
	refuse := func(code, description string) {
		s.status(streamID, levelError, code, description)
	}
	name, ok := optional(c, 0, "")
	if !ok || len(c.Args) == 0 || !validName(name) {
		refuse(codePlayNotFound, "There is no name, or it is too long or contains control characters.")
		return
	}
	st, reason := s.idle(streamID)
	if st == nil {
		refuse(codePlayFailed, reason)
		return
	}
	*st = stream{id: streamID, state: streamWaiting, name: name}
	asked, reset := playReset(c)
	st.request = s.ask(serverRequest{stream: st, reset: reset || !asked})
	s.emit(StreamRequested{
		ID: st.request, StreamID: streamID, Name: name,
		Start: playStart(c), Duration: playDuration(c), Reset: asked && reset,
	})
}

// idle returns a stream on which something new can begin, or nil and the reason why not.
func (s *Server) idle(streamID uint32) (st *stream, reason string) {
	st = s.stream(streamID)
	switch {
	case st == nil:
		return nil, "There is no such stream."
	case st.state != streamCreated:
		return nil, "The stream is in use."
	case len(s.requests) >= s.config.MaxRequests:
		return nil, "Too many requests are waiting."
	}
	return st, ""
}

// Fixed by RTMP 1.0, section 7.2.2.1, and Flash, which writes the same in milliseconds.
const (
	startAny  = -2 * time.Second
	startLive = -1 * time.Second
)

// playStart returns the second argument of play.
func playStart(c *message.Command) time.Duration {
	switch v, ok := arg[float64](c, 1); {
	case !ok, v != v:
		return startAny
	case v == -1 || v == -1000:
		return startLive
	case v < 0:
		return startAny
	default:
		return seconds(v)
	}
}

// playDuration returns the third argument of play.
func playDuration(c *message.Command) time.Duration {
	if v, ok := arg[float64](c, 2); ok && v >= 0 {
		return seconds(v)
	}
	return -1 * time.Second
}

func seconds(v float64) time.Duration {
	if v *= float64(time.Second); v < math.MaxInt64 {
		return time.Duration(v)
	}
	return math.MaxInt64
}

// playReset returns whether the fourth argument of play is there, and whether it clears the playlist. As a number
// 1 and 3 do.
func playReset(c *message.Command) (asked, reset bool) {
	if v, ok := arg[bool](c, 3); ok {
		return true, v
	}
	if v, ok := arg[float64](c, 3); ok {
		return true, v == 1 || v == 3
	}
	return false, false
}
