package record

import (
	"bytes"
	"testing"
	"time"

	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/publish"
)

// filmFLV returns film as an FLV file.
func filmFLV(f *testing.F) []byte {
	f.Helper()
	tracks, packets := film(3 * time.Second)
	var b bytes.Buffer
	w := flv.NewWriter(&b)
	write := func(kind message.Type, at time.Duration, head, body []byte) {
		m := &message.Message{Type: kind, Timestamp: message.Timestamp(at / ms), Payload: append(head, body...)}
		if err := w.WriteMessage(m); err != nil {
			f.Fatal(err)
		}
	}
	write(message.TypeVideo, 0, []byte{0x17, 0, 0, 0, 0}, tracks[0].Config)
	write(message.TypeAudio, 0, []byte{0xaf, 0}, tracks[1].Config)
	for _, p := range packets {
		switch {
		case p.Track == 1:
			write(message.TypeAudio, p.DTS, []byte{0xaf, 1}, p.Data)
		case p.Key:
			write(message.TypeVideo, p.DTS, []byte{0x17, 1, 0, 0, 40}, p.Data)
		default:
			write(message.TypeVideo, p.DTS, []byte{0x27, 1, 0, 0, 40}, p.Data)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	return b.Bytes()
}

// Whatever a publisher sends, recording it does not panic, and leaves a file that can be opened, or none.
func FuzzRecord(f *testing.F) {
	file := filmFLV(f)
	f.Add(file)
	f.Add(file[:len(file)/2])
	for _, head := range [][]byte{
		{0x90, 'a', 'v', '0', '1', 0x81, 0, 12, 0}, {0x90, 'v', 'p', '0', '9', 0, 0, 0x82, 2, 2, 2, 0, 0},
		{0x90, 'h', 'v', 'c', '1', 1, 2}, {0x90, 'O', 'p', 'u', 's'}, {0x91, 'a', 'c', '-', '3', 0x0b, 0x77, 0, 0, 0x14, 0x40},
		{0x91, 'e', 'c', '-', '3', 0x0b, 0x77, 1, 0xff, 0x3f, 0x86, 0, 0}, {0x2f, 0xff, 0xfb, 0x90, 0},
		{0x90, 'f', 'L', 'a', 'C', 'f', 'L', 'a', 'C'},
	} {
		var b bytes.Buffer
		w := flv.NewWriter(&b)
		for i, kind := range []message.Type{message.TypeVideo, message.TypeAudio, message.TypeVideo, message.TypeAudio} {
			payload := bytes.Clone(head)
			if i >= 2 {
				payload[0] |= 1 // coded frames
			}
			w.WriteMessage(&message.Message{Type: kind, Timestamp: message.Timestamp(i), Payload: payload})
		}
		w.Close()
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, format := range []Format{MP4, TS} {
			d := publish.NewDemuxer(flv.NewReader(bytes.NewReader(b)))
			if d.Probe() != nil {
				return
			}
			out := &disk{limit: unlimited}
			var w Writer = NewMP4(out)
			if format == TS {
				w = NewTS(out)
			}
			if format.Check(d.Tracks()) != nil {
				continue
			}
			Copy(w, d, nil) // an error is as good as the end of the stream
			w.Close()
			if len(out.b) == 0 || format == TS {
				continue
			}
			for _, tr := range d.Tracks() {
				if len(tr.Config) > 0 && tr.Codec != media.AAC { // such a record goes into the file as it came, readable or not
					return
				}
			}
			if _, err := publish.NewSource(bytes.NewReader(out.b), &publish.SourceOptions{Partial: true}); err != nil {
				t.Errorf("the %v file cannot be read: %v", format, err)
			}
		}
	})
}
