package session

import (
	"cmp"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// A Server is the server's end of a connection. It must not be used by two goroutines at the same time.
type Server struct {
	engine

	phase      serverPhase
	encoding   float64 // objectEncoding of the client
	enhanced   bool    // the client spoke of Enhanced RTMP
	reconnects bool    // the client can be asked to reconnect
	requests   map[uint32]serverRequest
	lastID     uint32 // of a request
	lastStream uint32 // id of a stream; none is used twice
	hasty      []hastyCommand
}

type serverPhase uint8

const (
	serverNew       serverPhase = iota // connect has not come
	serverAsked                        // connect waits for the owner
	serverConnected                    // accepted
	serverRejected                     // refused
)

// A serverRequest waits for Accept or Reject.
type serverRequest struct {
	stream *stream // nil for connect
	txn    float64 // of connect
	reset  bool    // of play: say NetStream.Play.Reset
}

// NewServer returns the server's end of a connection whose handshake is complete at the time now. A nil config
// means the defaults.
func NewServer(config *Config, now time.Time) *Server {
	s := &Server{requests: make(map[uint32]serverRequest)}
	s.engine.init(config, now, s)
	return s
}

// Accept accepts the request called id: a connect, a publish or a play. The answer is what the peers known to
// us need, in one piece of output.
//
// Errors: ErrNoRequest, and the error that ended the session.
//
// RTMP 1.0, sections 7.2.1.1, 7.2.2.1 and 7.2.2.6.
func (s *Server) Accept(id uint32) error {
	r, err := s.waiting(id)
	if err != nil {
		return err
	}
	delete(s.requests, id)
	switch {
	case r.stream == nil:
		s.acceptConnect(r)
	case r.stream.publish:
		s.acceptPublish(r.stream)
	default:
		s.acceptPlay(r)
	}
	return s.err
}

// Reject refuses the request called id. For a connect that is _error and the command close: the owner should
// close the connection when they are sent. For publish and play it is an onStatus, and the stream can be used
// again. An empty Level is "error"; an empty Code is NetConnection.Connect.Rejected, NetStream.Publish.Rejected
// or NetStream.Play.Failed.
//
// Errors: ErrNoRequest; those of amf0.Append for st.Info, after which the request still waits; and the error that
// ended the session.
func (s *Server) Reject(id uint32, st Status) error {
	r, err := s.waiting(id)
	if err != nil {
		return err
	}
	st.Level = cmp.Or(st.Level, levelError)
	switch {
	case r.stream == nil:
		st.Code = cmp.Or(st.Code, codeConnectRejected)
		if err := s.refuseConnect(r.txn, st); err != nil {
			return err
		}
		s.phase, s.hasty = serverRejected, nil
	default:
		code := codePlayFailed
		if r.stream.publish {
			code = codePublishRejected
		}
		st.Code = cmp.Or(st.Code, code)
		if err := s.command(r.stream.id, "onStatus", 0, nil, st.object()); err != nil {
			return err
		}
		s.release(r.stream)
	}
	delete(s.requests, id)
	return nil
}

// waiting returns the request called id.
func (s *Server) waiting(id uint32) (serverRequest, error) {
	if s.err != nil {
		return serverRequest{}, s.err
	}
	r, ok := s.requests[id]
	if !ok {
		return serverRequest{}, ErrNoRequest
	}
	return r, nil
}

// ask makes r wait and returns its id.
func (s *Server) ask(r serverRequest) uint32 {
	s.lastID++
	s.requests[s.lastID] = r
	return s.lastID
}

func (s *Server) acceptPublish(st *stream) {
	s.open(st)
	s.receiving++
	s.mediaDue = true // the owner may have thought for a long time since the last Input
	s.userControl(st.id, message.EventStreamBegin, st.id)
	s.status(st.id, levelStatus, codePublishStart, "Started publishing.")
}

// acceptPlay says what Flash media servers say, in their order, all on the stream. Players wait for different
// parts of it.
func (s *Server) acceptPlay(r serverRequest) {
	id := r.stream.id
	s.open(r.stream)
	details := amf0.Property{Name: "details", Value: r.stream.name}
	if r.reset {
		s.status(id, levelStatus, codePlayReset, "Playlist cleared.", details)
	}
	s.userControl(id, message.EventStreamBegin, id)
	s.status(id, levelStatus, codePlayStart, "Started playing.", details)
	s.sayData(id, "|RtmpSampleAccess", false, false)
	s.sayData(id, "onStatus", amf0.Object{{Name: "code", Value: codeDataStart}})
}

func (s *Server) open(st *stream) {
	st.state = streamOpen
	s.dec.MaxMessageSize = s.config.MaxMessageSize
}

// release makes st an idle stream.
func (s *Server) release(st *stream) {
	if st.state == streamOpen && st.publish {
		s.receiving--
	}
	*st = stream{id: st.id}
}

// Finish ends a stream that is published or played, from the server's side, and makes it idle. A player gets
// StreamEOF and an onStatus with each of codes, without any NetStream.Play.UnpublishNotify and
// NetStream.Play.Stop. A publisher gets the codes, without any NetStream.Unpublish.Success. No StreamEnded
// follows.
//
// Errors: *StreamError for a stream that is not published or played, and the error that ended the session.
func (s *Server) Finish(streamID uint32, codes ...string) error {
	if s.err != nil {
		return s.err
	}
	st := s.stream(streamID)
	if st == nil || st.state != streamOpen {
		return &StreamError{StreamID: streamID, Op: "finish"}
	}
	if !st.publish {
		s.userControl(0, message.EventStreamEOF, st.id)
	}
	switch {
	case len(codes) > 0:
	case st.publish:
		codes = []string{codeUnpublishSuccess}
	default:
		codes = []string{codeUnpublishNotify, codePlayStop}
	}
	for _, code := range codes {
		s.status(st.id, levelStatus, code, "Stopped.")
	}
	s.release(st)
	return s.err
}

// RequestReconnect asks the client to connect again: to tcURL, or to where it is if that is empty. It reports
// whether the client is connected and has said that it understands; otherwise nothing is sent. The client goes
// on for a while and leaves by itself.
//
// Enhanced RTMP v2, "Reconnect Request".
func (s *Server) RequestReconnect(tcURL, description string) bool {
	if s.err != nil || s.phase != serverConnected || !s.reconnects {
		return false
	}
	var info []amf0.Property
	if tcURL != "" {
		info = append(info, amf0.Property{Name: "tcUrl", Value: tcURL})
	}
	s.status(0, levelStatus, codeReconnect, description, info...)
	return s.err == nil
}

// early lets the media of a publisher through that does not wait for the answer: their beginning cannot be made
// good later.
func (s *Server) early(st *stream) bool { return st.state == streamWaiting }

func (s *Server) takeData(m *message.Message) {
	if s.takesMedia(m) {
		s.emit(MessageReceived{Message: m})
	}
}

func (s *Server) chunkSizeChanged() {}

func (s *Server) connected() bool { return s.phase == serverConnected }

func (s *Server) connectDue() (time.Duration, bool) {
	return s.config.ConnectTimeout, s.phase == serverNew && s.config.ConnectTimeout > 0
}
