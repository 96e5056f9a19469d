package message

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
)

func TestPeekName(t *testing.T) {
	tests := []struct {
		name     string
		typ      Type
		in       string
		ok       bool
		wantName string
		wantRest string
	}{
		{"command", TypeCommand, "020004 706c6179 05", true, "play", "05"},
		{"data", TypeData, "020004 6f6e4649", true, "onFI", ""},
		{"type 17 with selector", TypeCommandAMF3, "00 020004 706c6179 05", true, "play", "05"},
		{"type 17 without", TypeCommandAMF3, "020004 706c6179 05", true, "play", "05"},
		{"type 15 with selector", TypeDataAMF3, "00 020004 6f6e4649", true, "onFI", ""},
		{"long string", TypeData, "0c00000004 6f6e4649 05", true, "onFI", "05"},
		{"empty name", TypeData, "020000 06", true, "", "06"},
		{"what follows is not looked at", TypeCommand, "020004 706c6179 7f7f", true, "play", "7f7f"},
		{"selector on type 20", TypeCommand, "00 020004 706c6179", false, "", ""},
		{"number first", TypeData, "00 4010000000000000", false, "", ""},
		{"cut in the length", TypeData, "0200", false, "", ""},
		{"cut in the name", TypeData, "020004 6f6e46", false, "", ""},
		{"length far beyond the end", TypeData, "0cffffffff 6f6e46", false, "", ""},
		{"empty", TypeData, "", false, "", ""},
		{"audio", TypeAudio, "020004 6f6e4649", false, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &Message{Type: tt.typ, Payload: unhex(t, tt.in)}
			name, rest, ok := PeekName(m)
			if string(name) != tt.wantName || !bytes.Equal(rest, unhex(t, tt.wantRest)) || ok != tt.ok {
				t.Errorf("PeekName(%+v) = %q, %x, %t, want %q, %s, %t",
					m, name, rest, ok, tt.wantName, tt.wantRest, tt.ok)
			}
		})
	}
}

func TestTrimSetDataFrame(t *testing.T) {
	framed := golden.Vector(t, "data.setDataFrame").Bytes
	plain := framed[len("\x02\x00\x0d@setDataFrame"):]
	tests := []struct {
		name string
		in   Message
		ok   bool
		want Message
	}{
		{"type 18", Message{Type: TypeData, Payload: framed}, true, Message{Type: TypeData, Payload: plain}},
		{"type 15 with selector", Message{Type: TypeDataAMF3, Payload: append([]byte{0}, framed...)}, true,
			Message{Type: TypeData, Payload: plain}},
		{"type 15 without", Message{Type: TypeDataAMF3, Payload: framed}, true,
			Message{Type: TypeData, Payload: plain}},
		{"not framed", Message{Type: TypeData, Payload: plain}, false, Message{Type: TypeData, Payload: plain}},
		{"command of that name", Message{Type: TypeCommand, Payload: framed}, false,
			Message{Type: TypeCommand, Payload: framed}},
		{"audio", Message{Type: TypeAudio, Payload: framed}, false, Message{Type: TypeAudio, Payload: framed}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := tt.in
			if ok := TrimSetDataFrame(&m); ok != tt.ok {
				t.Errorf("TrimSetDataFrame(%+v) = %t, want %t", tt.in, ok, tt.ok)
			}
			if diff := cmp.Diff(tt.want, m); diff != "" {
				t.Errorf("after TrimSetDataFrame (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAppendSetDataFrame(t *testing.T) {
	framed := golden.Vector(t, "data.setDataFrame").Bytes
	plain := framed[len("\x02\x00\x0d@setDataFrame"):]
	selector := func(b []byte) []byte { return append([]byte{0}, b...) }
	tests := []struct {
		name string
		in   Message
		want []byte
	}{
		{"type 18", Message{Type: TypeData, Payload: plain}, framed},
		{"type 15 with selector", Message{Type: TypeDataAMF3, Payload: selector(plain)}, selector(framed)},
		{"type 15 without", Message{Type: TypeDataAMF3, Payload: plain}, selector(framed)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := AppendSetDataFrame([]byte("kept"), &tt.in)
			if diff := cmp.Diff(append([]byte("kept"), tt.want...), got); diff != "" {
				t.Errorf("AppendSetDataFrame(%+v) (-want +got):\n%s", tt.in, diff)
			}
			back := Message{Type: tt.in.Type, Payload: got[len("kept"):]}
			if !TrimSetDataFrame(&back) || !bytes.Equal(back.Payload, plain) {
				t.Errorf("TrimSetDataFrame after AppendSetDataFrame left %x, want %x", back.Payload, plain)
			}
		})
	}
}
