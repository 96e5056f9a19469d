package message

import (
	"testing"

	"github.com/gortmp/rtmp/internal/golden"
)

// usual returns what a session parses and writes: a connect command, a notice, metadata, and a ping, and the
// aggregate of a recorded stream.
func usual(tb testing.TB) []usualMessage {
	tb.Helper()
	message := func(name string, typ Type, vector string) usualMessage {
		return usualMessage{name, &Message{Type: typ, Payload: golden.Vector(tb, vector).Bytes}}
	}
	return []usualMessage{
		message("connect", TypeCommand, "cmd.connect.ertmp"),
		message("onStatus", TypeCommand, "cmd.onStatus.publish.start"),
		message("metadata", TypeData, "data.setDataFrame"),
		message("ping", TypeUserControl, "ctl.user.pingreq"),
		message("aggregate", TypeAggregate, "msg.aggregate"),
	}
}

type usualMessage struct {
	name string
	*Message
}

func BenchmarkParse(b *testing.B) {
	for _, m := range usual(b) {
		b.Run(m.name, func(b *testing.B) {
			b.SetBytes(int64(len(m.Payload)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(m.Message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendPayload(b *testing.B) {
	for _, m := range usual(b) {
		b.Run(m.name, func(b *testing.B) {
			body, err := Parse(m.Message)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(m.Payload)))
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				if buf, err = body.AppendPayload(buf[:0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Writing into a buffer that is large enough, and looking at a name, do not allocate.
func TestAllocations(t *testing.T) {
	for _, m := range usual(t) {
		body, err := Parse(m.Message)
		if err != nil {
			t.Fatalf("Parse of %s: error = %v", m.name, err)
		}
		buf := make([]byte, 0, 1024)
		if n := testing.AllocsPerRun(100, func() { body.AppendPayload(buf) }); n != 0 {
			t.Errorf("AppendPayload of %s allocates %v times, want 0", m.name, n)
		}
		if n := testing.AllocsPerRun(100, func() { PeekName(m.Message) }); n != 0 {
			t.Errorf("PeekName of %s allocates %v times, want 0", m.name, n)
		}
	}
}
