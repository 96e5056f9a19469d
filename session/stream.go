package session

// A stream is one message stream of a session.
type stream struct {
	id      uint32
	state   streamState
	publish bool   // the client publishes; otherwise it plays
	inbound bool   // media come from the peer; false while nothing is asked for
	request uint32 // id of the publish or play request
	name    string
}

type streamState uint8

const (
	streamCreated streamState = iota // nothing is asked for
	streamWaiting                    // publish or play is not answered
	streamOpen                       // accepted
	streamEnded                      // client only: the peer ended it and it is not deleted yet
)

// stream returns the stream called id, or nil.
func (e *engine) stream(id uint32) *stream {
	if s := e.recent; s != nil && s.id == id {
		return s
	}
	s := e.streams[id]
	if s != nil {
		e.recent = s
	}
	return s
}

func (e *engine) addStream(id uint32) *stream {
	s := &stream{id: id}
	e.streams[id] = s
	return s
}

func (e *engine) removeStream(s *stream) {
	delete(e.streams, s.id)
	if e.recent == s {
		e.recent = nil
	}
}

// only returns the stream in the given state if there is exactly one, else nil. Peers that send on stream 0 what
// belongs to a stream mean that one.
func (e *engine) only(state streamState) *stream {
	var found *stream
	for _, s := range e.streams {
		if s.state != state {
			continue
		}
		if found != nil {
			return nil
		}
		found = s
	}
	return found
}
