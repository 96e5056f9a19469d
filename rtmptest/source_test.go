package rtmptest

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// readAll returns the messages of src.
func readAll(t *testing.T, src message.Reader) (all []*message.Message) {
	t.Helper()
	for {
		m, err := src.ReadMessage()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
}

func TestSourceTally(t *testing.T) {
	tests := []struct {
		name string
		src  Source
		want Tally
	}{
		{"default", Source{}, Tally{Metadata: 1, Headers: 2, Video: 250, KeyFrames: 5, Audio: 469}},
		{"one second", Source{Duration: time.Second, FPS: 10, KeyFrameInterval: 4},
			Tally{Metadata: 1, Headers: 2, Video: 10, KeyFrames: 3, Audio: 47}},
		{"no audio", Source{Duration: time.Second, NoAudio: true}, Tally{Metadata: 1, Headers: 1, Video: 25, KeyFrames: 1}},
		{"no video", Source{Duration: time.Second, NoVideo: true}, Tally{Metadata: 1, Headers: 1, Audio: 47}},
		{"neither", Source{NoVideo: true, NoAudio: true}, Tally{Metadata: 1}},
		{"beyond 24 and 32 bits of time", Source{Start: 0xFFFF_FFF0, Duration: time.Second},
			Tally{Metadata: 1, Headers: 2, Video: 25, KeyFrames: 1, Audio: 47}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.src.Tally()); diff != "" {
				t.Errorf("Tally (-want +got):\n%s", diff)
			}
			c := Checker{Seed: tt.src.Seed}
			if _, err := message.Copy(&c, &tt.src); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, c.Tally); diff != "" {
				t.Errorf("counted by a Checker (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSourceIsTheSameEveryTime(t *testing.T) {
	const length = 200 * time.Millisecond
	a := readAll(t, &Source{Seed: 1, Duration: length, KeyFrameSize: 100, FrameSize: 50, AudioSize: 20})
	b := readAll(t, &Source{Seed: 1, Duration: length, KeyFrameSize: 100, FrameSize: 50, AudioSize: 20})
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("two Sources with the same options differ (-first +second):\n%s", diff)
	}
	other := readAll(t, &Source{Seed: 2, Duration: length, KeyFrameSize: 100, FrameSize: 50, AudioSize: 20})
	if cmp.Equal(a[3], other[3]) {
		t.Error("two Sources with different seeds give the same first frame")
	}
}

func TestSourceOptions(t *testing.T) {
	src := &Source{Start: 1000, StreamID: 7, Duration: time.Second, KeyFrameInterval: 5, KeyFrameSize: 999, FrameSize: 99, AudioSize: 1}
	var last message.Timestamp
	for i, m := range readAll(t, src) {
		if m.StreamID != 7 {
			t.Fatalf("message %d is on stream %d, want 7", i, m.StreamID)
		}
		if m.Timestamp.Before(last) || m.Timestamp < 1000 {
			t.Fatalf("message %d has the timestamp %d after %d", i, m.Timestamp, last)
		}
		last = m.Timestamp
		if i < 3 {
			continue // headers
		}
		want := 2 + stampSize // the least that audio can have
		if m.Type == message.TypeVideo {
			want = 99
			if v, err := media.ParseVideo(m.Payload); err != nil || v.IsKeyFrame() {
				want = 999
			}
		}
		if len(m.Payload) != want {
			t.Fatalf("message %d, %v, has %d bytes, want %d", i, m.Type, len(m.Payload), want)
		}
	}
	if last != 1981 { // the 46th frame of 1024 samples
		t.Errorf("the last timestamp is %d, want 1981", last)
	}
}

func TestSourceWithoutEnd(t *testing.T) {
	src := &Source{Duration: -1}
	for range 1000 {
		if _, err := src.ReadMessage(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCheckerFindsWhatIsWrong(t *testing.T) {
	// The messages are metadata, video header, audio header, then video 0, audio 1, audio 2, video 3, …
	tests := []struct {
		name    string
		change  func(all []*message.Message) []*message.Message
		problem string
	}{
		{"a bit", func(all []*message.Message) []*message.Message {
			p := all[3].Payload
			p[len(p)-1] ^= 1
			return all
		}, "differs at byte 19999 of 20000"},
		{"an early byte", func(all []*message.Message) []*message.Message {
			all[4].Payload[2+stampSize]++
			return all
		}, "number 1 differs at byte 18 of 300"},
		{"cut short", func(all []*message.Message) []*message.Message {
			all[3].Payload = all[3].Payload[:100]
			return all
		}, "not a video message of a Source"},
		{"audio cut short", func(all []*message.Message) []*message.Message {
			all[4].Payload = all[4].Payload[:10]
			return all
		}, "less than a Source makes"},
		{"empty", func(all []*message.Message) []*message.Message {
			all[3].Payload = nil
			return all
		}, "too short"},
		{"twice", func(all []*message.Message) []*message.Message { return append(all[:4:4], all[3:]...) }, "number 0 came again or late"},
		{"swapped", func(all []*message.Message) []*message.Message {
			all[5], all[6] = all[6], all[5]
			return all
		}, "number 2 came again or late"},
		{"timestamp", func(all []*message.Message) []*message.Message {
			all[4].Timestamp++
			return all
		}, "number 1 has the timestamp 1, want 0"},
		{"no video header", func(all []*message.Message) []*message.Message { return append(all[:1:1], all[2:]...) },
			"number 0 came before the sequence header"},
		{"another header", func(all []*message.Message) []*message.Message {
			all[2].Payload[2] = 0x12
			return all
		}, "sequence header is 1290, want 1190"},
		{"no key frame", func(all []*message.Message) []*message.Message {
			all[3].Payload[0] = 0x27
			return all
		}, "key frame is false, was true"},
		{"foreign metadata", func(all []*message.Message) []*message.Message {
			all[0].Payload, _ = media.AppendMetadata(nil, nil)
			return all
		}, `metadata of the encoder ""`},
		{"another source", func(all []*message.Message) []*message.Message {
			return append(all[:4], readAll(t, &Source{Seed: 8, Duration: time.Second})[4:]...)
		}, "another seed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			c := Checker{Seed: 7}
			for _, m := range tt.change(readAll(t, &Source{Seed: 7, Duration: time.Second})) {
				if err = c.WriteMessage(m); err != nil {
					break
				}
			}
			var check *CheckError
			if !errors.As(err, &check) || !strings.Contains(check.Problem, tt.problem) {
				t.Errorf("error = %v, want a *CheckError with %q", err, tt.problem)
			}
		})
	}
}

func TestCheckerCountsLoss(t *testing.T) {
	c := Checker{Seed: 7}
	n := 0
	for _, m := range readAll(t, &Source{Seed: 7, Duration: time.Second, FPS: 10, KeyFrameInterval: 5}) {
		if m.Type == message.TypeVideo {
			if n++; n == 4 || n == 9 { // the header is the first
				continue
			}
		}
		if m.Type == message.TypeAudio && m.Timestamp > 300 && m.Timestamp < 400 {
			continue
		}
		if err := c.WriteMessage(m); err != nil {
			t.Fatal(err)
		}
	}
	want := Tally{Metadata: 1, Headers: 2, Video: 8, KeyFrames: 2, Audio: 43, LostVideo: 2, LostAudio: 4, Broken: 4}
	if diff := cmp.Diff(want, c.Tally); diff != "" {
		t.Errorf("frames 2 and 7 and 100 ms of audio are missing: Tally (-want +got):\n%s", diff)
	}
}

func TestCheckerRebased(t *testing.T) {
	c := Checker{Rebased: true}
	for i, m := range readAll(t, &Source{Start: 5000, Duration: time.Second}) {
		m.Timestamp -= 5000
		if i == 20 {
			m.Timestamp++
		}
		if err := c.WriteMessage(m); (err != nil) != (i == 20) {
			t.Fatalf("message %d with a timestamp less 5 s: error = %v", i, err)
		}
	}
}

// What is not of the stream is no error: players get data and commands of their server.
func TestCheckerCountsOthers(t *testing.T) {
	var c Checker
	for _, typ := range []message.Type{message.TypeCommand, message.TypeData, 99} {
		if err := c.WriteMessage(&message.Message{Type: typ, Payload: []byte{0x05}}); err != nil {
			t.Errorf("%v: %v", typ, err)
		}
	}
	if c.Tally.Other != 3 {
		t.Errorf("Other = %d, want 3", c.Tally.Other)
	}
}
