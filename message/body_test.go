package message

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/internal/golden"
)

// Audio, video and what is not known go through untouched, and without a copy on the way in.
func TestRaw(t *testing.T) {
	known := make(map[Type]bool)
	for _, typ := range []Type{
		TypeSetChunkSize, TypeAbort, TypeAcknowledgement, TypeUserControl, TypeWindowAckSize, TypeSetPeerBandwidth,
		TypeDataAMF3, TypeSharedObjectAMF3, TypeCommandAMF3, TypeData, TypeSharedObject, TypeCommand, TypeAggregate,
	} {
		known[typ] = true
	}
	for n := range 256 {
		typ := Type(n)
		if known[typ] {
			continue
		}
		for _, payload := range [][]byte{nil, {0x00}, {0xFF, 0x01, 0x02}} {
			m := &Message{Type: typ, Payload: payload}
			body, err := Parse(m)
			if err != nil {
				t.Errorf("Parse(%+v) error = %v", m, err)
				continue
			}
			if diff := cmp.Diff(Body(&Raw{Type: typ, Payload: payload}), body); diff != "" {
				t.Errorf("Parse(%+v) (-want +got):\n%s", m, diff)
			}
			if raw := body.(*Raw); len(payload) > 0 && &raw.Payload[0] != &payload[0] {
				t.Errorf("Parse(%+v) copied the payload", m)
			}
			back, err := New(0, 0, body)
			if err != nil {
				t.Errorf("New(%+v) error = %v", body, err)
				continue
			}
			if diff := cmp.Diff(m, back, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("New(%+v) (-want +got):\n%s", body, diff)
			}
			if len(payload) > 0 && &back.Payload[0] == &payload[0] {
				t.Errorf("New(%+v) kept the payload", body)
			}
		}
	}
}

func TestErrorTexts(t *testing.T) {
	tests := []struct {
		m    Message
		want string
	}{
		{Message{Type: TypeAbort, Payload: []byte{1}}, "message: body ends inside a field (abort, 1 bytes)"},
		{Message{Type: TypeSetChunkSize, Payload: make([]byte, 4)}, "message: chunk size 0 not allowed (set chunk size, 4 bytes)"},
		{Message{Type: TypeCommand}, "message: command does not begin with a name and a number (command, 0 bytes)"},
	}
	for _, tt := range tests {
		body, err := Parse(&tt.m)
		if err == nil {
			t.Errorf("Parse(%+v) = %+v, want an error", tt.m, body)
			continue
		}
		if got := err.Error(); got != tt.want {
			t.Errorf("Parse(%+v) error = %q, want %q", tt.m, got, tt.want)
		}
	}
}

// What a body takes in memory is paid for by its bytes, whatever it claims.
func TestParseMemory(t *testing.T) {
	const size = 40_000
	head := make([]byte, 14) // of a shared object
	repeat := func(prefix []byte, part string) []byte {
		return append(append([]byte{}, prefix...), bytes.Repeat([]byte(part), size/len(part))...)
	}
	event := func(typ SharedEventType, part string) []byte {
		b := repeat(nil, part)
		return append(append(head, byte(typ), byte(len(b)>>24), byte(len(b)>>16), byte(len(b)>>8), byte(len(b))), b...)
	}
	tests := []struct {
		name string
		typ  Type
		in   []byte
	}{
		{"aggregate of empty messages", TypeAggregate, repeat(nil, "\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0b")},
		{"empty events", TypeSharedObject, repeat(head, "\x01\x00\x00\x00\x00")},
		{"events with an empty property", TypeSharedObject, repeat(head, "\x04\x00\x00\x00\x03\x00\x00\x05")},
		{"events with an empty name", TypeSharedObject, repeat(head, "\x05\x00\x00\x00\x02\x00\x00")},
		{"events without values", TypeSharedObject, repeat(head, "\x06\x00\x00\x00\x00")},
		{"events with a value", TypeSharedObject, repeat(head, "\x06\x00\x00\x00\x01\x05")},
		{"events with a few values", TypeSharedObject, repeat(head, "\x06\x00\x00\x00\x05\x05\x05\x05\x05\x05")},
		{"events with a short text", TypeSharedObject, repeat(head, "\x06\x00\x00\x00\x05\x02\x00\x02ab")},
		{"empty names", TypeSharedObject, event(SharedSuccess, "\x00\x00")},
		{"short names", TypeSharedObject, event(SharedSuccess, "\x00\x03abc")},
		{"short properties", TypeSharedObject, event(SharedChange, "\x00\x03abc\x05")},
		{"nulls", TypeData, repeat(nil, "\x05")},
		{"short texts", TypeData, repeat(nil, "\x02\x00\x01a")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			parse := func(in []byte) (any, error) { return Parse(&Message{Type: tt.typ, Payload: in}) }
			if err := golden.CheckMemory(t, tt.in, parse); err != nil {
				t.Errorf("Parse of %d bytes: error = %v", len(tt.in), err)
			}
		})
	}
}

// sameBody compares bodies as the wire sees them: NaN is NaN, and nothing is nothing.
var sameBody = cmp.Options{
	cmpopts.EquateNaNs(),
	cmpopts.EquateEmpty(),
	cmp.FilterValues(
		func(x, y amf0.Date) bool { return x != x && y != y },
		cmp.Comparer(func(x, y amf0.Date) bool { return true }),
	),
}

// checkRoundTrip asks of a body that was parsed that what is written for it is read as the same.
func checkRoundTrip(t *testing.T, m *Message, body Body) {
	t.Helper()
	ts := m.Timestamp
	if a, ok := body.(*Aggregate); ok && len(a.Messages) > 0 && a.Messages[0].Timestamp != ts {
		t.Errorf("first time in the aggregate is %d, want that of the carrier, %d", a.Messages[0].Timestamp, ts)
	}
	once, err := New(m.StreamID, ts, body)
	if errors.Is(err, ErrTooLarge) {
		return // references are written as what they stand for
	}
	if err != nil {
		t.Fatalf("New(%+v) error = %v", body, err)
	}
	if once.Type != m.Type {
		t.Errorf("type is %v after New, was %v", once.Type, m.Type)
	}
	again, err := Parse(once)
	if err != nil {
		t.Fatalf("Parse of what New wrote, %x: error = %v", once.Payload, err)
	}
	if !cmp.Equal(body, again, sameBody) {
		t.Errorf("after New and Parse (-want +got):\n%s", cmp.Diff(body, again, sameBody))
	}
	twice, err := New(m.StreamID, ts, again)
	if err != nil {
		t.Fatalf("New for the second time: error = %v", err)
	}
	if !bytes.Equal(once.Payload, twice.Payload) {
		t.Errorf("written twice: %x, then %x", once.Payload, twice.Payload)
	}
}

func FuzzParse(f *testing.F) {
	for _, v := range golden.Vectors(f, "ctl.user.", "swf.") {
		f.Add(uint8(TypeUserControl), v.Bytes)
	}
	for _, v := range golden.Vectors(f, "cmd.") {
		f.Add(uint8(TypeCommand), v.Bytes)
		f.Add(uint8(TypeCommandAMF3), v.Bytes)
	}
	for _, v := range golden.Vectors(f, "data.") {
		f.Add(uint8(TypeData), v.Bytes)
		f.Add(uint8(TypeDataAMF3), v.Bytes)
	}
	for _, v := range golden.Vectors(f, "so.") {
		f.Add(uint8(TypeSharedObject), v.Bytes)
		f.Add(uint8(TypeSharedObjectAMF3), append([]byte{0}, v.Bytes...))
	}
	f.Fuzz(func(t *testing.T, typ uint8, payload []byte) {
		m := &Message{Type: Type(typ), StreamID: 1, Timestamp: 1000, Payload: payload}
		kept := bytes.Clone(payload)
		body, err := Parse(m)
		if !bytes.Equal(payload, kept) {
			t.Errorf("Parse changed the payload")
		}
		if err != nil {
			var be *BodyError
			if !errors.As(err, &be) || body != nil {
				t.Errorf("Parse = %+v, %v, want a *BodyError alone", body, err)
			}
			return
		}
		checkPeekName(t, m, body)
		checkRoundTrip(t, m, body)
	})
}

// checkPeekName asks that PeekName sees what Parse saw.
func checkPeekName(t *testing.T, m *Message, body Body) {
	t.Helper()
	var want string
	var named bool
	switch body := body.(type) {
	case *Command:
		want, named = body.Name, true
	case *Data:
		if len(body.Values) > 0 {
			want, named = body.Values[0].(string)
		}
	}
	if name, _, ok := PeekName(m); string(name) != want || ok != named {
		t.Errorf("PeekName = %q, %t, Parse saw %q, %t", name, ok, want, named)
	}
}

func FuzzAggregate(f *testing.F) {
	v := golden.Vector(f, "msg.aggregate")
	f.Add(v.CarrierTimestamp, v.Bytes)
	f.Fuzz(func(t *testing.T, ts uint32, payload []byte) {
		m := &Message{Type: TypeAggregate, StreamID: 7, Timestamp: Timestamp(ts), Payload: payload}
		body, err := Parse(m)
		if err != nil {
			if !errors.Is(err, ErrShort) && !errors.Is(err, ErrValue) {
				t.Errorf("Parse error = %v, want ErrShort or ErrValue", err)
			}
			return
		}
		total := 0
		for i, sub := range body.(*Aggregate).Messages {
			total += tagHeaderSize + len(sub.Payload)
			if sub.StreamID != m.StreamID {
				t.Errorf("message %d is of stream %d, want %d", i, sub.StreamID, m.StreamID)
			}
			if sub.Type == TypeAggregate || sub.Type.IsProtocolControl() {
				t.Errorf("message %d is of type %v", i, sub.Type)
			}
		}
		if total > len(payload) {
			t.Errorf("messages of %d bytes from a payload of %d", total, len(payload))
		}
		checkRoundTrip(t, m, body)
	})
}
