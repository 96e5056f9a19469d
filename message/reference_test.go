package message

import (
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
)

// TestReference holds the cases that every implementation in the line of rml_rtmp keeps: T for times, M for
// messages as a whole, Y for the bodies of the types.
func TestReference(t *testing.T) {
	testReferenceTimes(t)
	testReferenceMessages(t)
	testReferenceTypes(t)
}

func testReferenceTimes(t *testing.T) {
	const ms = time.Millisecond
	zero, fifty, sixty, last := Timestamp(0), Timestamp(50), Timestamp(60), Timestamp(1<<32-1)
	set := fifty
	p := &set
	*p = 60
	tests := []struct {
		name string
		ok   bool
	}{
		{"T1", fifty+sixty == 110},
		{"T2", fifty+60 == 110 && fifty.Add(60*ms) == 110},
		{"T3", last+sixty == 59},
		{"T4", last+60 == 59 && last.Add(60*ms) == 59},
		{"T5", sixty-fifty == 10 && sixty.Sub(fifty) == 10*ms},
		{"T6", sixty-50 == 10 && sixty.Add(-50*ms) == 10},
		{"T7", zero-fifty == 1<<32-50},
		{"T8", zero-50 == 1<<32-50 && zero.Add(-50*ms) == 1<<32-50},
		{"T9", fifty.Before(60) && !sixty.Before(fifty) && fifty == Timestamp(50) && !fifty.Before(50)},
		{"T10", Timestamp(4000000000).Before(10000) && Timestamp(3000000000).Before(4000000000)},
		{"T11", fifty.Before(60) && Timestamp(20).Before(fifty) && fifty == 50},
		{"T12", set == 60},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !tt.ok {
				t.Errorf("case %s does not hold", tt.name)
			}
		})
	}
}

func testReferenceMessages(t *testing.T) {
	// M1 to M11: body to message.
	const ts, streamID = 55, 52
	tests := []struct {
		name string
		body Body
		want Type
	}{
		{"M1", &Abort{ChunkStreamID: 23}, 2},
		{"M2", &Acknowledgement{SequenceNumber: 23}, 3},
		{"M3", &Command{Name: "test", TransactionID: 15, Object: 23.0, Args: []any{nil}}, 20},
		{"M4", &Data{Values: []any{true}}, 18},
		{"M5", &Raw{Type: TypeAudio, Payload: []byte{1}}, 8},
		{"M6", &SetChunkSize{Size: 15}, 1},
		{"M7", &SetPeerBandwidth{Size: 15, Limit: LimitHard}, 6},
		{"M8", &UserControl{Event: EventStreamBegin, StreamID: 15}, 4},
		{"M9", &Raw{Type: TypeVideo, Payload: []byte{1}}, 9},
		{"M10", &WindowAckSize{Size: 25}, 5},
		{"M11", &Raw{Type: 33, Payload: []byte{1}}, 33},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := New(streamID, ts, tt.body)
			if err != nil {
				t.Fatalf("New(%+v) error = %v", tt.body, err)
			}
			if m.Type != tt.want || m.Timestamp != ts || m.StreamID != streamID || len(m.Payload) == 0 {
				t.Errorf("New(%d, %d, %+v) = %+v, want type %d and a payload", streamID, ts, tt.body, m, tt.want)
			}
		})
		if tt.name == "M11" {
			break // a type of its own, not among the next
		}
		// M12 to M21: and back to the body.
		t.Run("M"+strconv.Itoa(12+i), func(t *testing.T) {
			m, err := New(streamID, ts, tt.body)
			if err != nil {
				t.Fatalf("New(%+v) error = %v", tt.body, err)
			}
			got, err := Parse(m)
			if err != nil {
				t.Fatalf("Parse(%+v) error = %v", m, err)
			}
			if diff := cmp.Diff(tt.body, got); diff != "" {
				t.Errorf("Parse(New(%+v)) (-want +got):\n%s", tt.body, diff)
			}
		})
	}

	values := []struct {
		name string
		typ  Type
		in   string
		want Body
	}{
		{"M22", TypeCommandAMF3, "00 020004 74657374 00 4037000000000000 05",
			&Command{Name: "test", TransactionID: 23, AMF3: true}},
		{"M23", TypeDataAMF3, "0101 00 404a000000000000", &Data{Values: []any{true, 52.0}, AMF3: true}},
	}
	for _, tt := range values {
		t.Run(tt.name, func(t *testing.T) {
			m := &Message{Type: tt.typ, Payload: unhex(t, tt.in)}
			got, err := Parse(m)
			if err != nil {
				t.Fatalf("Parse(%+v) error = %v", m, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse(%+v) (-want +got):\n%s", m, diff)
			}
		})
	}
}

func testReferenceTypes(t *testing.T) {
	command := &Command{
		Name:          "test",
		TransactionID: 23,
		Object:        amf0.Object{{Name: "prop1", Value: "abc"}, {Name: "prop2", Value: nil}},
		Args:          []any{true, 52.0},
	}
	const commandHex = "020004 74657374 00 4037000000000000" +
		"03 0005 70726f7031 020003 616263 0005 70726f7032 05 000009 0101 00 404a000000000000"
	event := func(e Event) *UserControl { return &UserControl{Event: e, StreamID: 555} }
	pairs := []struct {
		encode, decode string // names of the cases
		body           Body
		wire           string
	}{
		{"Y1", "", &Abort{ChunkStreamID: 523}, "0000020b"},
		{"", "Y2", &Abort{ChunkStreamID: 532}, "00000214"},
		{"Y3", "", &Acknowledgement{SequenceNumber: 523}, "0000020b"},
		{"", "Y4", &Acknowledgement{SequenceNumber: 532}, "00000214"},
		{"Y5", "Y6", command, commandHex},
		{"Y7", "Y8", &Data{Values: []any{true, 52.0}}, "0101 00 404a000000000000"},
		{"Y9", "Y10", &Raw{Type: TypeAudio, Payload: []byte{1, 2, 3, 4}}, "01020304"},
		{"Y11", "Y12", &SetChunkSize{Size: 523}, "0000020b"},
		{"Y13", "Y16", &SetPeerBandwidth{Size: 523, Limit: LimitSoft}, "0000020b 01"},
		{"Y14", "Y17", &SetPeerBandwidth{Size: 523, Limit: LimitHard}, "0000020b 00"},
		{"Y15", "Y18", &SetPeerBandwidth{Size: 523, Limit: LimitDynamic}, "0000020b 02"},
		{"Y19", "Y20", &Raw{Type: TypeVideo, Payload: []byte{1, 2, 3, 4}}, "01020304"},
		{"Y21", "Y22", &WindowAckSize{Size: 523}, "0000020b"},
		{"Y23", "Y32", event(EventStreamBegin), "0000 0000022b"},
		{"Y24", "Y33", event(EventStreamEOF), "0001 0000022b"},
		{"Y25", "Y34", event(EventStreamDry), "0002 0000022b"},
		{"Y26", "Y35", &UserControl{Event: EventSetBufferLength, StreamID: 555, BufferLength: 666}, "0003 0000022b 0000029a"},
		{"Y27", "Y36", event(EventStreamIsRecorded), "0004 0000022b"},
		{"Y28", "Y37", &UserControl{Event: EventPingRequest, Timestamp: 555}, "0006 0000022b"},
		{"Y29", "Y38", &UserControl{Event: EventPingResponse, Timestamp: 555}, "0007 0000022b"},
		{"Y30", "Y39", event(EventBufferEmpty), "001f 0000022b"},
		{"Y31", "Y40", event(EventBufferReady), "0020 0000022b"},
	}
	for _, tt := range pairs {
		payload := unhex(t, tt.wire)
		if tt.encode != "" {
			t.Run(tt.encode, func(t *testing.T) {
				got, err := tt.body.AppendPayload(nil)
				if err != nil {
					t.Fatalf("AppendPayload of %+v: error = %v", tt.body, err)
				}
				if diff := cmp.Diff(payload, got); diff != "" {
					t.Errorf("AppendPayload of %+v (-want +got):\n%s", tt.body, diff)
				}
			})
		}
		if tt.decode != "" {
			t.Run(tt.decode, func(t *testing.T) {
				got, err := Parse(&Message{Type: tt.body.MessageType(), Payload: payload})
				if err != nil {
					t.Fatalf("Parse(%x) error = %v", payload, err)
				}
				if diff := cmp.Diff(tt.body, got); diff != "" {
					t.Errorf("Parse(%x) (-want +got):\n%s", payload, diff)
				}
			})
		}
	}
}

// unhex returns the bytes of a hex string with spaces.
func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		tb.Fatalf("%q: %v", s, err)
	}
	return b
}
