package session

import (
	"errors"
	"testing"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

func TestClientPlayCommands(t *testing.T) {
	tests := []struct {
		start time.Duration
		live  bool
		args  []any
	}{
		{0, false, []any{"cam1"}},
		{-2 * time.Second, false, []any{"cam1"}},
		{-1 * time.Second, true, []any{"cam1", -1000.0}},
		{1500 * time.Millisecond, false, []any{"cam1", 1.5}},
	}
	for _, tt := range tests {
		p, c := connectedClient(t, &Config{BufferLength: 300 * time.Millisecond})
		id, err := c.Play("cam1", tt.start)
		must(t, "Play", err)
		wanted := []said{{0, cmd("createStream", float64(id))}}
		if tt.live {
			wanted = append(wanted, said{0, cmd("FCSubscribe", float64(id)+1, "cam1")})
		}
		want(t, "before the stream is there", wanted, p.heard())
		p.say(0, cmd("_result", float64(id), 5.0))
		want(t, "on the stream", []said{
			{0, &message.UserControl{Event: message.EventSetBufferLength, StreamID: 5, BufferLength: 300}},
			{5, cmd("play", 0, tt.args...)},
		}, p.heard())
	}
}

func TestClientPublishCommands(t *testing.T) {
	p, c := connectedClient(t, nil)
	id, err := c.Publish("cam1?key=1", "record")
	must(t, "Publish", err)
	want(t, "what services want before", []said{
		{0, cmd("releaseStream", 2, "cam1?key=1")},
		{0, cmd("FCPublish", 3, "cam1?key=1")},
		{0, cmd("createStream", 4)},
	}, p.heard())
	p.say(0, cmd("_error", 2, Status{"error", "NetConnection.Call.Failed", "what?", nil}.object()))
	p.say(0, cmd("onFCPublish", 0, Status{"status", "NetStream.Publish.Start", "", nil}.object()))
	want(t, "answers to these do not matter", []Event(nil), p.events())
	p.say(0, cmd("_result", float64(id), 3.0)) // ffmpeg's listener skips ids
	want(t, "publish", []said{{3, cmd("publish", 0, "cam1?key=1", "record")}}, p.heard())
	p.say(3, onStatus("status", "NetStream.Publish.Start", ""))
	want(t, "accepted", []Event{StreamAccepted{id, 3}}, p.events())

	must(t, "CloseStream", c.CloseStream(3))
	want(t, "the end", []said{
		{0, cmd("FCUnpublish", 5, "cam1?key=1")},
		{3, cmd("deleteStream", 0, 3.0)},
	}, p.heard())
	if err := c.CloseStream(3); !errors.As(err, new(*StreamError)) {
		t.Errorf("second CloseStream = %v, want *StreamError", err)
	}
	if err := c.Send(audio(3, 0, "sound")); !errors.As(err, new(*StreamError)) {
		t.Errorf("Send after CloseStream = %v, want *StreamError", err)
	}
}

// TestClientData has what a player makes of data messages.
func TestClientData(t *testing.T) {
	code := amf0.Object{{Name: "code", Value: "NetStream.Data.Start"}}
	cut := data(t, 1, "onStatus", code)
	cut.Payload = cut.Payload[:len(cut.Payload)-12]
	tests := []struct {
		in   *message.Message
		want Event
	}{
		{data(t, 1, "onMetaData", metadata), MessageReceived{data(t, 1, "onMetaData", metadata)}},
		{data(t, 1, "@setDataFrame", "onMetaData", metadata), MessageReceived{data(t, 1, "onMetaData", metadata)}},
		{data(t, 1, "onTextData", "text"), MessageReceived{data(t, 1, "onTextData", "text")}},
		{data(t, 1, "|RtmpSampleAccess", true, true), nil},
		{data(t, 1, "onStatus", code), StatusReceived{1, Status{Code: "NetStream.Data.Start"}}},
		{data(t, 0, "onStatus", code), StatusReceived{1, Status{Code: "NetStream.Data.Start"}}},
		{data(t, 1, "onStatus", 5.0), MessageReceived{data(t, 1, "onStatus", 5.0)}},
		{cut, MessageReceived{cut}},
		{data(t, 2, "onMetaData", metadata), nil},
		{data(t, 1, 5.0), MessageReceived{data(t, 1, 5.0)}},
		{data(t, 1), MessageReceived{data(t, 1)}},
	}
	for _, tt := range tests {
		p, _, _ := openClient(t, false)
		p.send(tt.in)
		var wanted []Event
		if tt.want != nil {
			wanted = []Event{tt.want}
		}
		want(t, string(tt.in.Payload[:min(20, len(tt.in.Payload))]), wanted, p.events())
	}
}

func TestClientSendData(t *testing.T) {
	p, c, _ := openClient(t, true)
	amf3 := data(t, 1, "onMetaData", metadata)
	amf3.Type, amf3.Payload = message.TypeDataAMF3, append([]byte{0}, amf3.Payload...)
	for _, tt := range []struct {
		in   *message.Message
		want *message.Data
	}{
		{data(t, 1, "onMetaData", metadata), &message.Data{Values: []any{"@setDataFrame", "onMetaData", metadata}}},
		{amf3, &message.Data{Values: []any{"@setDataFrame", "onMetaData", metadata}, AMF3: true}},
		{data(t, 1, "@setDataFrame", "onMetaData", metadata), &message.Data{Values: []any{"@setDataFrame", "onMetaData", metadata}}},
		{data(t, 1, "@clearDataFrame", "onMetaData"), &message.Data{Values: []any{"@clearDataFrame", "onMetaData"}}},
		{data(t, 1, "onTextData", "text"), &message.Data{Values: []any{"onTextData", "text"}}},
	} {
		before := string(tt.in.Payload)
		must(t, "Send", c.Send(tt.in))
		want(t, "on the wire", []said{{1, tt.want}}, p.heard())
		want(t, "the message is not changed", before, string(tt.in.Payload))
	}
}

func TestClientCancel(t *testing.T) {
	p, c := connectedClient(t, nil)
	id := ask(t, c, false)
	p.messages()
	must(t, "Cancel before the stream is there", c.Cancel(id))
	p.say(0, cmd("_result", float64(id), 1.0))
	want(t, "it is deleted when it comes", []said{{1, cmd("deleteStream", 0, 1.0)}}, p.heard())

	p, c, id = waitingClient(t, false)
	must(t, "Cancel before the answer", c.Cancel(id))
	want(t, "the stream is deleted", []said{{1, cmd("deleteStream", 0, 1.0)}}, p.heard())
	p.say(1, onStatus("status", "NetStream.Play.Start", ""))
	p.send(audio(1, 0, "sound"))
	want(t, "what comes after is dropped", []Event(nil), p.events())
	if err := c.Cancel(id); !errors.Is(err, ErrNoRequest) {
		t.Errorf("second Cancel = %v, want ErrNoRequest", err)
	}
}

func TestClientSteering(t *testing.T) {
	p := newPair(t, nil, nil)
	p.connect()
	id := p.play("cam1")
	must(t, "Pause", p.client.Pause(id, true, 1500*time.Millisecond))
	must(t, "Pause", p.client.Pause(id, false, 1500*time.Millisecond))
	must(t, "Seek", p.client.Seek(id, time.Minute))
	must(t, "SetBuffer", p.client.SetBuffer(id, 300*time.Millisecond))
	p.pump()
	status := func(code, description string) Event {
		return StatusReceived{id, Status{"status", code, description, nil}}
	}
	want(t, "the answers", []Event{
		status("NetStream.Pause.Notify", "Paused."), status("NetStream.Unpause.Notify", "Unpaused."),
		status("NetStream.Seek.Notify", "Seeking."), status("NetStream.Play.Start", "Started playing."),
	}, drain(p.client))
	for _, c := range []*message.Command{cmd("pause", 0, true, 1500.0), cmd("pause", 0, false, 1500.0), cmd("seek", 0, 60000.0)} {
		ev, _ := p.server.Next()
		b, err := message.Parse(ev.(MessageReceived).Message)
		must(t, "Parse", err)
		want(t, "what the server's owner gets", message.Body(c), b)
	}
	publisher := p.publish("cam2")
	for _, err := range []error{
		p.client.Pause(publisher, true, 0), p.client.Seek(9, 0), p.client.SetBuffer(0, 0),
	} {
		if !errors.As(err, new(*StreamError)) {
			t.Errorf("steering what is not played = %v, want *StreamError", err)
		}
	}
}
