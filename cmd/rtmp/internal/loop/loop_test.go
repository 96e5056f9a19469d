package loop_test

import (
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/cmd/rtmp/internal/clip"
	"github.com/gortmp/rtmp/cmd/rtmp/internal/loop"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// messages is a message.Reader of what it holds, and then of end.
type messages struct {
	list []message.Message
	end  error
}

func (m *messages) ReadMessage() (*message.Message, error) {
	if len(m.list) == 0 {
		return nil, m.end
	}
	next := m.list[0]
	m.list = m.list[1:]
	return &next, nil
}

// Payloads of one track of AVC and AAC.
var (
	videoHeader = []byte{0x17, 0, 0, 0, 0, 1, 2}
	otherHeader = []byte{0x17, 0, 0, 0, 0, 3, 4}
	keyFrame    = []byte{0x17, 1, 0, 0, 0, 5}
	interFrame  = []byte{0x27, 1, 0, 0, 0, 6}
	videoEnd    = []byte{0x17, 2, 0, 0, 0}
	audioHeader = []byte{0xaf, 0, 0x11, 0x90}
	audioFrame  = []byte{0xaf, 1, 7}
)

func audio(ts message.Timestamp, payload []byte) message.Message {
	return message.Message{Type: message.TypeAudio, Timestamp: ts, Payload: payload}
}

func video(ts message.Timestamp, payload []byte) message.Message {
	return message.Message{Type: message.TypeVideo, Timestamp: ts, Payload: payload}
}

func data(t *testing.T, ts message.Timestamp, values ...any) message.Message {
	t.Helper()
	m, err := message.New(0, ts, &message.Data{Values: values})
	if err != nil {
		t.Fatalf("message.New(%v): %v", values, err)
	}
	return *m
}

func TestReader(t *testing.T) {
	tests := []struct {
		name string
		file []message.Message
		end  error // of the file; nil is io.EOF
		want []message.Message
	}{
		{
			name: "the kind that ends later decides",
			file: []message.Message{
				video(0, videoHeader), audio(0, audioHeader),
				video(0, keyFrame), audio(0, audioFrame), audio(21, audioFrame), video(40, interFrame), audio(43, audioFrame),
			},
			want: []message.Message{
				video(0, videoHeader), audio(0, audioHeader),
				video(0, keyFrame), audio(0, audioFrame), audio(21, audioFrame), video(40, interFrame), audio(43, audioFrame),
				video(80, keyFrame), audio(80, audioFrame), audio(101, audioFrame), video(120, interFrame), audio(123, audioFrame),
				video(160, keyFrame),
			},
		},
		{
			name: "a file that does not begin at zero",
			file: []message.Message{video(0, videoHeader), video(5000, keyFrame), video(5100, interFrame)},
			want: []message.Message{
				video(0, videoHeader), video(5000, keyFrame), video(5100, interFrame),
				video(5200, keyFrame), video(5300, interFrame), video(5400, keyFrame),
			},
		},
		{
			name: "a header that changes is sent again, at the time of the seam",
			file: []message.Message{
				video(0, videoHeader), video(5000, keyFrame), video(5040, otherHeader), video(5040, keyFrame),
			},
			want: []message.Message{
				video(0, videoHeader), video(5000, keyFrame), video(5040, otherHeader), video(5040, keyFrame),
				video(5080, videoHeader), video(5080, keyFrame), video(5120, otherHeader), video(5120, keyFrame),
				video(5160, videoHeader),
			},
		},
		{
			name: "no end in between",
			file: []message.Message{video(0, keyFrame), video(40, interFrame), video(40, videoEnd)},
			want: []message.Message{video(0, keyFrame), video(40, interFrame), video(80, keyFrame)},
		},
		{
			name: "a single picture",
			file: []message.Message{video(7, keyFrame)},
			want: []message.Message{video(7, keyFrame), video(47, keyFrame), video(87, keyFrame)},
		},
		{
			name: "a file that is cut off",
			file: []message.Message{audio(0, audioFrame), audio(20, audioFrame)},
			end:  io.ErrUnexpectedEOF,
			want: []message.Message{audio(0, audioFrame), audio(20, audioFrame), audio(40, audioFrame), audio(60, audioFrame)},
		},
		{
			name: "timestamps wrap",
			file: []message.Message{audio(0xffffffec, audioFrame), audio(0, audioFrame)},
			want: []message.Message{
				audio(0xffffffec, audioFrame), audio(0, audioFrame), audio(20, audioFrame), audio(40, audioFrame),
			},
		},
		{
			name: "metadata once, without its length; cue points each time",
			file: []message.Message{
				data(t, 0, "onMetaData", amf0.ECMAArray{
					{Name: "duration", Value: 8.0}, {Name: "width", Value: 640.0}, {Name: "filesize", Value: 99.0},
				}),
				audio(0, audioFrame), data(t, 10, "onCuePoint", "x"), audio(20, audioFrame),
			},
			want: []message.Message{
				data(t, 0, "onMetaData", amf0.ECMAArray{{Name: "width", Value: 640.0}}),
				audio(0, audioFrame), data(t, 10, "onCuePoint", "x"), audio(20, audioFrame),
				audio(40, audioFrame), data(t, 50, "onCuePoint", "x"), audio(60, audioFrame),
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := loop.NewReader(func() (message.Reader, error) {
				end := tt.end
				if end == nil {
					end = io.EOF
				}
				return &messages{list: tt.file, end: end}, nil
			})
			var got []message.Message
			for range tt.want {
				m, err := r.ReadMessage()
				if err != nil {
					t.Fatalf("ReadMessage after %d messages: %v", len(got), err)
				}
				got = append(got, *m)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReaderErrors(t *testing.T) {
	broken := errors.New("broken disk")
	tests := []struct {
		name   string
		rewind func() (message.Reader, error)
		want   error
	}{
		{"rewind fails", func() (message.Reader, error) { return nil, broken }, broken},
		{"reading fails", func() (message.Reader, error) { return &messages{end: broken}, nil }, broken},
		{"nothing to repeat", func() (message.Reader, error) { return &messages{end: io.EOF}, nil }, loop.ErrNoMedia},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := loop.NewReader(tt.rewind).ReadMessage(); !errors.Is(err, tt.want) {
				t.Errorf("ReadMessage error = %v, want %v", err, tt.want)
			}
		})
	}
}

// The built-in clip must show no seam: a picture each 40 ms, a key frame each second, and sound frames that are
// 1,024 samples at 48 kHz apart, for as long as anybody looks.
func TestClip(t *testing.T) {
	const turns = 3
	r := loop.NewReader(clip.Open)
	var pictures, sounds, headers, metadata int
	for pictures < turns*200 || sounds < turns*375 {
		m, err := r.ReadMessage()
		if err != nil {
			t.Fatalf("ReadMessage: %v", err)
		}
		switch m.Type {
		case message.TypeVideo:
			v, err := media.ParseVideo(m.Payload)
			if err != nil {
				t.Fatalf("ParseVideo: %v", err)
			}
			if v.IsSequenceHeader() {
				headers++
				continue
			}
			if want := message.Timestamp(pictures * 40); m.Timestamp != want {
				t.Fatalf("picture %d at %d ms, want %d", pictures, m.Timestamp, want)
			}
			if got, want := v.IsKeyFrame(), pictures%25 == 0; got != want {
				t.Errorf("picture %d is a key frame: %v, want %v", pictures, got, want)
			}
			pictures++
		case message.TypeAudio:
			a, err := media.ParseAudio(m.Payload)
			if err != nil {
				t.Fatalf("ParseAudio: %v", err)
			}
			if a.IsSequenceHeader() {
				headers++
				continue
			}
			exact := float64(sounds) * 1024 / 48
			if off := float64(m.Timestamp) - exact; off < -1 || off > 1 {
				t.Fatalf("sound %d at %d ms, want %.1f", sounds, m.Timestamp, exact)
			}
			sounds++
		case message.TypeData:
			metadata++
		}
	}
	if headers != 2 || metadata != 1 {
		t.Errorf("%d sequence headers and %d metadata messages in %d turns, want 2 and 1", headers, metadata, turns)
	}
}
