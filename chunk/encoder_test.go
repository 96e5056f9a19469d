package chunk

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/message"
)

// mustAppend is e.Append of a message that has a form.
func mustAppend(tb testing.TB, e *Encoder, dst []byte, csid uint32, m message.Message) []byte {
	tb.Helper()
	out, err := e.Append(dst, csid, &m)
	if err != nil {
		tb.Fatalf("Append(%d, %v): %v", csid, m, err)
	}
	return out
}

// wantAppend writes in on chunk stream csid with a new Encoder, wants the bytes that the hex of want has, and reads them.
func wantAppend(t *testing.T, csid uint32, in []message.Message, want string) {
	t.Helper()
	var e Encoder
	var got []byte
	for _, m := range in {
		got = mustAppend(t, &e, got, csid, m)
	}
	if diff := cmp.Diff(hexBytes(t, want), got); diff != "" {
		t.Errorf("Append (-want +got):\n%s", diff)
	}
	wantDecode(t, got, in, nil)
}

// TestAppendHeaders writes messages of two bytes on chunk stream 4 one after the other.
func TestAppendHeaders(t *testing.T) {
	a := func(timestamp uint32) message.Message { return audio(timestamp, 1, 2) }
	tests := []struct {
		name string
		in   []message.Message
		want string
	}{
		{"type 2", []message.Message{a(5), a(6)}, "04 000005 000002 08 01000000 0102  84 000001 0102"},
		{
			// In the specification's sense a type 3 header would do, but not every reader knows it.
			"never type 3 after type 0",
			[]message.Message{a(5), a(10), a(15)},
			"04 000005 000002 08 01000000 0102  84 000005 0102  c4 0102",
		},
		{
			"but if both are 0", []message.Message{a(0), a(0), a(0)},
			"04 000000 000002 08 01000000 0102  c4 0102  c4 0102",
		},
		{
			"type 0 at 0 and not the delta", []message.Message{a(0), a(7), a(14)},
			"04 000000 000002 08 01000000 0102  84 000007 0102  c4 0102",
		},
		{"same time", []message.Message{a(5), a(5), a(5)}, "04 000005 000002 08 01000000 0102  84 000000 0102  c4 0102"},
		{
			"type 3 after type 1", []message.Message{a(5), audio(9, 1), audio(13, 2)},
			"04 000005 000002 08 01000000 0102  44 000004 000001 08 01  c4 02",
		},
		{
			"another type", []message.Message{a(5), {Type: 9, StreamID: 1, Timestamp: 9, Payload: []byte{1, 2}}},
			"04 000005 000002 08 01000000 0102  44 000004 000002 09 0102",
		},
		{
			"another stream", []message.Message{a(5), {Type: 8, StreamID: 0x01020304, Timestamp: 9, Payload: []byte{1, 2}}},
			"04 000005 000002 08 01000000 0102  04 000009 000002 08 04030201 0102",
		},
		{
			"back in time", []message.Message{a(100), a(60), a(61)},
			"04 000064 000002 08 01000000 0102  04 00003c 000002 08 01000000 0102  84 000001 0102",
		},
		{
			"half the circle", []message.Message{a(5), a(5 + 1<<31)},
			"04 000005 000002 08 01000000 0102  04 ffffff 000002 08 01000000 80000005 0102",
		},
		{
			"wrap", []message.Message{a(0xffffffff), a(1)},
			"04 ffffff 000002 08 01000000 ffffffff 0102  84 000002 0102",
		},
		{"empty", []message.Message{audio(5), audio(6), audio(7)}, "04 000005 000000 08 01000000  84 000001  c4"},
		{"below 0xffffff", []message.Message{a(0xfffffe)}, "04 fffffe 000002 08 01000000 0102"},
		{"exactly 0xffffff", []message.Message{a(0xffffff)}, "04 ffffff 000002 08 01000000 00ffffff 0102"},
		{
			"delta of exactly 0xffffff", []message.Message{a(1), a(0x1000000), a(0x1ffffff), a(0x2fffffd)},
			"04 000001 000002 08 01000000 0102  84 ffffff 00ffffff 0102  c4 00ffffff 0102  84 fffffe 0102",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantAppend(t, 4, tt.in, tt.want) })
	}
}

// TestAppendStreamIDs writes two chunks on chunk streams at the ends of the three forms.
func TestAppendStreamIDs(t *testing.T) {
	tests := []struct {
		csid        uint32
		first, next string // basic headers
	}{
		{2, "02", "c2"},
		{3, "03", "c3"},
		{63, "3f", "ff"},
		{64, "0000", "c000"},
		{319, "00ff", "c0ff"},
		{320, "010001", "c10001"},
		{365, "012d01", "c12d01"},
		{65599, "01ffff", "c1ffff"},
	}
	for _, tt := range tests {
		for _, timestamp := range []uint32{5, 0xffffff} {
			m := audio(timestamp, ramp(130, 0, 1)...)
			header, extended := "000005 000082 08 01000000", ""
			if timestamp != 5 {
				header, extended = "ffffff 000082 08 01000000", "00ffffff"
			}
			want := hexBytes(t, tt.first+header+extended)
			want = append(want, m.Payload[:128]...)
			want = append(want, hexBytes(t, tt.next+extended)...)
			want = append(want, m.Payload[128:]...)
			got := mustAppend(t, new(Encoder), nil, tt.csid, m)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Append on %d (-want +got):\n%s", tt.csid, diff)
			}
			wantDecode(t, got, []message.Message{m}, nil)

			stateless, err := AppendMessage(nil, 128, tt.csid, &m)
			if err != nil || !bytes.Equal(stateless, want) {
				t.Errorf("AppendMessage on %d = %x, %v, want %x", tt.csid, stateless, err, want)
			}
		}
	}
}

// TestAppendSizes counts chunks around multiples of the chunk size.
func TestAppendSizes(t *testing.T) {
	for _, size := range []int{1, 2, 3, 127, 128, 129, 4096} {
		e := Encoder{size: uint32(size)}
		for _, n := range []int{0, 1, size - 1, size, size + 1, 2*size - 1, 2 * size, 2*size + 1, 10 * size} {
			m := audio(0xffffff, ramp(n, 0, 1)...)
			e.Forget(4)
			got := mustAppend(t, &e, nil, 4, m)
			chunks := max(1, (n+size-1)/size)
			if want := 12 + n + 4 + (chunks-1)*5; len(got) != want {
				t.Errorf("chunk size %d, message of %d bytes: %d bytes on the wire, want %d", size, n, len(got), want)
			}
			d := Decoder{size: uint32(size)}
			back, err := decode(t, &d, got, 1<<20)
			if diff := cmp.Diff([]message.Message{m}, back, cmpopts.EquateEmpty()); err != nil || diff != "" {
				t.Errorf("chunk size %d, message of %d bytes: error = %v (-want +got):\n%s", size, n, err, diff)
			}
		}
	}
}

func TestAppendSetChunkSize(t *testing.T) {
	var e Encoder
	var d Decoder // reads along
	if got := e.ChunkSize(); got != 128 {
		t.Errorf("ChunkSize of the zero Encoder = %d, want 128", got)
	}
	for _, tt := range []struct {
		payload string
		want    uint32
	}{
		{"00000003", 3},        // the next one is cut in two
		{"00000001", 1},        // and the next in four
		{"00001000", 4096},     //
		{"01000000", 0xffffff}, // no message is longer
		{"7fffffff", 0xffffff},
	} {
		m := message.Message{Type: message.TypeSetChunkSize, Payload: hexBytes(t, tt.payload)}
		out := mustAppend(t, &e, nil, 2, m)
		if got := e.ChunkSize(); got != tt.want {
			t.Errorf("ChunkSize after %s = %d, want %d", tt.payload, got, tt.want)
		}
		if _, err := decode(t, &d, out, 1); err != nil || d.ChunkSize() != tt.want {
			t.Errorf("the reader's chunk size after %x = %d, %v, want %d", out, d.ChunkSize(), err, tt.want)
		}
	}
}

func TestAppendAbort(t *testing.T) {
	var e Encoder
	mustAppend(t, &e, nil, 4, audio(5, 1))
	mustAppend(t, &e, nil, 6, audio(5, 1))
	mustAppend(t, &e, nil, 2, message.Message{Type: message.TypeAbort, Payload: []byte{0, 0, 0, 4}})
	if got := mustAppend(t, &e, nil, 4, audio(6, 1)); got[0] != 0x04 {
		t.Errorf("after Abort, the header byte on its chunk stream = %02x, want 04", got[0])
	}
	if got := mustAppend(t, &e, nil, 6, audio(6, 1)); got[0] != 0x86 {
		t.Errorf("after Abort, the header byte on another chunk stream = %02x, want 86", got[0])
	}
}

// TestForget sends a prepared message between two of an Encoder.
func TestForget(t *testing.T) {
	var e Encoder
	e.Forget(6) // of one that was never used
	all := []message.Message{audio(5, 1), audio(1000, 2), audio(6, 3), audio(7, 4)}
	out := mustAppend(t, &e, nil, 6, all[0])
	out, err := AppendMessage(out, e.ChunkSize(), 6, &all[1])
	if err != nil {
		t.Fatal(err)
	}
	e.Forget(6)
	out = mustAppend(t, &e, out, 6, all[2])
	out = mustAppend(t, &e, out, 6, all[3])
	wantDecode(t, out, all, nil)
}

func TestAppendErrors(t *testing.T) {
	large := make([]byte, maxPayload+1)
	control := func(typ message.Type, payload string) message.Message {
		return message.Message{Type: typ, Payload: hexBytes(t, payload)}
	}
	tests := []struct {
		name string
		csid uint32
		in   message.Message
		err  error
	}{
		{"csid 0", 0, audio(0), &StreamIDError{0}},
		{"csid 1", 1, audio(0), &StreamIDError{1}},
		{"csid 65600", 65600, audio(0), &StreamIDError{65600}},
		{"largest", 4, audio(0, large[1:]...), nil},
		{"too large", 4, audio(0, large...), &SizeError{Size: 1 << 24, Limit: 1<<24 - 1}},
		{"chunk size 0", 2, control(1, "00000000"), &ControlError{Type: 1, Size: 4}},
		{"chunk size 2147483648", 2, control(1, "80000000"), &ControlError{Type: 1, Size: 4, Value: 1 << 31}},
		{"chunk size cut", 2, control(1, "000010"), &ControlError{Type: 1, Size: 3}},
		{"abort cut", 2, control(2, "01"), &ControlError{Type: 2, Size: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := Encoder{size: 4096}
			dst := []byte("before")
			out, err := e.Append(dst, tt.csid, &tt.in)
			if diff := cmp.Diff(tt.err, err); diff != "" {
				t.Fatalf("Append: error (-want +got):\n%s", diff)
			}
			if err == nil {
				return
			}
			if !bytes.Equal(out, dst) || e.ChunkSize() != 4096 || e.streams.len() != 0 {
				t.Errorf("Append failed and changed something: %q, chunk size %d, %d streams", out, e.ChunkSize(), e.streams.len())
			}
		})
	}
	for _, size := range []uint32{0, 1 << 31} {
		m := audio(0, 1)
		var want *ControlError
		if out, err := AppendMessage([]byte("before"), size, 4, &m); !errors.As(err, &want) || string(out) != "before" {
			t.Errorf("AppendMessage with chunk size %d = %q, %v, want a ControlError", size, out, err)
		}
	}
}

func TestAppendAllocs(t *testing.T) {
	var e Encoder
	buf := make([]byte, 0, 32<<10)
	for _, csid := range []uint32{6, 400} {
		m := audio(0, make([]byte, 20_000)...)
		allocs := testing.AllocsPerRun(100, func() {
			m.Timestamp += 33
			buf, _ = e.Append(buf[:0], csid, &m)
			e.Forget(csid)
			buf, _ = AppendMessage(buf[:0], 128, csid, &m)
		})
		if allocs != 0 {
			t.Errorf("Append and AppendMessage on %d: %v allocations, want 0", csid, allocs)
		}
	}
}
