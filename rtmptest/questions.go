package rtmptest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp/message"
)

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
