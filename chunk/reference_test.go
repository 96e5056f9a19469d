package chunk

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/message"
)

// TestReference holds the cases of the system that this project measures itself against: D what its reader must
// give, R what must come back, S what its writer must write. Where it writes what readers disagree about, our
// safer choice stands here, with the reason.
func TestReference(t *testing.T) {
	testReferenceDecode(t)
	testReferenceRoundTrip(t)
	testReferenceAppend(t)
}

func testReferenceDecode(t *testing.T) {
	msg := func(typ message.Type, timestamp uint32) message.Message {
		return message.Message{
			Type: typ, StreamID: 5, Timestamp: message.Timestamp(timestamp), Payload: []byte{1, 2, 3},
		}
	}
	const (
		first  = "32 000019 000003 03 05000000 010203 " // type 0, chunk stream 50, time 25
		second = "72 00000a 000003 04 010203 "          // type 1, delta 10, message type 4
		third  = "b2 00000b 010203 "                    // type 2, delta 11
		large  = "ffffff 000003 03 05000000 01000000 010203"
	)
	tests := []struct {
		name string
		size uint32 // chunk size
		in   string
		want []message.Message
	}{
		{"D1", 128, first, []message.Message{msg(3, 25)}},
		{"D2", 128, "01b401 000019 000003 03 05000000 010203", []message.Message{msg(3, 25)}},
		{"D3", 128, "0110c3 000019 000003 03 05000000 010203", []message.Message{msg(3, 25)}},
		{"D4", 128, "32 " + large, []message.Message{msg(3, 16777216)}},
		{"D5", 128, "01b401 " + large, []message.Message{msg(3, 16777216)}},
		{"D6", 128, "0110c3 " + large, []message.Message{msg(3, 16777216)}},
		{"D7", 128, first + second, []message.Message{msg(3, 25), msg(4, 35)}},
		{"D8", 128, first + second + third, []message.Message{msg(3, 25), msg(4, 35), msg(4, 46)}},
		{
			"D9", 128, first + second + "b2 ffffff 01000000 010203",
			[]message.Message{msg(3, 25), msg(4, 35), msg(4, 16777251)},
		},
		{
			"D10", 128, first + second + third + "f2 010203",
			[]message.Message{msg(3, 25), msg(4, 35), msg(4, 46), msg(4, 57)},
		},
		{
			"D11", 128,
			"32 00000a 000003 03 05000000 010203" + second + "b2 ffffff 01000000 010203 f2 01000000 010203",
			[]message.Message{msg(3, 10), msg(4, 20), msg(4, 20+16777216), msg(4, 20+2*16777216)},
		},
		{
			"D15", 4, "04 000000 000001 08 01000000 01 44 000021 000005 08 01020304 c4 05", // OBS
			[]message.Message{audio(0, 1), audio(0x21, 1, 2, 3, 4, 5)},
		},
		{
			"D16", 4, "04 ffffff 000007 08 01000000 01ffffff 01020304 c4 01ffffff 050607",
			[]message.Message{audio(0x01ffffff, 1, 2, 3, 4, 5, 6, 7)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for step := range 20 {
				d := Decoder{size: tt.size}
				got, err := decode(t, &d, hexBytes(t, tt.in), step+1)
				if err != nil {
					t.Fatalf("Decode(%s) in steps of %d: %v", tt.in, step+1, err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Fatalf("Decode(%s) in steps of %d (-want +got):\n%s", tt.in, step+1, diff)
				}
			}
		})
	}

	t.Run("D12", func(t *testing.T) {
		var d Decoder
		in := hexBytes(t, first)
		half := len(in) / 2
		if n, m, err := d.Decode(in[:half]); n != half || m != nil || err != nil {
			t.Fatalf("Decode of the first half = %d, %v, %v, want all taken and nothing", n, m, err)
		}
		n, m, err := d.Decode(in[half:])
		if n != len(in)-half || m == nil || err != nil {
			t.Fatalf("Decode of the second half = %d, %v, %v, want all taken and a message", n, m, err)
		}
		if diff := cmp.Diff(msg(3, 25), *m); diff != "" {
			t.Errorf("Decode of the second half (-want +got):\n%s", diff)
		}
	})
	t.Run("D13", func(t *testing.T) {
		payload := ramp(500, 1, 3)
		in := hexBytes(t, "32 000019 0001f4 03 05000000")
		in = append(in, payload[:100]...)
		for i := 100; i < 500; i += 100 {
			in = append(append(in, 0xf2), payload[i:i+100]...)
		}
		d := Decoder{size: 100}
		got, err := decode(t, &d, in, len(in))
		want := msg(3, 25)
		want.Payload = payload
		if diff := cmp.Diff([]message.Message{want}, got); err != nil || diff != "" {
			t.Errorf("Decode: error = %v (-want +got):\n%s", err, diff)
		}
	})
	t.Run("D14", func(t *testing.T) {
		var d Decoder
		_, err := decode(t, &d, hexBytes(t, "02 000000 000004 01 00000000 80000000"), 100)
		if !errors.Is(err, ErrControl) {
			t.Errorf("Decode of chunk size 2147483648: error = %v, want ErrControl", err)
		}
	})
}

func testReferenceRoundTrip(t *testing.T) {
	for name, times := range map[string][3]uint32{"R1": {55, 65, 75}, "R2": {65, 55, 45}} {
		t.Run(name, func(t *testing.T) {
			var want []message.Message
			for i, payload := range [][]byte{{1, 2, 3, 4, 5, 6}, {8, 9, 10}, {1, 2, 3}} {
				want = append(want, message.Message{
					Type: message.TypeDataAMF3, StreamID: 1, Timestamp: message.Timestamp(times[i]), Payload: payload,
				})
			}
			var e Encoder
			var wire []byte
			for _, m := range want {
				wire = mustAppend(t, &e, wire, 5, m)
			}
			wantDecode(t, wire, want, nil)
		})
	}
}

func testReferenceAppend(t *testing.T) {
	msg := func(typ message.Type, timestamp uint32, payload ...byte) message.Message {
		return message.Message{Type: typ, StreamID: 12, Timestamp: message.Timestamp(timestamp), Payload: payload}
	}
	const (
		first = "06 000048 000004 32 0c000000 01020304 " // time 72
		large = "06 00000a 000004 32 0c000000 01020304 " // time 10
	)
	tests := []struct {
		name string
		in   []message.Message // on chunk stream 6
		want string
	}{
		{"S1", []message.Message{msg(50, 72, 1, 2, 3, 4)}, first},
		{
			"S2", []message.Message{msg(50, 16777216, 1, 2, 3, 4)},
			"06 ffffff 000004 32 0c000000 01000000 01020304",
		},
		{
			"S3", []message.Message{msg(50, 72, 1, 2, 3, 4), msg(51, 82, 1, 2, 3)},
			first + "46 00000a 000003 33 010203",
		},
		{
			"S4", []message.Message{msg(50, 10, 1, 2, 3, 4), msg(51, 16777226, 1, 2, 3)},
			large + "46 ffffff 000003 33 01000000 010203",
		},
		{
			"S5", []message.Message{msg(50, 72, 1, 2, 3, 4), msg(50, 82, 5, 6, 7, 8)},
			first + "86 00000a 05060708",
		},
		{
			"S6", []message.Message{msg(50, 10, 1, 2, 3, 4), msg(50, 16777226, 5, 6, 7, 8)},
			large + "86 ffffff 01000000 05060708",
		},
		{
			"S7", []message.Message{msg(50, 72, 1, 2, 3, 4), msg(50, 82, 5, 6, 7, 8), msg(50, 92, 9, 10, 11, 12)},
			first + "86 00000a 05060708 c6 090a0b0c",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantAppend(t, 6, tt.in, tt.want) })
	}

	t.Run("S8", func(t *testing.T) { // the chunk stream is the caller's choice here; 2 is what a Writer chooses
		var e Encoder
		control := msg(message.TypeSetChunkSize, 82, 0, 0, 0x10, 0)
		mustAppend(t, &e, nil, 6, msg(50, 72, 1, 2, 3, 4))
		got := mustAppend(t, &e, nil, StreamID(&control), control)
		if diff := cmp.Diff(hexBytes(t, "02 000052 000004 01 0c000000 00001000"), got); diff != "" {
			t.Errorf("Append (-want +got):\n%s", diff)
		}
	})
	t.Run("S9", func(t *testing.T) { // "uncompressed" is what Forget does
		var e Encoder
		mustAppend(t, &e, nil, 6, msg(50, 72, 1, 2, 3, 4))
		e.Forget(6)
		got := mustAppend(t, &e, nil, 6, msg(50, 82, 1, 2, 3, 4))
		if diff := cmp.Diff(hexBytes(t, "06 000052 000004 32 0c000000 01020304"), got); diff != "" {
			t.Errorf("Append (-want +got):\n%s", diff)
		}
	})
	split := func(t *testing.T, header, extended string, a, b message.Message) {
		e := Encoder{size: 75}
		got := mustAppend(t, &e, nil, 6, a)
		got = mustAppend(t, &e, got, 6, b)
		want := append(hexBytes(t, header+extended), a.Payload[:75]...)
		want = append(append(want, hexBytes(t, "c6"+extended)...), a.Payload[75:]...)
		want = append(append(want, hexBytes(t, "86 000001")...), b.Payload[:75]...)
		want = append(append(want, 0xc6), b.Payload[75:]...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Append (-want +got):\n%s", diff)
		}
	}
	t.Run("S10", func(t *testing.T) {
		split(t, "06 000048 000064 32 0c000000", "", msg(50, 72, ramp(100, 0, 1)...), msg(50, 73, ramp(100, 9, 1)...))
	})
	t.Run("S11", func(t *testing.T) {
		split(t, "06 ffffff 000064 32 0c000000", "01000000",
			msg(50, 0x1000000, ramp(100, 0, 1)...), msg(50, 0x1000001, ramp(100, 9, 1)...))
	})
	t.Run("S12", func(t *testing.T) {
		var e Encoder
		m := message.Message{Type: message.TypeSetChunkSize, Timestamp: 152, Payload: []byte{0, 0, 0, 75}}
		got := mustAppend(t, &e, nil, StreamID(&m), m)
		if diff := cmp.Diff(hexBytes(t, "02 000098 000004 01 00000000 0000004b"), got); diff != "" {
			t.Errorf("Append (-want +got):\n%s", diff)
		}
		if e.ChunkSize() != 75 {
			t.Errorf("ChunkSize = %d, want 75", e.ChunkSize())
		}
	})
	t.Run("S13", func(t *testing.T) { // a message that may be dropped is one that may have to be forgotten
		var e Encoder
		mustAppend(t, &e, nil, 6, msg(50, 72, 1, 2, 3, 4))
		dropped := mustAppend(t, &e, nil, 6, msg(50, 82, 1, 2, 3, 4))
		e.Forget(6)
		got := mustAppend(t, &e, nil, 6, msg(50, 92, 1, 2, 3, 4))
		if dropped[0] != 0x86 || got[0] != 0x06 {
			t.Errorf("headers begin with %02x, %02x, want 86 and, after Forget, 06", dropped[0], got[0])
		}
	})
	t.Run("safe rule", func(t *testing.T) {
		// The reference writes type 3 for a delta that equals the time of a type 0 header (10, then 20). Half of
		// the readers would see the time 10 again, so we write type 2.
		var e Encoder
		mustAppend(t, &e, nil, 6, msg(50, 10, 1, 2, 3, 4))
		got := mustAppend(t, &e, nil, 6, msg(50, 20, 1, 2, 3, 4))
		if diff := cmp.Diff(hexBytes(t, "86 00000a 01020304"), got); diff != "" {
			t.Errorf("Append (-want +got):\n%s", diff)
		}
	})
}
