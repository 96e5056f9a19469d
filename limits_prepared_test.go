package rtmp_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/internal/golden"
	"github.com/gortmp/rtmp/message"
)

// What a prepared message gives back is what it was made of, whatever the number of its chunks, at and past the end of
// each of them.
func TestLimitPreparedPayload(t *testing.T) {
	const chunk = 65536
	for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 2*chunk + 1, 5*chunk - 1, 1<<22 + 3} {
		for _, at := range []message.Timestamp{0, 1<<24 - 2, 1<<24 - 1, 1 << 24, 1<<32 - 1} {
			m := message.Message{Type: message.TypeVideo, Timestamp: at, Payload: random(n)}
			pm := rtmp.NewPreparedMessage(&m)
			var readers sync.WaitGroup
			for range 2 {
				readers.Go(func() {
					got := pm.Message()
					if got.Timestamp != at || got.Type != m.Type || !bytes.Equal(got.Payload, m.Payload) {
						t.Errorf("%d bytes at %d: got %v of %d bytes at %d, or other bytes", n, at, got.Type, len(got.Payload), got.Timestamp)
					}
				})
			}
			readers.Wait()
		}
	}
}

// A relay keeps many of them: they hold the payload once.
func TestLimitPreparedMemory(t *testing.T) {
	for _, n := range []int{10_000, 65_536, 65_537, 1_000_000} {
		m := &message.Message{Type: message.TypeVideo, Payload: random(n)}
		held, _ := golden.Memory(func() any { return rtmp.NewPreparedMessage(m) })
		if most := int64(n + n/8 + 8<<10); held > most {
			t.Errorf("a prepared message of %d bytes holds %d, want at most %d", n, held, most)
		}
	}
}
