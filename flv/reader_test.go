package flv

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/internal/golden"
	"github.com/gortmp/rtmp/message"
)

// A clip of all kinds of messages, as a recording has them.
var (
	metadata = &message.Message{Type: message.TypeData,
		Payload: []byte("\x02\x00\x0aonMetaData\x08\x00\x00\x00\x01\x00\x05width\x00\x40\x94\x00\x00\x00\x00\x00\x00\x00\x00\x09")}
	avcHeader = video(0, "\x17\x00\x00\x00\x00\x01\x64")
	aacHeader = audio(0, "\xaf\x00\x12\x10")
	clip      = []*message.Message{
		metadata, avcHeader, aacHeader,
		video(0, "\x17\x01\x00\x00\x50\x00\x00\x00\x02\x65\x88"),
		audio(10, "\xaf\x01\x21\x00"),
		video(40, "\x27\x01\x00\x00\x00\x00\x00\x00\x02\x41\x88"),
		audio(33, ""), // silence
		{Type: message.TypeDataAMF3, Timestamp: 50, Payload: []byte("\x00\x02\x00\x05onFoo")},
		video(0xfffffffe, "\x17\x02\x00\x00\x00"),
	}
)

func video(t message.Timestamp, payload string) *message.Message {
	return &message.Message{Type: message.TypeVideo, Timestamp: t, Payload: []byte(payload)}
}

func audio(t message.Timestamp, payload string) *message.Message {
	return &message.Message{Type: message.TypeAudio, Timestamp: t, Payload: []byte(payload)}
}

// file returns a file of the messages, made without a Writer.
func file(tb testing.TB, list ...*message.Message) []byte {
	tb.Helper()
	b := AppendHeader(nil, Header{Version: 1, Audio: true, Video: true})
	for _, m := range list {
		var err error
		if b, err = AppendTag(b, m); err != nil {
			tb.Fatal(err)
		}
	}
	return b
}

// readAll returns everything up to the error, which is nil for io.EOF.
func readAll(r message.Reader) (list []*message.Message, err error) {
	for {
		m, err := r.ReadMessage()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		list = append(list, m)
	}
}

func TestVectors(t *testing.T) {
	header := golden.Vector(t, "flv.header.av").Bytes
	if diff := cmp.Diff(header, AppendHeader(nil, Header{Version: 1, Audio: true, Video: true})); diff != "" {
		t.Errorf("AppendHeader (-want +got):\n%s", diff)
	}
	tag := golden.Vector(t, "flv.tag.ext-timestamp").Bytes
	want := video(0x01000001, "\x17\x02\x00\x00\x00")
	got, err := NewReader(bytes.NewReader(append(header, tag...))).ReadMessage()
	if err != nil {
		t.Fatalf("ReadMessage of %x: %v", tag, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ReadMessage of %x (-want +got):\n%s", tag, diff)
	}
	out, err := AppendTag(nil, want)
	if err != nil {
		t.Fatalf("AppendTag(%+v) error = %v", want, err)
	}
	if diff := cmp.Diff(tag, out); diff != "" {
		t.Errorf("AppendTag(%+v) (-want +got):\n%s", want, diff)
	}
}

func TestReader(t *testing.T) {
	tag := "\x09\x00\x00\x02\x00\x00\x07\x00\x00\x00\x00\x12\xaa"
	want := []*message.Message{video(7, "\x12\xaa")}
	tests := []struct {
		name   string
		in     string
		header Header
		want   []*message.Message
		err    error
	}{
		{"no tags", "FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00", Header{1, true, true}, nil, nil},
		{"flags that lie", "FLV\x01\x04\x00\x00\x00\x09\x00\x00\x00\x00" + tag + "\x00\x00\x00\x0d",
			Header{1, true, false}, want, nil},
		{"another version, other flags", "FLV\x02\xfa\x00\x00\x00\x09\x00\x00\x00\x00" + tag + "\x00\x00\x00\x0d",
			Header{Version: 2}, want, nil},
		{"longer header", "FLV\x01\x01\x00\x00\x00\x0cxyz\x00\x00\x00\x00" + tag + "\x00\x00\x00\x0d",
			Header{1, false, true}, want, nil},
		{"header length that is too small", "FLV\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00" + tag + "\x00\x00\x00\x0d",
			Header{1, false, true}, want, nil},
		{"wrong back pointers", "FLV\x01\x01\x00\x00\x00\x09\x01\x02\x03\x04" + tag + "\xff\xff\xff\xff",
			Header{1, false, true}, want, nil},
		{"reserved bits and stream id", "FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00\xc9" + tag[1:8] + "\x01\x02\x03" +
			tag[11:] + "\x00\x00\x00\x0d", Header{1, false, true}, want, nil},
		{"other tags are skipped", "FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00" +
			"\x01\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0f" + // set chunk size
			"\x34\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0b" + // a command, even encrypted
			tag + "\x00\x00\x00\x0d", Header{1, false, true}, want, nil},
		{"encrypted", "FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00" + tag + "\x00\x00\x00\x0d" + "\x29" + tag[1:],
			Header{1, false, true}, want, ErrEncrypted},
		{"not a FLV file", "\x00\x00\x00\x1cftypisom", Header{}, nil, ErrNotFLV},
		{"nothing", "", Header{}, nil, io.ErrUnexpectedEOF},
		{"cut in the longer header", "FLV\x01\x01\xff\xff\xff\xffxyz", Header{}, nil, io.ErrUnexpectedEOF},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := NewReader(bytes.NewReader([]byte(tt.in)))
			header, _ := r.Header()
			if tt.want != nil {
				if diff := cmp.Diff(tt.header, header); diff != "" {
					t.Errorf("header of %x (-want +got):\n%s", tt.in, diff)
				}
			}
			got, err := readAll(r)
			if !errors.Is(err, tt.err) {
				t.Errorf("reading %x: error = %v, want %v", tt.in, err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("messages of %x (-want +got):\n%s", tt.in, diff)
			}
			if _, again := r.ReadMessage(); tt.err != nil && again != err {
				t.Errorf("reading on: error = %v, want the same %v", again, err)
			}
		})
	}
}

func TestReaderHeaderError(t *testing.T) {
	r := NewReader(bytes.NewReader([]byte("RIFF....WAVE")))
	h, err := r.Header()
	var sig *SignatureError
	if !errors.As(err, &sig) || string(sig.Got[:]) != "RIF" || h != (Header{}) {
		t.Errorf("Header of a RIFF file = %+v, error %v, want a SignatureError of RIF", h, err)
	}
	r = NewReader(bytes.NewReader(file(t)))
	if _, err := r.ReadMessage(); err != io.EOF {
		t.Errorf("ReadMessage without tags: error = %v, want io.EOF", err)
	}
	if h, err := r.Header(); err != nil || !h.Audio {
		t.Errorf("Header at the end = %+v, error %v, want audio, nil", h, err)
	}
}

// Everything before a cut is there, and a cut is not taken for the end.
func TestReaderCut(t *testing.T) {
	whole := file(t, clip...)
	ends := map[int]int{13: 0} // offset of each end of a tag: messages before it
	bodies := []int{}
	at := 13
	for i, m := range clip {
		bodies = append(bodies, at+11+len(m.Payload))
		at += 15 + len(m.Payload)
		ends[at] = i + 1
	}
	for n := range whole {
		got, err := readAll(NewReader(bytes.NewReader(whole[:n])))
		want := io.ErrUnexpectedEOF
		if _, ok := ends[n]; ok {
			want = nil
		}
		if err != want {
			t.Errorf("first %d bytes: error = %v, want %v", n, err, want)
		}
		complete := 0
		for _, end := range bodies {
			if end <= n {
				complete++
			}
		}
		if diff := cmp.Diff(clip[:complete], got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("messages of the first %d bytes (-want +got):\n%s", n, diff)
		}
	}
}

func TestReaderSlowSource(t *testing.T) {
	whole := file(t, clip...)
	for name, r := range map[string]io.Reader{
		"one byte":               iotest.OneByteReader(bytes.NewReader(whole)),
		"half":                   iotest.HalfReader(bytes.NewReader(whole)),
		"data and error at once": iotest.DataErrReader(bytes.NewReader(whole)),
	} {
		got, err := readAll(NewReader(r))
		if err != nil {
			t.Errorf("%s: error = %v", name, err)
		}
		if diff := cmp.Diff(clip, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReaderSourceFails(t *testing.T) {
	broken := errors.New("broken")
	whole := file(t, clip...)
	for _, n := range []int{0, 5, 11, 14, 20, 60} {
		r := NewReader(io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(broken)))
		if _, err := readAll(r); err != broken {
			t.Errorf("source that fails after %d bytes: error = %v, want the source's", n, err)
		}
	}
}

// A length of 16 MiB is only an announcement.
func TestReaderMemory(t *testing.T) {
	for _, arrived := range []int{0, 100, readSize, 3 * readSize, 1 << 20} {
		in := append(file(t), "\x09\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00"...)
		in = append(in, make([]byte, arrived)...)
		var m message.Message
		if err := NewReader(bytes.NewReader(in)).ReadInto(&m); err != io.ErrUnexpectedEOF {
			t.Errorf("%d bytes of 16 MiB: error = %v, want io.ErrUnexpectedEOF", arrived, err)
		}
		if limit := max(readSize, 2*arrived); cap(m.Payload) > limit {
			t.Errorf("%d bytes of 16 MiB: %d bytes of memory, want at most %d", arrived, cap(m.Payload), limit)
		}
	}
}

func TestReadIntoReuses(t *testing.T) {
	big := video(1, "\x12"+string(make([]byte, 5*readSize)))
	r := NewReader(bytes.NewReader(file(t, big, clip[3], big)))
	m := message.Message{StreamID: 9}
	for _, want := range []*message.Message{big, clip[3], big} {
		before := cap(m.Payload)
		if err := r.ReadInto(&m); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, &m); diff != "" {
			t.Errorf("ReadInto (-want +got):\n%s", diff)
		}
		if before > 0 && cap(m.Payload) != before {
			t.Errorf("ReadInto changed the capacity from %d to %d", before, cap(m.Payload))
		}
	}
	r = NewReader(bytes.NewReader(file(t, big)))
	if m, err := r.ReadMessage(); err != nil || cap(m.Payload) != len(m.Payload) {
		t.Errorf("ReadMessage: capacity %d for %d bytes, error %v", cap(m.Payload), len(m.Payload), err)
	}
}

func TestReaderOffset(t *testing.T) {
	whole := file(t, clip...)
	r := NewReader(bytes.NewReader(whole))
	want := 13
	for _, m := range clip {
		if _, err := r.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		if r.Offset() != int64(want) || whole[want] != byte(m.Type) {
			t.Errorf("Offset = %d, want %d", r.Offset(), want)
		}
		want += 15 + len(m.Payload)
	}
}

func TestAppendTagTooLarge(t *testing.T) {
	m := &message.Message{Type: message.TypeVideo, Payload: make([]byte, 1<<24-1)}
	b, err := AppendTag(nil, m)
	if err != nil || binary.BigEndian.Uint32(b[len(b)-4:]) != 1<<24+10 {
		t.Errorf("AppendTag of 16 MiB - 1: error = %v", err)
	}
	m.Payload = append(m.Payload, 0)
	var size *SizeError
	if b, err := AppendTag([]byte{1}, m); !errors.Is(err, ErrTooLarge) || !errors.As(err, &size) || len(b) != 1 {
		t.Errorf("AppendTag of 16 MiB = %d bytes, error %v, want 1, ErrTooLarge", len(b), err)
	}
}
