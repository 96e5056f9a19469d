package chunk

import (
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/message"
)

// A source is an io.Reader that gives its pieces one by one; an error among them is returned alone.
type source []any

func (s *source) Read(p []byte) (int, error) {
	if len(*s) == 0 {
		return 0, io.EOF
	}
	next := (*s)[0]
	*s = (*s)[1:]
	if err, ok := next.(error); ok {
		return 0, err
	}
	return copy(p, next.([]byte)), nil
}

func TestReadMessage(t *testing.T) {
	want := []message.Message{audio(5, ramp(300, 0, 1)...), audio(6), audio(7, 1, 2, 3)}
	var e Encoder
	var wire []byte
	for _, m := range want {
		wire = mustAppend(t, &e, wire, 4, m)
	}
	var (
		broken = errors.New("broken")
		again  = errors.New("again")
	)
	const first = 12 + 128 + 1 + 128 + 1 + 44 // bytes of the first message
	tests := []struct {
		name string
		in   source
		want int // messages
		errs []error
	}{
		{"end", source{wire}, 3, []error{io.EOF, io.EOF}},
		{"empty", source{}, 0, []error{io.EOF}},
		{"end after a message", source{wire[:first]}, 1, []error{io.EOF}},
		{"end in a message", source{wire[:first-1]}, 0, []error{io.ErrUnexpectedEOF, io.ErrUnexpectedEOF}},
		{"end between chunks", source{wire[:12+128]}, 0, []error{io.ErrUnexpectedEOF}},
		{"end in a header", source{wire[:first+2]}, 1, []error{io.ErrUnexpectedEOF}},
		{"other error", source{wire[:50], broken}, 0, []error{broken}},
		{"error that passes", source{wire[:50], again, wire[50:]}, 3, []error{again, io.EOF}},
		{"nothing read", slices.Concat(source{wire[:50]}, slices.Repeat(source{[]byte{}}, 99), source{wire[50:]}), 3, []error{io.EOF}},
		{"nothing read forever", slices.Repeat(source{[]byte{}}, 200), 0, []error{io.ErrNoProgress}},
		{"not a chunk stream", source{wire[:first], []byte{0xc9}}, 1, []error{ErrHeader, ErrHeader}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := slices.Clone(tt.in)
			r := NewReader(&in)
			var got []message.Message
			for errs := tt.errs; len(errs) > 0; {
				m, err := r.ReadMessage()
				if err == nil {
					got = append(got, *m)
					continue
				}
				if !errors.Is(err, errs[0]) || m != nil {
					t.Fatalf("ReadMessage = %v, %v, want %v", m, err, errs[0])
				}
				errs = errs[1:]
			}
			if diff := cmp.Diff(want[:tt.want], got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}

	t.Run("error with the last bytes", func(t *testing.T) {
		in := source{wire}
		r := NewReader(iotest.DataErrReader(&in))
		for range want {
			if _, err := r.ReadMessage(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.ReadMessage(); err != io.EOF {
			t.Errorf("error = %v, want io.EOF", err)
		}
	})
}

func TestReadMessageOwned(t *testing.T) {
	var e Encoder
	wire := mustAppend(t, &e, nil, 4, audio(5, 1, 2, 3))
	wire = mustAppend(t, &e, wire, 4, audio(6, 4, 5, 6))
	in := source{wire}
	r := NewReader(&in)
	first, err := r.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReadMessage(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(audio(5, 1, 2, 3), *first); diff != "" {
		t.Errorf("the first message after the second was read (-want +got):\n%s", diff)
	}
}

func TestReadInto(t *testing.T) {
	want := []message.Message{
		audio(5, ramp(300, 0, 1)...), audio(6), audio(7, ramp(200, 9, 1)...), audio(8, ramp(400, 9, 1)...), audio(9, 1),
	}
	var e Encoder
	var wire []byte
	for _, m := range want {
		wire = mustAppend(t, &e, wire, 4, m)
	}
	again := errors.New("again")
	in := source{wire[:12+300], again, wire[12+300:]}
	r := NewReader(&in)

	memory := make([]byte, 0, 300)
	m := message.Message{Payload: memory}
	if err := r.ReadInto(&m); err != again || len(m.Payload) != 0 || m.Type != 0 {
		t.Fatalf("ReadInto = %v, %v, want the error of the source and no message", m, err)
	}
	for i := range want {
		if err := r.ReadInto(&m); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[i], m, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("message %d (-want +got):\n%s", i, diff)
		}
		if same := &m.Payload[:1][0] == &memory[:1][0]; same != (i < 3) {
			t.Errorf("message %d is in the first memory: %t, want %t", i, same, i < 3)
		}
	}
	if err := r.ReadInto(&m); err != io.EOF || cap(m.Payload) != 400 {
		t.Errorf("ReadInto at the end = %v with a capacity of %d, want io.EOF and the memory back", err, cap(m.Payload))
	}
}

func TestReadIntoAllocs(t *testing.T) {
	wire := videoStream(t, 10_000, 4096)
	in := repeat{b: wire}
	r := NewReader(&in)
	r.Decoder.size = 4096
	var m message.Message
	if n := testing.AllocsPerRun(1000, func() {
		if err := r.ReadInto(&m); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("ReadInto: %v allocations, want 0", n)
	}
	if n := testing.AllocsPerRun(1000, func() {
		if _, err := r.ReadMessage(); err != nil {
			t.Fatal(err)
		}
	}); n != 2 {
		t.Errorf("ReadMessage: %v allocations, want 2", n)
	}
}

// A repeat is an io.Reader that gives b forever.
type repeat struct {
	b  []byte
	at int
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.at == len(r.b) {
		r.at = 0
	}
	n := copy(p, r.b[r.at:])
	r.at += n
	return n, nil
}
