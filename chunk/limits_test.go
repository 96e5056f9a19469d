package chunk

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
	"github.com/gortmp/rtmp/internal/wire"
	"github.com/gortmp/rtmp/message"
)

// begin returns a type 0 header on chunk stream csid for an audio message of length bytes, and n of them.
func begin(csid uint32, length, n int) []byte {
	size := 1
	if csid >= 64 {
		size = 3
	}
	b := make([]byte, size)
	putBasic(b, size, 0, csid)
	b = wire.AppendUint24(append(b, 0, 0, 0), uint32(length))
	b = append(b, byte(message.TypeAudio), 1, 0, 0, 0)
	return append(b, make([]byte, n)...)
}

func TestDecodeLimits(t *testing.T) {
	unfinished := func(n, length int) (in []byte) {
		for i := range n {
			in = append(in, begin(uint32(3+i), length, 128)...)
		}
		return in
	}
	used := func(n int) (in []byte) {
		for i := range n {
			in = append(in, begin(uint32(3+i), 0, 0)...)
		}
		return in
	}
	tests := []struct {
		name    string
		d       Decoder
		in      []byte // at the limit
		pastEnd []byte // and past it
		err     error
	}{
		{
			"message size, default", Decoder{}, begin(3, 1<<24-1, 1), nil, nil, // no message is longer
		},
		{
			"message size", Decoder{MaxMessageSize: 1000}, begin(3, 1000, 128), begin(4, 1001, 0),
			&SizeError{Size: 1001, Limit: 1000},
		},
		{
			"message size, type 1", Decoder{MaxMessageSize: 1000}, begin(3, 10, 10),
			hexBytes(t, "43 000000 0003e9 08"), &SizeError{Size: 1001, Limit: 1000},
		},
		{
			"unfinished, default", Decoder{}, unfinished(64, 1000), begin(90, 1000, 0),
			&LimitError{Err: ErrUnfinishedStreams, Value: 65, Limit: 64},
		},
		{
			"unfinished", Decoder{MaxUnfinished: 2}, unfinished(2, 1000), begin(90, 129, 0),
			&LimitError{Err: ErrUnfinishedStreams, Value: 3, Limit: 2},
		},
		{
			"unfinished, single chunks do not count", Decoder{}, append(unfinished(64, 1000), begin(90, 128, 128)...), nil, nil,
		},
		{
			"unfinished, no bound", Decoder{MaxUnfinished: -1, MaxStreams: -1}, unfinished(2000, 1000), nil, nil,
		},
		{
			"unfinished bytes, default", Decoder{}, append(unfinished(1, 1<<24-1), begin(90, 1<<20+1, 128)...), begin(91, 1, 0),
			&LimitError{Err: ErrUnfinishedBytes, Value: 17<<20 + 1, Limit: 17 << 20},
		},
		{
			"unfinished bytes", Decoder{MaxMessageSize: 1 << 18}, unfinished(5, 1<<18), begin(91, 1, 0),
			&LimitError{Err: ErrUnfinishedBytes, Value: 5<<18 + 1, Limit: 5 << 18},
		},
		{
			"chunk streams, default", Decoder{}, used(1024), begin(2000, 0, 0),
			&LimitError{Err: ErrTooManyStreams, Value: 1025, Limit: 1024},
		},
		{
			"chunk streams", Decoder{MaxStreams: 3}, used(3), begin(2000, 0, 0),
			&LimitError{Err: ErrTooManyStreams, Value: 4, Limit: 3},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := decode(t, &tt.d, tt.in, 4096); err != nil {
				t.Fatalf("at the limit: %v", err)
			}
			_, err := decode(t, &tt.d, tt.pastEnd, 4096)
			if tt.err == nil {
				if err != nil {
					t.Errorf("past the limit: %v", err)
				}
				return
			}
			if err == nil || err.Error() != tt.err.Error() || !errors.Is(err, errors.Unwrap(tt.err)) {
				t.Errorf("past the limit: error = %v, want %v", err, tt.err)
			}
		})
	}
}

// TestDecodeLimitChanges sets the message size in mid-message: it holds for the next message.
func TestDecodeLimitChanges(t *testing.T) {
	d := Decoder{MaxMessageSize: 300}
	if _, err := decode(t, &d, begin(3, 300, 128), 4096); err != nil {
		t.Fatal(err)
	}
	d.MaxMessageSize = 200
	got, err := decode(t, &d, append(append(append([]byte{0xc3}, make([]byte, 128)...), 0xc3), make([]byte, 44)...), 4096)
	if err != nil || len(got) != 1 {
		t.Fatalf("the message that had begun: %d messages, %v", len(got), err)
	}
	if _, err := decode(t, &d, []byte{0xc3}, 1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("the next message: error = %v, want ErrTooLarge", err)
	}
}

// held returns the bytes of capacity that d has for unfinished messages.
func held(d *Decoder) (n int) {
	for i := range d.streams.low {
		n += cap(d.streams.low[i].buf)
	}
	for _, s := range d.streams.high {
		n += cap(s.buf)
	}
	return n
}

// TestDecodeMemory checks that memory follows the bytes that came and not those announced.
func TestDecodeMemory(t *testing.T) {
	tests := []struct {
		name             string
		before           int // bytes of finished messages
		streams, n       int // unfinished messages, bytes of each that came
		length           int // bytes announced for each
		wantMin, wantMax int
	}{
		{"nothing came before", 0, 1, 1, 1<<24 - 1, 1, 13 + 4<<10},
		{"credit grows with what came", 20_000, 1, 1, 1<<24 - 1, 20_000, 40_000},
		{"and has an end", 10 << 20, 1, 1, 1<<24 - 1, 256 << 10, 256<<10 + 4<<10},
		{"one credit for all", 10 << 20, 64, 128, 200_000, 256 << 10, 256<<10 + 64*140*2},
		{"doubling", 0, 1, 128, 1<<24 - 1, 128, 140 + 4<<10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var d Decoder
			for d.received < uint64(tt.before) {
				if _, err := decode(t, &d, begin(2, 100, 100), 4096); err != nil {
					t.Fatal(err)
				}
			}
			if held(&d) != 0 {
				t.Fatalf("%d bytes are held for finished messages", held(&d))
			}
			for i := range tt.streams {
				if _, err := decode(t, &d, begin(uint32(3+i), tt.length, tt.n), 4096); err != nil {
					t.Fatal(err)
				}
			}
			if got := held(&d); got < tt.wantMin || got > tt.wantMax {
				t.Errorf("%d bytes are held, want %d to %d", got, tt.wantMin, tt.wantMax)
			}
		})
	}

	t.Run("growing", func(t *testing.T) {
		d := Decoder{size: 1 << 20}
		in := begin(3, 8<<20, 1<<20)
		for at := 0; at < len(in); {
			n := min(1000, len(in)-at)
			if _, err := decode(t, &d, in[at:at+n], n); err != nil {
				t.Fatal(err)
			}
			at += n
			if got, most := held(&d), 2*at+maxCredit; got > most {
				t.Fatalf("after %d bytes, %d are held, want at most %d", at, got, most)
			}
		}
	})

	t.Run("abort and restart give back", func(t *testing.T) {
		var d Decoder
		for range 1000 {
			for _, in := range [][]byte{begin(3, 1<<20, 128), begin(3, 1<<20, 128), hexBytes(t, "02 000000 000004 02 00000000 00000003")} {
				if _, err := decode(t, &d, in, len(in)); err != nil {
					t.Fatal(err)
				}
			}
		}
		checkIdle(t, &d)
		if d.unfinished != 0 || held(&d) != 0 || d.Partial() {
			t.Errorf("after Abort, %d messages are unfinished and %d bytes held", d.unfinished, held(&d))
		}
	})
}

// TestDecodeWaste checks that a peer cannot make us allocate by starting messages that it never ends.
func TestDecodeWaste(t *testing.T) {
	abort := hexBytes(t, "02 000000 000004 02 00000000 00000003")
	for name, piece := range map[string][]byte{
		"restart": begin(3, 1<<18, 1),
		"abort":   append(begin(3, 1<<18, 128), abort...),
	} {
		for _, step := range []int{1 << 16, 100} {
			d := Decoder{received: 1 << 20}
			in := bytes.Repeat(piece, 1<<20/len(piece))
			_, got := golden.Memory(func() any {
				for rest := in; len(rest) > 0; {
					n, _, err := d.Decode(rest[:min(step, len(rest))])
					if err != nil {
						t.Fatal(err)
					}
					rest = rest[n:]
				}
				return nil
			})
			if got > int64(3*len(in)) {
				t.Errorf("%s: %d bytes in steps of %d made us allocate %d", name, len(in), step, got)
			}
		}
	}
}

// TestDecodeAllocs pins what a message costs: its payload, once, however it is cut; and nothing where memory is
// given back.
func TestDecodeAllocs(t *testing.T) {
	for _, size := range []int{1, 100, 4000, 70_000, 256 << 10} {
		for _, chunkSize := range []uint32{128, 4096, 65536} {
			e, d := Encoder{size: chunkSize}, Decoder{size: chunkSize, received: 1 << 20}
			m := audio(0, make([]byte, size)...)
			mustAppend(t, &e, nil, 4, m)
			e.Forget(4)
			in := mustAppend(t, &e, nil, 4, m)
			run := func(reuse bool) func() {
				return func() {
					var got *message.Message
					for rest := in; len(rest) > 0; {
						piece := rest[:min(4096, len(rest))]
						n, m, err := d.Decode(piece)
						if err != nil {
							t.Fatal(err)
						}
						if rest = rest[n:]; m != nil {
							got = m
						}
					}
					if len(got.Payload) != size {
						t.Fatalf("%d bytes, want %d", len(got.Payload), size)
					}
					if reuse {
						d.Reuse(got.Payload)
					}
				}
			}
			if n := testing.AllocsPerRun(20, run(false)); n != 1 {
				t.Errorf("message of %d bytes in chunks of %d: %v allocations, want 1", size, chunkSize, n)
			}
			if n := testing.AllocsPerRun(20, run(true)); n != 0 {
				t.Errorf("message of %d bytes in chunks of %d, Reuse: %v allocations, want 0", size, chunkSize, n)
			}
		}
	}
}

// TestReuse interleaves a message in lent memory with others: nobody's payload may move into another's.
func TestReuse(t *testing.T) {
	var d Decoder
	lent := make([]byte, 10, 300)
	d.Reuse(lent)
	d.Reuse(make([]byte, 5)) // the smaller one is forgotten
	in := append(begin(3, 300, 0), ramp(128, 0, 1)...)
	in = append(in, begin(4, 128, 0)...)
	in = append(in, ramp(128, 50, 1)...)
	in = append(append(in, 0xc3), ramp(128, 128, 1)...)
	in = append(append(in, 0xc3), ramp(44, 0, 1)...)
	got, err := decode(t, &d, in, len(in))
	if err != nil || len(got) != 2 {
		t.Fatalf("%d messages, %v", len(got), err)
	}
	want := []message.Message{audio(0, ramp(128, 50, 1)...), audio(0, ramp(300, 0, 1)...)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if &got[1].Payload[0] != &lent[0] || cap(got[1].Payload) != 300 {
		t.Error("the first message is not in the lent memory")
	}
	checkIdle(t, &d)
	if d.spare != nil {
		t.Error("some memory is still lent")
	}
}
