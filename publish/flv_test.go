package publish

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// tags are an FLV file with what is not a plain frame: an empty header before the right one, colour information, a cue
// point, new metadata, a second audio track, the ends of sequences.
func tags(t *testing.T) []message.Message {
	t.Helper()
	video := func(at message.Timestamp, v media.Video, body ...byte) message.Message {
		payload, err := media.AppendVideoHeader(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		return message.Message{Type: message.TypeVideo, Timestamp: at, Payload: append(payload, body...)}
	}
	audio := func(at message.Timestamp, a media.Audio, body ...byte) message.Message {
		payload, err := media.AppendAudioHeader(nil, a)
		if err != nil {
			t.Fatal(err)
		}
		return message.Message{Type: message.TypeAudio, Timestamp: at, Payload: append(payload, body...)}
	}
	data := func(at message.Timestamp, values ...any) message.Message {
		m, err := message.New(0, at, &message.Data{Values: values})
		if err != nil {
			t.Fatal(err)
		}
		return *m
	}
	av1 := media.Video{Codec: media.AV1, Enhanced: true, FrameType: media.KeyFrame}
	start, coded, color, end := av1, av1, av1, av1
	start.PacketType, coded.PacketType, color.PacketType, end.PacketType = media.VideoSequenceStart, media.VideoCodedFrames, media.VideoMetadata, media.VideoSequenceEnd
	inter := coded
	inter.FrameType = media.InterFrame
	opus := func(kind media.AudioPacketType, track uint8) media.Audio {
		a := media.Audio{Codec: media.Opus, Enhanced: true, PacketType: kind}
		if track > 0 {
			a.Multitrack, a.Track = media.OneTrack, track
		}
		return a
	}
	head := []byte("OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00")
	return []message.Message{
		data(0, "onMetaData", amf0.ECMAArray{{Name: "duration", Value: 0.08}, {Name: "title", Value: "x"}}),
		video(0, start),
		video(0, start, 0x81, 0, 0, 0),
		video(0, color, 2, 0, 1, 'x', 5),
		audio(0, opus(media.AudioSequenceStart, 0), head...),
		audio(0, opus(media.AudioSequenceStart, 1), head...),
		video(0, coded, 1),
		audio(0, opus(media.AudioCodedFrames, 0), 2),
		audio(0, opus(media.AudioCodedFrames, 1), 3),
		audio(20, opus(media.AudioCodedFrames, 0), 4),
		data(25, "onCuePoint", "here"),
		data(30, "onMetaData", amf0.ECMAArray{{Name: "duration", Value: 0.08}, {Name: "title", Value: "y"}}),
		video(40, inter, 5),
		audio(40, opus(media.AudioCodedFrames, 0), 6),
		audio(60, opus(media.AudioCodedFrames, 0), 7),
		video(40, end),
	}
}

// tagFile returns them as a file.
func tagFile(t *testing.T) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	w := flv.NewWriter(&b)
	w.Verbatim = true
	for _, m := range tags(t) {
		if err := w.WriteMessage(&m); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

// A tag is a message as far as a file determines it.
type tag struct {
	At      message.Timestamp
	Payload []byte
}

// byType sorts the messages of a session, metadata apart.
func byType(se *session) map[message.Type][]tag {
	list := make(map[message.Type][]tag)
	for _, a := range se.arrivals {
		if !media.IsMetadata(a.m.Payload) {
			list[a.m.Type] = append(list[a.m.Type], tag{a.m.Timestamp, a.m.Payload})
		}
	}
	return list
}

// What arrives of an FLV file is what is in it, to the byte, but for its metadata and the empty header.
func TestFLVIdentity(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		if err := Reader(t.Context(), testURL, tagFile(t), in.options(nil)); err != nil {
			t.Fatal(err)
		}
		want := make(map[message.Type][]tag)
		for i, m := range tags(t) {
			if i != 1 && !media.IsMetadata(m.Payload) {
				want[m.Type] = append(want[m.Type], tag{m.Timestamp, m.Payload})
			}
		}
		se := in.all()[0]
		if diff := cmp.Diff(want, byType(se)); diff != "" {
			t.Errorf("tags (-file +arrived):\n%s", diff)
		}
		var titles []string
		for _, a := range se.arrivals {
			if md, err := media.ParseMetadata(a.m.Payload); err == nil {
				title, _ := md.String("title")
				titles = append(titles, title)
			}
		}
		if diff := cmp.Diff([]string{"x", "y"}, titles); diff != "" {
			t.Errorf("titles in the metadata (-want +got):\n%s", diff)
		}
	})
}

// Over the rounds of a loop the headers come once, the end never, and each frame where it belongs to the millisecond:
// the last picture and the last sound both end at 80 ms.
func TestFLVLoop(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		const rounds, length = 4, 80
		ctx, cancel := context.WithTimeout(t.Context(), (rounds*length-1)*time.Millisecond)
		defer cancel()
		err := Reader(ctx, testURL, tagFile(t), in.options(&Options{Loop: true}))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Reader error = %v, want the end of the context", err)
		}
		want := make(map[message.Type][]tag)
		for round := range rounds {
			for i, m := range tags(t) {
				isHeader, isEnd := i >= 2 && i <= 5, i == 15
				if i < 2 || isEnd || media.IsMetadata(m.Payload) || isHeader && round > 0 {
					continue
				}
				want[m.Type] = append(want[m.Type], tag{m.Timestamp + message.Timestamp(round*length), m.Payload})
			}
		}
		sessions := in.all()
		if len(sessions) != 1 {
			t.Fatalf("%d connections, want 1", len(sessions))
		}
		if diff := cmp.Diff(want, byType(sessions[0])); diff != "" {
			t.Errorf("tags (-want +arrived):\n%s", diff)
		}
	})
}

// What the metadata say about the file is known of its tracks, though it is not sent.
func TestFLVDuration(t *testing.T) {
	s, err := NewSource(tagFile(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, track := range s.Tracks() {
		if track.Duration != 80*time.Millisecond {
			t.Errorf("track %d lasts %v, want 80 ms", i, track.Duration)
		}
	}
	if md := metadataOf(s); len(md) != 1 || md[0].Name != "title" {
		t.Errorf("metadata of the stream %v, want the title alone", md)
	}
}
