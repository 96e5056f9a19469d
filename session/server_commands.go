package session

import (
	"strings"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// takeCommand takes a command of the client. Those that only want an answer get the one that satisfies every client
// known to us.
//
// RTMP 1.0, section 7.2. Most of these names are not in it but in what encoders send.
func (s *Server) takeCommand(m *message.Message, c *message.Command) error {
	switch c.Name {
	case "connect":
		s.connect(m, c)
		return s.err
	case "_result", "_error": // never answered
		if s.phase == serverConnected {
			s.emit(MessageReceived{Message: m}) // to a command that the owner sent by itself
		} else {
			s.ignored++
		}
		return nil
	}
	if s.postpone(m, c) {
		return nil
	}
	switch c.Name {
	case "publish":
		s.publish(m.StreamID, c)
		return s.err
	case "play":
		s.play(m.StreamID, c)
		return s.err
	}
	if s.phase != serverConnected {
		s.fail(c, "Connect first.")
		return s.err
	}
	switch c.Name {
	case "createStream":
		s.createStream(c)
	case "deleteStream":
		s.closeStream(m.StreamID, c, true)
	case "closeStream":
		s.closeStream(m.StreamID, c, false)
	case "pause", "pauseRaw", "seek", "receiveAudio", "receiveVideo", "play2":
		s.steer(m, c)
	case "releaseStream", "_checkbw", "checkBandwidth":
		s.result(m, c, amf0.Undefined{})
	case "FCPublish":
		s.result(m, c, amf0.Undefined{})
		s.notice(m, "onFCPublish", codePublishStart)
	case "FCUnpublish":
		s.unpublish(c)
		s.notice(m, "onFCUnpublish", codeUnpublishSuccess)
		s.result(m, c, amf0.Undefined{})
	case "FCSubscribe":
		s.notice(m, "onFCSubscribe", codePlayStart)
	case "getStreamLength":
		s.result(m, c, 0.0) // live; the owner knows better and is asked with play
	case "set_playlist":
		s.say(m.StreamID, "playlist_ready", 0, nil)
	default:
		s.call(m, c)
	}
	return s.err
}

// fail refuses a command that wants an answer; another is ignored.
func (s *Server) fail(c *message.Command, description string) {
	if c.TransactionID == 0 {
		s.ignored++
		return
	}
	st := Status{Level: levelError, Code: codeCallFailed, Description: description}
	s.say(0, "_error", c.TransactionID, nil, st.object())
}

// result answers c, if it wants an answer.
func (s *Server) result(m *message.Message, c *message.Command, values ...any) {
	if c.TransactionID != 0 {
		s.say(m.StreamID, "_result", c.TransactionID, nil, values...)
	}
}

func (s *Server) notice(m *message.Message, name, code string) {
	info := amf0.Object{{Name: "code", Value: code}, {Name: "description", Value: ""}}
	s.say(m.StreamID, name, 0, nil, info)
}

// call passes a command that we do not know to the owner. DVR commands of Flash encoders expect silence.
func (s *Server) call(m *message.Message, c *message.Command) {
	if c.TransactionID == 0 || strings.HasPrefix(c.Name, "DVR") {
		s.emit(MessageReceived{Message: m})
		return
	}
	s.emit(CallReceived{Command: c, Message: m})
}

// createStream makes a message stream. The answer goes out on stream 0, where Flash wants it.
//
// RTMP 1.0, section 7.2.1.3.
func (s *Server) createStream(c *message.Command) {
	switch {
	case c.TransactionID == 0:
		s.ignored++ // the client could never learn the id
	case len(s.streams) >= s.config.MaxStreams:
		s.fail(c, "Too many streams.")
	default:
		s.lastStream++
		s.addStream(s.lastStream)
		s.say(0, "_result", c.TransactionID, nil, float64(s.lastStream))
	}
}

// closeStream ends what happens on a stream, and deletes it if remove is set. The stream is the one that the first
// argument says or, as clients send closeStream, the one that the command came on. GStreamer says the name of what it
// publishes instead of the id.
//
// RTMP 1.0, section 7.2.2.3.
func (s *Server) closeStream(streamID uint32, c *message.Command, remove bool) {
	st := s.stream(streamID)
	if id, ok := arg[float64](c, 0); ok {
		st = s.stream(toID(id))
	} else if name, ok := arg[string](c, 0); ok {
		st = s.published(name)
	}
	if st == nil {
		s.ignored++
		return
	}
	confirm := !remove && st.publish && st.state == streamOpen
	s.end(st, remove)
	if confirm {
		s.status(st.id, levelStatus, codeUnpublishSuccess, "Stopped publishing.")
	}
}

// end tells the owner that the client has ended what happens on st, if anything does.
func (s *Server) end(st *stream, remove bool) {
	switch st.state {
	case streamWaiting:
		delete(s.requests, st.request)
		s.emit(RequestWithdrawn{ID: st.request, StreamID: st.id})
	case streamOpen:
		s.emit(StreamEnded{StreamID: st.id, Deleted: remove})
	}
	s.release(st)
	if remove {
		s.removeStream(st)
	}
}

// unpublish takes FCUnpublish, which names the stream instead of using its id. It does not withdraw a request: the
// stream that is meant may be an older one of the same name, which we have ended ourselves. deleteStream will tell.
func (s *Server) unpublish(c *message.Command) {
	name, ok := arg[string](c, 0)
	if st := s.published(name); ok && st != nil && st.state == streamOpen {
		s.end(st, false)
	}
}

// published returns the stream on which the client publishes name, or nil. Some encoders leave out the query that
// they published with.
func (s *Server) published(name string) *stream {
	var found *stream
	for _, st := range s.streams {
		path, _, _ := strings.Cut(st.name, "?")
		if st.publish && (name == st.name || name == path) && (found == nil || st.id < found.id) {
			found = st
		}
	}
	return found
}

// steer takes what a player asks for while it plays. The owner gets the command too, and does with it what it can.
//
// RTMP 1.0, sections 7.2.2.2, 7.2.2.4, 7.2.2.5, 7.2.2.7 and 7.2.2.8.
func (s *Server) steer(m *message.Message, c *message.Command) {
	st := s.stream(m.StreamID)
	if st == nil {
		s.ignored++
		return
	}
	if st.state == streamOpen && !st.publish {
		on, _ := arg[bool](c, 0)
		switch c.Name {
		case "pause", "pauseRaw":
			if on {
				s.status(st.id, levelStatus, codePauseNotify, "Paused.")
			} else {
				s.status(st.id, levelStatus, codeUnpauseNotify, "Unpaused.")
			}
		case "receiveAudio", "receiveVideo":
			if on {
				s.announceSeek(st)
			}
		case "seek":
			s.announceSeek(st)
		case "play2":
			s.status(st.id, levelStatus, codePlayTransition, "Changing the stream.")
		}
	}
	s.emit(MessageReceived{Message: m})
}

func (s *Server) announceSeek(st *stream) {
	s.status(st.id, levelStatus, codeSeekNotify, "Seeking.")
	s.status(st.id, levelStatus, codePlayStart, "Started playing.")
}
