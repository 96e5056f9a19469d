package session

import (
	"errors"
	"math"
	"testing"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// TestClientAnswers has what a server can say to a request, on the stream and on stream 0.
func TestClientAnswers(t *testing.T) {
	const accepted, refused, told = "accepted", "refused", "told"
	tests := []struct {
		publish     bool
		level, code string
		want        string
	}{
		{true, "status", "NetStream.Publish.Start", accepted},
		{true, "", "NetStream.Publish.Start", accepted},
		{true, "error", "NetStream.Publish.BadName", refused},
		{true, "status", "NetStream.Publish.BadName", refused}, // a wrong level
		{true, "", "NetStream.Publish.Denied", refused},
		{true, "_error", "NetStream.Publish.Start.Not", refused},
		{true, "error", "NetStream.Publish.Rejected", refused},
		{true, "error", "NetStream.Publish.Unauthorized", refused},
		{true, "error", "Own.Code", refused},
		{true, "error", "", refused},
		{true, "warning", "NetStream.Publish.Idle", told},
		{true, "status", "NetStream.Record.Start", told},
		{false, "status", "NetStream.Play.Start", accepted},
		{false, "status", "NetStream.Play.PublishNotify", accepted},
		{false, "status", "NetStream.Play.Reset", accepted},
		{false, "error", "NetStream.Play.StreamNotFound", refused},
		{false, "status", "NetStream.Play.StreamNotFound", refused},
		{false, "error", "NetStream.Play.Failed", refused},
		{false, "error", "NetStream.Failed", refused},
		{false, "status", "NetStream.Play.Stop", refused},
		{false, "status", "NetStream.Play.UnpublishNotify", refused},
		{false, "status", "NetStream.Play.Switch", told},
	}
	for _, tt := range tests {
		for _, streamID := range []uint32{1, 0} {
			if streamID == 0 && (tt.code == "Own.Code" || tt.code == "") {
				continue // then it is about the connection
			}
			p, c, id := waitingClient(t, tt.publish)
			st := Status{tt.level, tt.code, "because", amf0.Object{{Name: "more", Value: 1.0}}}
			p.say(streamID, onStatus(st.Level, st.Code, st.Description, st.Info...))
			wanted := map[string]Event{
				accepted: StreamAccepted{id, 1}, refused: StreamRejected{id, st}, told: StatusReceived{1, st},
			}[tt.want]
			want(t, tt.code, []Event{wanted}, p.events())
			if tt.want == refused {
				want(t, "a refused stream is given back", []said{{1, cmd("deleteStream", 0, 1.0)}}, p.heard())
				if err := c.CloseStream(1); !errors.As(err, new(*StreamError)) {
					t.Errorf("CloseStream of a refused stream = %v, want *StreamError", err)
				}
			}
		}
	}

	t.Run("_error", func(t *testing.T) {
		st := Status{"error", "NetStream.Publish.Rejected", "because", nil}
		for name, say := range map[string]func(p *peer){
			"on the stream":                   func(p *peer) { p.say(1, cmd("_error", 5, st.object())) },
			"with the transaction of publish": func(p *peer) { p.say(0, cmd("_error", 0, st.object())) },
			"onFCPublish":                     func(p *peer) { p.say(0, cmd("onFCPublish", 0, st.object())) },
			"about the connection": func(p *peer) {
				p.say(0, cmd("onStatus", 0, Status{"error", "NetConnection.Connect.Rejected", "", nil}.object()))
			},
		} {
			p, _, id := waitingClient(t, true)
			say(p)
			want(t, name, id, event[StreamRejected](t, name, p.events()).ID)
		}
	})
	t.Run("no usable stream id", func(t *testing.T) {
		for _, args := range [][]any{nil, {nil}, {"1"}, {0.0}, {-1.0}, {math.NaN()}, {float64(1 << 32)}} {
			p, c := connectedClient(t, nil)
			id := ask(t, c, true)
			p.say(0, cmd("_result", float64(id), args...))
			want(t, "refused", id, event[StreamRejected](t, "createStream", p.events()).ID)
		}
	})
	t.Run("the same stream id twice", func(t *testing.T) {
		p, c, _ := openClient(t, false)
		id := ask(t, c, true)
		p.say(0, cmd("_result", float64(id), 1.0))
		want(t, "refused", id, event[StreamRejected](t, "createStream", p.events()).ID)
		p.send(audio(1, 0, "sound"))
		event[MessageReceived](t, "the first goes on", p.events())
	})
}

// TestClientEnds has the ways in which a server ends a stream.
func TestClientEnds(t *testing.T) {
	tests := []struct {
		publish     bool
		level, code string
		ends        bool
	}{
		{false, "status", "NetStream.Play.Stop", true},
		{false, "status", "NetStream.Play.Complete", true},
		{false, "status", "NetStream.Play.UnpublishNotify", true},
		{false, "error", "NetStream.Play.StreamNotFound", true},
		{false, "error", "NetStream.Failed", true},
		{false, "error", "NetStream.Seek.InvalidTime", false},
		{false, "error", "NetStream.Seek.Failed", false},
		{false, "warning", "NetStream.Play.InsufficientBW", false},
		{false, "status", "NetStream.Pause.Notify", false},
		{false, "status", "NetStream.Play.Reset", false},
		{true, "status", "NetStream.Unpublish.Success", true},
		{true, "error", "NetStream.Publish.BadName", true},
		{true, "error", "NetStream.Record.Failed", false},
		{true, "status", "NetStream.Publish.Idle", false},
	}
	for _, tt := range tests {
		p, _, _ := openClient(t, tt.publish)
		st := Status{tt.level, tt.code, "because", nil}
		p.say(1, onStatus(st.Level, st.Code, st.Description))
		if !tt.ends {
			want(t, tt.code, []Event{StatusReceived{1, st}}, p.events())
			continue
		}
		want(t, tt.code, []Event{StreamEnded{StreamID: 1, Status: &st}}, p.events())
		p.say(1, onStatus("status", "NetStream.Play.Stop", ""))
		p.send(video(1, 0, "late"))
		want(t, tt.code+": nothing after", []Event(nil), p.events())
	}

	t.Run("as data", func(t *testing.T) {
		p, _, _ := openClient(t, false)
		st := Status{Level: "status", Code: "NetStream.Play.Complete", Info: amf0.Object{{Name: "duration", Value: 5.0}}}
		p.send(data(t, 1, "onPlayStatus", st.object()))
		want(t, "the end", []Event{StreamEnded{StreamID: 1, Status: &st}}, p.events())
	})
	t.Run("close", func(t *testing.T) {
		p, c, _ := openClient(t, false)
		other := ask(t, c, true)
		p.say(0, cmd("_result", float64(other), 2.0))
		third := ask(t, c, true)
		p.say(0, cmd("close", 0))
		events := p.events()
		st := Status{"status", "NetConnection.Connect.Closed", "The server closed the connection.", nil}
		want(t, "everything ends", []Event{
			StreamRejected{third, st}, StreamRejected{other, st}, StreamEnded{StreamID: 1, Status: &st},
		}, events)

		if _, err := c.Publish("x", ""); !errors.Is(err, ErrNotConnected) {
			t.Errorf("Publish after close = %v, want ErrNotConnected", err)
		}
	})
	t.Run("StreamEOF alone", func(t *testing.T) {
		p, _, _ := openClient(t, false)
		p.say(0, &message.UserControl{Event: message.EventStreamEOF, StreamID: 1})
		want(t, "is no end: some servers send it between items", []Event(nil), p.events())
	})
}
