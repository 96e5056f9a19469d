package message

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/internal/golden"
)

// The ctl.* vectors of the chunk layer's messages are whole chunks with a header of 12 bytes; those of user
// control are payloads.
func TestControlVectors(t *testing.T) {
	chunks := map[string]Body{
		"ctl.setchunksize":   &SetChunkSize{Size: 4096},
		"ctl.abort":          &Abort{ChunkStreamID: 6},
		"ctl.ack":            &Acknowledgement{SequenceNumber: 2500000},
		"ctl.windowack":      &WindowAckSize{Size: 2500000},
		"ctl.peerbw.dynamic": &SetPeerBandwidth{Size: 2500000, Limit: LimitDynamic},
	}
	payloads := map[string]Body{
		"ctl.user.streambegin": &UserControl{Event: EventStreamBegin, StreamID: 1},
		"ctl.user.streameof":   &UserControl{Event: EventStreamEOF, StreamID: 1},
		"ctl.user.streamdry":   &UserControl{Event: EventStreamDry, StreamID: 1},
		"ctl.user.setbuffer":   &UserControl{Event: EventSetBufferLength, StreamID: 1, BufferLength: 3000},
		"ctl.user.recorded":    &UserControl{Event: EventStreamIsRecorded, StreamID: 1},
		"ctl.user.pingreq":     &UserControl{Event: EventPingRequest, Timestamp: 123456},
		"ctl.user.pingresp":    &UserControl{Event: EventPingResponse, Timestamp: 123456},
		"ctl.user.swfreq":      &UserControl{Event: EventSWFVerifyRequest, Data: []byte{1}},
		"ctl.user.bufempty":    &UserControl{Event: EventBufferEmpty, StreamID: 1},
		"ctl.user.bufready":    &UserControl{Event: EventBufferReady, StreamID: 1},
	}
	for _, v := range golden.Vectors(t, "ctl.") {
		t.Run(v.Name, func(t *testing.T) {
			if want, ok := payloads[v.Name]; ok {
				wantBothWays(t, TypeUserControl, v.Bytes, want)
				return
			}
			want, ok := chunks[v.Name]
			if !ok {
				t.Fatalf("no expectation for vector %v", v)
			}
			const chunkHeader = 12
			wantBothWays(t, Type(v.Bytes[7]), v.Bytes[chunkHeader:], want)
		})
	}
}

func TestSWFVerifyResponse(t *testing.T) {
	v := golden.Vector(t, "swf.verification-response")
	wantBothWays(t, TypeUserControl, v.Bytes, &UserControl{Event: EventSWFVerifyResponse, Data: v.Bytes[2:]})
}

func TestControlLenient(t *testing.T) {
	tests := []struct {
		name string
		typ  Type
		in   string
		want Body
	}{
		{"chunk size with more behind", TypeSetChunkSize, "\x00\x00\x10\x00\xFF\xFF", &SetChunkSize{Size: 4096}},
		{"smallest chunk size", TypeSetChunkSize, "\x00\x00\x00\x01", &SetChunkSize{Size: 1}},
		{"largest chunk size", TypeSetChunkSize, "\x7F\xFF\xFF\xFF", &SetChunkSize{Size: MaxChunkSize}},
		{"abort with more behind", TypeAbort, "\x00\x00\x00\x06\x00", &Abort{ChunkStreamID: 6}},
		{"ack with more behind", TypeAcknowledgement, "\xFF\xFF\xFF\xFF\x00", &Acknowledgement{SequenceNumber: 1<<32 - 1}},
		{"window with more behind", TypeWindowAckSize, "\x00\x00\x00\x00\x02", &WindowAckSize{}},
		{"bandwidth without limit", TypeSetPeerBandwidth, "\x00\x00\x10\x00", &SetPeerBandwidth{Size: 4096, Limit: LimitDynamic}},
		{"bandwidth with more behind", TypeSetPeerBandwidth, "\x00\x00\x10\x00\x01\x07", &SetPeerBandwidth{Size: 4096, Limit: LimitSoft}},
		{"event with more behind", TypeUserControl, "\x00\x00\x00\x00\x00\x01\xAB\xCD",
			&UserControl{Event: EventStreamBegin, StreamID: 1, Data: []byte{0xAB, 0xCD}}},
		{"unknown event", TypeUserControl, "\x00\x05\x01\x02\x03", &UserControl{Event: 5, Data: []byte{1, 2, 3}}},
		{"unknown event, no data", TypeUserControl, "\xFF\xFF", &UserControl{Event: 0xFFFF}},
		{"SWF verification without its version", TypeUserControl, "\x00\x1A", &UserControl{Event: EventSWFVerifyRequest}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(&Message{Type: tt.typ, Payload: []byte(tt.in)})
			if err != nil {
				t.Fatalf("Parse(%v, %x) error = %v", tt.typ, tt.in, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse(%v, %x) (-want +got):\n%s", tt.typ, tt.in, diff)
			}
		})
	}
}

func TestControlErrors(t *testing.T) {
	tests := []struct {
		name string
		typ  Type
		in   string
		err  error
	}{
		{"chunk size 0", TypeSetChunkSize, "\x00\x00\x00\x00", ErrValue},
		{"chunk size with the top bit", TypeSetChunkSize, "\x80\x00\x00\x00", ErrValue},
		{"limit type 3", TypeSetPeerBandwidth, "\x00\x00\x10\x00\x03", ErrValue},
		{"chunk size cut", TypeSetChunkSize, "\x00\x00\x10", ErrShort},
		{"abort cut", TypeAbort, "\x00", ErrShort},
		{"ack empty", TypeAcknowledgement, "", ErrShort},
		{"window cut", TypeWindowAckSize, "\x00\x00\x10", ErrShort},
		{"bandwidth cut", TypeSetPeerBandwidth, "\x00\x00\x10", ErrShort},
		{"no event", TypeUserControl, "\x00", ErrShort},
		{"stream begin cut", TypeUserControl, "\x00\x00\x00\x00\x00", ErrShort},
		{"set buffer length cut", TypeUserControl, "\x00\x03\x00\x00\x00\x01\x00\x00\x00", ErrShort},
		{"ping cut", TypeUserControl, "\x00\x06\x00", ErrShort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantBodyError(t, tt.typ, []byte(tt.in), tt.err) })
	}
}

func TestControlAppendErrors(t *testing.T) {
	tests := []struct {
		body Body
		want *ValueError
	}{
		{&SetChunkSize{}, &ValueError{Field: "chunk size", Value: 0}},
		{&SetChunkSize{Size: 1 << 31}, &ValueError{Field: "chunk size", Value: 1 << 31}},
		{&SetPeerBandwidth{Limit: 3}, &ValueError{Field: "limit type", Value: 3}},
	}
	for _, tt := range tests {
		m, err := New(0, 0, tt.body)
		var got *ValueError
		if !errors.As(err, &got) {
			t.Errorf("New(%+v) = %v, %v, want a *ValueError", tt.body, m, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("New(%+v) error (-want +got):\n%s", tt.body, diff)
		}
	}
}

func TestEventNames(t *testing.T) {
	names := make(map[string]Event)
	for e := range Event(64) {
		if other, ok := names[e.String()]; ok {
			t.Errorf("events %d and %d are both called %q", other, e, e)
		}
		names[e.String()] = e
	}
	if got := Event(5).String(); got != "event 5" {
		t.Errorf("Event(5).String() = %q, want %q", got, "event 5")
	}
}

// wantBothWays checks that payload is read as want, and want written as payload.
func wantBothWays(t *testing.T, typ Type, payload []byte, want Body) {
	t.Helper()
	got, err := Parse(&Message{Type: typ, Payload: payload})
	if err != nil {
		t.Fatalf("Parse(%v, %x) error = %v", typ, payload, err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("Parse(%v, %x) (-want +got):\n%s", typ, payload, diff)
	}
	m, err := New(0, 0, want)
	if err != nil {
		t.Fatalf("New(%+v) error = %v", want, err)
	}
	if diff := cmp.Diff(&Message{Type: typ, Payload: payload}, m); diff != "" {
		t.Errorf("New(%+v) (-want +got):\n%s", want, diff)
	}
}

// wantBodyError checks that payload is refused with a *BodyError around err.
func wantBodyError(t *testing.T, typ Type, payload []byte, err error) {
	t.Helper()
	body, got := Parse(&Message{Type: typ, Payload: payload})
	var be *BodyError
	if !errors.As(got, &be) || !errors.Is(got, err) || body != nil {
		t.Fatalf("Parse(%v, %x) = %+v, %v, want a *BodyError around %q", typ, payload, body, got, err)
	}
	if be.Type != typ || be.Size != len(payload) {
		t.Errorf("Parse(%v, %x) error speaks of %v, %d bytes", typ, payload, be.Type, be.Size)
	}
}
