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
	"github.com/gortmp/rtmp/message"
)

// collector notes the first byte of what it is given and fails at one of them.
type collector struct {
	got    []int
	failAt int
}

var errCollected = errors.New("enough")

func (c *collector) take(m *message.Message, _ bool) error {
	c.got = append(c.got, int(m.Payload[0]))
	if int(m.Payload[0]) == c.failAt {
		return errCollected
	}
	return nil
}

func TestDeliver(t *testing.T) {
	tests := []struct {
		name   string
		before int // messages that wait when Deliver is called
		after  int
		end    func(pub *rtmp.Publisher, s *rtmp.Stream)
		failAt int
		want   error
		rest   []int // what ReadMessage gives after it
	}{
		{"to the end", 3, 4, func(p *rtmp.Publisher, _ *rtmp.Stream) { p.Stream().Close() }, -1, io.EOF, nil},
		{"connection lost", 1, 2, func(p *rtmp.Publisher, _ *rtmp.Stream) { p.Stream().Conn().CloseNow() }, -1, io.ErrUnexpectedEOF, nil},
		{"our close", 0, 2, func(_ *rtmp.Publisher, s *rtmp.Stream) { s.Close() }, -1, net.ErrClosed, nil},
		{"deadline", 0, 2, func(_ *rtmp.Publisher, s *rtmp.Stream) { s.SetReadDeadline(time.Now()) }, -1, os.ErrDeadlineExceeded, nil},
		{"error for what waits", 3, 2, nil, 1, errCollected, []int{2, 3, 4}},
		{"error for what comes", 1, 4, nil, 2, errCollected, []int{3, 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := pipe(t, nil, nil)
				pub, s := publish(t, client, server)
				n := 0
				send := func(count int) {
					for range count {
						if err := pub.WriteMessage(audio(n, 10)); err != nil {
							t.Fatal(err)
						}
						n++
						synctest.Wait()
					}
				}
				send(tt.before)
				c := collector{failAt: tt.failAt}
				result := make(chan error, 1)
				go func() { result <- s.Deliver(c.take) }()
				synctest.Wait()
				send(tt.after)
				if tt.end != nil {
					tt.end(pub, s)
				}
				wantError(t, "Deliver", tt.want, <-result)
				var want []int
				for i := range n - len(tt.rest) {
					want = append(want, i)
				}
				if diff := cmp.Diff(want, c.got); diff != "" {
					t.Errorf("delivered (-want +got):\n%s", diff)
				}
				wantMessages(t, "what is left", s, tt.rest...)
			})
		})
	}
}

// More is said of a message if, and only if, the next one of the same stream came with it.
func TestDeliverMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		pub, s := publish(t, client, server)
		other, _ := publish(t, client, server)
		var got []bool
		go s.Deliver(func(_ *message.Message, more bool) error {
			got = append(got, more)
			return nil
		})
		synctest.Wait()
		prepared := func(numbers ...int) (list []*rtmp.PreparedMessage) {
			for _, n := range numbers {
				list = append(list, rtmp.NewPreparedMessage(audio(n, 10)))
			}
			return list
		}
		for _, write := range []func() error{
			func() error { return pub.Stream().WritePrepared(prepared(1, 2, 3)...) }, // in one piece
			func() error { return pub.WriteMessage(audio(4, 10)) },
			func() error { return other.Stream().WritePrepared(prepared(1, 2)...) },
		} {
			if err := write(); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if diff := cmp.Diff([]bool{true, true, false, false}, got); diff != "" {
			t.Errorf("more (-want +got):\n%s", diff)
		}
	})
}

// While a message is being delivered the stream can be closed and the connection used; Deliver returns when the
// message has been dealt with.
func TestDeliverIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pipe(t, nil, nil)
		pub, s := publish(t, client, server)
		begun, goOn := make(chan struct{}), make(chan struct{})
		result := make(chan error, 1)
		go func() {
			result <- s.Deliver(func(*message.Message, bool) error {
				close(begun)
				<-goOn
				return nil
			})
		}()
		if err := pub.WriteMessage(audio(1, 10)); err != nil {
			t.Fatal(err)
		}
		<-begun
		server.Info()
		s.Close()
		synctest.Wait()
		select {
		case err := <-result:
			t.Fatalf("Deliver returned %v while the message was being dealt with", err)
		default:
		}
		close(goOn)
		wantError(t, "Deliver", net.ErrClosed, <-result)
	})
}

// A panic in what a handler delivers to ends that stream, not the process.
func TestDeliverPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		d := serve(t, &rtmp.Server{
			ErrorLog: discardLog,
			Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
				err := s.Deliver(func(*message.Message, bool) error { panic("a fault") })
				ended <- err
				return err
			}),
		})
		pub, err := d.Publish(context.Background(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		defer pub.Close()
		pub.WriteMessage(audio(1, 10))
		if err := <-ended; err == nil || err.Error() != "rtmp: panic in Deliver: a fault" {
			t.Errorf("Deliver = %v, want the panic", err)
		}
	})
}
