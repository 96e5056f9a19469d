package chunk

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
	"github.com/gortmp/rtmp/message"
)

// FuzzDecoder reads anything. It asks that any cut of the input gives the same messages and the same error, that
// errors are of the documented types and stay, that memory follows the bytes that came, and that what was read
// can be written and read again.
func FuzzDecoder(f *testing.F) {
	for _, v := range golden.Vectors(f, "chunk.", "ctl.") {
		f.Add(v.Bytes, uint8(1))
	}
	f.Fuzz(func(t *testing.T, in []byte, step uint8) {
		atOnce := Decoder{MaxMessageSize: 1 << 20, MaxStreams: 100}
		want, wantErr := decode(t, &atOnce, in, len(in)+1)
		checkIdle(t, &atOnce)

		pieces := Decoder{MaxMessageSize: 1 << 20, MaxStreams: 100}
		got, err := decodeBounded(t, &pieces, in, int(step)+1)
		if diff := diff(want, got); diff != "" {
			t.Errorf("in steps of %d (-at once +in pieces):\n%s", int(step)+1, diff)
		}
		if diff := cmp.Diff(text(wantErr), text(err)); diff != "" {
			t.Errorf("error in steps of %d (-at once +in pieces):\n%s", int(step)+1, diff)
		}
		if err == nil && atOnce.Partial() != pieces.Partial() {
			t.Errorf("Partial = %t at once, %t in pieces", atOnce.Partial(), pieces.Partial())
		}
		if wantErr != nil {
			checkError(t, wantErr)
			if _, _, again := atOnce.Decode(in); again != wantErr {
				t.Errorf("error = %v, then %v", wantErr, again)
			}
		}

		var e Encoder
		var wire []byte
		for _, m := range want {
			wire = mustAppend(t, &e, wire, StreamID(&m), m)
		}
		back, err := decode(t, &Decoder{}, wire, len(wire)+1)
		if diff := diff(want, back); err != nil || diff != "" {
			t.Errorf("written and read again: error = %v (-want +got):\n%s", err, diff)
		}
	})
}

// decodeBounded is decode with a look at the memory after each step.
func decodeBounded(t *testing.T, d *Decoder, in []byte, step int) (all []message.Message, err error) {
	t.Helper()
	for at := 0; at < len(in); {
		n := min(step, len(in)-at)
		some, err := decode(t, d, in[at:at+n], n)
		all = append(all, some...)
		if err != nil {
			return all, err
		}
		at += n
		if got, most := held(d), 2*at+min(maxCredit, firstCredit+at); got > most {
			t.Fatalf("after %d bytes, %d are held, want at most %d", at, got, most)
		}
	}
	return all, nil
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// checkError checks that err is of a type that Decode documents.
func checkError(t *testing.T, err error) {
	t.Helper()
	var (
		size    *SizeError
		limit   *LimitError
		header  *HeaderError
		control *ControlError
	)
	if !errors.As(err, &size) && !errors.As(err, &limit) && !errors.As(err, &header) && !errors.As(err, &control) {
		t.Errorf("error %v is of type %T", err, err)
	}
}

// FuzzRoundTrip writes the messages that a script describes and asks that they come back, whatever the chunk
// size, the chunk stream, the time, and wherever the bytes are cut.
func FuzzRoundTrip(f *testing.F) {
	f.Fuzz(func(t *testing.T, script []byte, step uint8) {
		var (
			csids = [...]uint32{2, 3, 4, 6, 63, 64, 319, 320, 65599}
			steps = [...]uint32{0, 1, 33, 0xfffffe, 0xffffff, 0x1000000, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1<<32 - 500}
			sizes = [...]int{0, 1, 2, 3, 4, 5, 127, 128, 129, 255, 256, 257, 1000, 5000}

			e    Encoder
			wire []byte
			want []message.Message
			now  uint32
			err  error
		)
		for len(script) >= 5 && len(wire) < 1<<20 {
			op, csid := script[0], csids[int(script[1])%len(csids)]
			now += steps[int(script[2])%len(steps)]
			m := message.Message{
				Type: message.TypeAudio + message.Type(script[3]>>7), StreamID: uint32(script[3] & 0x7f),
				Timestamp: message.Timestamp(now), Payload: ramp(sizes[int(script[4])%len(sizes)], int(script[4]), 1),
			}
			script = script[5:]
			switch op % 8 {
			case 0: // small ones above all
				m.Type, m.Payload = message.TypeSetChunkSize, []byte{0, 0, op >> 6, op>>3 + 1}
			case 1:
				m.Type, m.Payload = message.TypeAbort, binary.BigEndian.AppendUint32(nil, csid)
			case 2:
				e.Forget(csid)
			case 3: // a prepared message
				if wire, err = AppendMessage(wire, e.ChunkSize(), csid, &m); err != nil {
					t.Fatal(err)
				}
				e.Forget(csid)
				want = append(want, m)
				continue
			}
			wire = mustAppend(t, &e, wire, csid, m)
			want = append(want, m)
		}

		var d Decoder
		got, err := decode(t, &d, wire, int(step)+1)
		if diff := diff(want, got); err != nil || diff != "" {
			t.Fatalf("error = %v (-want +got):\n%s", err, diff)
		}
		if d.Partial() || d.ChunkSize() != e.ChunkSize() {
			t.Errorf("Partial = %t, chunk size %d, want false and %d", d.Partial(), d.ChunkSize(), e.ChunkSize())
		}
		checkIdle(t, &d)
	})
}
