package rtmptest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp/message"
)

// questions are those of nettest.TestConn, in its order.
var questions = []struct {
	name string
	ask  func(t *testing.T, c1, c2 *end)
}{
	{"BasicIO", askBasicIO},
	{"PingPong", askPingPong},
	{"RacyRead", askRacyRead},
	{"RacyWrite", askRacyWrite},
	{"ReadTimeout", askReadTimeout},
	{"WriteTimeout", askWriteTimeout},
	{"PastTimeout", askPastTimeout},
	{"PresentTimeout", askPresentTimeout},
	{"FutureTimeout", askFutureTimeout},
	{"CloseTimeout", askCloseTimeout},
	{"ConcurrentMethods", askConcurrentMethods},
}

// askBasicIO: a stream in each direction at the same time arrives whole, and its end is io.EOF.
func askBasicIO(t *testing.T, c1, c2 *end) {
	var wg sync.WaitGroup
	for i, pair := range [][2]*end{{c1, c2}, {c2, c1}} {
		src := &Source{Seed: uint64(i), Start: 0xFF_FFFF - 500, Duration: 2 * time.Second}
		want := src.Tally()
		wg.Go(func() {
			if _, err := message.Copy(pair[0], src); err != nil {
				t.Errorf("writing: %v", err)
			}
			if err := pair[0].out.Close(); err != nil {
				t.Errorf("Stream.Close: %v", err)
			}
		})
		wg.Go(func() {
			check := Checker{Seed: uint64(i)}
			if _, err := message.Copy(&check, pair[1]); err != nil {
				t.Errorf("reading until the peer ends the stream: %v, want io.EOF", err)
			}
			if check.Tally != want {
				t.Errorf("messages: got %+v, want %+v", check.Tally, want)
			}
		})
	}
	wg.Wait()
}

// askPingPong: the two ends can take turns.
func askPingPong(t *testing.T, c1, c2 *end) {
	const rounds = 500
	var wg sync.WaitGroup
	player := func(c *end) {
		for {
			m, err := c.ReadMessage()
			if err != nil {
				t.Errorf("ReadMessage: %v", err)
				return
			}
			n := binary.BigEndian.Uint64(m.Payload)
			if n < 2*rounds {
				if err := c.WriteMessage(numbered(n + 1)); err != nil {
					t.Errorf("WriteMessage: %v", err)
					return
				}
			}
			if n >= 2*rounds-1 {
				return
			}
		}
	}
	wg.Go(func() { player(c1) })
	wg.Go(func() { player(c2) })
	if err := c1.WriteMessage(numbered(1)); err != nil {
		t.Errorf("WriteMessage: %v", err)
	}
	wg.Wait()
}

// askRacyRead: what was read belongs to the reader, and deadlines that pass between many readers lose nothing.
func askRacyRead(t *testing.T, c1, c2 *end) {
	done := make(chan struct{})
	var producer, readers sync.WaitGroup
	c2.produce(&producer, done)
	c1.SetReadDeadline(time.Now().Add(time.Millisecond))
	var mu sync.Mutex
	var got []uint64
	for range 10 {
		readers.Go(func() {
			for range 100 {
				m, err := c1.ReadMessage()
				if err != nil {
					wantTimeout(t, "ReadMessage", err)
					c1.SetReadDeadline(time.Now().Add(time.Millisecond))
					continue
				}
				mu.Lock()
				got = append(got, binary.BigEndian.Uint64(m.Payload))
				mu.Unlock()
				clear(m.Payload) // a race if somebody else looks at it
			}
		})
	}
	readers.Wait()
	close(done)
	c1.SetReadDeadline(noDeadline)
	var rest sync.WaitGroup
	c1.discard(&rest) // the producer may wait for room
	producer.Wait()
	slices.Sort(got)
	for i, n := range got {
		if n != uint64(i) {
			t.Errorf("message %d was lost or came twice", i)
			break
		}
	}
	c1.Close()
	rest.Wait()
}

// askRacyWrite: a message that was written belongs to the writer again, and one whose deadline passed was queued
// whole or not at all.
func askRacyWrite(t *testing.T, c1, c2 *end) {
	var reader, writers sync.WaitGroup
	var torn error
	reader.Go(func() {
		for {
			m, err := c2.ReadMessage()
			if err != nil {
				return
			}
			if len(m.Payload) != 1024 || !bytes.Equal(m.Payload, filled(m.Payload[0], 1024).Payload) {
				torn = errors.New("a message arrived that was never written")
			}
		}
	})
	c1.SetWriteDeadline(time.Now().Add(time.Millisecond))
	for i := range 10 {
		writers.Go(func() {
			m := filled(0, 1024)
			for j := range 100 {
				for k := range m.Payload { // a race if somebody else looks at it
					m.Payload[k] = byte(10*i + j)
				}
				if err := c1.WriteMessage(m); err != nil {
					wantTimeout(t, "WriteMessage", err)
					c1.SetWriteDeadline(time.Now().Add(time.Millisecond))
				}
			}
		})
	}
	writers.Wait()
	c1.Close()
	reader.Wait()
	if torn != nil {
		t.Error(torn)
	}
}

// askReadTimeout: a read deadline does not concern writing.
func askReadTimeout(t *testing.T, c1, c2 *end) {
	var wg sync.WaitGroup
	c2.discard(&wg)
	c1.SetReadDeadline(longAgo)
	_, err := c1.ReadMessage()
	wantTimeout(t, "ReadMessage", err)
	if err := c1.Write(1, 1024); err != nil {
		t.Errorf("WriteMessage after a read timeout: %v", err)
	}
	c1.Close()
	wg.Wait()
}

// askWriteTimeout: a write deadline does not concern reading.
func askWriteTimeout(t *testing.T, c1, c2 *end) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	c2.produce(&wg, done)
	c1.SetWriteDeadline(longAgo)
	wantTimeout(t, "WriteMessage", c1.Write(1, 1024))
	if _, err := c1.ReadMessage(); err != nil {
		t.Errorf("ReadMessage after a write timeout: %v", err)
	}
	close(done)
	c1.Close()
	wg.Wait()
}

// askPastTimeout: a deadline in the past fails calls at once, and its end lets them go on.
func askPastTimeout(t *testing.T, c1, c2 *end) {
	var wg sync.WaitGroup
	c2.echo(&wg)
	roundTrip(t, c1, 1)
	c1.SetDeadline(longAgo)
	wantTimeout(t, "WriteMessage", c1.Write(1, 1024))
	_, err := c1.ReadMessage()
	wantTimeout(t, "ReadMessage", err)
	roundTrip(t, c1, 2)
	c1.Close()
	wg.Wait()
}

// askPresentTimeout: a deadline in the past ends calls that are waiting already.
func askPresentTimeout(t *testing.T, c1, c2 *end) {
	set := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		<-time.After(100 * time.Millisecond)
		close(set)
		c1.SetDeadline(longAgo)
	})
	early := func(op string) {
		select {
		case <-set:
		default:
			t.Errorf("%s timed out before a deadline was set", op)
		}
	}
	wg.Go(func() {
		_, err := c1.ReadMessage()
		wantTimeout(t, "ReadMessage", err)
		early("ReadMessage")
	})
	wg.Go(func() {
		wantTimeout(t, "WriteMessage", writeUntilError(c1))
		early("WriteMessage")
	})
	wg.Wait()
}

// askFutureTimeout: a deadline in the future ends calls then, and the connection goes on.
func askFutureTimeout(t *testing.T, c1, c2 *end) {
	c1.SetDeadline(time.Now().Add(100 * time.Millisecond))
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := c1.ReadMessage()
		wantTimeout(t, "ReadMessage", err)
	})
	wg.Go(func() { wantTimeout(t, "WriteMessage", writeUntilError(c1)) })
	wg.Wait()
	c2.echo(&wg)
	roundTrip(t, c1, 1)
	c1.Close()
	wg.Wait()
}

// askCloseTimeout: Close ends calls that are waiting, on its own end and on the other.
func askCloseTimeout(t *testing.T, c1, c2 *end) {
	var wg sync.WaitGroup
	wg.Go(func() {
		<-time.After(100 * time.Millisecond)
		if err := c1.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	wg.Go(func() {
		var err error
		for err == nil {
			_, err = c1.ReadMessage()
		}
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("ReadMessage = %v after Close, want net.ErrClosed", err)
		}
	})
	wg.Go(func() {
		if err := writeUntilError(c1); !errors.Is(err, net.ErrClosed) {
			t.Errorf("WriteMessage = %v after Close, want net.ErrClosed", err)
		}
	})
	wg.Go(func() {
		if err := writeUntilError(c2); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("WriteMessage at the other end = %v after Close, want its end", err)
		}
	})
	wg.Wait()
}

// writeUntilError fills the way to the other end, which does not read.
func writeUntilError(c *end) (err error) {
	for err == nil {
		err = c.Write(0, 16<<10)
	}
	return err
}

// askConcurrentMethods: all methods may be called at the same time. What they return then may be nonsense.
func askConcurrentMethods(t *testing.T, c1, c2 *end) {
	var wg, peer sync.WaitGroup
	c2.echo(&peer)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	calls := []func(){
		func() { c1.ReadMessage() },
		func() { c1.Write(0, 1024) },
		func() { c1.SetDeadline(time.Now().Add(10 * time.Millisecond)) },
		func() { c1.SetReadDeadline(longAgo) },
		func() { c1.SetWriteDeadline(longAgo) },
		func() { c1.conn.SetDeadline(longAgo) },
		func() { c1.conn.ReadMessage() },
		func() { c1.conn.LocalAddr(); c1.conn.RemoteAddr(); c1.conn.NetConn() },
		func() { c1.conn.Info(); c1.in.ID(); c1.in.Conn(); c1.in.Request(); c1.in.Buffered() },
		func() { c1.conn.Ping(ctx) },
		func() { c1.conn.Flush(ctx) },
		func() { c2.conn.Info() },
	}
	for range 50 {
		for _, call := range calls {
			wg.Go(call)
		}
		c1.conn.SetDeadline(longAgo) // so that no ReadMessage of the connection itself waits
	}
	c1.SetDeadline(longAgo)
	wg.Wait()
	roundTrip(t, c1, 1)
	c1.Close()
	peer.Wait()
}
