package rtmp_test

import (
	"context"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// delivered is a message as a sink got it.
type delivered struct {
	number int
	more   bool
}

// coalescing returns a publisher and where its messages arrive, over the loopback interface, after a first message.
func coalescing(t *testing.T, delay time.Duration) (pub *rtmp.Publisher, s *rtmp.Stream, got chan delivered, ended chan error) {
	t.Helper()
	nc1, nc2, err := tcpPair()
	if err != nil {
		t.Fatal(err)
	}
	client, server := rtmp.NewClientConn(nc1, nil), rtmp.NewServerConn(nc2, nil)
	t.Cleanup(func() { client.CloseNow(); server.CloseNow() })
	accepted := accept(t, server)
	if err := client.Connect(context.Background(), "rtmp://test/live", nil); err != nil {
		t.Fatal(err)
	}
	if pub, err = client.Publish(context.Background(), "cam"); err != nil {
		t.Fatal(err)
	}
	s = accepted()
	got, ended = make(chan delivered, 100), make(chan error, 1)
	go func() {
		ended <- s.Deliver(func(m *message.Message, more bool) error {
			if m != nil {
				got <- delivered{int(m.Payload[0]), more}
			}
			return nil
		})
	}()
	send(t, pub, 1, 10)
	if d := <-got; d != (delivered{1, false}) {
		t.Fatalf("got %+v, want the first message at once", d)
	}
	if works := s.CoalesceReads(delay); !works {
		if runtime.GOOS == "linux" {
			t.Fatal("CoalesceReads reports that it does not work")
		}
		t.Skip("not on this system")
	}
	return pub, s, got, ended
}

// send publishes an audio message and waits until the network has it.
func send(t *testing.T, pub *rtmp.Publisher, number, n int) {
	t.Helper()
	err := pub.WriteMessage(audio(number, n))
	if err == nil {
		err = pub.Stream().Conn().Flush(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestCoalesceReads(t *testing.T) {
	t.Run("until there is enough", func(t *testing.T) {
		pub, _, got, _ := coalescing(t, time.Hour)
		send(t, pub, 2, 10)
		send(t, pub, 3, 50<<10)
		if d := <-got; d != (delivered{2, true}) {
			t.Errorf("got %+v, want the small message together with the large one", d)
		}
		if d := <-got; d != (delivered{3, false}) {
			t.Errorf("got %+v, want the large message", d)
		}
	})
	t.Run("until the delay is over", func(t *testing.T) {
		pub, _, got, _ := coalescing(t, 200*time.Millisecond)
		send(t, pub, 2, 10)
		send(t, pub, 3, 10)
		for _, want := range []delivered{{2, true}, {3, false}} {
			if d := <-got; d != want {
				t.Errorf("got %+v, want %+v", d, want)
			}
		}
	})
	t.Run("until the peer closes", func(t *testing.T) {
		pub, _, got, ended := coalescing(t, time.Hour)
		send(t, pub, 2, 10)
		pub.Stream().Conn().CloseNow()
		wantError(t, "Deliver", io.ErrUnexpectedEOF, <-ended)
		if d := <-got; d.number != 2 {
			t.Errorf("got %+v, want the message from before", d)
		}
	})
	t.Run("until it is taken back", func(t *testing.T) {
		pub, s, got, _ := coalescing(t, time.Hour)
		send(t, pub, 2, 10)
		s.CoalesceReads(0)
		if d := <-got; d.number != 2 {
			t.Errorf("got %+v, want the message that waited", d)
		}
		send(t, pub, 3, 10)
		if d := <-got; d != (delivered{3, false}) {
			t.Errorf("got %+v, want a message at once", d)
		}
	})
	t.Run("until another stream does without", func(t *testing.T) {
		pub, s, got, _ := coalescing(t, 100*time.Millisecond)
		accepted := accept(t, s.Conn())
		if _, err := pub.Stream().Conn().Publish(context.Background(), "other"); err != nil {
			t.Fatal(err)
		}
		other := accepted()
		if s.CoalesceReads(time.Hour) {
			t.Error("a connection with two streams lets messages wait although only one of them can")
		}
		send(t, pub, 2, 10)
		if d := <-got; d != (delivered{2, false}) {
			t.Errorf("got %+v, want a message at once", d)
		}
		other.Close()
		if !s.CoalesceReads(time.Hour) {
			t.Error("the other stream has ended, and messages do not wait")
		}
	})
	t.Run("not in memory", func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		_, s := publish(t, client, server)
		if s.CoalesceReads(time.Hour) || !s.CoalesceReads(0) {
			t.Error("CoalesceReads reports what cannot be")
		}
	})
}
