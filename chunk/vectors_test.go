package chunk

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
	"github.com/gortmp/rtmp/message"
)

// ramp returns n bytes that count up by step from first.
func ramp(n, first, step int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(first + i*step)
	}
	return b
}

// TestVectors reads each vector that is a whole chunk stream, and writes it where the choices in it are ours.
func TestVectors(t *testing.T) {
	msg := func(typ message.Type, stream, timestamp uint32, payload []byte) message.Message {
		return message.Message{Type: typ, StreamID: stream, Timestamp: message.Timestamp(timestamp), Payload: payload}
	}
	control := func(typ message.Type, payload ...byte) []message.Message {
		return []message.Message{msg(typ, 0, 0, payload)}
	}
	const a, v = message.TypeAudio, message.TypeVideo
	tests := []struct {
		name string
		want []message.Message
		csid uint32 // where we write all that is not protocol control; 0 is not ours, for the reason in not
		not  string
	}{
		{"chunk.seq.audio-types-0-2-3-3", []message.Message{
			msg(a, 12345, 1000, ramp(32, 0x20, 1)), msg(a, 12345, 1020, ramp(32, 0x20, 1)),
			msg(a, 12345, 1040, ramp(32, 0x20, 1)), msg(a, 12345, 1060, ramp(32, 0x20, 1)),
		}, 3, ""},
		{"chunk.split.video", []message.Message{msg(v, 12346, 1000, ramp(307, 1, 3))}, 4, ""},
		{"chunk.ext.type0.split", []message.Message{msg(v, 1, 0x1000000, ramp(200, 0, 1))}, 6, ""},
		{"chunk.ext.type0.split.noext3", []message.Message{msg(v, 1, 0x1000000, ramp(200, 0, 1))}, 0, "we repeat"},
		{"chunk.ext.exact-ffffff", []message.Message{msg(v, 1, 0xffffff, []byte{0x17, 2, 0, 0, 0})}, 6, ""},
		{"chunk.ext.delta.type1", []message.Message{
			msg(a, 1, 5, []byte{0xaf, 1, 0x21}), msg(a, 1, 16777226, []byte{0xaf, 1, 0x22, 0x23}),
		}, 4, ""},
		{"chunk.ext.delta.type3-new", []message.Message{
			msg(a, 1, 0, []byte{0xaf, 1, 0x21}), msg(a, 1, 16777221, []byte{0xaf, 1, 0x22}),
			msg(a, 1, 33554442, []byte{0xaf, 1, 0x23}),
		}, 4, ""},
		{"chunk.wrap.delta", []message.Message{
			msg(a, 1, 4294967040, []byte{0xaf, 1, 0x21}), msg(a, 1, 256, []byte{0xaf, 1, 0x22}),
		}, 4, ""},
		{"chunk.interleave", []message.Message{
			msg(a, 1, 40, ramp(100, 1, 1)), msg(v, 1, 40, ramp(300, 2, 2)),
		}, 0, "we write messages whole"},
		{"chunk.setchunksize-midstream", []message.Message{
			control(message.TypeSetChunkSize, 0, 0, 0x10, 0)[0], msg(v, 1, 0, ramp(1000, 7, 1)),
		}, 6, ""},
		{"chunk.abort", []message.Message{
			control(message.TypeAbort, 0, 0, 0, 6)[0], msg(v, 1, 20, []byte{0x17, 2, 0, 0, 0}),
		}, 0, "we write messages whole"},
		{"chunk.empty-message", []message.Message{msg(a, 1, 500, nil)}, 4, ""},
		{"chunk.type3-after-type0", []message.Message{
			msg(a, 1, 26, ramp(10, 1, 1)), msg(a, 1, 52, ramp(10, 2, 1)),
		}, 0, "readers disagree"},
		{"ctl.setchunksize", control(message.TypeSetChunkSize, 0, 0, 0x10, 0), 2, ""},
		{"ctl.abort", control(message.TypeAbort, 0, 0, 0, 6), 2, ""},
		{"ctl.ack", control(message.TypeAcknowledgement, 0, 0x26, 0x25, 0xa0), 2, ""},
		{"ctl.windowack", control(message.TypeWindowAckSize, 0, 0x26, 0x25, 0xa0), 2, ""},
		{"ctl.peerbw.dynamic", control(message.TypeSetPeerBandwidth, 0, 0x26, 0x25, 0xa0, 2), 2, ""},
	}
	tested := make(map[string]bool)
	for _, tt := range tests {
		tested[tt.name] = true
		t.Run(tt.name, func(t *testing.T) {
			f := golden.Vector(t, tt.name)
			wantDecode(t, f.Bytes, tt.want, nil)

			var times []uint32
			for _, m := range tt.want {
				if m.Type != message.TypeAbort {
					times = append(times, uint32(m.Timestamp))
				}
			}
			if diff := cmp.Diff(f.Timestamps, times); f.Timestamps != nil && diff != "" {
				t.Errorf("timestamps of %v (-vector +table):\n%s", f, diff)
			}
			if tt.csid == 0 {
				return
			}
			var e Encoder
			var got []byte
			for _, m := range tt.want {
				csid := tt.csid
				if m.Type.IsProtocolControl() {
					csid = 2
				}
				got = mustAppend(t, &e, got, csid, m)
			}
			if diff := cmp.Diff(f.Bytes, got); diff != "" {
				t.Errorf("Append of %v (-want +got):\n%s", f, diff)
			}
		})
	}
	for _, f := range golden.Vectors(t, "chunk.", "ctl.") {
		other := strings.HasPrefix(f.Name, "chunk.basic.") || strings.HasPrefix(f.Name, "ctl.user.")
		if !other && !tested[f.Name] {
			t.Errorf("no test of %v", f)
		}
	}
}

// TestVectorsBasic reads and writes the vectors that are basic headers.
func TestVectorsBasic(t *testing.T) {
	tests := []struct {
		name string
		typ  byte
		csid uint32
	}{
		{"chunk.basic.1byte", 0, 3},
		{"chunk.basic.1byte.max", 3, 63},
		{"chunk.basic.2byte.min", 1, 64},
		{"chunk.basic.2byte.max", 2, 319},
		{"chunk.basic.3byte.min", 0, 320},
		{"chunk.basic.3byte.365", 0, 365},
		{"chunk.basic.3byte.max", 3, 65599},
		{"chunk.basic.3byte.nonminimal", 0, 64},
	}
	if all := golden.Vectors(t, "chunk.basic."); len(all) != len(tests) {
		t.Errorf("%d vectors, the table has %d", len(all), len(tests))
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := golden.Vector(t, tt.name)
			if tt.name != "chunk.basic.3byte.nonminimal" { // we write the shortest form
				got := make([]byte, len(f.Bytes))
				putBasic(got, len(got), tt.typ, tt.csid)
				if diff := cmp.Diff(f.Bytes, got); diff != "" {
					t.Errorf("putBasic of %v (-want +got):\n%s", f, diff)
				}
			}

			// An empty message begins the chunk stream, so that types 2 and 3 have something to refer to.
			in := bytes.Clone(f.Bytes)
			in[0] &= 0x3f
			in = append(in, make([]byte, 11)...)
			in = append(in, f.Bytes...)
			in = append(in, make([]byte, headerSize[tt.typ])...)
			d := wantDecode(t, in, make([]message.Message, 2), nil)
			if d.streams.len() != 1 || d.streams.get(tt.csid) == nil {
				t.Errorf("Decode(%x) did not use chunk stream %d", in, tt.csid)
			}
		})
	}
}

// TestVectorsUserControl carries the vectors that are the payload of a user control message.
func TestVectorsUserControl(t *testing.T) {
	for _, f := range golden.Vectors(t, "ctl.user.") {
		m := message.Message{Type: message.TypeUserControl, Timestamp: 1, Payload: f.Bytes}
		wire := mustAppend(t, new(Encoder), nil, 2, m)
		want := append([]byte{2, 0, 0, 1, 0, 0, byte(len(f.Bytes)), 4, 0, 0, 0, 0}, f.Bytes...)
		if diff := cmp.Diff(want, wire); diff != "" {
			t.Errorf("Append of %v (-want +got):\n%s", f, diff)
		}
		wantDecode(t, wire, []message.Message{m}, nil)
	}
}
