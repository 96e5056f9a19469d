package rtmp_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

var ingest = rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
	if err := s.Accept(); err != nil {
		return err
	}
	for {
		if _, err := s.ReadMessage(); err != nil {
			return err
		}
	}
})

func TestHandlerPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		d := serve(t, &rtmp.Server{
			ErrorLog: slog.New(slog.NewTextHandler(&log, nil)),
			Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
				if r.Name == "bad" {
					panic("a handler's mistake")
				}
				return ingest(s, r)
			}),
		})
		c, err := d.Dial(t.Context(), "rtmp://test/live")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, err = c.Publish(t.Context(), "bad")
		wantError(t, "a panic before acceptance is a refusal", rtmp.ErrRefused, err)
		if err != nil && strings.Contains(err.Error(), "mistake") {
			t.Errorf("the client sees what panicked: %v", err)
		}
		pub, err := c.Publish(t.Context(), "good")
		if err != nil {
			t.Errorf("the connection died of the panic: %v", err)
		} else if err := pub.Close(); err != nil {
			t.Error(err)
		}
		if text := log.String(); !strings.Contains(text, "a handler's mistake") || !strings.Contains(text, "server_test.go") {
			t.Errorf("the log has neither the panic nor its stack: %s", text)
		}
	})
}

func TestServerWithoutHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := serve(t, new(rtmp.Server)).Play(t.Context(), "rtmp://test/live/cam")
		wantError(t, "nobody handles it", rtmp.ErrRefused, err)
	})
}

func TestMaxConns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := serve(t, &rtmp.Server{Handler: ingest, MaxConns: 2})
		conns := make(chan *rtmp.Conn, 3)
		for range 3 {
			go func() {
				c, err := d.Dial(t.Context(), "rtmp://test/live")
				if err != nil {
					t.Errorf("Dial: %v", err)
				}
				conns <- c
			}()
		}
		synctest.Wait()
		if n := len(conns); n != 2 {
			t.Fatalf("%d connections exist, want 2", n)
		}
		first := <-conns
		first.Close()
		synctest.Wait()
		if n := len(conns); n != 2 {
			t.Errorf("the third does not get the place of the first: %d", n)
		}
		(<-conns).Close()
		(<-conns).Close()
	})
}

func TestMaxConnsShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &rtmp.Server{Handler: ingest, MaxConns: 1}
		d := serve(t, s)
		c, err := d.Dial(t.Context(), "rtmp://test/live")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		synctest.Wait()
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

func TestServerTLSVersions(t *testing.T) {
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			infos := make(chan rtmp.ConnInfo, 1)
			s := rtmptest.NewTLSServer(rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
				infos <- r.Conn
				return ingest(s, r)
			}))
			defer s.Close()
			d := s.Dialer()
			d.TLSConfig.MinVersion, d.TLSConfig.MaxVersion = version, version
			pub, err := d.Publish(t.Context(), s.URL+"/live/cam")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := message.Copy(pub, &rtmptest.Source{Duration: time.Second}); err != nil {
				t.Error(err)
			}
			if state := pub.Stream().Conn().Info().TLS; state == nil || state.Version != version {
				t.Errorf("the client's TLS state is %v, want version %x", state, version)
			}
			if err := pub.Close(); err != nil {
				t.Error(err)
			}
			if state := (<-infos).TLS; state == nil || state.Version != version {
				t.Errorf("the request's TLS state is %v, want version %x", state, version)
			}
		})
	}
}

func TestDialVerifiesTheCertificate(t *testing.T) {
	s := rtmptest.NewTLSServer(ingest)
	defer s.Close()
	_, err := rtmp.Dial(t.Context(), s.URL+"/live")
	var unknown *tls.CertificateVerificationError
	if !errors.As(err, &unknown) {
		t.Errorf("Dial = %v, want a certificate error", err)
	}
}

func TestServeConn(t *testing.T) {
	tests := []struct {
		name string
		end  func(t *testing.T, cancel func(error), client *rtmp.Conn)
		want error
	}{
		{"the peer closes", func(t *testing.T, cancel func(error), client *rtmp.Conn) { client.Close() }, nil},
		{"the context ends", func(t *testing.T, cancel func(error), client *rtmp.Conn) { cancel(errCause) }, errCause},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				type key struct{}
				type connKey struct{}
				ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "base"))
				defer cancel(nil)
				inHandler := make(chan any, 1)
				s := &rtmp.Server{
					ConnContext: func(ctx context.Context, nc net.Conn) context.Context {
						return context.WithValue(ctx, connKey{}, nc)
					},
					Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
						inHandler <- r.Context().Value(key{})
						if r.Context().Value(connKey{}) != s.Conn().NetConn() {
							t.Error("the context of the request does not come from ConnContext")
						}
						s.Accept()
						<-r.Context().Done()
						return nil
					}),
				}
				nc1, nc2 := rtmptest.NetPipe()
				served := make(chan error, 1)
				go func() { served <- s.ServeConn(ctx, nc2) }()
				client := rtmp.NewClientConn(nc1, nil)
				defer client.CloseNow()
				if err := client.Connect(t.Context(), "rtmp://test/live", nil); err != nil {
					t.Fatal(err)
				}
				if _, err := client.Play(t.Context(), "cam"); err != nil {
					t.Fatal(err)
				}
				if v := <-inHandler; v != "base" {
					t.Errorf("the context of the request has %v, want what ServeConn was given", v)
				}
				tt.end(t, cancel, client)
				if err := <-served; err != tt.want {
					t.Errorf("ServeConn = %v, want %v", err, tt.want)
				}
			})
		})
	}
}

func TestHandlerErrorAfterAcceptance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := serve(t, &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			s.Accept()
			if r.Name == "error" {
				return errors.New("a secret")
			}
			return &rtmp.StatusError{Code: "NetStream.Publish.Failed", Description: "disk full"}
		})})
		for _, name := range []string{"error", "status"} {
			pub, err := d.Publish(t.Context(), "rtmp://test/live/"+name)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			err = pub.WriteMessage(audio(1, 10))
			if name == "status" {
				if status := wantAs[*rtmp.StatusError](t, "the handler's error reaches the publisher", err); status != nil && status.Description != "disk full" {
					t.Errorf("the status is %v, want that of the handler", status)
				}
			} else {
				wantError(t, "the stream is over", net.ErrClosed, err)
			}
			<-time.After(2 * time.Second)
			if _, err := pub.Stream().Conn().Ping(t.Context()); err == nil {
				t.Error("the server leaves the connection open, and the encoder goes on")
			}
			pub.Close()
		}
	})
}
