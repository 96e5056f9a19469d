package message

import (
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A list is a Reader of its messages and then err, and a Writer that refuses everything beyond limit.
type list struct {
	messages []*Message
	err      error
	limit    int
}

var errFull = errors.New("full")

func (l *list) ReadMessage() (*Message, error) {
	if len(l.messages) == 0 {
		return nil, l.err
	}
	m := l.messages[0]
	l.messages = l.messages[1:]
	return m, nil
}

func (l *list) WriteMessage(m *Message) error {
	if len(l.messages) == l.limit {
		return errFull
	}
	l.messages = append(l.messages, m)
	return nil
}

func TestCopy(t *testing.T) {
	three := []*Message{{Type: TypeAudio}, {Type: TypeVideo}, {Type: TypeData}}
	tests := []struct {
		name  string
		end   error
		limit int
		n     int64
		err   error
	}{
		{"to the end", io.EOF, 3, 3, nil},
		{"source breaks", io.ErrUnexpectedEOF, 3, 3, io.ErrUnexpectedEOF},
		{"destination breaks", io.EOF, 2, 2, errFull},
		{"nothing", io.EOF, 0, 0, errFull},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := &list{messages: three, err: tt.end}
			dst := &list{limit: tt.limit}
			n, err := Copy(dst, src)
			if n != tt.n || !errors.Is(err, tt.err) {
				t.Errorf("Copy = %d, %v, want %d, %v", n, err, tt.n, tt.err)
			}
			if diff := cmp.Diff(three[:tt.n], dst.messages, cmp.Transformer("nil", func(l []*Message) []*Message {
				return append([]*Message{}, l...)
			})); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTypeFamilies(t *testing.T) {
	type families struct{ Control, Command, Data, Media bool }
	want := map[Type]families{
		TypeSetChunkSize:     {Control: true},
		TypeAbort:            {Control: true},
		TypeAcknowledgement:  {Control: true},
		TypeUserControl:      {},
		TypeWindowAckSize:    {Control: true},
		TypeSetPeerBandwidth: {Control: true},
		TypeAudio:            {Media: true},
		TypeVideo:            {Media: true},
		TypeDataAMF3:         {Data: true, Media: true},
		TypeSharedObjectAMF3: {},
		TypeCommandAMF3:      {Command: true},
		TypeData:             {Data: true, Media: true},
		TypeSharedObject:     {},
		TypeCommand:          {Command: true},
		TypeAggregate:        {Media: true},
	}
	names := make(map[string]bool)
	for n := range 256 {
		typ := Type(n)
		got := families{typ.IsProtocolControl(), typ.IsCommand(), typ.IsData(), typ.IsMedia()}
		if got != want[typ] {
			t.Errorf("families of %v = %+v, want %+v", typ, got, want[typ])
		}
		if names[typ.String()] {
			t.Errorf("two types are called %q", typ)
		}
		names[typ.String()] = true
	}
	if got := Type(33).String(); got != "type 33" {
		t.Errorf("Type(33).String() = %q, want %q", got, "type 33")
	}
}
