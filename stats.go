package rtmp

import (
	"cmp"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/gortmp/rtmp/message"
)

// A ServerStats says what goes on in a Server. Of the connections accepted, len(Conns) are not closed.
type ServerStats struct {
	Accepted uint64 // connections that came, ever
	Refused  uint64 // of those, whose connect command OnConnect refused
	Closed   uint64 // of those accepted, that are over and whose handlers have returned
	Conns    []ConnStats
}

// Stats returns the figures of s and of its connections as they are now, the oldest first. Each connection is looked
// at by itself, and waits for that no longer than for a message.
func (s *Server) Stats() ServerStats {
	s.mu.Lock()
	st := s.total
	conns := slices.Collect(maps.Keys(s.conns))
	s.mu.Unlock()
	slices.SortFunc(conns, func(a, b *Conn) int { return a.since.Compare(b.since) })
	st.Conns = make([]ConnStats, len(conns))
	for i, c := range conns {
		st.Conns[i] = c.Stats()
	}
	return st
}

// A ConnState says how far a connection has got.
type ConnState uint8

// The states of a connection. One that publishes and plays is publishing.
const (
	StateHandshake  ConnState = iota // the handshake is not over
	StateConnecting                  // the connect command has not come, or was not accepted
	StateConnected                   // and no stream was accepted, or none is left
	StatePublishing                  // the peer publishes
	StatePlaying                     // the peer plays
)

// String returns the state in one word.
func (s ConnState) String() string {
	switch s {
	case StateHandshake:
		return "handshake"
	case StateConnecting:
		return "connecting"
	case StateConnected:
		return "connected"
	case StatePublishing:
		return "publishing"
	case StatePlaying:
		return "playing"
	}
	return "unknown"
}

// A ConnStats says what goes on in a connection. Messages are those of streams, and commands that RTMP itself does not
// define; what Conn answers by itself is not counted.
type ConnStats struct {
	RemoteAddr net.Addr
	Since      time.Time // when the Conn was made
	State      ConnState
	Info       ConnInfo // with the bytes read and written

	MessagesRead    uint64 // from the network, whether or not somebody has called ReadMessage
	MessagesWritten uint64 // queued for the network or written
	ReadQueue       int    // bytes that wait for ReadMessage, counted as Config.ReadQueue does
	WriteQueue      int    // bytes that the network has not taken yet, counted as Config.WriteBuffer does

	Streams []StreamStats // open or requested, by id
}

// Stats returns the figures of c as they are now.
func (c *Conn) Stats() ConnStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := ConnStats{
		RemoteAddr:      c.nc.RemoteAddr(),
		Since:           c.since,
		State:           c.state(),
		Info:            c.infoNow(),
		MessagesRead:    c.received.messages,
		MessagesWritten: c.sent.messages,
		ReadQueue:       c.queued,
		WriteQueue:      c.unwritten(),
	}
	for _, s := range c.streams {
		st.MessagesRead += s.received.messages
		st.MessagesWritten += s.sent.messages
		st.Streams = append(st.Streams, s.statsNow())
	}
	slices.SortFunc(st.Streams, func(a, b StreamStats) int { return cmp.Compare(a.ID, b.ID) })
	return st
}

// state returns how far c has got. c.mu is held.
func (c *Conn) state() ConnState {
	switch {
	case c.protocol == nil:
		return StateHandshake
	case !c.connected:
		return StateConnecting
	}
	state := StateConnected
	for _, s := range c.streams {
		switch {
		case s.state != streamOpen || s.req == nil:
		case s.req.Method == MethodPublish:
			return StatePublishing
		default:
			state = StatePlaying
		}
	}
	return state
}

// unwritten returns the number of bytes that the network has not taken yet. c.mu is held.
func (c *Conn) unwritten() int {
	if c.protocol == nil {
		return 0
	}
	return c.out.pending(c)
}

// A StreamStats says what goes on in a stream of a connection. Messages are counted as in ConnStats, and their bytes
// are those of payloads.
type StreamStats struct {
	ID         uint32
	Method     string // of the peer's request, as is Path; empty on the client side
	Path       string // app and name without queries: "live/cam"
	IsAccepted bool

	MessagesRead, MessagesWritten uint64
	BytesRead, BytesWritten       uint64
	ReadQueue                     int // messages that wait for ReadMessage
	WriteQueue                    int // that of the connection: all of its streams share it
}

// Stats returns the figures of s as they are now.
func (s *Stream) Stats() StreamStats {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	return s.statsNow()
}

// statsNow is Stats with conn.mu held.
func (s *Stream) statsNow() StreamStats {
	st := StreamStats{
		ID:              s.id,
		IsAccepted:      s.state != streamRequested,
		MessagesRead:    s.received.messages,
		MessagesWritten: s.sent.messages,
		BytesRead:       s.received.bytes,
		BytesWritten:    s.sent.bytes,
		ReadQueue:       s.queue.len(),
		WriteQueue:      s.conn.unwritten(),
	}
	if s.req != nil {
		st.Method, st.Path = s.req.Method, s.req.path()
	}
	return st
}

// traffic counts messages and the bytes of their payloads.
type traffic struct{ messages, bytes uint64 }

func (t *traffic) note(m *message.Message) {
	t.messages++
	t.bytes += uint64(len(m.Payload))
}

func (t *traffic) add(other traffic) {
	t.messages += other.messages
	t.bytes += other.bytes
}

// path returns app and name without queries.
func (r *Request) path() string { return strings.TrimPrefix(r.URL.Path, "/") }

// LogValue returns what r asks for and who asks, without queries: they are where the secrets are.
func (r *Request) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("method", r.Method)}
	if r.URL != nil {
		attrs = append(attrs, slog.String("stream", r.path()))
	}
	if r.RemoteAddr != nil {
		attrs = append(attrs, slog.String("remote", r.RemoteAddr.String()))
	}
	return slog.GroupValue(attrs...)
}

// LogValue returns the app, the peer's name for itself and the bytes, without queries and without the connect object.
func (i ConnInfo) LogValue() slog.Value {
	app, _, _ := strings.Cut(i.App, "?")
	return slog.GroupValue(
		slog.String("app", app),
		slog.String("flashVer", i.FlashVer),
		slog.Bool("tls", i.TLS != nil),
		slog.Uint64("bytesRead", i.BytesRead),
		slog.Uint64("bytesWritten", i.BytesWritten),
	)
}

// LogValue returns the figures without those of the streams.
func (s ConnStats) LogValue() slog.Value {
	attrs := []slog.Attr{slog.Time("since", s.Since), slog.String("state", s.State.String())}
	if s.RemoteAddr != nil {
		attrs = append(attrs, slog.String("remote", s.RemoteAddr.String()))
	}
	attrs = append(attrs, s.Info.LogValue().Group()...)
	return slog.GroupValue(append(attrs,
		slog.Uint64("messagesRead", s.MessagesRead),
		slog.Uint64("messagesWritten", s.MessagesWritten),
		slog.Int("readQueue", s.ReadQueue),
		slog.Int("writeQueue", s.WriteQueue),
		slog.Int("streams", len(s.Streams)),
	)...)
}
