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

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// The tests of this file go through the error table of the package, row by row.

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

// writeAll writes until an error.
func writeAll(w message.Writer) (err error) {
	for err == nil {
		err = w.WriteMessage(audio(0, 16<<10))
	}
	return err
}

// Close must not keep calls waiting for the second that it may need to get rid of what is queued.
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

func TestErrorUnknownIsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc1, nc2 := rtmptest.NetPipe()
		server := rtmp.NewServerConn(nc2, nil)
		defer server.CloseNow()
		accepted := accept(t, server)
		p := newPeer(t, nc1, true)
		p.publish()
		s := accepted()
		command, err := message.New(1, 0, &message.Command{Name: "onSomething", Args: []any{1.0}})
		if err != nil {
			t.Fatal(err)
		}
		unknown := []*message.Message{
			{Type: 99, StreamID: 1, Payload: []byte("type 99")},
			{Type: message.TypeVideo, StreamID: 1, Timestamp: 5, Payload: []byte{0x1F, 1, 2}}, // codec 15
			{Type: message.TypeAudio, StreamID: 1, Timestamp: 6},                              // no payload at all
			{Type: message.TypeData, StreamID: 1, Payload: []byte{0x29, 1, 2}},                // no AMF0 marker
			command,
		}
		for _, m := range unknown {
			if err := p.WriteMessage(m); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range unknown {
			got, err := s.ReadMessage()
			if err != nil {
				t.Fatalf("%v: %v", want.Type, err)
			}
			if diff := cmp.Diff(want, got, equateEmpty); diff != "" {
				t.Errorf("what is not known is delivered as it is (-want +got):\n%s", diff)
			}
		}
	})
}

func TestErrorPeerBrokeTheRules(t *testing.T) {
	tests := []struct {
		name, layer string
		do          func(p *peer)
		err         error
	}{
		{"chunk without a header before it", "chunk", func(p *peer) { p.nc.Write([]byte{0xC0 | 20}) }, chunk.ErrHeader},
		{"chunk size 0", "chunk", func(p *peer) {
			p.nc.Write([]byte("\x02\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x00\x00\x00"))
		}, chunk.ErrControl},
		{"message too large before publish", "chunk", func(p *peer) {
			p.WriteMessage(&message.Message{Type: message.TypeAudio, Payload: make([]byte, 256<<10+1)})
		}, chunk.ErrTooLarge},
		{"command that is not AMF", "message", func(p *peer) {
			p.WriteMessage(&message.Message{Type: message.TypeCommand, Payload: []byte{0xFF}})
		}, nil},
		{"silence instead of connect", "session", func(p *peer) {}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				nc1, nc2 := rtmptest.NetPipe()
				server := rtmp.NewServerConn(nc2, nil)
				defer server.CloseNow()
				result := make(chan error, 1)
				go func() { _, err := server.AcceptStream(t.Context()); result <- err }()
				p := newPeer(t, nc1, true)
				go tt.do(p) // the server may hang up before it has read all
				err := <-result
				protocol := wantAs[*rtmp.ProtocolError](t, tt.name, err)
				if protocol != nil && protocol.Layer != tt.layer {
					t.Errorf("the layer is %q, want %q: %v", protocol.Layer, tt.layer, err)
				}
				if tt.err != nil {
					wantError(t, "the precise error is in it", tt.err, err)
				}
				_, again := server.Ping(t.Context())
				if again != err {
					t.Errorf("a later call returns %v, want the first fatal error %v", again, err)
				}
				if _, err := nc1.Read(make([]byte, 4096)); err == nil {
					_, err = io.Copy(io.Discard, nc1)
					if err != nil {
						t.Errorf("the connection is not closed: %v", err)
					}
				}
				synctest.Wait()
			})
		})
	}
}

// A stream in the middle of which the peer breaks the rules ends with the same error as the connection.
func TestErrorPeerBrokeTheRulesInMidStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc1, nc2 := rtmptest.NetPipe()
		server := rtmp.NewServerConn(nc2, nil)
		defer server.CloseNow()
		accepted := accept(t, server)
		p := newPeer(t, nc1, true)
		p.publish()
		s := accepted()
		p.nc.Write([]byte{0xC0 | 20})
		_, err := s.ReadMessage()
		wantAs[*rtmp.ProtocolError](t, "a chunk that cannot be", err)
	})
}

func TestErrorOtherProtocols(t *testing.T) {
	for name, first := range map[string]string{"HTTP": "GET / HTTP/1.1\r\n", "TLS": "\x16\x03\x01\x02\x00", "RTMPE": "\x06\x00\x00\x00\x00"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				nc1, nc2 := rtmptest.NetPipe()
				server := rtmp.NewServerConn(nc2, nil)
				defer server.CloseNow()
				defer nc1.Close()
				nc1.Write([]byte(first))
				err := server.Handshake(t.Context())
				if protocol := wantAs[*rtmp.ProtocolError](t, name, err); protocol != nil && protocol.Layer != "handshake" {
					t.Errorf("layer = %q, want handshake", protocol.Layer)
				}
			})
		})
	}
}

var errCause = errors.New("the test has changed its mind")

func TestErrorContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil) // nobody answers requests
		calls := map[string]func(ctx context.Context) error{
			"Publish":      func(ctx context.Context) error { _, err := client.Publish(ctx, "cam"); return err },
			"Play":         func(ctx context.Context) error { _, err := client.Play(ctx, "cam"); return err },
			"AcceptStream": func(ctx context.Context) error { _, err := acceptNothing(ctx); return err },
		}
		for name, call := range calls {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(errCause) })
			wantError(t, name+" whose context ends", errCause, call(ctx))
		}
		if _, err := client.Ping(t.Context()); err != nil {
			t.Errorf("the connection did not survive: %v", err)
		}
		// What was withdrawn does not stand in the way of what comes.
		pub, s := publish(t, client, server)
		pub.WriteMessage(audio(1, 10))
		wantMessages(t, "a publish after others were withdrawn", s, 1)
	})
}

// acceptNothing waits for a stream on a connection whose peer wants none.
func acceptNothing(ctx context.Context) (*rtmp.Stream, error) {
	client, server := rtmptest.Pipe()
	defer client.CloseNow()
	defer server.CloseNow()
	return server.AcceptStream(ctx)
}

func TestErrorContextOfDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var end net.Conn
		dialer := &rtmp.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) {
			var nc net.Conn
			nc, end = rtmptest.NetPipe() // nobody answers
			return nc, nil
		}}
		calls := map[string]func(ctx context.Context) error{
			"Dial":    func(ctx context.Context) error { _, err := dialer.Dial(ctx, "rtmp://test/live"); return err },
			"Publish": func(ctx context.Context) error { _, err := dialer.Publish(ctx, "rtmp://test/live/cam"); return err },
			"Play":    func(ctx context.Context) error { _, err := dialer.Play(ctx, "rtmp://test/live/cam"); return err },
		}
		for name, call := range calls {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Second, func() { cancel(errCause) })
			wantError(t, name+" whose context ends", errCause, call(ctx))
			if _, err := io.Copy(io.Discard, end); err != nil {
				t.Errorf("%s leaves its connection open: %v", name, err)
			}
		}
	})
}

func TestErrorRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			switch r.Name {
			case "status":
				return &rtmp.StatusError{Code: "NetStream.Publish.BadName", Description: "taken", Info: amf0.Object{{Name: "until", Value: 5.0}}}
			case "error":
				return errors.New("a secret")
			}
			return nil // not handled
		})}
		c, err := serve(t, server).Dial(t.Context(), "rtmp://test/live")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		tests := []struct {
			name, method string
			want         rtmp.StatusError
		}{
			{"status", "publish", rtmp.StatusError{Code: "NetStream.Publish.BadName", Description: "taken", Info: amf0.Object{{Name: "until", Value: 5.0}}}},
			{"error", "publish", rtmp.StatusError{Code: "NetStream.Publish.Rejected", Description: "refused"}},
			{"nil", "publish", rtmp.StatusError{Code: "NetStream.Publish.Rejected", Description: "not handled"}},
			{"error", "play", rtmp.StatusError{Code: "NetStream.Play.Failed", Description: "refused"}},
			{"nil", "play", rtmp.StatusError{Code: "NetStream.Play.Failed", Description: "not handled"}},
		}
		for _, tt := range tests {
			var err error
			if tt.method == "publish" {
				_, err = c.Publish(t.Context(), tt.name)
			} else {
				_, err = c.Play(t.Context(), tt.name)
			}
			wantError(t, "a handler refuses "+tt.method+" with "+tt.name, rtmp.ErrRefused, err)
			if status := wantAs[*rtmp.StatusError](t, tt.name, err); status != nil {
				if diff := cmp.Diff(tt.want, *status, equateEmpty); diff != "" {
					t.Errorf("%s of %s (-want +got):\n%s", tt.name, tt.method, diff)
				}
			}
		}
		if _, err := c.Ping(t.Context()); err != nil {
			t.Errorf("a refusal ended the connection: %v", err)
		}
	})
}
