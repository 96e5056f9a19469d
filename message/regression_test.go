package message

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
)

// The tests of this file are named after mistakes that rml_rtmp made, by their numbers in the project's list.

// Bug 3: a command with fewer than three values was a panic, before any authentication.
func TestBug3ShortCommands(t *testing.T) {
	whole := unhex(t, "020004 74657374 00 4010000000000000 05 0101")
	ends := map[int]bool{7: true, 16: true, 17: true, 19: true} // behind each value
	for n := range len(whole) + 1 {
		for _, typ := range []Type{TypeCommand, TypeCommandAMF3} {
			body, err := Parse(&Message{Type: typ, Payload: whole[:n]})
			switch {
			case ends[n] && err != nil:
				t.Errorf("first %d bytes, %v: error = %v", n, typ, err)
			case ends[n] && body.(*Command).Name != "test":
				t.Errorf("first %d bytes, %v: name = %q, want %q", n, typ, body.(*Command).Name, "test")
			case !ends[n] && err == nil:
				t.Errorf("first %d bytes, %v: no error, but %+v", n, typ, body)
			}
		}
	}
}

// Bug 4: @setDataFrame with nothing behind it was a panic, as was onMetaData without an object.
func TestBug4SetDataFrameAlone(t *testing.T) {
	alone, err := New(1, 0, &Data{Values: []any{SetDataFrame}})
	if err != nil {
		t.Fatal(err)
	}
	body, err := Parse(alone)
	if err != nil {
		t.Fatalf("Parse(%+v) error = %v", alone, err)
	}
	if diff := cmp.Diff(Body(&Data{Values: []any{SetDataFrame}}), body); diff != "" {
		t.Errorf("Parse(%+v) (-want +got):\n%s", alone, diff)
	}
	if !TrimSetDataFrame(alone) || len(alone.Payload) != 0 {
		t.Errorf("TrimSetDataFrame left %x, want nothing", alone.Payload)
	}
	if _, err := Parse(alone); err != nil {
		t.Errorf("Parse of what is left: error = %v", err)
	}

	bare, err := New(1, 0, &Data{Values: []any{SetDataFrame, "onMetaData"}})
	if err != nil {
		t.Fatal(err)
	}
	if !TrimSetDataFrame(bare) {
		t.Fatalf("TrimSetDataFrame(%+v) = false", bare)
	}
	if name, rest, ok := PeekName(bare); string(name) != "onMetaData" || len(rest) != 0 || !ok {
		t.Errorf("PeekName = %q, %x, %t, want onMetaData alone", name, rest, ok)
	}
}

// Bug 5: nested values overflowed the stack.
func TestBug5Nesting(t *testing.T) {
	deep := "\x02\x00\x01a" + strings.Repeat("\x03\x00\x01a", 50000)
	for _, typ := range []Type{TypeData, TypeDataAMF3} {
		wantBodyError(t, typ, []byte(deep), amf0.ErrTooDeep)
	}
	wantBodyError(t, TypeCommand, []byte("\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"+deep), amf0.ErrTooDeep)
	head := "\x00\x00" + strings.Repeat("\x00", 12) // a shared object without a name
	event := fmt.Sprintf("\x06%s%s", "\x00\x03\x0d\x44", deep)
	wantBodyError(t, TypeSharedObject, []byte(head+event), amf0.ErrTooDeep)
}

// Bug 8: chunk size 0 was accepted in both directions, and the sender then never ended.
func TestBug8ChunkSizeZero(t *testing.T) {
	wantBodyError(t, TypeSetChunkSize, []byte{0, 0, 0, 0}, ErrValue)
	if m, err := New(0, 0, &SetChunkSize{}); !errors.Is(err, ErrValue) {
		t.Errorf("New with a chunk size of 0 = %+v, %v, want ErrValue", m, err)
	}
}

// Bug 11: an unknown user control event was fatal.
func TestBug11UnknownEvents(t *testing.T) {
	for n := range 1 << 16 {
		payload := []byte{byte(n >> 8), byte(n), 0, 0, 0, 1, 0, 0, 0, 2, 3}
		m := &Message{Type: TypeUserControl, Payload: payload}
		body, err := Parse(m)
		if err != nil {
			t.Fatalf("Parse(%+v) error = %v", m, err)
		}
		back, err := New(0, 0, body)
		if err != nil {
			t.Fatalf("New(%+v) error = %v", body, err)
		}
		if string(back.Payload) != string(payload) {
			t.Fatalf("event %d came back as %x, want %x", n, back.Payload, payload)
		}
	}
}

// Bug 15: onMetaData without @setDataFrame was dropped, and type 15 with its selector misread.
func TestBug15PlainMetadata(t *testing.T) {
	const values = "02000a 6f6e4d65746144617461 08 00000001 0001 61 0101 000009"
	want := []any{"onMetaData", amf0.ECMAArray{{Name: "a", Value: true}}}
	tests := []struct {
		typ Type
		in  string
	}{
		{TypeData, values},
		{TypeDataAMF3, values},
		{TypeDataAMF3, "00" + values},
	}
	for _, tt := range tests {
		m := &Message{Type: tt.typ, Payload: unhex(t, tt.in)}
		body, err := Parse(m)
		if err != nil {
			t.Errorf("Parse(%+v) error = %v", m, err)
			continue
		}
		if diff := cmp.Diff(want, body.(*Data).Values); diff != "" {
			t.Errorf("Parse(%+v) (-want +got):\n%s", m, diff)
		}
		if got := body.(*Data).Name(); got != "onMetaData" {
			t.Errorf("Name() = %q, want onMetaData", got)
		}
	}
}

// Bug 19: metadata went through a table of known names: fields were lost and the order was random.
func TestBug19MetadataWhole(t *testing.T) {
	in := unhex(t, "02000a 6f6e4d65746144617461 08 00000009"+ // a count that is not true
		"0001 7a 020004 61766331 0001 61 00 4028000000000000 0001 7a 0b 4278bcfe56800000 0000 000009")
	body, err := Parse(&Message{Type: TypeData, Payload: in})
	if err != nil {
		t.Fatalf("Parse(%x) error = %v", in, err)
	}
	want := amf0.ECMAArray{{Name: "z", Value: "avc1"}, {Name: "a", Value: 12.0}, {Name: "z", Value: amf0.Date(1700000000000)}}
	if diff := cmp.Diff([]any{"onMetaData", want}, body.(*Data).Values); diff != "" {
		t.Errorf("Parse(%x) (-want +got):\n%s", in, diff)
	}
}

// Bug 20: errors and events were exported that nothing produced.
func TestBug20EveryErrorIsProduced(t *testing.T) {
	tooMany := append(make([]byte, 14), make([]byte, 5*(MaxParts+1))...)
	tests := []struct {
		typ     Type
		payload []byte
		err     error
	}{
		{TypeAbort, nil, ErrShort},
		{TypeSetChunkSize, make([]byte, 4), ErrValue},
		{TypeCommand, nil, ErrNotCommand},
		{TypeSharedObject, tooMany, ErrTooMany},
	}
	for _, tt := range tests {
		wantBodyError(t, tt.typ, tt.payload, tt.err)
	}
	if _, err := New(0, 0, &Raw{Type: TypeVideo, Payload: make([]byte, 1<<24)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("New with 16 MiB of video: error = %v, want ErrTooLarge", err)
	}
}
