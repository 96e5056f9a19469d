package chunk

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/message"
)

// decode feeds d with in, step bytes at a time, and returns the messages and the error that came out.
func decode(tb testing.TB, d *Decoder, in []byte, step int) ([]message.Message, error) {
	tb.Helper()
	var all []message.Message
	for len(in) > 0 {
		p := in[:min(step, len(in))]
		in = in[len(p):]
		for {
			n, m, err := d.Decode(p)
			p = p[n:]
			if err != nil {
				return all, err
			}
			if m == nil {
				if len(p) > 0 {
					tb.Fatalf("Decode left %d bytes and returned no message", len(p))
				}
				break
			}
			all = append(all, *m)
		}
	}
	return all, nil
}

// wantDecode checks that in gives want and err at once, byte by byte, and in odd pieces. It returns the Decoder
// that was fed at once.
func wantDecode(t *testing.T, in []byte, want []message.Message, wantErr error) *Decoder {
	t.Helper()
	var atOnce *Decoder
	for _, step := range []int{len(in) + 1, 1, 2, 3, 5, 7, 13} {
		d := new(Decoder)
		if atOnce == nil {
			atOnce = d
		}
		got, err := decode(t, d, in, step)
		if !errors.Is(err, wantErr) {
			t.Fatalf("Decode(%.80x) in steps of %d: error = %v, want %v", in, step, err, wantErr)
		}
		if diff := diff(want, got); diff != "" {
			t.Fatalf("Decode(%.80x) in steps of %d (-want +got):\n%s", in, step, diff)
		}
		if wantErr == nil {
			checkIdle(t, d)
		}
	}
	return atOnce
}

// diff is cmp.Diff, which takes its time, for messages that differ.
func diff(want, got []message.Message) string {
	same := func(a, b message.Message) bool {
		return a.Type == b.Type && a.StreamID == b.StreamID && a.Timestamp == b.Timestamp && bytes.Equal(a.Payload, b.Payload)
	}
	if slices.EqualFunc(want, got, same) {
		return ""
	}
	return cmp.Diff(want, got, cmpopts.EquateEmpty())
}

// checkIdle checks that d's books are balanced when no message is unfinished.
func checkIdle(tb testing.TB, d *Decoder) {
	tb.Helper()
	if d.unfinished == 0 && (d.unpaid != 0 || d.announced != 0 || d.lent != 0) {
		tb.Errorf("nothing is unfinished, but unpaid = %d, announced = %d, lent = %d", d.unpaid, d.announced, d.lent)
	}
}

// hexBytes reads hex with spaces.
func hexBytes(tb testing.TB, s string) []byte {
	tb.Helper()
	var b []byte
	if _, err := fmt.Sscanf(strings.ReplaceAll(s, " ", ""), "%x", &b); err != nil {
		tb.Fatal(err)
	}
	return b
}

// audio returns an audio message on stream 1.
func audio(timestamp uint32, payload ...byte) message.Message {
	return message.Message{
		Type: message.TypeAudio, StreamID: 1, Timestamp: message.Timestamp(timestamp), Payload: payload,
	}
}

func TestDecodeHeaders(t *testing.T) {
	const first = "04 000005 000002 08 01000000 af01 " // 5 ms, 2 bytes
	tests := []struct {
		name string
		in   string
		want []message.Message
		err  error
	}{
		{"type 0", first, []message.Message{audio(5, 0xaf, 1)}, nil},
		{"type 1", first + "44 00000a 000001 08 2f", []message.Message{audio(5, 0xaf, 1), audio(15, 0x2f)}, nil},
		{"type 2", first + "84 00000a af02", []message.Message{audio(5, 0xaf, 1), audio(15, 0xaf, 2)}, nil},
		{
			"type 3 after type 2", first + "84 00000a af02 c4 af03",
			[]message.Message{audio(5, 0xaf, 1), audio(15, 0xaf, 2), audio(25, 0xaf, 3)}, nil,
		},
		{
			// RTMP 1.0, 5.3.1.2.4: the timestamp of the type 0 header is the delta.
			"type 3 after type 0", first + "c4 af02 c4 af03",
			[]message.Message{audio(5, 0xaf, 1), audio(10, 0xaf, 2), audio(15, 0xaf, 3)}, nil,
		},
		{
			"type 0 again, back in time", first + "04 000003 000001 08 02000000 2f",
			[]message.Message{audio(5, 0xaf, 1), {Type: 8, StreamID: 2, Timestamp: 3, Payload: []byte{0x2f}}}, nil,
		},
		{
			// librtmp begins chunk stream 2 like this: a ping response.
			"type 1 first", "42 000007 000006 04 000700000001",
			[]message.Message{{Type: message.TypeUserControl, Timestamp: 7, Payload: []byte{0, 7, 0, 0, 0, 1}}}, nil,
		},
		{"type 2 first", "82 000000", nil, ErrHeader},
		{"type 3 first", "c2", nil, ErrHeader},
		{"type 3 first, other streams in use", first + "c5", []message.Message{audio(5, 0xaf, 1)}, ErrHeader},
		{
			"empty messages", "04 000005 000000 08 01000000 84 000001 c4 c4",
			[]message.Message{audio(5), audio(6), audio(7), audio(8)}, nil,
		},
		{
			"delta below the wrap", "04 ffffff 000001 08 01000000 fffffff0 01 84 000020 02",
			[]message.Message{audio(0xfffffff0, 1), audio(0x10, 2)}, nil,
		},
		{
			"delta that goes back", "04 000064 000001 08 01000000 01 84 ffffff ffffffd8 02",
			[]message.Message{audio(100, 1), audio(60, 2)}, nil,
		},
		{
			"extended though it need not be", "04 ffffff 000001 08 01000000 00000005 01 c4 00000005 02",
			[]message.Message{audio(5, 1), audio(10, 2)}, nil,
		},
		{
			"extended is for one header only", "04 ffffff 000001 08 01000000 01000000 01 84 000001 02 c4 03",
			[]message.Message{audio(0x1000000, 1), audio(0x1000001, 2), audio(0x1000002, 3)}, nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantDecode(t, hexBytes(t, tt.in), tt.want, tt.err) })
	}
}

// TestDecodeMidMessage is about headers of other types than 3 inside a message: 3 of 5 bytes have arrived.
func TestDecodeMidMessage(t *testing.T) {
	const begin = "02 000000 000004 01 00000000 00000003 04 000005 000005 08 01000000 010203 "
	size := message.Message{Type: message.TypeSetChunkSize, Payload: []byte{0, 0, 0, 3}}
	tests := []struct {
		name string
		in   string
		want []message.Message
		err  error
	}{
		{"type 3 continues", "c4 0405", []message.Message{size, audio(5, 1, 2, 3, 4, 5)}, nil},
		{
			"type 0 starts another", "04 000009 000002 08 01000000 0708 84 000001 090a",
			[]message.Message{size, audio(9, 7, 8), audio(10, 9, 10)}, nil,
		},
		{"type 0 starts an equal one", "04 000005 000005 08 01000000 010203 c4 0405", []message.Message{size, audio(5, 1, 2, 3, 4, 5)}, nil},
		{"type 1", "44 000000 000005 08 0405", []message.Message{size}, ErrHeader},
		{"type 1, other length", "44 000000 000002 08 0405", []message.Message{size}, ErrHeader},
		{"type 2", "84 000000 0405", []message.Message{size}, ErrHeader},
		{
			// After an Abort there is nothing to continue: the same bytes start the next message.
			"type 2 after abort", "02 000000 000004 02 00000000 000000 c2 04 84 000001 060708 c4 090a",
			[]message.Message{size, {Type: message.TypeAbort, Payload: []byte{0, 0, 0, 4}}, audio(6, 6, 7, 8, 9, 10)}, nil,
		},
		{
			"abort of an idle chunk stream", "02 000000 000004 02 00000000 000000 c2 09 c4 0405",
			[]message.Message{size, {Type: message.TypeAbort, Payload: []byte{0, 0, 0, 9}}, audio(5, 1, 2, 3, 4, 5)}, nil,
		},
		{
			"chunk size changes", "02 000000 000004 01 00000000 000000 c2 01 c4 04 c4 05",
			[]message.Message{size, {Type: message.TypeSetChunkSize, Payload: []byte{0, 0, 0, 1}}, audio(5, 1, 2, 3, 4, 5)}, nil,
		},
		{
			// Some cameras send control messages on the chunk stream and message stream of their media.
			"control elsewhere", "07 000000 000004 01 01000000 000000 c7 01 c4 04 c4 05",
			[]message.Message{
				size, {Type: message.TypeSetChunkSize, StreamID: 1, Payload: []byte{0, 0, 0, 1}}, audio(5, 1, 2, 3, 4, 5),
			}, nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantDecode(t, hexBytes(t, begin+tt.in), tt.want, tt.err) })
	}
}

func TestDecodeControl(t *testing.T) {
	tests := []struct {
		name string
		in   string
		size uint32
		err  error
	}{
		{"size 1", "02 000000 000004 01 00000000 00000001", 1, nil},
		{"size 0", "02 000000 000004 01 00000000 00000000", 0, &ControlError{Type: 1, Size: 4}},
		{"size 2147483647", "02 000000 000004 01 00000000 7fffffff", 0xffffff, nil},
		{"size 2147483648", "02 000000 000004 01 00000000 80000000", 0, &ControlError{Type: 1, Size: 4, Value: 1 << 31}},
		{"size and more", "02 000000 000005 01 00000000 0000100000", 4096, nil},
		{"size cut", "02 000000 000003 01 00000000 000010", 0, &ControlError{Type: 1, Size: 3}},
		{"abort cut", "02 000000 000003 02 00000000 000010", 0, &ControlError{Type: 2, Size: 3}},
		{"abort empty", "02 000000 000000 02 00000000", 0, &ControlError{Type: 2}},
		{"abort of nothing", "02 000000 000004 02 00000000 ffffffff", 128, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var d Decoder
			_, err := decode(t, &d, hexBytes(t, tt.in), 1)
			if tt.err == nil {
				if err != nil || d.ChunkSize() != tt.size {
					t.Errorf("Decode(%s): error = %v, chunk size %d, want %d", tt.in, err, d.ChunkSize(), tt.size)
				}
				return
			}
			if diff := cmp.Diff(tt.err, err); diff != "" {
				t.Fatalf("Decode(%s): error (-want +got):\n%s", tt.in, diff)
			}
			if _, m, again := d.Decode([]byte{2}); again != err || m != nil {
				t.Errorf("Decode after an error = %v, %v, want the same error", m, again)
			}
		})
	}
}

// TestDecodeStreamIDs reads a message on each chunk stream there is, in each form that can name it.
func TestDecodeStreamIDs(t *testing.T) {
	d := Decoder{MaxStreams: -1}
	for id := uint32(2); id <= maxStreamID; id++ {
		for n := 1; n <= 3; n++ {
			if n == 1 && id > 63 || n == 2 && (id < 64 || id > 319) || n == 3 && id < 64 {
				continue
			}
			in := make([]byte, n)
			putBasic(in, n, 0, id)
			in = append(in, 0, 0, 9, 0, 0, 3, 8, 1, 0, 0, 0, byte(id>>16), byte(id>>8), byte(id))
			if id%97 == 0 {
				in = append(in, in[:n]...)
				in[len(in)-n] |= 3 << 6
				in = append(in, 7, 7, 7)
			}
			got, err := decode(t, &d, in, 1+n)
			if err != nil {
				t.Fatalf("id %d in %d bytes: %v", id, n, err)
			}
			want := []message.Message{audio(9, byte(id>>16), byte(id>>8), byte(id))}
			if id%97 == 0 {
				want = append(want, audio(18, 7, 7, 7))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("id %d in %d bytes (-want +got):\n%s", id, n, diff)
			}
		}
	}
	if n := d.streams.len(); n != maxStreamID-1 {
		t.Errorf("%d chunk streams, want %d", n, maxStreamID-1)
	}
}
