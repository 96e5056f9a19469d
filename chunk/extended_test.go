package chunk

import (
	"testing"

	"github.com/gortmp/rtmp/message"
)

// TestDecodeExtended is about the extended timestamp of type 3 chunks, which some senders leave out. The chunk
// size is 4. What looks like an extended timestamp and is none must be read again as what it is, wherever the
// input is cut.
func TestDecodeExtended(t *testing.T) {
	const (
		begin   = "02 000000 000004 01 00000000 00000004 "
		header6 = "04 ffffff 000006 08 01000000 01020304 " // 6 bytes at 0x01020304
		first   = header6 + "61626364 "
		next    = "05 000009 000001 08 01000000 7a"
	)
	const time = 0x01020304
	a := func(timestamp uint32, payload string) message.Message { return audio(timestamp, []byte(payload)...) }
	tests := []struct {
		name string
		in   string
		want []message.Message
	}{
		{"continued, repeated", first + "c4 01020304 6566", []message.Message{a(time, "abcdef")}},
		{"continued, left out", first + "c4 6566", []message.Message{a(time, "abcdef")}},
		{
			// The next byte decides, so the message waits for it.
			"continued, left out, payload begins alike", first + "c4 0102 " + next,
			[]message.Message{a(time, "abcd\x01\x02"), a(9, "z")},
		},
		{
			// 01 02 03 is payload and the header of chunk stream 3.
			"left out, the next header goes on alike", first + "c4 0102 03 000009 000001 08 01000000 7a",
			[]message.Message{a(time, "abcd\x01\x02"), a(9, "z")},
		},
		{
			"left out, then repeated", first + "c4 6566 c4 01020304 67686970 c4 01020304 7172",
			[]message.Message{a(time, "abcdef"), a(2*time, "ghipqr")},
		},
		{
			"new message, left out", first + "c4 01020304 6566 c4 67686970 c4 7172",
			[]message.Message{a(time, "abcdef"), a(2*time, "ghipqr")},
		},
		{
			"new message, left out, payload begins alike", first + "c4 01020304 6566 c4 01020361 c4 0102 " + next,
			[]message.Message{a(time, "abcdef"), a(2*time, "\x01\x02\x03a\x01\x02"), a(9, "z")},
		},
		{
			// The header has a delta; some senders repeat it, some put the absolute time there.
			"after a delta", "04 000005 000006 08 01000000 61626364 c4 6566 84 ffffff 01020304 61626364 c4 01020304 6566",
			[]message.Message{a(5, "abcdef"), a(time+5, "abcdef")},
		},
		{
			"after a delta, absolute", "04 000005 000006 08 01000000 61626364 c4 6566 84 ffffff 01020304 61626364 c4 01020309 6566",
			[]message.Message{a(5, "abcdef"), a(time+5, "abcdef")},
		},
		{
			"new message after a delta, absolute",
			"04 000005 000001 08 01000000 61 84 ffffff 01020304 62 c4 0204060d 63 c4 01020304 64",
			[]message.Message{a(5, "a"), a(time+5, "b"), a(2*time+5, "c"), a(3*time+5, "d")},
		},
		{
			"a short delta ends it", first + "c4 01020304 6566 84 000002 61626364 c4 0102",
			[]message.Message{a(time, "abcdef"), a(time+2, "abcd\x01\x02")},
		},
		{
			"exactly ffffff", "04 ffffff 000006 08 01000000 00ffffff 61626364 c4 00ffffff 6566",
			[]message.Message{a(0xffffff, "abcdef")},
		},
		{
			"long form of the id", "0000 ffffff 000006 08 01000000 01020304 61626364 c000 01020304 6566",
			[]message.Message{a(time, "abcdef")},
		},
		{
			"longest form of the id, left out", "010000 ffffff 000006 08 01000000 01020304 61626364 c10000 0102 " + next,
			[]message.Message{a(time, "abcd\x01\x02"), a(9, "z")},
		},
		{
			// Empty messages at 0xc4c4c4xx on chunk stream 4, the extension left out: each header looks like the
			// extension of the one before.
			"nothing but headers", "04 ffffff 000000 08 01000000 c4c4c4c5 c4c4c4c4 04 000000 000001 08 01000000 7a",
			[]message.Message{
				a(0xc4c4c4c5, ""), a(0x8989898a, ""), a(0x4e4e4e4f, ""), a(0x13131314, ""), a(0xd7d7d7d9, ""), a(0, "z"),
			},
		},
		{
			// The bytes to be read again hold a header and the beginning of an extension.
			"read again and again", "02 000000 000004 01 00000000 00000001 04 ffffff 000002 08 01000000 31c40131 61 c4 31 c4 01 c4 31 84 000001 62 c4 63",
			[]message.Message{
				{Type: message.TypeSetChunkSize, Payload: []byte{0, 0, 0, 1}},
				a(0x31c40131, "a1"), a(0x63880262, "\x011"), a(0x63880263, "bc"),
			},
		},
	}
	size := message.Message{Type: message.TypeSetChunkSize, Payload: []byte{0, 0, 0, 4}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantDecode(t, hexBytes(t, begin+tt.in), append([]message.Message{size}, tt.want...), nil)
		})
	}
}

// TestLongRun writes and reads 60 days of audio, past 24 and 32 bits of time, over a chunk stream that cuts each
// message.
func TestLongRun(t *testing.T) {
	const days, step = 60, 9973 // milliseconds between messages
	e, d := Encoder{size: 3}, Decoder{size: 3}
	m := audio(0, 0xaf, 1, 2, 3, 4)
	var buf []byte
	for now := uint64(0); now < days*24*3600*1000; now += step {
		m.Timestamp = message.Timestamp(uint32(now))
		buf = mustAppend(t, &e, buf[:0], 4, m)
		n, got, err := d.Decode(buf)
		if err != nil || n != len(buf) || got == nil || got.Timestamp != m.Timestamp {
			t.Fatalf("Decode(%x) at %d ms = %d, %v, %v", buf, now, n, got, err)
		}
		d.Reuse(got.Payload)
		if now%1000 == 0 { // and with type 0 headers, as after a dropped message
			e.Forget(4)
		}
	}
}
