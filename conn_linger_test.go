package rtmp_test

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// slowReader takes messages more slowly than they are sent.
type slowReader struct {
	rtmptest.Checker
	n int
}

func (r *slowReader) WriteMessage(m *message.Message) error {
	if r.n++; r.n%20 == 0 {
		<-time.After(time.Millisecond)
	}
	return r.Checker.WriteMessage(m)
}

// Megabytes are still in the network when a Publisher is closed, and the server acknowledges some of them
// afterwards. A connection that is closed for good then is reset, and the rest is lost.
func TestCloseWaitsForWhatTheNetworkHas(t *testing.T) {
	for name, start := range map[string]func(*rtmptest.Server){"TCP": (*rtmptest.Server).Start, "TLS": (*rtmptest.Server).StartTLS} {
		t.Run(name, func(t *testing.T) {
			var reader slowReader
			done := make(chan error, 1)
			s := rtmptest.NewUnstartedServer(rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
				_, err := message.Copy(&reader, s)
				done <- err
				return err
			}))
			defer s.Close()
			s.Config.Config = &rtmp.Config{ReadQueue: 64 << 10}
			start(s)
			d := s.Dialer()
			d.Config = &rtmp.Config{WindowAckSize: 50_000} // the server acknowledges often
			pub, err := d.Publish(t.Context(), s.URL+"/live/cam")
			if err != nil {
				t.Fatal(err)
			}
			src := &rtmptest.Source{Duration: 40 * time.Second}
			if _, err := message.Copy(pub, src); err != nil {
				t.Fatal(err)
			}
			if err := pub.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			if err := <-done; err != nil {
				t.Errorf("the server's stream ended with %v, want io.EOF", err)
			}
			if diff := cmp.Diff(src.Tally(), reader.Tally); diff != "" {
				t.Errorf("what the server got (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCloseLingersForPublishersOnly(t *testing.T) {
	tests := []struct {
		name    string
		publish bool
		want    time.Duration
	}{
		{"publisher", true, 5 * time.Second},
		{"player", false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				nc1, nc2 := rtmptest.NetPipe()
				client, server, err := rtmptest.Connect(nc1, &deafConn{Conn: nc2}, nil, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer server.CloseNow()
				if tt.publish {
					pub, _ := publish(t, client, server)
					pub.WriteMessage(audio(1, 10))
				} else {
					play(t, client, server)
				}
				begin := time.Now()
				client.Close()
				if took := time.Since(begin); took != tt.want {
					t.Errorf("Close took %v with a peer that does not close its side, want %v", took, tt.want)
				}
				if _, err := nc1.Write([]byte{0}); err == nil {
					t.Error("the connection is not closed")
				}
			})
		})
	}
}

// A deafConn does not notice that its peer has ended its half.
type deafConn struct{ net.Conn }

func (c *deafConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != io.EOF {
		return n, err
	}
	<-time.After(time.Minute)
	return 0, net.ErrClosed
}

// While it lingers a connection says nothing more, whatever it is asked: the peer would take it for broken.
func TestCloseLingersInSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc1, nc2 := rtmptest.NetPipe()
		client := rtmp.NewClientConn(nc1, nil)
		closed := make(chan struct{})
		p := make(chan *peer, 1)
		go func() { p <- serverPeer(t, nc2) }()
		if err := client.Connect(t.Context(), "rtmp://test/live", nil); err != nil {
			t.Fatal(err)
		}
		pub, err := client.Publish(t.Context(), "cam")
		if err != nil {
			t.Fatal(err)
		}
		pub.WriteMessage(audio(1, 10))
		server := <-p
		go func() { defer close(closed); client.Close() }()
		if _, err := io.Copy(io.Discard, nc2); err != nil {
			t.Fatalf("the end of what the client sends: %v", err)
		}
		for range 3 {
			server.say(0, &message.UserControl{Event: message.EventPingRequest, Timestamp: 5})
			<-time.After(time.Second)
		}
		select {
		case <-closed:
			t.Error("the client is gone before its peer")
		default:
		}
		nc2.Close()
		<-closed
	})
}

// A publisher that sends and leaves at once does not hear what is said to it. What it sent counts all the same.
func TestWhatCameBeforeTheEndIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc1, nc2 := rtmptest.NetPipe()
		server := rtmp.NewServerConn(nc2, &rtmp.Config{ReadQueue: 1})
		defer server.CloseNow()
		accepted := accept(t, server)
		p := newPeer(t, nc1, true)
		p.publish()
		s := accepted()
		const n = 50 // as many as the pipe holds while the server, whose queue is full, does not read
		for i := range n {
			m := audio(i, 1000)
			m.StreamID = 1
			if err := p.WriteMessage(m); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		nc1.Close()
		if err := s.WriteStatus(&rtmp.StatusError{Code: "NetStream.Publish.Slow"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for i := range n {
			wantMessages(t, "what the publisher sent before it left", s, i)
		}
		_, err := s.ReadMessage()
		wantError(t, "it left without a word", io.ErrUnexpectedEOF, err)
		if err := s.WriteMessage(audio(0, 1)); err == nil {
			t.Error("a write to a publisher that has left succeeded")
		}
	})
}

// A peer that cannot be written to, and does not end either, is given up after WriteTimeout.
func TestWriteFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc1, nc2 := rtmptest.NetPipe()
		mute := &muteConn{Conn: nc2}
		client, server, err := rtmptest.Connect(nc1, mute, nil, &rtmp.Config{WriteTimeout: 7 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer client.CloseNow()
		defer server.CloseNow()
		pub, s := publish(t, client, server)
		_, down := play(t, client, server)
		if err := server.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		mute.err.Store(io.ErrShortWrite)
		begin := time.Now()
		down.WriteMessage(audio(1, 10))
		wantError(t, "Flush", io.ErrShortWrite, server.Flush(t.Context()))
		wantError(t, "Flush again", io.ErrShortWrite, server.Flush(t.Context()))
		wantError(t, "WriteMessage", io.ErrShortWrite, down.WriteMessage(audio(1, 10)))
		pub.WriteMessage(audio(2, 10))
		wantMessages(t, "reading goes on", s, 2)
		_, err = s.ReadMessage()
		wantError(t, "the end", io.ErrShortWrite, err)
		if took := time.Since(begin); took != 7*time.Second {
			t.Errorf("the connection ended after %v, want 7s", took)
		}
	})
}

// A muteConn cannot be written to from when err is set.
type muteConn struct {
	net.Conn
	err atomic.Value
}

func (c *muteConn) Write(p []byte) (int, error) {
	if err := c.err.Load(); err != nil {
		return 0, err.(error)
	}
	return c.Conn.Write(p)
}
