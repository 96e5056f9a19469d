package relay

import (
	"context"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// onLoopback serves hub on the loopback interface, where reads can wait, and returns the address of a stream.
func onLoopback(t *testing.T, hub *Hub) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &rtmp.Server{Handler: hub}
	over := make(chan struct{})
	go func() {
		defer close(over)
		server.Serve(l)
	}()
	t.Cleanup(func() {
		server.Close()
		<-over
	})
	return "rtmp://" + l.Addr().String() + "/live/a"
}

// lullOf returns how long messages wait in the connection of the publisher of live/a, as far as that is known.
func lullOf(t *testing.T, hub *Hub, pub *rtmp.Publisher) time.Duration {
	t.Helper()
	if _, err := pub.Stream().Conn().Ping(context.Background()); err != nil {
		t.Fatal(err)
	}
	hub.mu.Lock()
	defer hub.mu.Unlock()
	st := hub.streams["live/a"]
	if st == nil {
		t.Fatal("the stream is gone")
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.pub.delay
}

// Messages wait in the connection of their publisher as long as nobody plays them, or as long as the merge window makes
// them wait anyway; and everybody who comes gets them.
func TestLull(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads can be relied on to wait on Linux only")
	}
	const ms = time.Millisecond
	tests := []struct {
		name          string
		hub           *Hub
		alone, played time.Duration
	}{
		{"one by one", new(Hub), lull, 0},
		{"short window", &Hub{Merge: 30 * ms}, 30 * ms, 30 * ms},
		{"long window", &Hub{Merge: 150 * ms}, lull, lull},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url := onLoopback(t, tt.hub)
			pub, err := rtmp.Publish(context.Background(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer pub.Close()
			n := 0
			send := func() {
				t.Helper()
				n++
				m := &message.Message{Type: message.TypeAudio, Timestamp: message.Timestamp(n), Payload: []byte{0xAF, 1, 0}}
				if n == 1 {
					m.Type, m.Payload = message.TypeVideo, []byte{0x17, 1, 0, 0, 0, 0} // a key frame, where players begin
				}
				if err := pub.WriteMessage(m); err != nil {
					t.Fatal(err)
				}
			}
			want := func(what string, want time.Duration) {
				t.Helper()
				send()
				for range 1000 { // the answer to a ping may be quicker than the message before it
					if lullOf(t, tt.hub, pub) == want {
						return
					}
				}
				t.Errorf("%s messages wait %v, want %v", what, lullOf(t, tt.hub, pub), want)
			}
			want("before anybody plays", tt.alone)
			player, err := rtmp.Play(context.Background(), url)
			if err != nil {
				t.Fatal(err)
			}
			receive := func(from, to int) {
				t.Helper()
				for i := from; i <= to; i++ {
					m, err := player.ReadMessage()
					if err != nil || m.Timestamp != message.Timestamp(i) {
						t.Fatalf("the player got %v, %v, want message %d", m, err, i)
					}
				}
			}
			receive(1, 1) // the player is there
			want("while somebody plays", tt.played)
			for range 3 {
				send()
			}
			receive(2, n)
			player.Close()
			for len(tt.hub.Stats()[0].Players) > 0 {
				runtime.Gosched()
			}
			want("when nobody plays any more", tt.alone)
		})
	}
}
