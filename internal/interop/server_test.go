package interop_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
)

// streamName is the app and name that all tests use.
const streamName = "live/stream"

// A server is an rtmp.Server with a relay.Hub on a port of its own.
type server struct {
	hub     relay.Hub
	handler rtmp.Handler // the hub, if nil
	addr    string
	plays   chan *rtmp.Request // every play request
	ends    chan error         // what the handler of every publish request returned
	over    atomic.Bool        // a publisher has ended
}

// serve starts a server that ends with the test. With config it speaks TLS. Options of srv are kept.
func serve(t *testing.T, srv *rtmp.Server, config *tls.Config) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: l.Addr().String(), plays: make(chan *rtmp.Request, 64), ends: make(chan error, 64)}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	s.handler = srv.Handler
	if s.handler == nil {
		s.handler = &s.hub
	}
	srv.Handler = s
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-ended; !errors.Is(err, rtmp.ErrServerClosed) {
			t.Errorf("Serve = %v, want ErrServerClosed", err)
		}
	})
	return s
}

// url returns the address of the stream for clients that use scheme.
func (s *server) url(scheme string) string { return scheme + "://" + s.addr + "/" + streamName }

// ServeRTMP reports what is asked for and leaves it to the handler. Whoever wants to play after the end is refused:
// rtmpsrc connects again when a stream is over, and would wait for the next publisher.
func (s *server) ServeRTMP(st *rtmp.Stream, r *rtmp.Request) error {
	if r.Method == rtmp.MethodPlay {
		if s.over.Load() {
			return &rtmp.StatusError{Code: "NetStream.Play.StreamNotFound", Description: "it is over"}
		}
		s.plays <- r
		return s.handler.ServeRTMP(st, r)
	}
	err := s.handler.ServeRTMP(st, r)
	s.over.Store(true)
	s.ends <- err
	return err
}

// awaitPlayers waits until n more players have asked for something.
func (s *server) awaitPlayers(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		receive(t, s.plays, "play request %d of %d", i+1, n)
	}
}

// awaitMedia plays the stream at url until its video has come as far as until.
func awaitMedia(t *testing.T, url string, until message.Timestamp) {
	t.Helper()
	ctx := bounded(t)
	p, err := rtmp.Play(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	stop := context.AfterFunc(ctx, func() { p.Stream().Conn().CloseNow() })
	defer stop()
	for {
		m, err := p.ReadMessage()
		if err != nil {
			t.Fatalf("the stream ended before it came to %d ms: %v", until, err)
		}
		if v, err := media.ParseVideo(m.Payload); m.Type == message.TypeVideo && err == nil && v.IsCoded() && !m.Timestamp.Before(until) {
			return
		}
	}
}

// receive waits for a value from ch; what is formatted says what it is.
func receive[T any](t *testing.T, ch <-chan T, format string, args ...any) T {
	t.Helper()
	select {
	case v, ok := <-ch:
		if ok {
			return v
		}
	case <-time.After(patience):
	}
	t.Fatalf("no "+format, args...)
	panic("unreachable")
}

// bounded returns a context for what the test itself does.
func bounded(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
