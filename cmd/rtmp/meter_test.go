package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

func TestMeter(t *testing.T) {
	m := newMeter(nil)
	if c, a := m.take(); c != (counts{}) || a.String() != "no audio or video yet" {
		t.Errorf("before anything: %+v, %v", c, a)
	}
	metadata, err := message.New(1, 0, &message.Data{Values: []any{"onMetaData", amf0.ECMAArray{
		{Name: "width", Value: 1280.0}, {Name: "height", Value: 720.0},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, msg := range []*message.Message{
		metadata,
		{Type: message.TypeVideo, Timestamp: 1000, Payload: []byte{0x17, 0, 0, 0, 0, 1}},
		{Type: message.TypeVideo, Timestamp: 1000, Payload: []byte{0x17, 1, 0, 0, 0, 1}},
		{Type: message.TypeVideo, Timestamp: 1040, Payload: []byte{0x27, 1, 0, 0, 0, 1}},
		{Type: message.TypeVideo, Timestamp: 1080}, // unreadable, and counted all the same
		{Type: message.TypeAudio, Timestamp: 1100, Payload: []byte{0xaf, 1, 0}},
		{Type: message.TypeAudio, Timestamp: 1120}, // silence tells no codec
		{Type: message.TypeData, Timestamp: 9999, Payload: []byte{0xff}},
		{Type: message.TypeAggregate},
	} {
		m.note(msg)
	}
	got, about := m.take()
	want := counts{video: 4, keys: 1, audio: 2, data: 2, other: 1, bytes: uint64(len(metadata.Payload)) + 6*3 + 3 + 1}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(counts{})); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if got, want := about.String(), "H.264 1280x720, AAC"; got != want {
		t.Errorf("about = %q, want %q", got, want)
	}
	if got, want := about.position(), 120*time.Millisecond; got != want {
		t.Errorf("position = %v, want %v", got, want)
	}
	if c, _ := m.take(); c != (counts{}) {
		t.Errorf("counts after they were taken: %+v", c)
	}
}
