package relay

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/message"
)

// A publisher may send seconds of its stream before those who waited for it read at all. It used to make them begin
// at the newest key frame, or after the first messages.
func TestWhoeverWaitedGetsTheBeginning(t *testing.T) {
	var (
		header  = message.Message{Type: message.TypeVideo, Payload: []byte{0x17, 0, 0, 0, 0, 1}}
		sound   = message.Message{Type: message.TypeAudio, Payload: []byte{0x2F, 0xFF}}
		between = message.Message{Type: message.TypeVideo, Payload: []byte{0x27, 1, 0, 0, 0, 2}}
		key     = message.Message{Type: message.TypeVideo, Payload: []byte{0x17, 1, 0, 0, 0, 3}}
	)
	tests := []struct {
		name string
		sent []message.Message
		want []message.Message
	}{
		{"two key frames", []message.Message{sound, header, key, between, sound, key, between},
			[]message.Message{sound, header, key, between, sound, key, between}},
		{"sound only", []message.Message{sound, sound, sound}, []message.Message{sound, sound, sound}},
		{"pictures of no use before the first key frame", []message.Message{header, sound, between, between, key, between},
			[]message.Message{header, sound, key, between}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var h Hub
			sub, err := h.Subscribe("live/a")
			if err != nil {
				t.Fatal(err)
			}
			defer sub.Close()
			pub, err := h.Publish("live/a")
			if err != nil {
				t.Fatal(err)
			}
			for i := range tt.sent {
				if err := pub.WriteMessage(&tt.sent[i]); err != nil {
					t.Fatal(err)
				}
			}
			pub.Close()
			var got recorder
			if _, err := message.Copy(&got, sub); err != nil {
				t.Fatalf("reading %d messages: %v", len(got), err)
			}
			if diff := cmp.Diff(tt.want, []message.Message(got)); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			if n := sub.Dropped(); n != 0 {
				t.Errorf("Dropped = %d, want 0", n)
			}
		})
	}
}

// A recorder keeps what it gets, without the message stream ids.
type recorder []message.Message

func (r *recorder) WriteMessage(m *message.Message) error {
	own := *m
	own.StreamID = 0
	*r = append(*r, own)
	return nil
}
