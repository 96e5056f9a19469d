package session

import (
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// A Client is the client's end of a connection. It must not be used by two goroutines at the same time.
type Client struct {
	engine

	phase    clientPhase
	lastID   uint32                   // of a request, and the transaction of the last command
	calls    map[uint32]call          // by transaction: what we wait for
	requests map[uint32]clientRequest // by id: Publish and Play before their stream is there
	checks   uint32                   // bandwidth checks answered
}

type clientPhase uint8

const (
	clientNew       clientPhase = iota // connect was not sent
	clientAsking                       // and is not answered
	clientConnected                    // accepted
	clientOver                         // refused, or closed by the server
)

// A call is a command of ours whose answer we wait for.
type call uint8

const (
	callConnect      call = iota + 1
	callCreateStream      // its transaction is the id of a request
	callRemote            // of the owner
)

// A clientRequest is what Publish or Play asked for.
type clientRequest struct {
	publish    bool
	name, kind string
	start      time.Duration
}

// NewClient returns the client's end of a connection whose handshake is complete at the time now. A nil config
// means the defaults.
func NewClient(config *Config, now time.Time) *Client {
	c := &Client{calls: make(map[uint32]call), requests: make(map[uint32]clientRequest)}
	c.engine.init(config, now, c)
	return c
}

// Connect sends the connect command with object, which is not kept, and args. The application should be in it
// as "app", which is moved to the front; flashVer and objectEncoding are added if they are missing. The answer
// is ConnectAccepted or ConnectRejected.
//
// Errors: ErrConnected, those of amf0.Append, and the error that ended the session.
//
// RTMP 1.0, section 7.2.1.1.
func (c *Client) Connect(object amf0.Object, args ...any) error {
	if c.err != nil {
		return c.err
	}
	if c.phase != clientNew {
		return ErrConnected
	}
	full := make(amf0.Object, 0, len(object)+2)
	if app, ok := object.Get("app"); ok {
		full = append(full, amf0.Property{Name: "app", Value: app})
	}
	for _, p := range object {
		if p.Name != "app" {
			full = append(full, p)
		}
	}
	if _, ok := full.Get("flashVer"); !ok {
		full.Set("flashVer", c.config.FlashVer)
	}
	if _, ok := full.Get("objectEncoding"); !ok {
		full.Set("objectEncoding", 0.0)
	}
	if _, err := c.ask(callConnect, "connect", full, args...); err != nil {
		return err
	}
	c.phase = clientAsking
	return nil
}

// ask sends a command on stream 0 with the next transaction id and remembers to wait for the answer.
func (c *Client) ask(kind call, name string, object any, args ...any) (id uint32, err error) {
	id = c.lastID + 1
	if err := c.command(0, name, float64(id), object, args...); err != nil {
		return 0, err
	}
	c.lastID = id
	c.calls[id] = kind
	return id, nil
}

// tell is ask for a command whose answer nobody wants.
func (c *Client) tell(name string, args ...any) error {
	err := c.command(0, name, float64(c.lastID+1), nil, args...)
	if err == nil {
		c.lastID++
	}
	return err
}

// ready returns why nothing can be asked now, or nil.
func (c *Client) ready() error {
	if c.err == nil && c.phase != clientConnected {
		return ErrNotConnected
	}
	return c.err
}

// Call calls a remote method on the application. The answer is CallReturned with the same id.
//
// Errors: ErrNotConnected, those of amf0.Append, and the error that ended the session.
//
// RTMP 1.0, section 7.2.1.2.
func (c *Client) Call(method string, args ...any) (id uint32, err error) {
	if err := c.ready(); err != nil {
		return 0, err
	}
	return c.ask(callRemote, method, nil, args...)
}

// accept makes st open and tells the owner.
func (c *Client) accept(st *stream) {
	st.state = streamOpen
	c.emit(StreamAccepted{ID: st.request, StreamID: st.id})
}

// refuse tells the owner that the server does not want st, and forgets the stream.
func (c *Client) refuse(st *stream, status Status) {
	c.emit(StreamRejected{ID: st.request, Status: status})
	c.deleteStream(st)
}

// end tells the owner that the server ended st, which waits to be closed.
func (c *Client) end(st *stream, status *Status) {
	st.state, st.inbound = streamEnded, false
	c.emit(StreamEnded{StreamID: st.id, Status: status})
}

// early takes media that come before the server has said that it plays, as an answer.
func (c *Client) early(st *stream) bool {
	if st.state != streamWaiting {
		return false
	}
	c.accept(st)
	return true
}

// takeData delivers a data message unless it speaks of the stream instead of being in it. "|RtmpSampleAccess" lets a
// Flash movie look at the pictures and means nothing to anybody else.
func (c *Client) takeData(m *message.Message) {
	name, _, ok := message.PeekName(m)
	switch {
	case ok && string(name) == "|RtmpSampleAccess":
		return
	case ok && (string(name) == "onStatus" || string(name) == "onPlayStatus"):
		if body, err := message.Parse(m); err == nil {
			if st, ok := parseStatus(body.(*message.Data).Values...); ok {
				c.takeStatus(m.StreamID, st)
				return
			}
		}
	}
	if c.takesMedia(m) {
		c.emit(MessageReceived{Message: m})
	}
}

// chunkSizeChanged lets our chunks grow with the server's, unless the size is configured. Some servers take it
// only after connect.
func (c *Client) chunkSizeChanged() {
	if c.phase != clientConnected || c.config.ChunkSize != 0 {
		return
	}
	if size := c.chunkSize(); size > c.enc.ChunkSize() {
		c.control(0, &message.SetChunkSize{Size: size})
	}
}

// chunkSize returns the size that our chunks should have.
func (c *Client) chunkSize() uint32 {
	if c.config.ChunkSize != 0 {
		return c.config.ChunkSize
	}
	return max(clientChunkSize, min(c.dec.ChunkSize(), maxChunkSize))
}

func (c *Client) connected() bool { return c.phase == clientConnected }

// connectDue: a client waits for its server as long as its owner likes.
func (c *Client) connectDue() (time.Duration, bool) { return 0, false }
