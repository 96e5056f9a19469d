package flv

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
	"github.com/gortmp/rtmp/message"
)

// record returns what a Writer to something that cannot seek writes for list, and fails on any error.
func record(t *testing.T, set func(w *Writer), list ...*message.Message) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	if set != nil {
		set(w)
	}
	for _, m := range list {
		if err := w.WriteMessage(m); err != nil {
			t.Fatalf("WriteMessage(%+v): %v", m, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return b.Bytes()
}

func TestWriterWritesWhatItGets(t *testing.T) {
	if diff := cmp.Diff(file(t, clip...), record(t, nil, clip...)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

func TestWriterHeader(t *testing.T) {
	tests := []struct {
		audio, video bool
		want         byte
	}{{false, false, 5}, {true, false, 4}, {false, true, 1}, {true, true, 5}}
	for _, tt := range tests {
		got := record(t, func(w *Writer) { w.Audio, w.Video = tt.audio, tt.video })
		want := golden.Vector(t, "flv.header.av").Bytes
		want[4] = tt.want
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("file without messages, Audio %v, Video %v (-want +got):\n%s", tt.audio, tt.video, diff)
		}
	}
}

func TestWriterSkipsOthers(t *testing.T) {
	var list []*message.Message
	for typ := message.Type(0); typ < 32; typ++ {
		if !typ.IsMedia() {
			list = append(list, &message.Message{Type: typ, Payload: []byte{0, 0, 0, 1}})
		}
	}
	list = append(list, clip...)
	if diff := cmp.Diff(file(t, clip...), record(t, nil, list...)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

func TestWriterUnpacksAggregates(t *testing.T) {
	v := golden.Vector(t, "msg.aggregate")
	m := &message.Message{Type: message.TypeAggregate, Timestamp: message.Timestamp(v.CarrierTimestamp), Payload: v.Bytes}
	want := file(t, audio(5000, "\xaf\x01\x21"), video(5020, "\x27\x01\x00\x00\x00"))
	if diff := cmp.Diff(want, record(t, nil, m)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}

	var b bytes.Buffer
	w := NewWriter(&b)
	m.Payload = m.Payload[:12]
	var bad *message.BodyError
	if err := w.WriteMessage(m); !errors.As(err, &bad) || b.Len() != 0 {
		t.Errorf("WriteMessage of a cut aggregate: error = %v after %d bytes, want a BodyError after none", err, b.Len())
	}
	if err := w.WriteMessage(clip[0]); err != nil {
		t.Errorf("WriteMessage after a bad aggregate: %v", err)
	}
}

func TestWriterTooLarge(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	if err := w.WriteMessage(video(0, string(make([]byte, 1<<24)))); !errors.Is(err, ErrTooLarge) || b.Len() != 0 {
		t.Errorf("WriteMessage of 16 MiB: error = %v after %d bytes, want ErrTooLarge after none", err, b.Len())
	}
	if err := w.WriteMessage(clip[0]); err != nil {
		t.Errorf("WriteMessage after it: %v", err)
	}
}

func TestWriterRebase(t *testing.T) {
	frame, sound := "\x27\x01\x00\x00\x00\x00", "\xaf\x01\x21"
	tests := []struct {
		name string
		in   []*message.Message
		want []message.Timestamp
	}{
		{"live, headers at 0", []*message.Message{
			metadata, avcHeader, aacHeader, video(3600000, frame), audio(3600013, sound), video(3600040, frame),
		}, []message.Timestamp{0, 0, 0, 0, 13, 40}},
		{"live, headers at the time of the first frame", []*message.Message{
			video(500, string(avcHeader.Payload)), audio(510, sound), video(505, frame), video(540, frame),
		}, []message.Timestamp{0, 0, 0, 30}},
		{"over the wrap", []*message.Message{
			video(0xfffffff0, frame), audio(0xffffffff, sound), video(16, frame),
		}, []message.Timestamp{0, 15, 32}},
		{"silence and end of sequence are no frames", []*message.Message{
			audio(100, ""), video(200, "\x17\x02\x00\x00\x00"), video(300, frame),
		}, []message.Timestamp{0, 0, 0}},
		{"what cannot be read is no frame", []*message.Message{
			video(100, ""), video(100, "\x9fhvc1"), audio(150, "\x9f"), audio(300, sound), video(400, "\x17"),
		}, []message.Timestamp{0, 0, 0, 0, 100}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := make([]message.Timestamp, len(tt.in))
			for i, m := range tt.in {
				before[i] = m.Timestamp
			}
			list, err := readAll(NewReader(bytes.NewReader(record(t, func(w *Writer) { w.Rebase = true }, tt.in...))))
			if err != nil {
				t.Fatal(err)
			}
			var got []message.Timestamp
			for i, m := range list {
				got = append(got, m.Timestamp)
				if tt.in[i].Timestamp != before[i] {
					t.Errorf("message %d was changed", i)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("timestamps (-want +got):\n%s", diff)
			}
		})
	}
}

// A failing destination takes room bytes and then no more.
type failing struct {
	bytes.Buffer
	room int
}

var errFull = errors.New("full")

func (f *failing) Write(p []byte) (int, error) {
	n, _ := f.Buffer.Write(p[:min(len(p), f.room)])
	f.room -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestWriterDestinationFails(t *testing.T) {
	w := NewWriter(&failing{room: 100})
	var err error
	n := 0
	for ; err == nil; n++ {
		err = w.WriteMessage(avcHeader)
	}
	if err != errFull || n != 4 {
		t.Errorf("message %d failed: %v, want 4 and the destination's error", n, err)
	}
	if again := w.WriteMessage(avcHeader); again != errFull {
		t.Errorf("WriteMessage after the failure: error = %v, want the same", again)
	}
	if err := NewWriter(&failing{room: 5}).Close(); err != errFull {
		t.Errorf("Close without room for the header: error = %v, want the destination's", err)
	}
}

func TestWriterClosed(t *testing.T) {
	w := NewWriter(io.Discard)
	for range 2 {
		if err := w.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if err := w.WriteMessage(clip[0]); err != ErrClosed {
		t.Errorf("WriteMessage after Close: error = %v, want ErrClosed", err)
	}
}

// Reader to Writer is the identity for files as others write them too, as far as tags go.
func TestCopy(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	in := file(t, clip...)
	n, err := message.Copy(w, NewReader(bytes.NewReader(in)))
	if err != nil || n != int64(len(clip)) {
		t.Fatalf("Copy = %d, %v, want %d messages", n, err, len(clip))
	}
	if diff := cmp.Diff(in, b.Bytes()); diff != "" {
		t.Errorf("copy (-want +got):\n%s", diff)
	}
}

func TestWriterAllocations(t *testing.T) {
	w := NewWriter(io.Discard)
	w.Rebase = true
	if n := testing.AllocsPerRun(100, func() {
		for _, m := range clip {
			if err := w.WriteMessage(m); err != nil {
				t.Error(err)
			}
		}
	}); n != 0 {
		t.Errorf("writing %d messages: %v allocations, want 0", len(clip), n)
	}
}
