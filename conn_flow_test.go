package rtmp_test

import (
	"context"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// What lies between two ends of a NetPipe, in bytes: its buffer, and what the reader has taken from it and not decoded.
const inPipe = 2 * 64 << 10

func TestReadQueueHoldsThePeerBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const queue, buffer, size = 10 << 10, 10 << 10, 1000
		client, server := pipe(t, &rtmp.Config{WriteBuffer: buffer, WriteTimeout: -1, IdleTimeout: -1}, &rtmp.Config{ReadQueue: queue})
		pub, s := publish(t, client, server)
		pub.SetWriteDeadline(time.Now().Add(time.Second))
		n := 0
		var err error
		for err == nil {
			if err = pub.WriteMessage(audio(n, size)); err == nil {
				n++
			}
		}
		wantError(t, "the publisher is held back", os.ErrDeadlineExceeded, err)
		if total := n * size; total > queue+buffer+inPipe+2*size {
			t.Errorf("%d bytes were taken, want at most what queue, buffer and pipe hold", total)
		}
		if held := s.Buffered() * (size + 64); held < queue || held > queue+inPipe/2 {
			t.Errorf("%d bytes are queued, want %d and what came with one read", held, queue)
		}
		// It is the server that does not read: however long, the publisher is not to blame.
		<-time.After(time.Hour)
		for i := range n {
			wantMessages(t, "nothing is lost", s, i)
		}
		<-time.After(2 * time.Second)
		pub.SetWriteDeadline(time.Time{})
		if err := pub.WriteMessage(audio(n, size)); err != nil {
			t.Errorf("the connection did not survive an hour of waiting: %v", err)
		}
		wantMessages(t, "it goes on after an hour", s, n)
	})
}

// A player that does not read holds back its server in the same way, and another connection not at all.
func TestReadQueueOfAPlayer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, &rtmp.Config{ReadQueue: 1 << 10}, &rtmp.Config{WriteBuffer: 1 << 10, WriteTimeout: -1})
		player, s := play(t, client, server)
		s.SetWriteDeadline(time.Now().Add(time.Second))
		n := 0
		for s.WriteMessage(audio(n, 1000)) == nil {
			n++
		}
		if n*1000 > 2<<10+inPipe+2000 {
			t.Errorf("the server wrote %d kB, and nobody reads", n)
		}
		for i := range n {
			wantMessages(t, "nothing is lost", player, i)
		}
	})
}

func TestWriteBufferBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const buffer, size = 4 << 10, 1000
		nc1, nc2 := rtmptest.NetPipe()
		tap := &gate{Conn: nc1, open: make(chan struct{})}
		client, server, err := rtmptest.Connect(tap, nc2, &rtmp.Config{WriteBuffer: buffer}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer client.CloseNow()
		defer server.CloseNow()
		pub, s := publish(t, client, server)
		client.Flush(t.Context())
		tap.shut = true
		written := make(chan int)
		go func() {
			defer close(written)
			for n := range 100 {
				if err := pub.WriteMessage(audio(n, size)); err != nil {
					t.Errorf("WriteMessage: %v", err)
				}
				written <- n
			}
		}()
		n := 0
		for blocked := false; !blocked; {
			synctest.Wait()
			select {
			case n = <-written:
			default:
				blocked = true
			}
		}
		if total := (n + 1) * size; total < buffer || total > buffer+2*size {
			t.Errorf("%d bytes were queued before WriteMessage blocked, want %d and one message more", total, buffer)
		}
		close(tap.open)
		for range written {
		}
		for i := range 100 {
			wantMessages(t, "all of them come when the network takes them", s, i)
		}
	})
}

// A gate is a connection whose Write waits until open is closed, from when shut is set.
type gate struct {
	net.Conn
	shut bool
	open chan struct{}
}

func (g *gate) Write(p []byte) (int, error) {
	if g.shut {
		<-g.open
	}
	return g.Conn.Write(p)
}

func TestPublisherCloseFlushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tallies := make(chan rtmptest.Tally, 1)
		d := serve(t, &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			var c rtmptest.Checker
			_, err := message.Copy(&c, s)
			tallies <- c.Tally
			return err
		})})
		dial := d.NetDial
		d.NetDial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			nc, err := dial(ctx, network, addr)
			return &slowConn{Conn: nc, delay: 50 * time.Millisecond}, err
		}
		pub, err := d.Publish(t.Context(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		src := &rtmptest.Source{Duration: 2 * time.Second}
		if _, err := message.Copy(pub, src); err != nil {
			t.Fatal(err)
		}
		if err := pub.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if diff := cmp.Diff(src.Tally(), <-tallies); diff != "" {
			t.Errorf("what the server got (-want +got):\n%s", diff)
		}
		wantError(t, "WriteMessage after Close", net.ErrClosed, pub.WriteMessage(audio(1, 1)))
	})
}

func TestPublisherCloseReportsLoss(t *testing.T) {
	tests := []struct {
		name string
		end  func(client, server *rtmp.Conn)
	}{
		{"the peer does not read", func(client, server *rtmp.Conn) {}},
		{"the connection is lost", func(client, server *rtmp.Conn) { server.CloseNow() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := pipe(t, nil, &rtmp.Config{ReadQueue: 1})
				pub, _ := publish(t, client, server)
				for range 10 {
					pub.WriteMessage(audio(1, 64<<10))
				}
				tt.end(client, server)
				synctest.Wait()
				begin := time.Now()
				if err := pub.Close(); err == nil {
					t.Error("Close reports no loss")
				}
				if took := time.Since(begin); took > time.Second {
					t.Errorf("Close took %v, want at most a second", took)
				}
			})
		})
	}
}

// What the server said is the reason, whether WriteMessage has come across it or not.
func TestPublisherCloseReportsTheStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := serve(t, &rtmp.Server{Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			s.ReadMessage()
			return &rtmp.StatusError{Code: "NetStream.Publish.Failed", Description: "disk full"}
		})})
		for name, after := range map[string]time.Duration{"at once": 0, "after the connection has ended": time.Minute} {
			pub, err := d.Publish(t.Context(), "rtmp://test/live/cam")
			if err != nil {
				t.Fatal(err)
			}
			pub.WriteMessage(audio(1, 10))
			synctest.Wait()
			<-time.After(after)
			if status := wantAs[*rtmp.StatusError](t, "Close "+name, pub.Close()); status != nil && status.Description != "disk full" {
				t.Errorf("the status is %v, want that of the server", status)
			}
		}
	})
}

// The same for a Publisher that owns its connection.
func TestPublishCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := serve(t, &rtmp.Server{Config: &rtmp.Config{ReadQueue: 1}, Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			s.Accept()
			<-r.Context().Done()
			return nil
		})})
		pub, err := d.Publish(t.Context(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			pub.WriteMessage(audio(1, 64<<10))
		}
		begin := time.Now()
		if err := pub.Close(); err == nil {
			t.Error("Close reports no loss")
		}
		if took := time.Since(begin); took > time.Second {
			t.Errorf("Close took %v, want at most a second", took)
		}
	})
}

// A peer that takes what is sent slowly but steadily is not one that takes nothing.
func TestWriteTimeoutLetsSlowPeersLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc1, nc2 := rtmptest.NetPipe()
		slow := rtmp.NewServerConn(nc2, &rtmp.Config{WriteTimeout: 2 * time.Second, WriteBuffer: 4 << 20})
		defer slow.CloseNow()
		accepted := accept(t, slow)
		p := newPeer(t, nc1, true)
		p.play()
		s := accepted()
		const size = 3 << 20
		if err := s.WriteMessage(audio(1, size)); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 100<<10)
		for got := 0; got < size; {
			<-time.After(time.Second) // 100 kB/s: 30 seconds in all
			n, err := io.ReadFull(nc1, buf[:min(len(buf), size-got)])
			if got += n; err != nil {
				t.Fatalf("after %d of %d bytes: %v", got, size, err)
			}
		}
		if err := slow.Flush(t.Context()); err != nil {
			t.Errorf("Flush: %v", err)
		}
	})
}
