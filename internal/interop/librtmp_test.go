package interop_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
)

// Publishers that hand the bytes of a file to librtmp. It gives up where those that it gets end in the middle of the
// header of a tag, and curl 7.88 takes that for success: both get a file in which that is nowhere so.
var (
	curlPublisher = publisher{name: "curl", needs: []string{"curl (rtmp)"},
		command: func(t *testing.T, file, url string) []string {
			return []string{"curl", "--silent", "--show-error", "--upload-file", uncut(t, file), url}
		}}

	// librtmpPublisher is GStreamer with librtmp.
	librtmpPublisher = publisher{name: "rtmpsink", needs: []string{"GStreamer rtmpsink"},
		command: func(t *testing.T, file, url string) []string {
			return []string{"gst-launch-1.0", "filesrc", "location=" + uncut(t, file), fmt.Sprint("blocksize=", readAtOnce), "!",
				"rtmpsink", "location=" + url}
		}}
)

// In bytes.
const (
	readAtOnce = 64 << 10 // by curl, and by filesrc as told
	tagHeader  = 11
)

// uncut returns a copy of file in which no header of a tag lies in two blocks: its metadata is longer.
func uncut(t *testing.T, file string) string {
	t.Helper()
	messages := readAll(t, file)
	out := filepath.Join(t.TempDir(), "uncut.flv")
	for padding := 0; padding < readAtOnce; padding += tagHeader {
		if err := writePadded(out, messages, padding); err != nil {
			t.Fatal(err)
		}
		switch cut, err := isCut(out); {
		case err != nil:
			t.Fatal(err)
		case !cut:
			return out
		}
	}
	t.Fatalf("librtmp cannot send %s, whatever its metadata", file)
	return ""
}

// writePadded writes messages to a file, the first metadata with so many bytes more.
func writePadded(path string, messages []*message.Message, padding int) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := flv.NewWriter(f)
	w.Verbatim = true
	for i, m := range messages {
		if i == 0 && m.Type == message.TypeData {
			if m, err = padded(m, padding); err != nil {
				return err
			}
		}
		if err := w.WriteMessage(m); err != nil {
			return err
		}
	}
	return w.Close()
}

func padded(m *message.Message, padding int) (*message.Message, error) {
	body, err := message.Parse(m)
	if err != nil {
		return nil, err
	}
	data := body.(*message.Data)
	properties, ok := amf0.AsObject(data.Values[len(data.Values)-1])
	if !ok {
		return nil, errors.New("metadata that is not an object")
	}
	properties.Set("padding", strings.Repeat("-", padding))
	data.Values[len(data.Values)-1] = amf0.ECMAArray(properties)
	return message.New(m.StreamID, m.Timestamp, data)
}

// isCut reports whether the header of a tag lies in two blocks.
func isCut(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	for r := flv.NewReader(f); ; {
		if _, err := r.ReadMessage(); err != nil {
			if err == io.EOF {
				err = nil
			}
			return false, err
		}
		if r.Offset()%readAtOnce > readAtOnce-tagHeader {
			return true, nil
		}
	}
}
