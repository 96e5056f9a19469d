package flv

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/internal/golden"
)

func FuzzReader(f *testing.F) {
	f.Add(file(f, clip...))
	f.Add(append(golden.Vector(f, "flv.header.av").Bytes, golden.Vector(f, "flv.tag.ext-timestamp").Bytes...))
	f.Fuzz(func(t *testing.T, in []byte) {
		list, err := readAll(NewReader(bytes.NewReader(in)))
		total := 0
		for _, m := range list {
			total += 15 + cap(m.Payload)
		}
		if total > len(in) {
			t.Errorf("messages of %d bytes in all from %d bytes", total, len(in))
		}
		slow, slowErr := readAll(NewReader(&trickle{in}))
		if !errors.Is(slowErr, err) && (err == nil || slowErr == nil || err.Error() != slowErr.Error()) {
			t.Errorf("byte by byte: error = %v, at once %v", slowErr, err)
		}
		if diff := cmp.Diff(list, slow); diff != "" {
			t.Errorf("byte by byte (-at once +byte by byte):\n%s", diff)
		}
		again, err := readAll(NewReader(bytes.NewReader(record(t, nil, list...))))
		if err != nil {
			t.Errorf("reading what was written: %v", err)
		}
		if diff := cmp.Diff(list, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("written and read (-want +got):\n%s", diff)
		}
		var seekable memory
		w := NewWriter(&seekable)
		for _, m := range list {
			if err := w.WriteMessage(m); err != nil {
				t.Errorf("WriteMessage to what can seek: %v", err)
			}
		}
		if err := w.Close(); err != nil {
			t.Errorf("Close of what can seek: %v", err)
		}
		if again, err = readAll(NewReader(bytes.NewReader(seekable.b))); err != nil {
			t.Errorf("reading what was written with an index: %v", err)
		}
		if n := len(again) - len(list); n != 0 && n != 1 {
			t.Errorf("%d messages with an index, %d without", len(again), len(list))
		}
	})
}

// A trickle gives one byte at a time.
type trickle struct{ b []byte }

func (t *trickle) Read(p []byte) (int, error) {
	if len(t.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, t.b[:min(1, len(p))])
	t.b = t.b[n:]
	return n, nil
}
