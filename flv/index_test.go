package flv

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// recording returns n frames of video, 40 ms apart and from start on, with a key frame every gop frames.
func recording(start message.Timestamp, n, gop int) []*message.Message {
	list := []*message.Message{avcHeader, aacHeader}
	for i := range n {
		payload := "\x27\x01\x00\x00\x00\x01"
		if i%gop == 0 {
			payload = "\x17\x01\x00\x00\x00\x01"
		}
		list = append(list, video(start+message.Timestamp(40*i), payload))
	}
	return list
}

// parseIndex returns the first metadata of a file and the two lists in it.
func parseIndex(t *testing.T, b []byte) (md media.Metadata, offsets, times amf0.StrictArray) {
	t.Helper()
	list, err := readAll(NewReader(bytes.NewReader(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if md, err = media.ParseMetadata(m.Payload); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatalf("no metadata: %v", err)
	}
	keyframes, _ := md.Object("keyframes")
	v, _ := keyframes.Get("filepositions")
	offsets, _ = v.(amf0.StrictArray)
	v, _ = keyframes.Get("times")
	times, _ = v.(amf0.StrictArray)
	return md, offsets, times
}

// checkIndex wants every entry to point at a key frame of its time.
func checkIndex(t *testing.T, b []byte) (entries int) {
	t.Helper()
	md, offsets, times := parseIndex(t, b)
	if size, ok := md.Number("filesize"); !ok || int(size) != len(b) {
		t.Errorf("filesize = %v, %v, want %d", size, ok, len(b))
	}
	if len(offsets) != len(times) {
		t.Fatalf("%d offsets and %d times", len(offsets), len(times))
	}
	at := make(map[float64]*message.Message)
	r := NewReader(bytes.NewReader(b))
	for {
		m, err := r.ReadMessage()
		if err != nil {
			break
		}
		at[float64(r.Offset())] = m
	}
	for i := range offsets {
		m := at[offsets[i].(float64)]
		if m == nil || m.Type != message.TypeVideo || float64(m.Timestamp)/1000 != times[i] {
			t.Errorf("entry %d, offset %v, time %v, points at %+v", i, offsets[i], times[i], m)
			continue
		}
		if v, err := media.ParseVideo(m.Payload); err != nil || !v.IsKeyFrame() {
			t.Errorf("entry %d points at %+v, error %v, want a key frame", i, v, err)
		}
	}
	return len(offsets)
}

func TestIndex(t *testing.T) {
	stale := &message.Message{Type: message.TypeData}
	var err error
	stale.Payload, err = media.AppendMetadata(nil, media.Metadata{
		{Name: "duration", Value: 99.0}, {Name: "width", Value: 1280.0}, {Name: "fileSize", Value: 3.0},
		{Name: "keyframes", Value: amf0.Object{}}, {Name: "encoder", Value: "x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		set     func(w *Writer)
		first   *message.Message
		list    []*message.Message
		own     bool // the Writer adds metadata of its own
		entries int
		md      media.Metadata // without filesize, keyframes and filler
	}{
		{"metadata of the publisher", nil, stale, recording(0, 100, 25), false, 4,
			media.Metadata{{Name: "duration", Value: 3.96}, {Name: "width", Value: 1280.0}, {Name: "encoder", Value: "x"}}},
		{"no metadata", nil, nil, recording(1000, 100, 50), true, 2, media.Metadata{{Name: "duration", Value: 3.96}}},
		{"metadata after other data", nil, &message.Message{Type: message.TypeData, Payload: []byte("\x02\x00\x05other")},
			append([]*message.Message{stale}, recording(0, 3, 1)...), false, 3,
			media.Metadata{{Name: "duration", Value: 0.08}, {Name: "width", Value: 1280.0}, {Name: "encoder", Value: "x"}}},
		{"metadata that is none", nil, &message.Message{Type: message.TypeData, Payload: []byte("\x02\x00\x0aonMetaData")},
			recording(0, 2, 1), true, 2, media.Metadata{{Name: "duration", Value: 0.04}}},
		{"rebased", func(w *Writer) { w.Rebase = true }, nil, recording(0xffffffd8, 3, 2), true, 2,
			media.Metadata{{Name: "duration", Value: 0.08}}},
		{"no index", func(w *Writer) { w.Keyframes = -1 }, stale, recording(0, 3, 1), false, 0,
			media.Metadata{{Name: "duration", Value: 0.08}, {Name: "width", Value: 1280.0}, {Name: "encoder", Value: "x"}}},
		{"index that is full", func(w *Writer) { w.Keyframes = 3 }, nil, recording(0, 6, 2), true, 3,
			media.Metadata{{Name: "duration", Value: 0.2}}},
		{"more key frames than room", func(w *Writer) { w.Keyframes = 3 }, nil, recording(0, 10, 1), true, 3,
			media.Metadata{{Name: "duration", Value: 0.36}}},
		{"a limit beyond the limit", func(w *Writer) { w.Keyframes = 1 << 20 }, nil, recording(0, 4000, 1), true, 2000,
			media.Metadata{{Name: "duration", Value: 159.96}}},
		{"no frames", nil, stale, nil, false, 0,
			media.Metadata{{Name: "duration", Value: 0.0}, {Name: "width", Value: 1280.0}, {Name: "encoder", Value: "x"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := tt.list
			if tt.first != nil {
				list = append([]*message.Message{tt.first}, list...)
			}
			f := &memory{b: []byte("before"), at: 6}
			w := NewWriter(f)
			if tt.set != nil {
				tt.set(w)
			}
			for _, m := range list {
				if err := w.WriteMessage(m); err != nil {
					t.Fatal(err)
				}
			}
			// It has to be a file already: who knows whether Close will be called.
			open, err := readAll(NewReader(bytes.NewReader(f.b[6:])))
			if err != nil {
				t.Fatalf("before Close: %v", err)
			}
			if err := w.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
			if string(f.b[:6]) != "before" || f.at != len(f.b) {
				t.Errorf("after Close: front %q, at %d of %d", f.b[:6], f.at, len(f.b))
			}

			whole := f.b[6:]
			got, err := readAll(NewReader(bytes.NewReader(whole)))
			if err != nil {
				t.Fatalf("after Close: %v", err)
			}
			want := len(list)
			if tt.own {
				want++
			}
			if len(got) != want || len(open) != want {
				t.Fatalf("%d messages, before Close %d, want %d", len(got), len(open), want)
			}
			for i := range got {
				if m := got[i]; !bytes.Equal(open[i].Payload, m.Payload) && !media.IsMetadata(m.Payload) {
					t.Errorf("Close changed message %d from %x to %x", i, open[i].Payload, m.Payload)
				}
			}
			if n := checkIndex(t, whole); n != tt.entries {
				t.Errorf("%d entries, want %d", n, tt.entries)
			}
			md, _, _ := parseIndex(t, whole)
			for _, name := range []string{"filesize", "keyframes", "filler"} {
				md.Delete(name)
			}
			if diff := cmp.Diff(tt.md, md); diff != "" {
				t.Errorf("metadata (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIndexHeaderFlags(t *testing.T) {
	tests := []struct {
		list []*message.Message
		want byte
	}{
		{nil, 0},
		{[]*message.Message{metadata}, 0},
		{[]*message.Message{aacHeader}, flagAudio},
		{[]*message.Message{avcHeader}, flagVideo},
		{clip, flagAudio | flagVideo},
	}
	for _, tt := range tests {
		var f memory
		w := NewWriter(&f)
		for _, m := range tt.list {
			if err := w.WriteMessage(m); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if f.b[flagsOffset] != tt.want {
			t.Errorf("flags after %d messages = %#x, want %#x", len(tt.list), f.b[flagsOffset], tt.want)
		}
	}
}

// Whatever the number of entries, the metadata has the size that was left for it, in strings that ffmpeg reads.
func TestIndexFills(t *testing.T) {
	for _, limit := range []int{1, 2, 54, 55, 56, 500, maxKeyframes} {
		x := &index{limit: limit}
		if _, _, err := x.reserve(metadata); err != nil {
			t.Fatal(err)
		}
		for n := 0; n <= limit; n += 1 + limit/100 {
			b, err := x.payload(make([]keyframe, n), 1<<40)
			if err != nil || len(b) != x.room {
				t.Fatalf("%d of %d entries: %d bytes, error %v, want %d", n, limit, len(b), err, x.room)
			}
			md, err := media.ParseMetadata(b)
			if err != nil {
				t.Fatalf("%d of %d entries: %v", n, limit, err)
			}
			v, _ := md.Get("filler")
			for _, s := range v.(amf0.StrictArray) {
				if len(s.(string)) >= 1024 || strings.Trim(s.(string), " ") != "" {
					t.Errorf("%d of %d entries: filled with %q", n, limit, s)
				}
			}
		}
	}
}

func TestIndexIsThinnedEvenly(t *testing.T) {
	for _, limit := range []int{1, 2, 3, 10, 11} {
		x := &index{limit: limit, step: 1}
		for n := range 1000 {
			x.addKeyframe(keyframe{time: message.Timestamp(n)})
			if len(x.keyframes) > limit || 2*len(x.keyframes) < min(n+1, limit) {
				t.Fatalf("limit %d: %d entries of %d key frames", limit, len(x.keyframes), n+1)
			}
			for i, k := range x.keyframes {
				if int(k.time) != i*x.step {
					t.Fatalf("limit %d, %d key frames: entry %d is key frame %d, want every %d", limit, n+1, i, k.time, x.step)
				}
			}
		}
	}
}
