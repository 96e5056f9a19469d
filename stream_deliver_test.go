package rtmp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
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

// More is said of a message if, and only if, bytes behind it came with it; if they are not a message of the same stream,
// or not a whole one, that is said at once. 0 stands for no message.
func TestDeliverMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := rtmptest.NetPipe()
		conn := rtmp.NewServerConn(server, nil)
		defer conn.CloseNow()
		accepted := accept(t, conn)
		p := newPeer(t, client, true)
		p.publish()
		streams := []*rtmp.Stream{accepted()}
		accepted = accept(t, conn)
		p.command(0, "createStream", 2)
		p.hear("_result")
		p.command(2, "publish", 0, "other", "live")
		p.hear("onStatus")
		streams = append(streams, accepted())

		var got []string
		for _, s := range streams {
			go s.Deliver(func(m *message.Message, more bool) error {
				n := 0
				if m != nil {
					n = int(m.Payload[0])
				}
				got = append(got, fmt.Sprint(s.ID(), " ", n, " ", more))
				return nil
			})
		}
		synctest.Wait()

		wire := func(streamID uint32, n int) []byte {
			m := audio(n, 10)
			m.StreamID = streamID
			b, err := chunk.AppendMessage(nil, 128, chunk.StreamID(m), m)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		tests := []struct {
			name   string
			pieces [][]byte
			want   []string
		}{
			{"three", [][]byte{slices.Concat(wire(1, 1), wire(1, 2), wire(1, 3))}, []string{"1 1 true", "1 2 true", "1 3 false"}},
			{"one", [][]byte{wire(1, 4)}, []string{"1 4 false"}},
			{"one and a half", [][]byte{slices.Concat(wire(1, 5), wire(1, 6)[:15]), wire(1, 6)[15:]}, []string{"1 5 true", "1 0 false", "1 6 false"}},
			{"two streams", [][]byte{slices.Concat(wire(1, 7), wire(2, 8), wire(2, 9))}, []string{"1 7 true", "1 0 false", "2 8 true", "2 9 false"}},
		}
		for _, tt := range tests {
			got = nil
			for _, b := range tt.pieces {
				if _, err := client.Write(b); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s: stream, message and more (-want +got):\n%s", tt.name, diff)
			}
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
