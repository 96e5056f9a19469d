package relay

import (
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/message"
)

// What a reader gets that did not read in time.
func TestSlowReader(t *testing.T) {
	tests := []struct {
		name        string
		before      string // published before the reader comes and reads
		missed      string // published while it does not read
		after       string // published while it keeps up
		want        string // from the end of before
		wantDropped uint64
	}{
		{"waited, and gets a burst from its beginning", "", "aac1 avc1 K1 f1 a1 K2 f2", "f3", "aac1 avc1 K1 f1 a1 K2 f2 f3", 0},
		{"waited for sound only", "", "a1 a2 a3", "a4", "a1 a2 a3 a4", 0},
		{"waited for a stream that begins between key frames", "", "avc1 a1 f1 f2 K3 f3", "", "avc1 a1 K3 f3", 0},
		{"waited, and missed the beginning", "", "avc1 aac1 K1 f1 +11s K2", "f2", "avc1 aac1 K2 f2", 4},
		{"in time", "avc1 K1", "+1s f1 K2 f2", "f3", "f1 K2 f2 f3", 0},
		{"the newest key frame", "avc1 K1", "f1 a1 K2 f2 +11s K3 f3", "f4", "K3 f3 f4", 4},
		{"headers that it has are not sent again", "avc1 aac1 K1", "f1 K2 +11s K3", "f3", "K3 f3", 2},
		{"headers that changed are", "meta1 avc1 aac1 K1", "f1 avc2 +11s K3", "f3", "meta1 aac1 avc2 K3 f3", 2},
		{"headers behind the key frame come behind it", "avc1 K1", "f1 +11s K2 avc2", "K3", "K2 avc2 K3", 1},
		{"sound only", "aac1 a1", "a2 a3 +11s a4", "a5", "a5", 3},
		{"no key frame left", "avc1 aac1 K1", "big1 big2 a1 +1s f1", "a2 f2 K3 f3", "a2 K3 f3", 5},
		{"two groups", "avc1 K1", "f1 +11s K2 f2 +11s K3 f3", "f4", "K3 f3 f4", 3},
		{"timestamps jump back", "avc1 K1@100000", "f1@100040 +11s K2@5 f2@45", "f3@85", "K2@5 f2@45 f3@85", 1},
		{"timestamps wrap", "avc1 K1@4294967290", "f1@4294967295 +11s K2@34 f2@74", "f3", "K2@34 f2@74 f3", 1},
		{"timestamps stand still", "avc1 K1@7", "f1@7 a1@7 +11s K2@7", "f2@7", "K2@7 f2@7", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, &Hub{MaxBytes: 100_000}, tt.before)
				p.received(p.sub)
				p.send(p.pub, tt.missed)
				got := p.live(tt.after)
				if diff := cmp.Diff(strings.Fields(tt.want), got); diff != "" {
					t.Errorf("missed %q, then %q (-want +got):\n%s", tt.missed, tt.after, diff)
				}
				if n := p.sub.Dropped(); n != tt.wantDropped {
					t.Errorf("Dropped = %d, want %d", n, tt.wantDropped)
				}
			})
		})
	}
}

// Neither a reader that never reads nor one that stopped in the middle of a batch keeps the publisher waiting, costs
// the others anything, or makes the stream hold more than it may.
func TestStalledReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const messages = 10_000
		hub := &Hub{MaxBytes: 1 << 20}
		p := newPair(t, hub, "avc1 K1")
		never := subscribe(t, hub)
		started := subscribe(t, hub)
		if _, err := started.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		p.received(p.sub)
		got := 0
		m := message.Message{Type: message.TypeVideo, Payload: make([]byte, 5000)}
		start := time.Now()
		for i := range messages {
			m.Payload[0] = 0x27
			if i%50 == 0 {
				m.Payload[0] = 0x17
			}
			m.Payload[1] = 1
			if err := p.pub.WriteMessage(&m); err != nil {
				t.Fatal(err)
			}
			got += len(p.received(p.sub))
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("publishing waited for %v", d)
		}
		if got != messages {
			t.Errorf("the reader that keeps up got %d messages, want %d", got, messages)
		}
		if r := &p.pub.stream.ring; r.bytes > hub.MaxBytes {
			t.Errorf("the ring holds %d bytes, want at most %d", r.bytes, hub.MaxBytes)
		}
		for _, sub := range []*Subscription{never, started} {
			batch, err := sub.ReadPrepared(nil)
			if err != nil {
				t.Fatal(err)
			}
			if first := batch[0].Message().Payload; sub == started && (first[0] != 0x17 || len(first) != 5000) {
				t.Errorf("going on with %x, want a key frame", first[:6])
			}
		}
		if never.Dropped() != 0 {
			t.Errorf("who had not begun to read dropped %d messages, want 0", never.Dropped())
		}
		if n := started.Dropped(); n < messages-300 || n > messages {
			t.Errorf("who stopped dropped %d messages of %d", n, messages)
		}
	})
}

// What a reader takes at a time is bounded, because it may stop with it in its hands.
func TestBatch(t *testing.T) {
	tests := []struct {
		name string
		size int // payload bytes of each message
		want int // messages in the first batch
	}{
		{"many small ones", 100, maxBatch},
		{"four are at the limit", maxBatchBytes/4 - 12, 4},
		{"four are one byte below it", maxBatchBytes/4 - 13, 5},
		{"one large one", maxBatchBytes, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPair(t, &Hub{MaxBytes: 64 << 20}, "")
			m := message.Message{Type: message.TypeAudio, Payload: make([]byte, tt.size)}
			m.Payload[0] = 0x2F
			for range 100 {
				if err := p.pub.WriteMessage(&m); err != nil {
					t.Fatal(err)
				}
			}
			batch, err := p.sub.ReadPrepared(nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(batch) != tt.want {
				t.Errorf("a batch of messages of %d bytes has %d, want %d", tt.size, len(batch), tt.want)
			}
		})
	}
}

// A ring counts what its messages take, so that neither small nor large ones make it hold much more than it may.
func TestRingMemory(t *testing.T) {
	for _, size := range []int{0, 100, 2000, 60_000} {
		hub := &Hub{MaxBytes: 4 << 20}
		before := heap()
		p := newPair(t, hub, "")
		m := message.Message{Type: message.TypeAudio, Payload: make([]byte, size)}
		for range 5 * hub.MaxBytes / (size + perMessage) {
			if err := p.pub.WriteMessage(&m); err != nil {
				t.Fatal(err)
			}
		}
		if n := heap() - before; n > hub.MaxBytes*5/4 {
			t.Errorf("with messages of %d bytes, %d bytes of memory are in use for a ring of %d", size, n, hub.MaxBytes)
		}
		p.pub.Close()
	}
}

// heap returns the number of bytes in use.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// With Patience a publisher waits for readers that make progress, and for one that does not only so long.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, &Hub{MaxBytes: 200_000, Patience: time.Second}, "avc1 K1")
		p.received(p.sub)
		const total = 50
		want := strings.Repeat(" big1", total)
		start := time.Now()
		go func() {
			for range total {
				p.send(p.pub, "big1")
			}
		}()
		var got []string
		for len(got) < total {
			synctest.Wait()
			got = append(got, p.received(p.sub)...)
		}
		if diff := cmp.Diff(strings.Fields(want), got); diff != "" {
			t.Errorf("the patient publisher's reader got (-want +got):\n%s", diff)
		}
		if n, d := p.sub.Dropped(), time.Since(start); n != 0 || d != 0 {
			t.Errorf("%d messages dropped after %v, want none at once", n, d)
		}
		p.send(p.pub, want)
		d, n := time.Since(start), len(p.received(p.sub))
		if perRing := 200_000 / len(p.message("big1").Payload); d != time.Second || n > perRing {
			t.Errorf("nobody reads: %d messages took %v and %d are left, want 1s and at most %d", total, d, n, perRing)
		}
	})
}
