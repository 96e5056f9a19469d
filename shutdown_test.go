package rtmp_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/rtmptest"
)

func TestShutdownWithPublishersAndPlayers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		results := make(map[string]chan error)
		for _, name := range []string{"up", "down"} {
			results[name] = make(chan error, 1)
		}
		read := make(chan struct{})
		s := &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) (err error) {
			defer func() { results[r.Name] <- err }()
			if err := s.Accept(); err != nil {
				return err
			}
			if r.Method == rtmp.MethodPlay {
				for {
					if err := s.WriteMessage(audio(1, 10)); err != nil {
						return err
					}
					select {
					case <-time.After(40 * time.Millisecond):
					case <-r.Context().Done():
						wantError(t, "the context says why it is done", rtmp.ErrServerClosed, context.Cause(r.Context()))
					}
				}
			}
			<-read
			wantMessages(t, "what was queued comes before the end", s, 1, 2, 3)
			_, err = s.ReadMessage()
			return err
		})}
		d := serve(t, s)
		pub, err := d.Publish(t.Context(), "rtmp://test/live/up")
		if err != nil {
			t.Fatal(err)
		}
		player, err := d.Play(t.Context(), "rtmp://test/live/down")
		if err != nil {
			t.Fatal(err)
		}
		for n := range 3 {
			pub.WriteMessage(audio(n+1, 10))
		}
		synctest.Wait()

		hook := make(chan struct{})
		s.RegisterOnShutdown(func() { close(hook) })
		done := make(chan error, 1)
		go func() { done <- s.Shutdown(t.Context()) }()
		<-hook
		wantError(t, "the handler of a player", rtmp.ErrServerClosed, <-results["down"])
		wantMessages(t, "a player gets what was sent", player, 1)
		var end error
		for end == nil {
			_, end = player.ReadMessage()
		}
		wantError(t, "and then the end of the stream", io.EOF, end)
		if len(done) > 0 {
			t.Error("Shutdown has not waited for the handler of the publisher")
		}
		close(read)
		wantError(t, "the handler of a publisher", rtmp.ErrServerClosed, <-results["up"])
		if err := <-done; err != nil {
			t.Errorf("Shutdown = %v, want nil", err)
		}
		if _, err := d.Dial(t.Context(), "rtmp://test/live"); err == nil {
			t.Error("Dial after Shutdown succeeded")
		}
		if err := pub.WriteMessage(audio(4, 10)); err == nil {
			t.Error("the publisher writes to a server that is gone")
		}
		pub.Close()
		player.Close()
	})
}

// An idle connection, and one that does not get through its handshake, do not keep Shutdown waiting.
func TestShutdownEndsIdleConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &rtmp.Server{Handler: ingest}
		d := serve(t, s)
		c, err := d.Dial(t.Context(), "rtmp://test/live")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		nc, err := d.NetDial(t.Context(), "tcp", "test:1935")
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		synctest.Wait()
		begin := time.Now()
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown = %v, want nil", err)
		}
		if took := time.Since(begin); took > time.Second {
			t.Errorf("Shutdown took %v, want at most a second", took)
		}
		_, err = c.Ping(t.Context())
		wantError(t, "the client sees that the connection is gone", io.ErrUnexpectedEOF, err)
	})
}

func TestShutdownContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		s := &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			s.Accept()
			<-release // does not care
			return nil
		})}
		pub, err := serve(t, s).Publish(t.Context(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(5*time.Second, func() { cancel(errCause) })
		begin := time.Now()
		wantError(t, "Shutdown whose context ends", errCause, s.Shutdown(ctx))
		if took := time.Since(begin); took != 5*time.Second {
			t.Errorf("Shutdown took %v, want 5s", took)
		}
		synctest.Wait()
		if err := pub.WriteMessage(audio(1, 10)); err == nil {
			t.Error("the connection is still there after Shutdown gave up")
		}
		pub.Close()
		close(release)
	})
}

func TestServerClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan error, 1)
		s := &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			err := ingest(s, r)
			result <- err
			return err
		})}
		pub, err := serve(t, s).Publish(t.Context(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("Close took %v, want no time", took)
		}
		select {
		case err := <-result:
			wantError(t, "the handler", rtmp.ErrServerClosed, err)
		default:
			t.Error("Close has not waited for the handler")
		}
		nc, _ := rtmptest.NetPipe()
		wantError(t, "ServeConn after Close", rtmp.ErrServerClosed, s.ServeConn(t.Context(), nc))
		if _, err := nc.Read(make([]byte, 1)); err == nil {
			t.Error("ServeConn after Close leaves the connection open")
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown after Close = %v, want nil", err)
		}
		pub.Close()
	})
}

// Peers that can are asked to connect again, and what they ask for until then is refused: it would never end.
func TestShutdownAsksToReconnect(t *testing.T) {
	tests := []struct {
		name string
		caps amf0.Object
		want []string // codes of onStatus
	}{
		{"with capsEx", amf0.Object{{Name: "capsEx", Value: 1.0}}, []string{"NetConnection.Connect.ReconnectRequest", "NetStream.Publish.Rejected", "NetStream.Unpublish.Success"}},
		{"without", nil, []string{"NetStream.Publish.Rejected", "NetStream.Unpublish.Success"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				s := &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
					if r.Name == "again" {
						t.Error("a request that came during Shutdown reached a handler")
					}
					err := ingest(s, r)
					<-release
					return err
				})}
				nc, err := serve(t, s).NetDial(t.Context(), "tcp", "test:1935")
				if err != nil {
					t.Fatal(err)
				}
				p := newPeer(t, nc, true)
				p.publishWith(tt.caps...)
				p.command(0, "createStream", 3)
				p.hear("_result")
				done := make(chan error, 1)
				go func() { done <- s.Shutdown(t.Context()) }()
				synctest.Wait()
				p.command(2, "publish", 0, "again", "live")
				synctest.Wait()
				close(release)
				var got []string
				for range tt.want {
					info, _ := amf0.AsObject(p.hear("onStatus").Args[0])
					code, _ := info.String("code")
					got = append(got, code)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("the server says (-want +got):\n%s", diff)
				}
				if err := <-done; err != nil {
					t.Errorf("Shutdown = %v, want nil", err)
				}
				if _, err := io.Copy(io.Discard, nc); err != nil {
					t.Errorf("the connection does not end cleanly: %v", err)
				}
			})
		})
	}
}
