package message

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/internal/golden"
)

func TestSharedObjectVectors(t *testing.T) {
	want := map[string]*SharedObject{
		"so.use": {Name: "chat", Events: []SharedEvent{{Type: SharedUse}}},
		"so.requestchange": {Name: "chat", Version: 3, Flags: SharedPersistent, Events: []SharedEvent{
			{Type: SharedRequestChange, Properties: amf0.Object{{Name: "n", Value: 7.0}}},
		}},
	}
	for _, v := range golden.Vectors(t, "so.") {
		t.Run(v.Name, func(t *testing.T) {
			so, ok := want[v.Name]
			if !ok {
				t.Fatalf("no expectation for vector %v", v)
			}
			wantBothWays(t, TypeSharedObject, v.Bytes, so)
			amf3 := *so
			amf3.AMF3 = true
			wantBothWays(t, TypeSharedObjectAMF3, append([]byte{0}, v.Bytes...), &amf3)
		})
	}
}

func TestSharedObjectEvents(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want []SharedEvent
	}{
		{"none", "", nil},
		{"use success, clear, change of two", "0b 00000000 08 00000000 04 00000008 0001 61 05 0001 62 06", []SharedEvent{
			{Type: SharedUseSuccess},
			{Type: SharedClear},
			{Type: SharedChange, Properties: amf0.Object{{Name: "a"}, {Name: "b", Value: amf0.Undefined{}}}},
		}},
		{"change of an object", "04 0000000b 0001 61 03 0001 62 05 000009", []SharedEvent{
			{Type: SharedChange, Properties: amf0.Object{{Name: "a", Value: amf0.Object{{Name: "b"}}}}},
		}},
		{"success of two names", "05 00000006 0001 61 0001 62", []SharedEvent{
			{Type: SharedSuccess, Names: []string{"a", "b"}},
		}},
		{"send message", "06 00000006 020001 66 0101", []SharedEvent{
			{Type: SharedSendMessage, Values: []any{"f", true}},
		}},
		{"status", "07 00000007 0001 63 0002 6c6c", []SharedEvent{
			{Type: SharedStatus, Code: "c", Level: "ll"},
		}},
		{"remove, request remove, release", "09 00000003 0001 61 0a 00000003 0001 62 02 00000000", []SharedEvent{
			{Type: SharedRemove, Names: []string{"a"}},
			{Type: SharedRequestRemove, Names: []string{"b"}},
			{Type: SharedRelease},
		}},
		{"unknown type, use with data", "ff 00000002 0102 01 00000001 03", []SharedEvent{
			{Type: 255, Data: []byte{1, 2}},
			{Type: SharedUse, Data: []byte{3}},
		}},
		{"status with more behind", "07 00000005 0000 0000 aa", []SharedEvent{{Type: SharedStatus, Data: []byte{0xAA}}}},
	}
	const head = "0001 6f 00000001 00000000 00000000"
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := &SharedObject{Name: "o", Version: 1, Events: tt.want}
			wantBothWays(t, TypeSharedObject, unhex(t, head+tt.in), want)
		})
	}
}

func TestSharedObjectErrors(t *testing.T) {
	const head = "0001 6f 00000001 00000000 00000000"
	tests := []struct {
		name string
		typ  Type
		in   string
		err  error
	}{
		{"empty", TypeSharedObject, "", ErrShort},
		{"empty, type 16", TypeSharedObjectAMF3, "", ErrShort},
		{"selector 3", TypeSharedObjectAMF3, "03" + head, ErrValue},
		{"head cut", TypeSharedObject, "0001 6f 00000001 00000000 000000", ErrShort},
		{"name beyond the end", TypeSharedObject, "ffff 6f 00000001 00000000 00000000", ErrShort},
		{"event header cut", TypeSharedObject, head + "01 000000", ErrShort},
		{"event beyond the end", TypeSharedObject, head + "04 00000002 00", ErrShort},
		{"event of 4 GiB", TypeSharedObject, head + "ff ffffffff 00", ErrShort},
		{"change without a value", TypeSharedObject, head + "04 00000003 0001 61", amf0.ErrShort},
		{"change with a cut name", TypeSharedObject, head + "03 00000002 0001", amf0.ErrShort},
		{"success with a cut name", TypeSharedObject, head + "05 00000003 0002 61", ErrShort},
		{"status cut", TypeSharedObject, head + "07 00000003 0001 61", ErrShort},
		{"message cut", TypeSharedObject, head + "06 00000002 0200", amf0.ErrShort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantBodyError(t, tt.typ, unhex(t, tt.in), tt.err) })
	}

	t.Run("end marker among properties", func(t *testing.T) {
		payload := unhex(t, head+"04 00000008 0001 61 05 000009 05")
		_, err := Parse(&Message{Type: TypeSharedObject, Payload: payload})
		var marker *amf0.MarkerError
		if !errors.As(err, &marker) {
			t.Errorf("Parse(%x) error = %v, want a *amf0.MarkerError", payload, err)
		}
	})
}

func TestSharedObjectAppendErrors(t *testing.T) {
	type unwritable struct{}
	long := string(make([]byte, 1<<16))
	tests := []struct {
		name string
		so   *SharedObject
		is   error
	}{
		{"name", &SharedObject{Name: long}, ErrValue},
		{"property name", &SharedObject{Events: []SharedEvent{
			{Type: SharedChange, Properties: amf0.Object{{Name: long}}},
		}}, ErrValue},
		{"name in the list", &SharedObject{Events: []SharedEvent{{Type: SharedSuccess, Names: []string{"", long}}}}, ErrValue},
		{"code", &SharedObject{Events: []SharedEvent{{Type: SharedStatus, Code: long}}}, ErrValue},
		{"level", &SharedObject{Events: []SharedEvent{{Type: SharedStatus, Level: long}}}, ErrValue},
		{"data", &SharedObject{Events: []SharedEvent{{Type: 255, Data: make([]byte, 1<<24)}}}, ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.so.AppendPayload([]byte("kept"))
			if !errors.Is(err, tt.is) || string(got) != "kept" {
				t.Errorf("AppendPayload = %d bytes, %v, want the input and %v", len(got), err, tt.is)
			}
		})
	}
	for _, e := range []SharedEvent{
		{Type: SharedChange, Properties: amf0.Object{{Name: "a", Value: unwritable{}}}},
		{Type: SharedSendMessage, Values: []any{unwritable{}}},
	} {
		_, err := New(0, 0, &SharedObject{Events: []SharedEvent{e}})
		var typ *amf0.TypeError
		if !errors.As(err, &typ) {
			t.Errorf("New with %+v: error = %v, want a *amf0.TypeError", e, err)
		}
	}
}

func TestSharedObjectParts(t *testing.T) {
	head := unhex(t, "0001 6f 00000001 00000000 00000000")
	events := func(n int) []byte {
		b := append([]byte{}, head...)
		for range n {
			b = append(b, byte(SharedUse), 0, 0, 0, 0)
		}
		return b
	}
	names := func(n int) []byte {
		b := append([]byte{}, head...)
		b = append(b, byte(SharedSuccess), 0, byte(n>>15), byte(n>>7), byte(n<<1))
		return append(b, make([]byte, 2*n)...)
	}
	for _, tt := range []struct {
		name string
		in   []byte
		ok   bool
	}{
		{"as many events as allowed", events(MaxParts), true},
		{"one more", events(MaxParts + 1), false},
		{"as many names as allowed beside the event", names(MaxParts - 1), true},
		{"one more name", names(MaxParts), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !tt.ok {
				wantBodyError(t, TypeSharedObject, tt.in, ErrTooMany)
				return
			}
			so, err := Parse(&Message{Type: TypeSharedObject, Payload: tt.in})
			if err != nil {
				t.Fatalf("Parse of %d bytes: error = %v", len(tt.in), err)
			}
			if diff := cmp.Diff("o", so.(*SharedObject).Name); diff != "" {
				t.Errorf("Name (-want +got):\n%s", diff)
			}
		})
	}
}
