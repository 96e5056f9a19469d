package dump_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/amf3"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/cmd/rtmp/internal/dump"
	"github.com/gortmp/rtmp/message"
)

var update = flag.Bool("update", false, "write the golden files anew")

// encode returns the chunk stream of messages.
func encode(t testing.TB, messages ...*message.Message) []byte {
	t.Helper()
	var e chunk.Encoder
	var b []byte
	for _, m := range messages {
		var err error
		if b, err = e.Append(b, chunk.StreamID(m), m); err != nil {
			t.Fatalf("Append(%v): %v", m, err)
		}
	}
	return b
}

func body(t testing.TB, stream uint32, ts message.Timestamp, b message.Body) *message.Message {
	t.Helper()
	m, err := message.New(stream, ts, b)
	if err != nil {
		t.Fatalf("New(%T): %v", b, err)
	}
	return m
}

func raw(typ message.Type, ts message.Timestamp, payload ...byte) *message.Message {
	return &message.Message{Type: typ, StreamID: 1, Timestamp: ts, Payload: payload}
}

// everything has each kind of message once, in the order of a publisher where it has one.
func everything(t testing.TB) []byte {
	return encode(t,
		body(t, 0, 0, &message.SetChunkSize{Size: 4096}),
		body(t, 0, 0, &message.WindowAckSize{Size: 2500000}),
		body(t, 0, 0, &message.SetPeerBandwidth{Size: 2500000, Limit: message.LimitDynamic}),
		body(t, 0, 0, &message.Acknowledgement{SequenceNumber: 3073}),
		body(t, 0, 0, &message.UserControl{Event: message.EventStreamBegin, StreamID: 1}),
		body(t, 0, 0, &message.UserControl{Event: message.EventSetBufferLength, StreamID: 1, BufferLength: 3000}),
		body(t, 0, 0, &message.UserControl{Event: message.EventPingRequest, Timestamp: 12345}),
		body(t, 0, 0, &message.UserControl{Event: 99, Data: []byte{1, 2, 3}}),
		body(t, 0, 0, &message.Command{Name: "connect", TransactionID: 1, Object: amf0.Object{
			{Name: "app", Value: "live"}, {Name: "tcUrl", Value: "rtmp://localhost/live"}, {Name: "fpad", Value: false},
			{Name: "two words", Value: amf0.StrictArray{"av01", "hvc1"}},
		}}),
		body(t, 1, 0, &message.Command{Name: "publish", TransactionID: 5, Args: []any{"key", "live"}}),
		body(t, 1, 0, &message.Data{Values: []any{"@setDataFrame", "onMetaData", amf0.ECMAArray{
			{Name: "width", Value: 640.0}, {Name: "encoder", Value: strings.Repeat("x", 300)},
		}}}),
		raw(message.TypeAudio, 0, 0xaf, 0, 0x11, 0x90),
		raw(message.TypeAudio, 0),
		raw(message.TypeAudio, 21, 0x2f, 0xff, 0xfb),
		raw(message.TypeVideo, 0, 0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff),
		raw(message.TypeVideo, 40, append([]byte{0x17, 1, 0, 0, 80}, make([]byte, 30)...)...),
		raw(message.TypeVideo, 80, 0x27, 1, 0xff, 0xff, 0xf0, 9),
		raw(message.TypeVideo, 80, 0x52, 0),
		raw(message.TypeVideo, 120, 0x91, 'h', 'v', 'c', '1', 0, 0, 0, 1, 2),
		raw(message.TypeVideo, 120, 0x96, 0x01, 'a', 'v', '0', '1', 3, 7),
		raw(message.TypeVideo, 120),
		body(t, 1, 160, &message.Aggregate{Messages: []*message.Message{
			raw(message.TypeAudio, 160, 0xaf, 1, 2), raw(message.TypeVideo, 170, 0x27, 1, 0, 0, 0),
		}}),
		body(t, 0, 200, &message.Command{Name: "values", Object: nil, Args: []any{
			1.5, true, amf0.Undefined{}, amf0.Unsupported{}, amf0.Date(0), amf0.XML("<a/>"),
			amf0.TypedObject{Class: "Point", Object: amf0.Object{{Name: "x", Value: 1.0}}},
			amf0.StrictArray{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0},
			amf0.AMF3{Value: int32(7)}, amf0.AMF3{Value: amf3.ByteArray{1, 2}}, amf0.AMF3{Value: "s"},
			amf0.AMF3{Value: &amf3.Object{Dynamic: []amf3.Property{{Name: "k", Value: "v"}}}},
			amf0.AMF3{Value: &amf3.IntVector{}}, amf0.AMF3{Value: amf3.Date(1000)},
		}}),
		body(t, 0, 200, &message.SharedObject{Name: "chat", Version: 3, Events: []message.SharedEvent{
			{Type: message.SharedChange, Properties: amf0.Object{{Name: "topic", Value: "none"}}},
			{Type: message.SharedRemove, Names: []string{"old"}},
			{Type: message.SharedStatus, Code: "SharedObject.BadPersistence", Level: "error"},
		}}),
		&message.Message{Type: message.TypeCommand, StreamID: 0, Timestamp: 210, Payload: []byte{2, 0, 9, 'x'}},
		&message.Message{Type: 77, StreamID: 3, Timestamp: 220, Payload: []byte{0xde, 0xad}},
		body(t, 0, 4294967295, &message.Abort{ChunkStreamID: 6}),
	)
}

// handshake returns C0, C1 and C2 with a software version.
func handshake(version ...byte) []byte {
	b := make([]byte, 3073)
	b[0] = 3
	copy(b[1:], []byte{0, 0, 3, 232})
	copy(b[5:], version)
	return b
}

func TestList(t *testing.T) {
	all := everything(t)
	tests := []struct {
		name string // and golden file
		in   []byte
		err  error
	}{
		{"everything", all, nil},
		{"handshake-simple", append(handshake(0, 0, 0, 0), all[:16]...), nil},
		{"handshake-digest", append(handshake(9, 0, 124, 2), all[:16]...), nil},
		{"handshake-old", append(handshake(3, 5, 1, 1), all[:16]...), nil}, // would be type 1 of 0xe80305 bytes
		{"handshake-cut", handshake(0, 0, 0, 0)[:2000], dump.ErrHandshake},
		{"no-handshake", encode(t, body(t, 0, 0, &message.Command{Name: "connect", TransactionID: 1})), nil},
		{"cut", all[:len(all)-2], nil},
		{"cut-header", all[:3], nil},
		{"broken", append(bytes.Clone(all[:16]), 0xc9, 1, 2), chunk.ErrHeader},
		{"empty", nil, io.EOF},
		{"http", []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), dump.ErrForeign},
		{"tls", []byte{0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3}, dump.ErrForeign},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got bytes.Buffer
			err := dump.List(&got, bytes.NewReader(tt.in))
			if !errors.Is(err, tt.err) {
				t.Fatalf("List(%s) error = %v, want %v", tt.name, err, tt.err)
			}
			if err != nil {
				got.WriteString("error: " + err.Error() + "\n")
			}
			want := golden(t, tt.name, got.Bytes())
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Errorf("List(%s) (-want +got):\n%s", tt.name, diff)
			}
			if tt.err != nil {
				return
			}
			var slow bytes.Buffer
			if err := dump.List(&slow, iotest.OneByteReader(bytes.NewReader(tt.in))); err != nil {
				t.Fatalf("List byte by byte: %v", err)
			}
			if diff := cmp.Diff(want, slow.String()); diff != "" {
				t.Errorf("List byte by byte (-want +got):\n%s", diff)
			}
		})
	}
}

// golden returns the contents of the golden file called name, which it makes of got if that was asked for.
func golden(t *testing.T, name string, got []byte) string {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A write that fails ends the list with that error.
func TestListWriteError(t *testing.T) {
	full := errors.New("disk full")
	err := dump.List(brokenWriter{full}, bytes.NewReader(everything(t)))
	if !errors.Is(err, full) {
		t.Errorf("List error = %v, want %v", err, full)
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

// Any bytes give text whose size is in proportion, one way or the other; reading them in pieces changes nothing.
func FuzzList(f *testing.F) {
	all := everything(f)
	f.Add(all)
	f.Add(append(handshake(9, 0, 124, 2), all...))
	f.Add([]byte("POST /open/1 HTTP/1.1\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var whole, pieces bytes.Buffer
		err := dump.List(&whole, bytes.NewReader(in))
		pieceErr := dump.List(&pieces, iotest.HalfReader(bytes.NewReader(in)))
		if (err == nil) != (pieceErr == nil) {
			t.Fatalf("at once: error %v; in pieces: %v", err, pieceErr)
		}
		if diff := cmp.Diff(whole.String(), pieces.String()); diff != "" {
			t.Errorf("in pieces (-at once +in pieces):\n%s", diff)
		}
		if limit := 1000 + 400*len(in); whole.Len() > limit {
			t.Errorf("%d bytes of text for %d bytes of input", whole.Len(), len(in))
		}
	})
}
