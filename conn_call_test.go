package rtmp_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

func TestCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		onCall := func(c *rtmp.Conn, call *message.Command) ([]any, error) {
			switch call.Name {
			case "add":
				return []any{call.Args[0].(float64) + call.Args[1].(float64), "sum"}, nil
			case "refuse":
				return nil, &rtmp.StatusError{Code: "App.No", Description: "not today", Info: amf0.Object{{Name: "day", Value: 1.0}}}
			}
			return nil, errors.New("a secret")
		}
		client, _ := pipe(t, nil, &rtmp.Config{OnCall: onCall})
		got, err := client.Call(t.Context(), "add", 2, 3.5)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]any{nil, 5.5, "sum"}, got); diff != "" {
			t.Errorf("Call(add, 2, 3.5) (-want +got):\n%s", diff)
		}
		tests := []struct {
			method string
			want   *rtmp.StatusError
		}{
			{"refuse", &rtmp.StatusError{Code: "App.No", Description: "not today", Info: amf0.Object{{Name: "day", Value: 1.0}}}},
			{"fail", &rtmp.StatusError{Code: "NetConnection.Call.Failed", Description: "call failed"}},
		}
		for _, tt := range tests {
			_, err := client.Call(t.Context(), tt.method)
			if diff := cmp.Diff(tt.want, wantAs[*rtmp.StatusError](t, tt.method, err), equateEmpty); diff != "" {
				t.Errorf("Call(%s) (-want +got):\n%s", tt.method, diff)
			}
		}
		if _, err := client.Call(t.Context(), "bad", struct{}{}); err == nil {
			t.Error("Call with a value that AMF does not have succeeded")
		}
		if _, err := client.Ping(t.Context()); err != nil {
			t.Errorf("the connection did not survive: %v", err)
		}
	})
}

// Without OnCall every call is answered, so that nobody waits, and can be seen with ReadMessage.
func TestCallWithoutOnCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		_, _ = publish(t, client, server)
		_, err := client.Call(t.Context(), "getConfig", "x")
		if status := wantAs[*rtmp.StatusError](t, "an unknown method", err); status != nil && status.Code != "NetConnection.Call.Failed" {
			t.Errorf("code = %s, want NetConnection.Call.Failed", status.Code)
		}
		m, err := server.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if name, _, _ := message.PeekName(m); string(name) != "getConfig" {
			t.Errorf("ReadMessage gives the command %q, want getConfig", name)
		}
	})
}

func TestCallIsDirected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		if _, err := server.Call(t.Context(), "x"); err == nil {
			t.Error("Call from the server's side succeeded")
		}
		if _, err := server.Publish(t.Context(), "x"); err == nil {
			t.Error("Publish from the server's side succeeded")
		}
		if err := server.Connect(t.Context(), "rtmp://x/y", nil); err == nil {
			t.Error("Connect from the server's side succeeded")
		}
		if err := client.Connect(t.Context(), "rtmp://x/y", nil); err == nil {
			t.Error("a second Connect succeeded")
		}
		if err := client.Connect(t.Context(), "http://x/y", nil); err == nil {
			t.Error("Connect to http succeeded")
		}
	})
}

// A call that nobody answers ends with its context; the late answer harms nobody.
func TestCallContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := pipe(t, nil, &rtmp.Config{OnCall: func(c *rtmp.Conn, call *message.Command) ([]any, error) {
			<-time.After(time.Duration(call.Args[0].(float64)) * time.Second)
			return call.Args, nil
		}})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errCause) })
		_, err := client.Call(ctx, "slow", 3)
		wantError(t, "the context ended first", errCause, err)
		got, err := client.Call(t.Context(), "slow", 0)
		if diff := cmp.Diff([]any{nil, 0.0}, got); err != nil || diff != "" {
			t.Errorf("the next call fails with %v or does not get its own answer (-want +got):\n%s", err, diff)
		}
	})
}

func TestPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc1, nc2 := rtmptest.NetPipe()
		client, server, err := rtmptest.Connect(&slowConn{Conn: nc1, delay: 30 * time.Millisecond}, nc2, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer client.CloseNow()
		defer server.CloseNow()
		if err := client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]*rtmp.Conn{"client": client, "server": server} {
			rtt, err := c.Ping(t.Context())
			if err != nil || rtt != 30*time.Millisecond {
				t.Errorf("Ping of the %s = %v, %v, want 30ms", name, rtt, err)
			}
		}
		// Several at the same time, one of which gives up.
		var wg sync.WaitGroup
		gaveUp, cancel := context.WithTimeoutCause(t.Context(), 10*time.Millisecond, errCause)
		defer cancel()
		for i := range 3 {
			wg.Go(func() {
				if i == 1 {
					_, err := client.Ping(gaveUp)
					wantError(t, "the ping whose context ended", errCause, err)
					return
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if rtt, err := client.Ping(ctx); err != nil || rtt != 30*time.Millisecond {
					t.Errorf("a ping beside one that gave up = %v, %v, want 30ms", rtt, err)
				}
			})
		}
		wg.Wait()
	})
}

// slowConn delays what is written.
type slowConn struct {
	net.Conn
	delay time.Duration
}

func (c *slowConn) Write(p []byte) (int, error) {
	<-time.After(c.delay)
	return c.Conn.Write(p)
}

func TestFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc1, nc2 := rtmptest.NetPipe()
		client, server, err := rtmptest.Connect(&slowConn{Conn: nc1, delay: time.Second}, nc2, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer client.CloseNow()
		defer server.CloseNow()
		pub, s := publish(t, client, server)
		if err := client.Flush(t.Context()); err != nil {
			t.Errorf("Flush of nothing: %v", err)
		}
		begin := time.Now()
		pub.WriteMessage(audio(1, 10))
		ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errCause)
		defer cancel()
		wantError(t, "Flush whose context ends", errCause, client.Flush(ctx))
		if err := client.Flush(t.Context()); err != nil {
			t.Errorf("Flush: %v", err)
		}
		if took := time.Since(begin); took != time.Second {
			t.Errorf("Flush returned after %v, want 1s, when the message was written", took)
		}
		synctest.Wait()
		if n := s.Buffered(); n != 1 {
			t.Errorf("%d messages have arrived after Flush, want 1", n)
		}
	})
}

func TestInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		pub, s := publish(t, client, server)
		if err := client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		before, peer := client.Info(), server.Info()
		if before.App != "test" || before.TCURL != "rtmp://pipe/test" || before.Connect == nil {
			t.Errorf("the client's Info is %+v, want app and tcUrl of its connect", before)
		}
		if peer.App != "test" || peer.TCURL != "rtmp://pipe/test" || peer.FlashVer == "" {
			t.Errorf("the server's Info is %+v, want what connect said", peer)
		}
		if app, _ := s.Request().Conn.Connect.String("app"); app != "test" {
			t.Errorf("the request's connect object has the app %q, want test", app)
		}
		if before.TLS != nil || peer.TLS != nil {
			t.Error("a pipe has a TLS state")
		}
		const size = 1000
		for n := range 100 {
			pub.WriteMessage(audio(n, size))
		}
		client.Flush(t.Context())
		synctest.Wait()
		sent := client.Info().BytesWritten - before.BytesWritten
		received := server.Info().BytesRead - peer.BytesRead
		if sent != received || sent < 100*size || sent > 100*(size+20) {
			t.Errorf("%d bytes were sent and %d received, want both the same and a little more than %d", sent, received, 100*size)
		}
		if total, read := client.Info(), server.Info(); total.BytesWritten != read.BytesRead || total.BytesRead != read.BytesWritten {
			t.Errorf("the counters differ: client %d/%d, server %d/%d",
				total.BytesRead, total.BytesWritten, read.BytesRead, read.BytesWritten)
		}
	})
}

func TestTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var events []string
		note := func(s string) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, s)
		}
		trace := &rtmp.Trace{
			Handshake: func(c *rtmp.Conn, err error) { note("handshake") },
			Message: func(c *rtmp.Conn, sent bool, m *message.Message) {
				if m.Type == message.TypeAudio {
					note(map[bool]string{true: "sent", false: "received"}[sent])
				}
			},
			Stream: func(s *rtmp.Stream, err error) { note("stream " + err.Error()) },
			Closed: func(c *rtmp.Conn, err error) { note("closed " + err.Error()) },
		}
		d := serve(t, &rtmp.Server{Config: &rtmp.Config{Trace: trace}, Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			s.ReadMessage()
			s.WriteMessage(audio(2, 1))
			_, err := s.ReadMessage()
			return err
		})})
		c, err := d.Dial(t.Context(), "rtmp://test/live")
		if err != nil {
			t.Fatal(err)
		}
		pub, err := c.Publish(t.Context(), "cam")
		if err != nil {
			t.Fatal(err)
		}
		pub.WriteMessage(audio(1, 1))
		synctest.Wait()
		pub.Close()
		synctest.Wait()
		c.Close()
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		want := []string{"handshake", "received", "sent", "stream EOF", "closed EOF"}
		if diff := cmp.Diff(want, events); diff != "" {
			t.Errorf("hooks (-want +got):\n%s", diff)
		}
	})
}
