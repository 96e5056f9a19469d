package rtmp

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/pkg/errors"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/session"
)

// A Conn is an RTMP connection. Its methods may be called from any goroutine.
//
// It runs two goroutines from the handshake on: one reads, and answers pings and acknowledgements whether or not
// anybody calls ReadMessage; one writes, and exists only while there is something to write. Both are gone when
// Close returns.
type Conn struct {
	mu sync.Mutex // guards the fields below, down to use

	// What every prepared message needs is side by side: with thousands of players little of it is in a cache.
	retired   bool       // use is done
	protocol             // the session; nil before ready
	readiness *readyConn // nil: nc is not a plain connection of the operating system
	out       outbox

	cli         *session.Client
	srv         *session.Server
	dispatching bool
	timer       *time.Timer // calls tick
	armed       time.Time   // when timer fires
	draining    bool        // the Conn ends as soon as its last handler has returned
	handlers    int         // that run, those of streams that have ended included

	streams map[uint32]*Stream // open, or requested by the peer
	last    *Stream            // the one that the last message belonged to
	control queue              // messages of no stream
	first   *Stream            // decision of a server Conn without AcceptStream: what it reads and writes
	manual  bool               // AcceptStream was called

	requests []*Stream // waiting for AcceptStream
	arrived  broadcast // requests has grown, or the Conn is dead

	waits   map[uint32]chan any        // by id of a client's publish, play or call
	pongs   map[uint32][]chan struct{} // by ping timestamp
	connect chan session.Event         // capacity 1; where the answer to connect goes
	info    ConnInfo                   // without counters

	connected      bool    // the connect command was accepted
	received, sent traffic // on no stream, and on those that have ended

	rest      int           // bytes that have come and wait for the events before them
	unsettled *Stream       // whose sink was told that more follows
	delay     time.Duration // see coalesce
	queued    int           // bytes that wait in the queues of streams
	held      time.Time     // since when the reader waits for room; zero: it does not
	room      broadcast     // a queue was emptied, or bytes were written

	use    context.Context         // done when nothing new is taken any more: ctx is done, or what is queued goes out
	endUse context.CancelCauseFunc // and then the Conn ends; see retire
	ctx    context.Context         // done when the Conn is dead; Cause is the first error
	cancel context.CancelCauseFunc // the first call wins, later ones do nothing

	nc     net.Conn
	config *Config // resolved; never changed
	client bool
	since  time.Time

	server  *Server         // the Server that runs it, or nil; with the next two
	base    context.Context // what the contexts of requests are made from
	serving sync.WaitGroup  // the handlers
	start   sync.Once       // starts run
	ready   chan struct{}   // closed when the handshake is over and the session exists
	loops   sync.WaitGroup  // run and writeLoop

	read, write deadline // of ReadMessage and WriteMessage of the Conn itself

}

// protocol is what session.Client and session.Server have in common.
type protocol interface {
	Feed(now time.Time, p []byte) (int, error)
	Output(spare []byte) []byte
	OutputLen() int
	Next() (session.Event, bool)
	Timeout() (time.Time, bool)
	Send(m *message.Message) error
	ChunkSize() uint32
	Prepared(csid uint32)
	Ping(now time.Time) uint32
	SendStatus(streamID uint32, st session.Status) error
	Reply(c *message.Command, streamID uint32, values ...any) error
	ReplyError(c *message.Command, streamID uint32, st session.Status) error
	Reuse(payload []byte)
	Resume(now time.Time)
	Taken(now time.Time)
	BytesIn() uint64
}

// NewClientConn runs RTMP as a client over an established connection, which it owns from now on. Connect comes
// next. A nil config means the defaults.
func NewClientConn(nc net.Conn, config *Config) *Conn {
	return newConn(nc, config.resolved(), true)
}

// NewServerConn runs RTMP as a server over an established connection, which it owns from now on. It accepts
// every connect command; AcceptStream gives the streams. A nil config means the defaults.
func NewServerConn(nc net.Conn, config *Config) *Conn {
	return newConn(nc, config.resolved(), false)
}

func newConn(nc net.Conn, config *Config, client bool) *Conn {
	c := &Conn{nc: nc, config: config, client: client, since: time.Now(), ready: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	c.use, c.endUse = context.WithCancelCause(context.Background()) // not made from ctx: that takes a map
	return c
}

// Handshake completes the handshake. Every call that needs it does so by itself; most users need not call it. If
// ctx ends first, the handshake goes on and Handshake returns the cause.
func (c *Conn) Handshake(ctx context.Context) error {
	return c.awaitHandshake(ctx.Done(), func() error { return context.Cause(ctx) })
}

// awaitHandshake is Handshake until stop is closed, for the reason that why gives.
func (c *Conn) awaitHandshake(stop <-chan struct{}, why func() error) error {
	c.start.Do(func() { c.loops.Go(c.run) })
	if isClosed(c.ready) {
		return nil // what became of the connection since then is for the caller to find out
	}
	select {
	case <-c.ready:
		return nil
	case <-c.ctx.Done():
		return c.err()
	case <-stop:
		return why()
	}
}

// Info returns what is known of the peer, and the counters.
func (c *Conn) Info() ConnInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.infoNow()
}

// infoNow is Info with c.mu held.
func (c *Conn) infoNow() ConnInfo {
	info := c.info
	if c.protocol == nil {
		return info // and not TLS: its state waits for its handshake
	}
	info.BytesRead = c.BytesIn()
	info.BytesWritten = c.out.written.Load()
	if t, ok := c.nc.(*tls.Conn); ok {
		state := t.ConnectionState()
		info.TLS = &state
	}
	return info
}

// NetConn returns the connection below. Reading from it, writing to it or setting its deadlines breaks c.
func (c *Conn) NetConn() net.Conn { return c.nc }

// LocalAddr and RemoteAddr return the addresses of the connection below.
func (c *Conn) LocalAddr() net.Addr  { return c.nc.LocalAddr() }
func (c *Conn) RemoteAddr() net.Addr { return c.nc.RemoteAddr() }

// SetDeadline bounds pending and future ReadMessage and WriteMessage calls of c, as in net.Conn. After a timeout
// the Conn is intact: a read lost nothing and can be repeated, a write queued its whole message or nothing of it.
func (c *Conn) SetDeadline(t time.Time) error {
	c.read.reset(t)
	c.write.reset(t)
	return nil
}

// SetReadDeadline is SetDeadline for ReadMessage alone.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.read.reset(t)
	return nil
}

// SetWriteDeadline is SetDeadline for WriteMessage alone.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.write.reset(t)
	return nil
}

// Ping measures the round trip to the peer, its queues included.
func (c *Conn) Ping(ctx context.Context) (time.Duration, error) {
	if err := c.Handshake(ctx); err != nil {
		return 0, err
	}
	pong := make(chan struct{})
	sent := time.Now()
	c.mu.Lock()
	if err := c.dead(); err != nil {
		c.mu.Unlock()
		return 0, unexpected(err)
	}
	stamp := c.protocol.Ping(sent)
	if c.pongs == nil {
		c.pongs = make(map[uint32][]chan struct{})
	}
	c.pongs[stamp] = append(c.pongs[stamp], pong)
	c.kick()
	c.mu.Unlock()
	select {
	case <-pong:
		return time.Since(sent), nil
	case <-c.use.Done():
		return 0, unexpected(c.dead())
	case <-ctx.Done():
		c.mu.Lock()
		c.pongs[stamp] = slices.DeleteFunc(c.pongs[stamp], func(other chan struct{}) bool { return other == pong })
		if len(c.pongs[stamp]) == 0 {
			delete(c.pongs, stamp)
		}
		c.mu.Unlock()
		return 0, context.Cause(ctx)
	}
}

// Close ends open streams, flushes what is queued for at most a second, and closes the connection. If media were
// sent, it waits before that for up to five seconds until the peer has taken what the network still has, which is
// when the peer closes its side. Blocked calls return net.ErrClosed at once. It returns nil, also when the connection
// was dead before.
func (c *Conn) Close() error {
	c.mu.Lock()
	if c.protocol == nil || c.dead() != nil {
		c.mu.Unlock()
		return c.CloseNow()
	}
	c.retire(net.ErrClosed)
	for _, s := range c.streams {
		s.closePolitely()
		s.end(net.ErrClosed)
	}
	sent := c.out.media
	c.wakeAll()
	c.kick()
	c.mu.Unlock()

	ctx, cancel := context.WithTimeout(c.ctx, closeGrace)
	err := c.Flush(ctx)
	cancel()
	if err == nil && sent {
		ctx, cancel := context.WithTimeout(c.ctx, lingerTime)
		c.linger(ctx)
		cancel()
	}
	return c.CloseNow()
}

// CloseNow closes the connection at once. Blocked calls return net.ErrClosed.
func (c *Conn) CloseNow() error {
	c.start.Do(func() {}) // nothing is started any more
	c.fail(net.ErrClosed)
	c.loops.Wait()
	return nil
}

// fail ends the connection with err, unless it has ended before. It must not be called with c.mu held.
func (c *Conn) fail(err error) {
	c.die(err)
	c.nc.Close() // unblocks both loops
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retired = true
	if c.timer != nil {
		c.timer.Stop()
	}
	for _, s := range c.streams {
		s.end(unexpected(c.err()))
	}
	c.wakeAll()
}

// wakeAll wakes the calls that wait for something to happen to c. c.mu is held.
func (c *Conn) wakeAll() {
	c.arrived.signal()
	c.control.grown.signal()
	c.room.signal()
}

// err returns why the connection is dead; nil if it is not.
func (c *Conn) err() error { return context.Cause(c.ctx) }

// dead returns why nothing new is taken: err, or net.ErrClosed as soon as Close was called, or why else the
// connection is about to end; nil if it is alive.
func (c *Conn) dead() error { return context.Cause(c.use) }

// retire makes c take nothing new, for the reason err; what is queued still goes out. c.mu is held.
func (c *Conn) retire(err error) {
	c.endUse(err)
	c.retired = true
}

// die ends everything, for the reason err.
func (c *Conn) die(err error) {
	c.endUse(err)
	c.cancel(err)
}

// unexpected returns err as it looks from the middle of a stream or a transaction.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// ioError returns what the caller of op should see when the network gave err.
func ioError(op string, err error) error {
	switch {
	case err == nil, err == io.EOF, // part of the contract: callers compare
		errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrDeadlineExceeded):
		return err
	}
	return errors.Wrap(err, "rtmp: "+op) // unforeseen: the one place that takes a stack
}

// clientInfo is the part of ConnInfo that a client knows because it said so.
func clientInfo(object amf0.Object) ConnInfo {
	app, _ := object.String("app")
	tcURL, _ := object.String("tcUrl")
	flashVer, _ := object.String("flashVer")
	return ConnInfo{App: app, TCURL: tcURL, FlashVer: flashVer, Connect: object}
}
