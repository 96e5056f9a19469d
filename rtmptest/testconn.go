package rtmptest

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// MakePipe makes a pair of connections that are connected to each other: client has done Connect, as after rtmp.Dial,
// and server is as it comes from rtmp.Listener.Accept, with its handshake begun but no stream used. stop closes both,
// and what was needed to make them; it may be called twice.
type MakePipe func() (client, server *rtmp.Conn, stop func(), err error)

// TestConn asks of a message connection what nettest.TestConn asks of a net.Conn: that messages arrive, that
// deadlines work on calls that wait and on later ones without losing anything, that Close ends what waits, and that
// all methods can be called at the same time. Each question gets a new pair, with one published and one played
// stream, so that both ends read and write. Run it under the race detector, and over whatever carries the bytes.
func TestConn(t *testing.T, mp MakePipe) {
	for _, q := range questions {
		t.Run(q.name, func(t *testing.T) {
			client, server, stop, err := mp()
			if err != nil {
				t.Fatalf("no pair of connections: %v", err)
			}
			defer stop()
			late := time.AfterFunc(time.Minute, func() {
				t.Error("not over after a minute; closing the connections")
				client.CloseNow()
				server.CloseNow()
			})
			defer late.Stop()
			c1, c2, err := openBothWays(client, server)
			if err != nil {
				t.Fatalf("no streams: %v", err)
			}
			q.ask(t, c1, c2)
		})
	}
}

// An end is one end of a connection with a stream in either direction.
type end struct {
	conn    *rtmp.Conn
	in, out *rtmp.Stream
}

// openBothWays opens a stream from client to server and one from server to client.
func openBothWays(client, server *rtmp.Conn) (c1, c2 *end, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	accepted := make(chan *rtmp.Stream, 2)
	failed := make(chan error, 1)
	go func() {
		defer close(accepted)
		for range 2 {
			s, err := server.AcceptStream(ctx)
			if err == nil {
				err = s.Accept()
			}
			if err != nil {
				failed <- err
				return
			}
			accepted <- s
		}
	}()
	pub, err := client.Publish(ctx, "up")
	if err != nil {
		return nil, nil, err
	}
	player, err := client.Play(ctx, "down")
	if err != nil {
		return nil, nil, err
	}
	up, down := <-accepted, <-accepted
	if down == nil {
		return nil, nil, <-failed
	}
	return &end{client, player.Stream(), pub.Stream()}, &end{server, up, down}, nil
}

func (e *end) ReadMessage() (*message.Message, error) { return e.in.ReadMessage() }
func (e *end) WriteMessage(m *message.Message) error  { return e.out.WriteMessage(m) }
func (e *end) SetReadDeadline(t time.Time)            { e.in.SetReadDeadline(t) }
func (e *end) SetWriteDeadline(t time.Time)           { e.out.SetWriteDeadline(t) }
func (e *end) SetDeadline(t time.Time)                { e.SetReadDeadline(t); e.SetWriteDeadline(t) }
func (e *end) Close() error                           { return e.conn.Close() }
func (e *end) Write(kind byte, n int) error           { return e.WriteMessage(filled(kind, n)) }
func (e *end) echo(wg *sync.WaitGroup)                { wg.Go(func() { message.Copy(e, e) }) }
func (e *end) discard(wg *sync.WaitGroup)             { wg.Go(func() { message.Copy(discard{}, e) }) }
func (e *end) produce(wg *sync.WaitGroup, done <-chan struct{}) {
	wg.Go(func() { e.writeNumbers(done) })
}

// writeNumbers writes numbered messages until done or an error.
func (e *end) writeNumbers(done <-chan struct{}) {
	for i := uint64(0); ; i++ {
		select {
		case <-done:
			return
		default:
		}
		if e.WriteMessage(numbered(i)) != nil {
			return
		}
	}
}

// discard takes messages and forgets them.
type discard struct{}

func (discard) WriteMessage(*message.Message) error { return nil }

var (
	longAgo    = time.Unix(1, 0)
	noDeadline = time.Time{}
)

// filled returns a message of n equal bytes.
func filled(b byte, n int) *message.Message {
	p := make([]byte, n)
	for i := range p {
		p[i] = b
	}
	return &message.Message{Type: message.TypeAudio, Payload: p}
}

// numbered returns a message with a number in it.
func numbered(i uint64) *message.Message {
	return &message.Message{Type: message.TypeAudio, Payload: binary.BigEndian.AppendUint64(nil, i)}
}

// wantTimeout checks that err is what a deadline causes.
func wantTimeout(t *testing.T, op string, err error) {
	t.Helper()
	var timeout net.Error
	if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("%s = %v, want os.ErrDeadlineExceeded, a net.Error with Timeout", op, err)
	}
}

// roundTrip checks that a message comes back from a peer that echoes. What comes before it is skipped.
func roundTrip(t *testing.T, c *end, number uint64) {
	t.Helper()
	c.SetDeadline(noDeadline)
	want := numbered(number)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { // reading must go on meanwhile: the way back may be full
		if err := c.WriteMessage(want); err != nil {
			t.Errorf("WriteMessage: %v", err)
		}
	})
	for {
		m, err := c.ReadMessage()
		if err != nil {
			t.Errorf("ReadMessage: %v", err)
			return
		}
		if string(m.Payload) == string(want.Payload) {
			return
		}
	}
}
