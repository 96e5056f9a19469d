package chunk

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/message"
)

func TestWriteMessage(t *testing.T) {
	want := []message.Message{
		{Type: message.TypeSetChunkSize, Payload: []byte{0, 0, 0x10, 0}},
		audio(5, ramp(300, 0, 1)...),
		{Type: message.TypeVideo, StreamID: 1, Timestamp: 5, Payload: ramp(5000, 0, 1)},
		audio(28, ramp(300, 0, 1)...),
	}
	var buf bytes.Buffer
	w := NewWriter(&buf)
	for i := range want {
		if err := w.WriteMessage(&want[i]); err != nil {
			t.Fatal(err)
		}
	}
	var all []message.Message
	r := NewReader(&buf)
	for range want {
		m, err := r.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, *m)
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

// A sink is an io.Writer that returns n and err.
type sink struct {
	n     int
	err   error
	calls int
}

func (s *sink) Write(p []byte) (int, error) {
	s.calls++
	return min(s.n, len(p)), s.err
}

func TestWriteMessageErrors(t *testing.T) {
	broken := errors.New("broken")
	m := audio(0, 1, 2, 3)
	for _, tt := range []struct {
		s    sink
		want error
	}{{sink{err: broken}, broken}, {sink{n: 5}, io.ErrShortWrite}} {
		w := NewWriter(&tt.s)
		for range 2 {
			if err := w.WriteMessage(&m); err != tt.want {
				t.Errorf("WriteMessage = %v, want %v", err, tt.want)
			}
		}
		if tt.s.calls != 1 {
			t.Errorf("%d writes, want none after an error", tt.s.calls)
		}
	}

	s := sink{n: 1 << 20}
	w := NewWriter(&s)
	bad := message.Message{Type: message.TypeSetChunkSize}
	if err := w.WriteMessage(&bad); !errors.Is(err, ErrControl) || s.calls != 0 {
		t.Errorf("WriteMessage of what has no form = %v and %d writes", err, s.calls)
	}
	if err := w.WriteMessage(&m); err != nil || s.calls != 1 {
		t.Errorf("WriteMessage after it = %v and %d writes", err, s.calls)
	}
}

func TestStreamID(t *testing.T) {
	for _, tt := range []struct {
		typ      message.Type
		streamID uint32
		want     uint32
	}{
		{message.TypeSetChunkSize, 0, 2}, {message.TypeAbort, 0, 2}, {message.TypeAcknowledgement, 0, 2},
		{message.TypeUserControl, 0, 2}, {message.TypeUserControl, 1, 2},
		{message.TypeWindowAckSize, 0, 2}, {message.TypeSetPeerBandwidth, 0, 2},
		{message.TypeCommand, 0, 3}, {message.TypeCommandAMF3, 0, 3},
		{message.TypeSharedObject, 0, 3}, {message.TypeSharedObjectAMF3, 0, 3},
		{message.TypeCommand, 1, 8}, {message.TypeCommandAMF3, 1, 8},
		{message.TypeAudio, 1, 4}, {message.TypeData, 1, 5}, {message.TypeDataAMF3, 1, 5},
		{message.TypeVideo, 1, 6}, {message.TypeAggregate, 1, 6}, {99, 1, 6},
	} {
		if got := StreamID(&message.Message{Type: tt.typ, StreamID: tt.streamID}); got != tt.want {
			t.Errorf("StreamID(%v on %d) = %d, want %d", tt.typ, tt.streamID, got, tt.want)
		}
	}
}
