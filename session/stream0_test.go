package session

import (
	"testing"

	"github.com/gortmp/rtmp/message"
)

// TestMediaOnStream0 has a server that sends the media of a stream as if they were of the connection. ffmpeg 5.1 as a
// server does so after it has answered createStream with 1; what it sent was dropped.
func TestMediaOnStream0(t *testing.T) {
	sound := func(streamID uint32) *message.Message {
		return &message.Message{Type: message.TypeAudio, StreamID: streamID, Payload: []byte("sound")}
	}
	picture := func(streamID uint32) *message.Message {
		return &message.Message{Type: message.TypeVideo, StreamID: streamID, Timestamp: 40, Payload: []byte("picture")}
	}
	metadata := func(streamID uint32) *message.Message {
		m, err := message.New(streamID, 0, &message.Data{Values: []any{"onMetaData", nil}})
		must(t, "message.New", err)
		return m
	}
	t.Run("one stream", func(t *testing.T) {
		p, _, _ := openClient(t, false)
		for _, m := range []*message.Message{metadata(0), sound(0), picture(0), picture(1)} {
			p.send(m)
		}
		want(t, "all belong to the only stream", []Event{
			MessageReceived{metadata(1)}, MessageReceived{sound(1)}, MessageReceived{picture(1)}, MessageReceived{picture(1)},
		}, p.events())
	})
	t.Run("two streams", func(t *testing.T) {
		p, c, _ := openClient(t, false)
		p.say(0, cmd("_result", float64(ask(t, c, false)), 2.0))
		p.say(2, onStatus("status", "NetStream.Play.Start", ""))
		event[StreamAccepted](t, "accepted", p.events())
		p.send(picture(0))
		p.send(sound(1))
		want(t, "nobody can know whose they are", []Event{MessageReceived{sound(1)}}, p.events())
	})
	t.Run("a stream that only sends", func(t *testing.T) {
		p, _, _ := openClient(t, true)
		p.send(picture(0))
		want(t, "it gets nothing", []Event(nil), p.events())
	})
}
