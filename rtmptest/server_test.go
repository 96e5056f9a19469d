package rtmptest

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// record is a handler that reads a published stream with a Checker and tells what it counted.
func record(done chan<- Tally) rtmp.HandlerFunc {
	return func(s *rtmp.Stream, r *rtmp.Request) error {
		var c Checker
		_, err := message.Copy(&c, s)
		done <- c.Tally
		return err
	}
}

// publish sends a short stream to url.
func publish(t *testing.T, d *rtmp.Dialer, url string) {
	t.Helper()
	pub, err := d.Publish(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := message.Copy(pub, &Source{Duration: time.Second}); err != nil {
		t.Error(err)
	}
	if err := pub.Close(); err != nil {
		t.Error(err)
	}
}

func TestServer(t *testing.T) {
	tests := []struct {
		name  string
		start func(rtmp.Handler) *Server
	}{
		{"plain", NewServer},
		{"TLS", NewTLSServer},
		{"TLS 1.2", func(h rtmp.Handler) *Server {
			s := NewUnstartedServer(h)
			s.TLS = &tls.Config{MaxVersion: tls.VersionTLS12}
			s.StartTLS()
			return s
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			done := make(chan Tally, 1)
			s := tt.start(record(done))
			defer s.Close()
			publish(t, s.Dialer(), s.URL+"/live/cam")
			if diff := cmp.Diff((&Source{Duration: time.Second}).Tally(), <-done); diff != "" {
				t.Errorf("messages at the handler (-want +got):\n%s", diff)
			}
		})
	}
}

func TestServerConfig(t *testing.T) {
	s := NewUnstartedServer(nil)
	defer s.Close()
	s.Config.OnConnect = func(context.Context, *rtmp.ConnInfo) error {
		return &rtmp.StatusError{Code: "NetConnection.Connect.InvalidApp"}
	}
	s.Start()
	if _, err := rtmp.Dial(context.Background(), s.URL+"/live"); !errors.Is(err, rtmp.ErrRefused) {
		t.Errorf("Dial error = %v, want the refusal of OnConnect", err)
	}
}

func TestServerClose(t *testing.T) {
	s := NewServer(nil)
	s.Close()
	s.Close() // again is fine
	if _, err := rtmp.Dial(context.Background(), s.URL+"/live"); err == nil {
		t.Error("Dial after Close succeeded")
	}
	NewUnstartedServer(nil).Close()
}

func TestListenerInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewListener()
		done := make(chan Tally, 1)
		server := &rtmp.Server{Handler: record(done)}
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		publish(t, &rtmp.Dialer{NetDial: l.Dial}, "rtmp://test/live/cam")
		if diff := cmp.Diff((&Source{Duration: time.Second}).Tally(), <-done); diff != "" {
			t.Errorf("messages at the handler (-want +got):\n%s", diff)
		}
		server.Close()
		if err := <-served; err != rtmp.ErrServerClosed {
			t.Errorf("Serve = %v, want ErrServerClosed", err)
		}
	})
}

func TestListenerErrors(t *testing.T) {
	l := NewListener()
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("no time")
	cancel(cause)
	if _, err := l.Dial(ctx, "tcp", "test:1935"); !errors.Is(err, cause) {
		t.Errorf("Dial with nobody accepting = %v, want the cause of its context", err)
	}
	l.Close()
	l.Close()
	if _, err := l.Dial(context.Background(), "tcp", "test:1935"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Dial after Close = %v, want net.ErrClosed", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after Close = %v, want net.ErrClosed", err)
	}
}

func TestPipe(t *testing.T) {
	client, server := Pipe()
	defer client.Close()
	defer server.Close()
	if app := server.Info().App; app != "test" {
		t.Errorf("the server's app is %q, want test", app)
	}
	if _, err := client.Ping(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestConnectFails(t *testing.T) {
	nc1, nc2 := NetPipe()
	nc2.Close()
	if _, _, err := Connect(nc1, nc2, nil, nil); err == nil {
		t.Fatal("Connect over a closed connection succeeded")
	}
	if _, err := nc1.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) && err != io.EOF {
		t.Errorf("the other end is not closed: Read = %v", err)
	}
}
