package rtmp_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/handshake"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// pipe returns a connected pair that is closed at the end of the test.
func pipe(t *testing.T, clientConfig, serverConfig *rtmp.Config) (client, server *rtmp.Conn) {
	t.Helper()
	client, server = rtmptest.PipeConfig(clientConfig, serverConfig)
	t.Cleanup(func() { client.CloseNow(); server.CloseNow() })
	return client, server
}

// accept accepts the next stream of server in the background. What it returns waits for it.
func accept(t *testing.T, server *rtmp.Conn) (wait func() *rtmp.Stream) {
	t.Helper()
	accepted := make(chan *rtmp.Stream, 1)
	go func() {
		defer close(accepted)
		s, err := server.AcceptStream(context.Background())
		if err == nil {
			err = s.Accept()
		}
		if err != nil {
			t.Errorf("server: AcceptStream and Accept: %v", err)
			return
		}
		accepted <- s
	}()
	return func() *rtmp.Stream {
		t.Helper()
		s := <-accepted
		if s == nil {
			t.FailNow()
		}
		return s
	}
}

// publish opens a stream from client to server.
func publish(t *testing.T, client, server *rtmp.Conn) (*rtmp.Publisher, *rtmp.Stream) {
	t.Helper()
	accepted := accept(t, server)
	p, err := client.Publish(context.Background(), "cam")
	if err != nil {
		t.Fatalf("Publish: %v", err)
	}
	return p, accepted()
}

// play opens a stream from server to client.
func play(t *testing.T, client, server *rtmp.Conn) (*rtmp.Player, *rtmp.Stream) {
	t.Helper()
	accepted := accept(t, server)
	p, err := client.Play(context.Background(), "cam")
	if err != nil {
		t.Fatalf("Play: %v", err)
	}
	return p, accepted()
}

// serve runs s in memory until the end of the test and returns what dials it.
func serve(t *testing.T, s *rtmp.Server) *rtmp.Dialer {
	t.Helper()
	l := rtmptest.NewListener()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(l); err != rtmp.ErrServerClosed {
			t.Errorf("Serve = %v, want ErrServerClosed", err)
		}
	}()
	t.Cleanup(func() { s.Close(); <-done })
	return &rtmp.Dialer{NetDial: l.Dial}
}

// audio returns a message of n bytes, each of which is its number.
func audio(number, n int) *message.Message {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(number)
	}
	return &message.Message{Type: message.TypeAudio, Timestamp: message.Timestamp(number), Payload: p}
}

// wantError checks that err matches want, and says why it should.
func wantError(t *testing.T, why string, want, err error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error = %v, want %v", why, err, want)
	}
}

// wantAs checks that err is a T, and returns it.
func wantAs[T error](t *testing.T, why string, err error) (target T) {
	t.Helper()
	if !errors.As(err, &target) {
		t.Errorf("%s: error = %v (%T), want a %T", why, err, err, target)
	}
	return target
}

// wantMessages reads messages with the given numbers, made by audio.
func wantMessages(t *testing.T, why string, r message.Reader, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		m, err := r.ReadMessage()
		if err != nil {
			t.Fatalf("%s: reading message %d: %v", why, n, err)
		}
		if m.Type != message.TypeAudio || m.Timestamp != message.Timestamp(n) || len(m.Payload) == 0 || m.Payload[0] != byte(n) {
			t.Fatalf("%s: got %v at %d, %d bytes, want audio message %d", why, m.Type, m.Timestamp, len(m.Payload), n)
		}
	}
}

// A peer is the other end of a connection, in the hands of the test: handshake and chunks, and no protocol.
type peer struct {
	t  *testing.T
	nc net.Conn
	*chunk.Reader
	*chunk.Writer
}

// newPeer does the handshake over nc, which is closed at the end of the test.
func newPeer(t *testing.T, nc net.Conn, client bool) *peer {
	t.Helper()
	t.Cleanup(func() { nc.Close() })
	return shakeHands(t, nc, client)
}

// shakeHands is newPeer for an nc that somebody else closes.
func shakeHands(t *testing.T, nc net.Conn, client bool) *peer {
	t.Helper()
	var err error
	if client {
		err = handshake.NewClient(nil).Run(nc)
	} else {
		err = handshake.NewServer(nil).Run(nc)
	}
	if err != nil {
		t.Fatalf("handshake: %v", err)
	}
	return &peer{t, nc, chunk.NewReader(nc), chunk.NewWriter(nc)}
}

// say sends one body.
func (p *peer) say(streamID uint32, b message.Body) {
	p.t.Helper()
	m, err := message.New(streamID, 0, b)
	if err == nil {
		err = p.WriteMessage(m)
	}
	if err != nil {
		p.t.Fatalf("peer says %T: %v", b, err)
	}
}

// command sends a command with the null object, unless the first value is one.
func (p *peer) command(streamID uint32, name string, txn float64, args ...any) {
	p.t.Helper()
	c := &message.Command{Name: name, TransactionID: txn, Args: args}
	if len(args) > 0 {
		if object, ok := args[0].(amf0.Object); ok {
			c.Object, c.Args = object, args[1:]
		}
	}
	p.say(streamID, c)
}

// hear reads until a command with the given name, which it returns.
func (p *peer) hear(name string) *message.Command {
	p.t.Helper()
	for {
		if c := p.hearAny(); c.Name == name {
			return c
		}
	}
}

// hearAny reads until a command, which it returns.
func (p *peer) hearAny() *message.Command {
	p.t.Helper()
	p.nc.SetReadDeadline(time.Now().Add(time.Minute))
	for {
		m, err := p.ReadMessage()
		if err != nil {
			p.t.Fatalf("peer waits for a command: %v", err)
		}
		if !m.Type.IsCommand() {
			continue
		}
		b, err := message.Parse(m)
		if err != nil {
			p.t.Fatalf("peer waits for a command: %v", err)
		}
		return b.(*message.Command)
	}
}

// play goes from the handshake to an accepted play on stream 1.
func (p *peer) play() {
	p.t.Helper()
	p.command(0, "connect", 1, amf0.Object{{Name: "app", Value: "test"}})
	p.hear("_result")
	p.command(0, "createStream", 2)
	p.hear("_result")
	p.command(1, "play", 0, "cam")
	p.hear("onStatus")
}

// publish goes from the handshake to an accepted publish on stream 1.
func (p *peer) publish() { p.publishWith() }

// publishWith is publish with more properties in the connect object.
func (p *peer) publishWith(more ...amf0.Property) {
	p.t.Helper()
	p.command(0, "connect", 1, append(amf0.Object{{Name: "app", Value: "test"}}, more...))
	p.hear("_result")
	p.command(0, "createStream", 2)
	p.hear("_result")
	p.command(1, "publish", 0, "cam", "live")
	p.hear("onStatus")
}

// equateEmpty compares payloads and objects that came over the wire with those of the test.
var equateEmpty = cmpopts.EquateEmpty()

// discardLog is for tests whose errors are meant to happen.
var discardLog = slog.New(slog.DiscardHandler)
