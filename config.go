package rtmp

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/session"
)

// Ours. The reasons are in the comments of the Config fields.
const (
	defaultHandshakeTimeout = 10 * time.Second
	defaultConnectTimeout   = 10 * time.Second
	defaultStallTimeout     = 30 * time.Second
	defaultIdleTimeout      = 60 * time.Second
	defaultWriteTimeout     = 30 * time.Second
	defaultReadQueue        = 4 << 20 // bytes
	defaultWriteBuffer      = 1 << 20 // bytes
	closeGrace              = time.Second
	lingerTime              = 5 * time.Second // for what the network has; nearly every peer closes at once
)

// A Config sets the limits and timeouts of a connection. Do not change it after use; Clone it. Nil and the
// zero value mean the defaults, which are meant for peers that nobody knows.
type Config struct {
	// HandshakeTimeout bounds the time from the first use of the connection to the end of the handshake,
	// whatever the peer sends in between. Zero means 10 seconds; negative means no bound.
	HandshakeTimeout time.Duration

	// ConnectTimeout bounds the time that a server waits for the connect command after the handshake. Zero
	// means 10 seconds; negative means no bound.
	ConnectTimeout time.Duration

	// StallTimeout ends a connection whose peer stopped in the middle of a message, or publishes and sends
	// nothing, for so long. Zero means 30 seconds; negative means no bound.
	StallTimeout time.Duration

	// IdleTimeout is the silence, pings included, that ends a connection. The peer is pinged after half of it. One
	// that takes bytes which had to wait for it is not silent. Zero means 60 seconds; negative means none.
	IdleTimeout time.Duration

	// WriteTimeout ends a connection whose peer takes no bytes for so long, or at most a quarter longer, or less
	// than 128 KiB although more waits for it. Zero means 30 seconds; negative means none.
	WriteTimeout time.Duration

	// ChunkSize is the number of payload bytes per chunk that we send, 1 to 16,777,215. Zero means 65,536 as a
	// server; as a client 4,096 until the server announces more, then as large as the server's, at most 65,536.
	ChunkSize int

	// WindowAckSize is the number of bytes after which the peer is asked to acknowledge. Zero means 2,500,000.
	WindowAckSize int

	// MaxMessageSize is the number of payload bytes accepted in one message. Zero means 16 MiB. All unfinished
	// messages of a connection together may take 1 MiB more.
	MaxMessageSize int

	// MaxEarlyMessageSize takes the place of MaxMessageSize until a publish or play was accepted. Zero means
	// 256 KiB.
	MaxEarlyMessageSize int

	// MaxStreams is the number of message streams that a peer may open. Zero means 32.
	MaxStreams int

	// MaxRequests is the number of publish and play requests of one connection that may wait for an answer.
	// Zero means 16.
	MaxRequests int

	// ReadQueue is the number of bytes queued for the Streams of a Conn together before the peer is held back:
	// payloads, and 64 for each message. Zero means 4 MiB. What came in one read from the network, at most 64 KiB,
	// may be queued beyond that, and the end of one message. What a server's players send does not hold anything
	// back: nobody has to read it, and of more than 64 messages, or 256 KiB, the oldest are dropped.
	ReadQueue int

	// WriteBuffer is the number of bytes queued per Conn before WriteMessage blocks. Zero means 1 MiB. One
	// message more than that may be queued.
	WriteBuffer int

	// OnCall answers the remote method calls of the peer that RTMP itself does not define. Its values become
	// the _result, its error the _error. Nil answers every such call with NetConnection.Call.Failed. It is
	// called in order, one call at a time per connection; while it runs nothing else is read. It must not Close c,
	// which waits for it.
	OnCall func(c *Conn, call *message.Command) ([]any, error)

	// OnReconnect is called when the server asks this client to connect again: to tcURL, which is absolute and
	// may be the one that it has, as Dial takes it. Nothing happens by itself, and the server goes on for a while.
	// The rules are those of OnCall. A Dialer whose Config has it tells servers so, which would not ask otherwise.
	//
	// Enhanced RTMP v2, "Reconnect Request".
	OnReconnect func(c *Conn, tcURL string)

	Trace  *Trace       // hooks; nil: none
	Logger *slog.Logger // what a person may want to know about a connection; nil: silent
}

// Clone returns a copy of c, or nil if c is nil.
func (c *Config) Clone() *Config {
	if c == nil {
		return nil
	}
	d := *c
	return &d
}

// resolved returns a copy of c with every zero replaced by its default. The copy is never changed.
func (c *Config) resolved() *Config {
	var d Config
	if c != nil {
		d = *c
	}
	d.HandshakeTimeout = cmp.Or(d.HandshakeTimeout, defaultHandshakeTimeout)
	d.ConnectTimeout = cmp.Or(d.ConnectTimeout, defaultConnectTimeout)
	d.StallTimeout = cmp.Or(d.StallTimeout, defaultStallTimeout)
	d.IdleTimeout = cmp.Or(d.IdleTimeout, defaultIdleTimeout)
	d.WriteTimeout = cmp.Or(d.WriteTimeout, defaultWriteTimeout)
	d.ReadQueue = cmp.Or(d.ReadQueue, defaultReadQueue)
	d.WriteBuffer = cmp.Or(d.WriteBuffer, defaultWriteBuffer)
	if d.Trace == nil {
		d.Trace = new(Trace)
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return &d
}

// session returns the part of c that the protocol needs. Its own zero values mean the same defaults.
func (c *Config) session() *session.Config {
	return &session.Config{
		ChunkSize:       uint32(c.ChunkSize),
		WindowAckSize:   uint32(c.WindowAckSize),
		MaxMessageSize:  uint32(c.MaxMessageSize),
		MaxEarlyMessage: uint32(c.MaxEarlyMessageSize),
		MaxStreams:      c.MaxStreams,
		MaxRequests:     c.MaxRequests,
		ConnectTimeout:  c.ConnectTimeout,
		StallTimeout:    c.StallTimeout,
		IdleTimeout:     c.IdleTimeout,
	}
}

// A Trace is a set of hooks, any of which may be nil. They are called in order per connection, must be quick,
// must not call methods of c that wait, and must not keep or change the message. Request and Message are called while
// c is locked: of the methods of c and s they may call only those that return what never changes, such as
// Conn.RemoteAddr, Stream.Conn and Stream.Request.
type Trace struct {
	// Opened is called before anything is read from a connection.
	Opened func(c *Conn)

	// Handshake is called when the handshake ended, with its error if it failed.
	Handshake func(c *Conn, err error)

	// Connect is called when a server has answered the connect command, with the error if it was refused.
	Connect func(c *Conn, err error)

	// Request is called when a server has answered a publish or play request: with nil if it was accepted, else
	// with the reason. A request that is withdrawn, or whose connection ends, before that is not answered.
	Request func(s *Stream, err error)

	// Message is called for every message, sent or received, control messages included except those that the
	// chunk layer and the protocol answer by themselves.
	Message func(c *Conn, sent bool, m *message.Message)

	// Stream is called when the handler of a stream returned, with what it returned, and before the peer is told.
	Stream func(s *Stream, err error)

	// Closed is called once, when the connection is over, with the first fatal error.
	Closed func(c *Conn, err error)
}

// A ConnInfo describes a connection: the peer's connect command and the counters.
type ConnInfo struct {
	App, TCURL, FlashVer    string
	Connect                 amf0.Object          // the whole connect object; nil before it arrived, and on clients
	TLS                     *tls.ConnectionState // nil without TLS, and before the handshake is over
	BytesRead, BytesWritten uint64               // chunk stream bytes, handshake excluded
}
