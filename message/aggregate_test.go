package message

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/internal/golden"
)

func TestAggregateVector(t *testing.T) {
	v := golden.Vector(t, "msg.aggregate")
	m := &Message{Type: TypeAggregate, StreamID: 7, Timestamp: Timestamp(v.CarrierTimestamp), Payload: v.Bytes}
	want := &Aggregate{Messages: []*Message{
		{Type: TypeAudio, StreamID: 7, Timestamp: Timestamp(v.Timestamps[0]), Payload: []byte{0xAF, 0x01, 0x21}},
		{Type: TypeVideo, StreamID: 7, Timestamp: Timestamp(v.Timestamps[1]), Payload: []byte{0x27, 0x01, 0, 0, 0}},
	}}
	got, err := Parse(m)
	if err != nil {
		t.Fatalf("Parse(%+v) error = %v", m, err)
	}
	if diff := cmp.Diff(Body(want), got); diff != "" {
		t.Errorf("Parse(%+v) (-want +got):\n%s", m, diff)
	}

	// With the times of the tags instead of those of the carrier, the vector is what we write.
	for i, ts := range []Timestamp{1000, 1020} {
		want.Messages[i].Timestamp = ts
	}
	wire, err := want.AppendPayload(nil)
	if err != nil {
		t.Fatalf("AppendPayload error = %v", err)
	}
	if diff := cmp.Diff(v.Bytes, wire); diff != "" {
		t.Errorf("AppendPayload (-want +got):\n%s", diff)
	}
}

func TestAggregate(t *testing.T) {
	const audio = "08 000001 0003e8 00 000000 aa 0000000c" // at 1000
	const video = "09 000001 0003d4 00 000000 bb 0000000c" // at 980
	tests := []struct {
		name    string
		carrier Timestamp
		in      string
		want    []*Message
	}{
		{"empty", 5000, "", nil},
		{"going back", 5000, audio + video, []*Message{
			{Type: TypeAudio, Timestamp: 5000, Payload: []byte{0xAA}},
			{Type: TypeVideo, Timestamp: 4980, Payload: []byte{0xBB}},
		}},
		{"carrier at 0, going back", 0, audio + video, []*Message{
			{Type: TypeAudio, Timestamp: 0, Payload: []byte{0xAA}},
			{Type: TypeVideo, Timestamp: 1<<32 - 20, Payload: []byte{0xBB}},
		}},
		{"upper timestamp byte, wrap", 10, "08 000000 fffff6 ff 000000 0000000b 08 000000 000004 00 000000 0000000b",
			[]*Message{{Type: TypeAudio, Timestamp: 10}, {Type: TypeAudio, Timestamp: 24}}},
		{"stream id inside ignored", 0, "08 000000 000000 00 0000ff 0000000b", []*Message{{Type: TypeAudio}}},
		{"last back pointer missing", 0, "08 000001 000000 00 000000 aa", []*Message{
			{Type: TypeAudio, Payload: []byte{0xAA}},
		}},
		{"last back pointer cut", 0, "08 000001 000000 00 000000 aa 0000", []*Message{
			{Type: TypeAudio, Payload: []byte{0xAA}},
		}},
		{"back pointers wrong", 0, "08 000001 000000 00 000000 aa ffffffff 09 000000 000000 00 000000 00000000",
			[]*Message{{Type: TypeAudio, Payload: []byte{0xAA}}, {Type: TypeVideo}}},
		{"data and unknown types", 0, "12 000001 000000 00 000000 05 0000000c 21 000000 000000 00 000000",
			[]*Message{{Type: TypeData, Payload: []byte{0x05}}, {Type: 33}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &Message{Type: TypeAggregate, Timestamp: tt.carrier, Payload: unhex(t, tt.in)}
			got, err := Parse(m)
			if err != nil {
				t.Fatalf("Parse(%+v) error = %v", m, err)
			}
			if diff := cmp.Diff(tt.want, got.(*Aggregate).Messages, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Parse(%+v) (-want +got):\n%s", m, diff)
			}
		})
	}
}

func TestAggregateErrors(t *testing.T) {
	const whole = "08 000000 000000 00 000000 0000000b"
	tests := []struct {
		name string
		in   string
		err  error
	}{
		{"header cut", "08 000000 000000 00 0000", ErrShort},
		{"second header cut", whole + "08 0000", ErrShort},
		{"size beyond the end", "08 000002 000000 00 000000 aa", ErrShort},
		{"largest size", "08 ffffff 000000 00 000000 aa 0000000c", ErrShort},
		{"aggregate inside", whole + "16 000000 000000 00 000000 0000000b", ErrValue},
		{"chunk size inside", "01 000004 000000 00 000000 00001000 0000000f", ErrValue},
		{"user control inside", "04 000006 000000 00 000000 000000000001 00000011", ErrValue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantBodyError(t, TypeAggregate, unhex(t, tt.in), tt.err) })
	}
}

func TestAggregateAppendErrors(t *testing.T) {
	tests := []struct {
		inner *Message
		err   error
	}{
		{&Message{Type: TypeAggregate}, ErrValue},
		{&Message{Type: TypeAbort, Payload: make([]byte, 4)}, ErrValue},
		{&Message{Type: TypeVideo, Payload: make([]byte, 1<<24)}, ErrTooLarge},
	}
	for _, tt := range tests {
		a := &Aggregate{Messages: []*Message{{Type: TypeAudio}, tt.inner}}
		got, err := a.AppendPayload([]byte("kept"))
		if !errors.Is(err, tt.err) || string(got) != "kept" {
			t.Errorf("AppendPayload with a %v of %d bytes = %q, %v, want the input and %v",
				tt.inner.Type, len(tt.inner.Payload), got, err, tt.err)
		}
	}
}

// The messages share the payload of the carrier, but one cannot grow into the next.
func TestAggregateCapsPayloads(t *testing.T) {
	got, err := Parse(&Message{Type: TypeAggregate, Payload: golden.Vector(t, "msg.aggregate").Bytes})
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range got.(*Aggregate).Messages {
		if cap(m.Payload) != len(m.Payload) {
			t.Errorf("payload %d has length %d and capacity %d", i, len(m.Payload), cap(m.Payload))
		}
	}
}

// Parts gives what Parse gives, without memory for all of it.
func TestParts(t *testing.T) {
	tag := "\x09\x00\x00\x01\x00\x03\xe8\x00\x00\x00\x00\xbb\x00\x00\x00\x0c"
	for _, in := range []string{
		"", tag, tag + tag, tag + "\x08\x00\x00\x00\x00\x00\x10\x01\x00\x00\x00", tag[:13],
		tag[:11], "\x09", "\x16" + tag[1:], tag + "\x01" + tag[1:],
	} {
		m := &Message{Type: TypeAggregate, StreamID: 7, Timestamp: 1<<32 - 1, Payload: []byte(in)}
		body, wantErr := Parse(m)
		parts, err := Parts(m)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || wantErr != nil && !errors.As(err, new(*BodyError)) {
			t.Errorf("Parts(%q) error = %v, want %v", in, err, wantErr)
		}
		if err != nil {
			continue
		}
		var got []*Message
		for part := range parts {
			own := *part
			got = append(got, &own)
		}
		if diff := cmp.Diff(body.(*Aggregate).Messages, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("Parts(%q) (-Parse +got):\n%s", in, diff)
		}
		for range parts {
			break // and nothing more
		}
	}

	many := &Message{Type: TypeAggregate, Payload: bytes.Repeat([]byte(tag), 100_000)}
	_, total := golden.Memory(func() any {
		n := 0
		parts, err := Parts(many)
		if err != nil {
			t.Fatal(err)
		}
		for range parts {
			n++
		}
		return n
	})
	if total > 64<<10 {
		t.Errorf("Parts of 100,000 allocates %d bytes", total)
	}
}
