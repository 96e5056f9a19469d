package rtmp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// The error table of the package, row by row; its other rows are in conn_protocol_test.go and conn_refused_test.go.

func TestErrorPeerEndedTheStream(t *testing.T) {
	tests := []struct {
		name string
		end  func(p *peer)
	}{
		{"deleteStream", func(p *peer) { p.command(0, "deleteStream", 0, 1.0) }},
		{"closeStream", func(p *peer) { p.command(1, "closeStream", 0) }},
		{"FCUnpublish", func(p *peer) { p.command(0, "FCUnpublish", 9, "cam") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				nc1, nc2 := rtmptest.NetPipe()
				server := rtmp.NewServerConn(nc2, nil)
				defer server.CloseNow()
				accepted := accept(t, server)
				p := newPeer(t, nc1, true)
				p.publish()
				p.WriteMessage(&message.Message{Type: message.TypeAudio, StreamID: 1, Timestamp: 1, Payload: []byte{1}})
				tt.end(p)
				s := accepted()
				synctest.Wait()
				wantMessages(t, "what came before the end is read first", s, 1)
				for range 2 {
					_, err := s.ReadMessage()
					wantError(t, "the peer ended the stream", io.EOF, err)
				}
				wantError(t, "the stream is over for writing too", net.ErrClosed, s.WriteMessage(audio(1, 1)))
				wantError(t, "and its request is over", io.EOF, context.Cause(s.Request().Context()))
				if _, err := server.Ping(context.Background()); errors.Is(err, net.ErrClosed) {
					t.Errorf("the connection ended with the stream: Ping = %v", err)
				}
			})
		})
	}
}

func TestErrorServerEndedTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		player, s := play(t, client, server)
		s.WriteMessage(audio(1, 10))
		s.Close()
		wantMessages(t, "what came before the end is read first", player, 1)
		_, err := player.ReadMessage()
		wantError(t, "the server ended the stream", io.EOF, err)
		if _, err := client.Ping(t.Context()); err != nil {
			t.Errorf("the connection ended with the stream: Ping: %v", err)
		}
	})
}

func TestErrorConnectionLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		pub, up := publish(t, client, server)
		player, down := play(t, client, server)
		pub.WriteMessage(audio(1, 10))
		client.Flush(t.Context())
		synctest.Wait()
		client.NetConn().Close()
		synctest.Wait()
		wantMessages(t, "what came before the loss is read first", up, 1)
		for range 2 {
			_, err := up.ReadMessage()
			wantError(t, "the connection was lost in mid-stream, seen by the server", io.ErrUnexpectedEOF, err)
			wantError(t, "the same for writing", io.ErrUnexpectedEOF, down.WriteMessage(audio(1, 1)))
		}
		wantError(t, "the request is over", io.ErrUnexpectedEOF, context.Cause(up.Request().Context()))
		_, err := server.AcceptStream(t.Context())
		wantError(t, "the connection ended between streams", io.EOF, err)
		if _, err := player.ReadMessage(); err == nil {
			t.Error("the client reads on a connection that was lost")
		}
		if err := pub.Close(); err == nil {
			t.Error("Publisher.Close on a connection that was lost reports no loss")
		}
	})
}

func TestErrorOwnClose(t *testing.T) {
	for _, tt := range []struct {
		name  string
		close func(c *rtmp.Conn) error
	}{{"Close", (*rtmp.Conn).Close}, {"CloseNow", (*rtmp.Conn).CloseNow}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := pipe(t, nil, nil)
				_, quiet := publish(t, client, server)
				pub, _ := publish(t, client, server)
				player, _ := play(t, client, server)
				ctx := t.Context()
				// Nobody sends on quiet and to player, and nobody reads what goes to the others: all calls wait.
				calls := map[string]func() error{
					"Player.ReadMessage":     func() error { _, err := player.ReadMessage(); return err },
					"client.ReadMessage":     func() error { _, err := client.ReadMessage(); return err },
					"client.Publish":         func() error { _, err := client.Publish(ctx, "x"); return err },
					"client.Play":            func() error { _, err := client.Play(ctx, "x"); return err },
					"Publisher.WriteMessage": func() error { return writeAll(pub) },
					"server stream read":     func() error { _, err := quiet.ReadMessage(); return err },
					"server.ReadMessage":     func() error { _, err := server.ReadMessage(); return err },
				}
				type result struct {
					name string
					err  error
				}
				results := make(chan result, len(calls))
				for name, call := range calls {
					go func() { results <- result{name, call()} }()
				}
				synctest.Wait()
				if n := len(results); n > 0 {
					t.Fatalf("%d calls have returned before Close, the first %v", n, <-results)
				}
				begin := time.Now()
				if err := tt.close(client); err != nil {
					t.Errorf("%s = %v, want nil", tt.name, err)
				}
				if d := time.Since(begin); d > time.Second {
					t.Errorf("%s took %v, want at most a second", tt.name, d)
				}
				synctest.Wait()
				server.CloseNow()
				for range calls {
					r := <-results
					if r.name[0] == 'c' || r.name[0] == 'P' {
						wantError(t, r.name+" while the own end is closed", net.ErrClosed, r.err)
					} else if r.err == nil {
						t.Errorf("%s goes on after the peer closed", r.name)
					}
				}
				for name, call := range calls {
					if name[0] != 's' {
						wantError(t, name+" after the own end was closed", net.ErrClosed, call())
					}
				}
				wantError(t, "Ping afterwards", net.ErrClosed, func() error { _, err := client.Ping(ctx); return err }())
				wantError(t, "Flush afterwards", net.ErrClosed, client.Flush(ctx))
				if err := client.Close(); err != nil {
					t.Errorf("Close again = %v, want nil", err)
				}
			})
		})
	}
}

func writeAll(w message.Writer) (err error) {
	for err == nil {
		err = w.WriteMessage(audio(0, 16<<10))
	}
	return err
}

func TestCloseEndsWaitingCallsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		pub, _ := publish(t, client, server)
		player, _ := play(t, client, server)
		begin := time.Now()
		took := make(chan time.Duration, 2)
		go func() { writeAll(pub); took <- time.Since(begin) }()
		go func() { player.ReadMessage(); took <- time.Since(begin) }()
		synctest.Wait()
		client.Close()
		for range 2 {
			if d := <-took; d != 0 {
				t.Errorf("a call that waited returned %v after Close began, want at once", d)
			}
		}
	})
}

func TestErrorDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, &rtmp.Config{ReadQueue: 1 << 10})
		pub, s := publish(t, client, server)

		s.SetReadDeadline(time.Now().Add(time.Second))
		_, err := s.ReadMessage()
		wantError(t, "nothing came in time", os.ErrDeadlineExceeded, err)
		s.SetReadDeadline(time.Time{})
		pub.WriteMessage(audio(1, 10))
		wantMessages(t, "the read is repeated", s, 1)

		// Now fill everything between the two.
		pub.SetWriteDeadline(time.Now().Add(time.Second))
		n := 2
		for ; err == nil || n == 2; n++ {
			if err = pub.WriteMessage(audio(n, 64<<10)); err != nil {
				break
			}
		}
		wantError(t, "the peer did not read in time", os.ErrDeadlineExceeded, err)
		read := make(chan struct{})
		go func() {
			defer close(read)
			for i := 2; i <= n; i++ {
				wantMessages(t, "after a write was repeated nothing is missing and nothing came twice", s, i)
			}
		}()
		pub.SetWriteDeadline(time.Time{})
		if err := pub.WriteMessage(audio(n, 64<<10)); err != nil {
			t.Errorf("the write is repeated: %v", err)
		}
		<-read
	})
}
