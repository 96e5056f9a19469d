package chunk

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/message"
)

// Each test here is named after a fault of the reference system's chunk layer, by its number in the list of
// them, and shows the right behaviour.

// cut returns the chunks of m, each a slice of its own.
func cut(tb testing.TB, chunkSize int, csid uint32, m message.Message) (chunks [][]byte) {
	tb.Helper()
	all, err := AppendMessage(nil, uint32(chunkSize), csid, &m)
	if err != nil {
		tb.Fatal(err)
	}
	rest := len(m.Payload)
	for header := len(all) - rest - max(0, rest-1)/chunkSize; ; header = 1 {
		n := header + min(chunkSize, rest)
		chunks = append(chunks, all[:n:n])
		all, rest = all[n:], rest-min(chunkSize, rest)
		if rest == 0 {
			return chunks
		}
	}
}

// 1: chunks of two chunk streams that alternate were joined into one message.
func TestBug1Interleaving(t *testing.T) {
	video := message.Message{Type: message.TypeVideo, StreamID: 1, Timestamp: 40, Payload: ramp(200, 0, 1)}
	ping := message.Message{Type: message.TypeUserControl, Payload: []byte{0, 6, 0, 0, 0, 1}}
	v := cut(t, 128, 6, video)
	for _, between := range []struct {
		csid uint32
		m    message.Message
	}{{4, audio(40, ramp(100, 7, 3)...)}, {2, ping}} {
		in := slices.Concat(v[0], cut(t, 128, between.csid, between.m)[0], v[1])
		wantDecode(t, in, []message.Message{between.m, video}, nil)
	}

	// And any number of them in any order.
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		var left [][][]byte
		var all []message.Message
		for csid := range uint32(1 + r.IntN(20)) {
			m := audio(csid, ramp(r.IntN(1000), r.IntN(256), 1+r.IntN(5))...)
			all = append(all, m)
			left = append(left, cut(t, 128, 3+csid, m))
		}
		var in []byte
		var want []message.Message
		for done := 0; done < len(all); {
			i := r.IntN(len(left))
			if len(left[i]) == 0 {
				continue
			}
			in = append(in, left[i][0]...)
			if left[i] = left[i][1:]; len(left[i]) == 0 {
				want = append(want, all[i])
				done++
			}
		}
		wantDecode(t, in, want, nil)
	}
}

// 6: an empty message was not written at all.
func TestBug6EmptyMessage(t *testing.T) {
	var e Encoder
	out := mustAppend(t, &e, nil, 4, audio(500))
	if diff := cmp.Diff(hexBytes(t, "04 0001f4 000000 08 01000000"), out); diff != "" {
		t.Errorf("Append of an empty message (-want +got):\n%s", diff)
	}
	out = mustAppend(t, &e, out, 4, audio(501, 1))
	wantDecode(t, out, []message.Message{audio(500), audio(501, 1)}, nil)
}

// 7: the continuation of a message with a full header had full headers as well.
func TestBug7Continuation(t *testing.T) {
	for name, length := range map[string]int{"300 bytes": 300, "10,000 bytes": 10_000} {
		m := audio(0, make([]byte, length)...)
		var e Encoder
		mustAppend(t, &e, nil, 4, m)
		e.Forget(4)
		out := mustAppend(t, &e, nil, 4, m)
		if want := 12 + length + (length-1)/128; len(out) != want {
			t.Errorf("%s: %d bytes on the wire, want %d", name, len(out), want)
		}
		for at := 12 + 128; at < len(out); at += 129 {
			if out[at] != 0xc4 {
				t.Fatalf("%s: the continuation at %d begins with %02x, want c4", name, at, out[at])
			}
		}
	}
}

// 8: a chunk size of 0 was accepted on both sides, and the writer never returned.
func TestBug8ChunkSizeZero(t *testing.T) {
	m := message.Message{Type: message.TypeSetChunkSize, Payload: []byte{0, 0, 0, 0}}
	var e Encoder
	if _, err := e.Append(nil, 2, &m); !errors.Is(err, ErrControl) || e.ChunkSize() != 128 {
		t.Errorf("Append of chunk size 0: error = %v, chunk size %d, want ErrControl and 128", err, e.ChunkSize())
	}
	wantDecode(t, hexBytes(t, "02 000000 000004 01 00000000 00000000"), nil, ErrControl)
}

// 9: a peer that leaves the extended timestamp of continuations out stopped the connection.
func TestBug9ExtensionLeftOut(t *testing.T) {
	m := audio(0x01000000, ramp(300, 0, 1)...)
	in := hexBytes(t, "04 ffffff 00012c 08 01000000 01000000")
	in = append(in, m.Payload[:128]...)
	in = append(append(in, 0xc4), m.Payload[128:256]...)
	in = append(append(in, 0xc4), m.Payload[256:]...)
	wantDecode(t, in, []message.Message{m}, nil)
}

// 16: a time that goes back became a delta of nearly 2^32, and type 3 followed type 0.
func TestBug16TimeGoesBack(t *testing.T) {
	var e Encoder
	out := mustAppend(t, &e, nil, 4, audio(100, 1))
	out = mustAppend(t, &e, out, 4, audio(60, 1))
	if diff := cmp.Diff(hexBytes(t, "04 000064 000001 08 01000000 01 04 00003c 000001 08 01000000 01"), out); diff != "" {
		t.Errorf("Append of 100, 60 (-want +got):\n%s", diff)
	}
	wantDecode(t, hexBytes(t, "04 000064 000001 08 01000000 01 84 ffffff ffffffd8 01"), // as that writer does it
		[]message.Message{audio(100, 1), audio(60, 1)}, nil)
	if out := mustAppend(t, &e, nil, 4, audio(120, 1)); out[0] != 0x84 {
		t.Errorf("Append of 120 after a type 0 header with 60 begins with %02x, want 84", out[0])
	}
}

// 18: nothing had a limit. TestDecodeLimits and TestDecodeMemory have the figures; this is a peer that touches
// every chunk stream there is.
func TestBug18Limits(t *testing.T) {
	var d Decoder
	var err error
	for id := uint32(2); id <= maxStreamID && err == nil; id++ {
		_, err = decode(t, &d, begin(id, 1, 1), 100)
	}
	var limit *LimitError
	if !errors.As(err, &limit) || limit.Limit != 1024 || d.streams.len() != 1024 {
		t.Errorf("error = %v with %d chunk streams, want a LimitError at 1024", err, d.streams.len())
	}
}

// 21: a payload grew by doubling though its length was known.
func TestBug21Growth(t *testing.T) {
	d := Decoder{size: 128, received: 1 << 20}
	in := slices.Concat(cut(t, 128, 4, audio(0, make([]byte, 100_000)...))...)
	got, err := decode(t, &d, in, 4096)
	if err != nil || len(got) != 1 || cap(got[0].Payload) != 100_000 {
		t.Errorf("%d messages, %v; want one with a capacity of 100,000 bytes", len(got), err)
	}
}
