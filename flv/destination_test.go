package flv

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/message"
)

// A memory is a file in memory that takes limit bytes, or any number if limit is 0.
type memory struct {
	b     []byte
	at    int
	limit int
}

func (m *memory) Write(p []byte) (int, error) {
	n := len(p)
	if m.limit > 0 {
		n = min(n, max(0, m.limit-m.at))
	}
	m.b = append(m.b, make([]byte, max(0, m.at+n-len(m.b)))...)
	copy(m.b[m.at:], p[:n])
	m.at += n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func (m *memory) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
		m.at = int(offset)
	case io.SeekCurrent:
		m.at += int(offset)
	default:
		return 0, errors.New("not used")
	}
	return int64(m.at), nil
}

func TestVerbatim(t *testing.T) {
	var f memory
	w := NewWriter(&f)
	w.Verbatim = true
	for _, m := range clip {
		if err := w.WriteMessage(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(file(t, clip...), f.b); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

// A full disk takes no more tags, but what there is gets its index.
func TestIndexOfAFullDisk(t *testing.T) {
	f := &memory{limit: 10000}
	w := NewWriter(f)
	var err error
	for _, m := range recording(0, 1000, 10) {
		if err = w.WriteMessage(m); err != nil {
			break
		}
	}
	if err != errFull {
		t.Fatalf("WriteMessage = %v, want the destination's error", err)
	}
	if err := w.Close(); err != nil && err != errFull {
		t.Errorf("Close = %v", err)
	}
	if n := checkIndex(t, f.b[:f.at]); n == 0 {
		t.Error("the index is empty")
	}
	if err := NewWriter(&memory{limit: 5}).Close(); err != errFull {
		t.Errorf("Close without room for the header = %v, want the destination's error", err)
	}
}

func TestWriterToFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.flv")
	for _, tt := range []struct {
		flag    int
		entries int
	}{
		{os.O_CREATE | os.O_TRUNC | os.O_WRONLY, 2},
		{os.O_TRUNC | os.O_APPEND | os.O_WRONLY, 0}, // can seek, but writes at the end all the same
	} {
		t.Run(fmt.Sprintf("%#x", tt.flag), func(t *testing.T) {
			f, err := os.OpenFile(path, tt.flag, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			w := NewWriter(f)
			list := append([]*message.Message{metadata}, recording(0, 20, 10)...)
			for _, m := range list {
				if err := w.WriteMessage(m); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if tt.entries == 0 {
				if diff := cmp.Diff(file(t, list...), b); diff != "" {
					t.Errorf("file (-want +got):\n%s", diff)
				}
				return
			}
			if n := checkIndex(t, b); n != tt.entries {
				t.Errorf("%d entries, want %d", n, tt.entries)
			}
		})
	}
}

func TestWriterToPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fw := NewWriter(w) // an *os.File like any other, but it cannot seek
	if err := fw.WriteMessage(metadata); err != nil {
		t.Fatal(err)
	}
	if err := fw.Close(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(file(t, metadata), got); diff != "" {
		t.Errorf("what went through the pipe (-want +got):\n%s", diff)
	}
}
