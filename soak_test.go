package rtmp_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
	"github.com/gortmp/rtmp/rtmptest"
)

// The soak tests are about what shows only after a long time, in fake time. Their short form always runs; ci/soak.sh runs
// the long one.

// soakLong says that the long form is wanted; ci/soak.sh sets it.
var soakLong = os.Getenv("RTMP_SOAK") == "long"

// soak returns short, or long if that is wanted.
func soak[T any](short, long T) T {
	if soakLong {
		return long
	}
	return short
}

const day = 24 * time.Hour

// A flatHeap is a series of heap sizes that must not grow.
type flatHeap struct {
	t    *testing.T
	seen []uint64
}

// look adds the size of now.
func (f *flatHeap) look() { f.seen = append(f.seen, heapInUse()) }

// wantFlat checks that the second half of the series has no heap that is larger than the largest of the first, and spare
// bytes more.
func (f *flatHeap) wantFlat(spare uint64) {
	f.t.Helper()
	largest := func(seen []uint64) (most uint64) {
		for _, n := range seen {
			most = max(most, n)
		}
		return most
	}
	half := len(f.seen) / 2
	if half < 5 {
		f.t.Fatalf("only %d heap sizes", len(f.seen))
	}
	first, second := largest(f.seen[:half]), largest(f.seen[half:])
	f.t.Logf("the largest of %d heaps: %d KiB in the first half, %d KiB in the second", len(f.seen), first>>10, second>>10)
	if second > first+spare {
		f.t.Errorf("the heap grows: at most %d bytes in the first half of the time, %d in the second", first, second)
	}
}

// An ackConn is the client's end of a connection that listens for what the server acknowledges.
type ackConn struct {
	net.Conn
	window uint32
	sent   atomic.Uint64

	greeting int // bytes of the handshake that have not come yet
	in       chunk.Decoder
	acks     int
	acked    uint64 // bytes
	bad      error
}

// listenForAcks makes d listen on the connections that it dials, of which it gives the latest.
func listenForAcks(d *rtmp.Dialer, window uint32) (latest func() *ackConn) {
	dial := d.NetDial
	var a *ackConn
	d.NetDial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		nc, err := dial(ctx, network, addr)
		a = &ackConn{Conn: nc, window: window, greeting: 1 + 2*1536}
		return a, err
	}
	return func() *ackConn { return a }
}

func (a *ackConn) Write(b []byte) (int, error) {
	a.sent.Add(uint64(len(b)))
	return a.Conn.Write(b)
}

func (a *ackConn) Read(b []byte) (int, error) {
	n, err := a.Conn.Read(b)
	b = b[:n]
	skip := min(a.greeting, len(b))
	a.greeting -= skip
	for b = b[skip:]; len(b) > 0 && a.bad == nil; {
		used, m, err := a.in.Decode(b)
		if err != nil {
			a.bad = err
		}
		if b = b[used:]; m != nil && m.Type == message.TypeAcknowledgement {
			a.acknowledge(m)
		}
	}
	return n, err
}

// acknowledge checks that an acknowledgement is neither early nor late, and that the number in it has been sent.
func (a *ackConn) acknowledge(m *message.Message) {
	const atOnce = 256 << 10 // what a server may read before it says something
	body, err := message.Parse(m)
	if err != nil {
		a.bad = err
		return
	}
	step := body.(*message.Acknowledgement).SequenceNumber - uint32(a.acked) // modulo 2^32
	a.acks++
	a.acked += uint64(step)
	if step < a.window/2 || step > a.window+atOnce || a.acked > a.sent.Load() {
		a.bad = fmt.Errorf("acknowledgement number %d is for %d bytes more, %d altogether", a.acks, step, a.acked)
	}
}

// wantAcks checks that all was acknowledged but the last window. The connection must be over.
func (a *ackConn) wantAcks(t *testing.T) {
	t.Helper()
	if a.bad != nil {
		t.Error(a.bad)
	}
	if sent := a.sent.Load(); sent-a.acked > uint64(a.window) {
		t.Errorf("%d of %d bytes were acknowledged, want all but a window of %d", a.acked, sent, a.window)
	}
	t.Logf("%d bytes, %d acknowledgements", a.sent.Load(), a.acks)
}

// A stream of 50 days, in which the 32 bits of the timestamp wrap twice and pass 2^24 twice, goes through a publisher,
// a relay and a player: all of it, in order, byte by byte.
func TestSoakDays(t *testing.T) {
	const start = 1<<32 - 10*60*1000 // ms: ten minutes before the end
	length := soak(6*time.Hour, 50*day)
	if soakLong && (start+length.Milliseconds())>>32 != 2 {
		t.Fatal("the timestamps do not wrap twice")
	}
	synctest.Test(t, func(t *testing.T) {
		const window = 64 << 10
		config := &rtmp.Config{WindowAckSize: window}
		d := serve(t, &rtmp.Server{Handler: new(relay.Hub), Config: config})
		d.Config = config
		conn := listenForAcks(d, window)
		src := rtmptest.Source{
			Seed: 7, Start: start, Duration: length, NoAudio: true,
			FPS: 1, KeyFrameInterval: 10, KeyFrameSize: 100, FrameSize: 50,
		}
		heap := flatHeap{t: t}
		check := rtmptest.Checker{Seed: src.Seed}
		var over sync.WaitGroup
		player, err := d.Play(t.Context(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		over.Go(func() {
			defer player.Close()
			if _, err := message.Copy(&check, player); err != nil {
				t.Errorf("the player: %v", err)
			}
		})
		pub, err := d.Publish(t.Context(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		acks := conn()
		begin := time.Now()
		own := src
		n := 0
		paced := rtmp.Paced(t.Context(), &own)
		for every := int(length/time.Second) / 40; ; n++ {
			m, err := paced.ReadMessage()
			if err != nil {
				break
			}
			if err := pub.WriteMessage(m); err != nil {
				t.Fatalf("the publisher, after %v: %v", time.Since(begin), err)
			}
			if n%every == every-1 {
				heap.look()
			}
		}
		if took := time.Since(begin); took < length-3*time.Second || took > length {
			t.Errorf("the stream took %v, want %v", took, length)
		}
		synctest.Wait() // as in TestSoakBytes
		if err := pub.Close(); err != nil {
			t.Error(err)
		}
		over.Wait()
		if diff := cmp.Diff(src.Tally(), check.Tally); diff != "" {
			t.Errorf("the player (-sent +got):\n%s", diff)
		}
		heap.wantFlat(1 << 20) // what a stream keeps of itself changes by less
		acks.wantAcks(t)
	})
}

// More bytes than the 32 bits of an acknowledgement can count.
func TestSoakBytes(t *testing.T) {
	const window, size = 2_500_000, 1_000_000
	synctest.Test(t, func(t *testing.T) {
		s := &rtmp.Server{Handler: new(relay.Hub)}
		d := serve(t, s)
		conn := listenForAcks(d, window)
		pub, err := d.Publish(t.Context(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		acks := conn()
		for i := range soak(50, 9000) { // 2^32 are 4295 of them
			if err := pub.WriteMessage(audio(i, size)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait() // Close does not: what is acknowledged while it closes may never be read
		if err := pub.Close(); err != nil {
			t.Error(err)
		}
		s.Close()
		acks.wantAcks(t)
	})
}
