package session

import (
	"testing"

	"github.com/gortmp/rtmp/message"
)

// TestAllocations pins what a message costs: its header and its payload on the way in, or the header alone if the
// owner gives payloads back, and nothing on the way out.
func TestAllocations(t *testing.T) {
	p, publisher := publishing(t, nil)
	p.say(0, &message.SetChunkSize{Size: 4096})
	in := p.encodeMessage(video(1, 0, string(make([]byte, 10_000))))
	receive := func() *message.Message {
		if err := publisher.Input(epoch, in); err != nil {
			t.Fatal(err)
		}
		ev, _ := publisher.Next()
		return ev.(MessageReceived).Message
	}
	got := testing.AllocsPerRun(100, func() { receive() })
	want(t, "in", 2.0, got)
	got = testing.AllocsPerRun(100, func() { publisher.Reuse(receive().Payload) })
	want(t, "in, with Reuse", 1.0, got)

	_, player := playing(t, nil)
	picture := receive()
	var spare []byte
	got = testing.AllocsPerRun(100, func() {
		if err := player.Send(picture); err != nil {
			t.Fatal(err)
		}
		spare = player.Output(spare)
	})
	want(t, "out", 0.0, got)
}

// BenchmarkNew is what a connection that only just exists costs.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NewServer(nil, epoch)
	}
}
