package flv

import (
	"io"
	"testing"

	"github.com/gortmp/rtmp/message"
)

// An endless gives first, and then next again and again.
type endless struct{ first, next []byte }

func (e *endless) Read(p []byte) (int, error) {
	if len(e.first) == 0 {
		e.first = e.next
	}
	n := copy(p, e.first)
	e.first = e.first[n:]
	return n, nil
}

func BenchmarkReadInto(b *testing.B) {
	frame := video(0, "\x27\x01\x00\x00\x00"+string(make([]byte, 4000)))
	in := file(b, frame)
	r := NewReader(&endless{in, in[13:]})
	var m message.Message
	b.SetBytes(int64(len(frame.Payload)))
	b.ReportAllocs()
	for b.Loop() {
		if err := r.ReadInto(&m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteMessage(b *testing.B) {
	m := video(0, "\x27\x01\x00\x00\x00"+string(make([]byte, 4000)))
	w := NewWriter(io.Discard)
	b.SetBytes(int64(len(m.Payload)))
	b.ReportAllocs()
	for b.Loop() {
		if err := w.WriteMessage(m); err != nil {
			b.Fatal(err)
		}
	}
}
