package relay

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// entryOf returns an entry that counts size bytes in a ring.
func entryOf(size int, class class, at time.Duration) entry {
	const header = 12 // of a chunk
	pm := rtmp.NewPreparedMessage(&message.Message{Type: message.TypeVideo, Payload: make([]byte, size-perMessage-header)})
	return entry{pm: pm, class: class, at: at}
}

func TestRingBytes(t *testing.T) {
	const size = 1000
	tests := []struct {
		name string
		max  int
		add  []int
		want uint64 // number of the oldest entry left
	}{
		{"at the limit", 3 * size, []int{size, size, size}, 0},
		{"one past the limit", 3*size - 1, []int{size, size, size}, 1},
		{"one message at the limit", size, []int{size}, 0},
		{"one message past the limit is kept", size - 1, []int{size}, 0},
		{"until the next one", size - 1, []int{size, size}, 1},
		{"a large one takes the place of several", 3 * size, []int{size, size, 2*size + 1}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := ring{maxBytes: tt.max, maxDuration: time.Second}
			for _, n := range tt.add {
				r.add(entryOf(n, isKey, 0))
			}
			if r.tail != tt.want {
				t.Errorf("after adding %d with maxBytes %d: tail = %d, want %d", tt.add, tt.max, r.tail, tt.want)
			}
		})
	}
}

func TestRingDuration(t *testing.T) {
	type added struct {
		class class
		at    time.Duration
	}
	tests := []struct {
		name string
		max  time.Duration
		add  []added
		want uint64 // number of the oldest entry left
	}{
		{"at the limit", time.Second, []added{{0, 0}, {0, time.Second}}, 0},
		{"one past the limit", time.Second, []added{{0, 0}, {0, time.Second + 1}}, 1},
		{"what came since the key frame stays", time.Second, []added{{0, 0}, {isKey, 0}, {isFrame, 1}, {isFrame, time.Minute / 10}}, 1},
		{"until the next key frame", time.Second, []added{{isKey, 0}, {isFrame, 1}, {isKey, 9 * time.Second}}, 2},
		{"no bound", -1, []added{{0, 0}, {0, time.Hour}}, 0},
		{"video that ended does not keep sound", time.Second, []added{{isKey, 0}, {0, 1}, {0, keyWait + 1}}, 2},
		{"while it may go on, it does", time.Second, []added{{isKey, 0}, {0, 1}, {0, keyWait}}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := ring{maxBytes: 1 << 20, maxDuration: tt.max}
			for _, a := range tt.add {
				r.add(entryOf(1000, a.class, a.at))
			}
			if r.tail != tt.want {
				t.Errorf("after adding %v with maxDuration %v: tail = %d, want %d", tt.add, tt.max, r.tail, tt.want)
			}
		})
	}
}

// Whatever is added, a ring holds the newest messages in their order, keeps its bounds and knows its newest key frame.
func TestRingKeepsItsPromises(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	r := ring{maxBytes: 200_000, maxDuration: 3 * time.Second}
	var sizes []int
	var classes []class
	var now time.Duration
	for range 20_000 {
		size := 300 + rnd.IntN(3000)
		if rnd.IntN(100) == 0 {
			size += 100_000
		}
		class := []class{0, isFrame, isFrame, isFrame, isAudio, isAudio}[rnd.IntN(6)]
		if rnd.IntN(20) == 0 {
			class = isKey
		}
		now += time.Duration(rnd.IntN(100)) * time.Millisecond
		e := entryOf(size, class, now)
		r.add(e)
		sizes, classes = append(sizes, e.size()), append(classes, class)

		if r.head != uint64(len(sizes)) || r.at(r.head-1).pm != e.pm {
			t.Fatalf("after %d messages: head = %d", len(sizes), r.head)
		}
		bytes, key, hasKey := 0, uint64(0), false
		for n := r.tail; n < r.head; n++ {
			if r.at(n).size() != sizes[n] {
				t.Fatalf("message %d has another size than was added under this number", n)
			}
			bytes += sizes[n]
			if classes[n] == isKey {
				key, hasKey = n, true
			}
		}
		if bytes != r.bytes || bytes > r.maxBytes {
			t.Fatalf("after %d messages: bytes = %d, counted %d, want at most %d", len(sizes), r.bytes, bytes, r.maxBytes)
		}
		if hasKey != r.hasKey || hasKey && key != r.key {
			t.Fatalf("after %d messages: key frame = %d, %t, want %d, %t", len(sizes), r.key, r.hasKey, key, hasKey)
		}
		if oldest := r.at(r.tail).at; now-oldest > r.maxDuration && !(hasKey && key == r.tail) {
			t.Fatalf("after %d messages: the oldest came %v ago", len(sizes), now-oldest)
		}
	}
	if len(r.entries) > 4096 {
		t.Errorf("room for %d entries, want no more than 200,000 bytes of messages need", len(r.entries))
	}
}
