package session

import (
	"errors"
	"testing"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
)

// TestServerCommands has the commands that the session answers by itself.
func TestServerCommands(t *testing.T) {
	info := func(code string) amf0.Object {
		return amf0.Object{{Name: "code", Value: code}, {Name: "description", Value: ""}}
	}
	failed := func(txn float64, description string) said {
		st := Status{"error", "NetConnection.Call.Failed", description, nil}
		return said{0, cmd("_error", txn, st.object())}
	}
	undefined := amf0.Undefined{}
	tests := []struct {
		in   *message.Command
		want []said
	}{
		{cmd("createStream", 9), []said{{0, cmd("_result", 9, 2.0)}}},
		{cmd("createStream", 0), nil},
		{cmd("releaseStream", 9, "cam1"), []said{{0, cmd("_result", 9, undefined)}}},
		{cmd("releaseStream", 0, "cam1"), nil},
		{cmd("FCPublish", 9, "cam1"), []said{
			{0, cmd("_result", 9, undefined)},
			{0, cmd("onFCPublish", 0, info("NetStream.Publish.Start"))},
		}},
		{cmd("FCUnpublish", 9, "cam1"), []said{
			{0, cmd("onFCUnpublish", 0, info("NetStream.Unpublish.Success"))},
			{0, cmd("_result", 9, undefined)},
		}},
		{cmd("FCSubscribe", 9, "cam1"), []said{{0, cmd("onFCSubscribe", 0, info("NetStream.Play.Start"))}}},
		{cmd("getStreamLength", 9, "cam1"), []said{{0, cmd("_result", 9, 0.0)}}},
		{cmd("_checkbw", 9), []said{{0, cmd("_result", 9, undefined)}}},
		{cmd("checkBandwidth", 9), []said{{0, cmd("_result", 9, undefined)}}},
		{cmd("set_playlist", 9, amf0.StrictArray{"a"}), []said{{0, cmd("playlist_ready", 0)}}},
		{cmd("connect", 9), []said{failed(9, "Already connected.")}},
		{cmd("connect", 0), nil},
		{cmd("closeStream", 9, 77.0), nil},
		{cmd("deleteStream", 9, 77.0), nil},
		{cmd("deleteStream", 9, -1.0), nil},
		{cmd("pause", 9, true, 0.0), nil},
		{cmd("publish", 9, "cam1"), []said{{0, onStatus("error", "NetStream.Publish.Rejected", "There is no such stream.")}}},
		{cmd("play", 9, "cam1"), []said{{0, onStatus("error", "NetStream.Play.Failed", "There is no such stream.")}}},
	}
	for _, tt := range tests {
		p, _ := connected(t, nil)
		p.messages()
		p.say(0, tt.in)
		want(t, tt.in.Name, tt.want, p.heard())
		want(t, tt.in.Name+" is not the owner's business", []Event(nil), p.events())
	}

	t.Run("before connect", func(t *testing.T) {
		for _, tt := range tests {
			p, s := newServer(t, nil)
			if tt.in.Name == "connect" {
				continue
			}
			p.say(0, tt.in)
			heard := p.heard()
			switch {
			case tt.in.Name == "publish" || tt.in.Name == "play":
				want(t, tt.in.Name+" is refused as later", tt.want, heard)
			case tt.in.TransactionID == 0:
				want(t, tt.in.Name+" is ignored", []said(nil), heard)
				want(t, tt.in.Name+" is counted", uint64(1), s.Ignored())
			default:
				want(t, tt.in.Name+" is refused", []said{failed(9, "Connect first.")}, heard)
			}
			want(t, tt.in.Name+" has no effect", []Event(nil), p.events())
		}
	})
	t.Run("for the owner", func(t *testing.T) {
		for _, c := range []*message.Command{
			cmd("close", 0), cmd("anything", 0, 1.0), cmd("DVRGetStreamInfo", 5, "cam1"), cmd("_result", 7), cmd("_error", 7),
		} {
			p, _ := connected(t, nil)
			p.messages()
			p.say(0, c)
			ev := event[MessageReceived](t, c.Name, p.events())
			want(t, c.Name, true, ev.Message.Type.IsCommand())
			want(t, c.Name+" is not answered", []said(nil), p.heard())
		}
	})
	t.Run("AMF3 arguments", func(t *testing.T) {
		p, _ := connected(t, nil)
		c := cmd("publish", 0, amf0.AMF3{Value: "cam1"}, amf0.AMF3{Value: "record"})
		c.AMF3 = true
		p.say(1, c)
		ev := event[StreamRequested](t, "publish", p.events())
		want(t, "the name and the kind", [2]string{"cam1", "record"}, [2]string{ev.Name, ev.Kind})
		p.say(0, cmd("deleteStream", 0, amf0.AMF3{Value: 1}))
		want(t, "the stream id", []Event{RequestWithdrawn{ev.ID, 1}}, p.events())
	})
}

func TestServerCall(t *testing.T) {
	p := newPair(t, nil, nil)
	if _, err := p.client.Call("early"); !errors.Is(err, ErrNotConnected) {
		t.Errorf("Call before connect = %v, want ErrNotConnected", err)
	}
	p.connect()
	a, err := p.client.Call("sum", 1.0, 2.0)
	must(t, "Call", err)
	b, err := p.client.Call("fail")
	must(t, "Call", err)
	c, err := p.client.Call("fail")
	must(t, "Call", err)
	p.pump()
	for i, ev := range drain(p.server) {
		call := ev.(CallReceived)
		switch i {
		case 0:
			want(t, "the call", cmd("sum", float64(a), 1.0, 2.0), call.Command)
			must(t, "Reply", p.server.Reply(call.Command, 0, 3.0))
		case 1:
			must(t, "ReplyError", p.server.ReplyError(call.Command, 0, Status{}))
		default:
			must(t, "ReplyError", p.server.ReplyError(call.Command, 0, Status{Code: "Own", Description: "because"}))
		}
	}
	p.pump()
	failed := Status{Level: "error", Code: "NetConnection.Call.Failed"}
	want(t, "the answers", []Event{
		CallReturned{ID: a, Values: []any{nil, 3.0}},
		CallReturned{ID: b, Values: []any{nil, failed.object()},
			Err: &Status{"error", "NetConnection.Call.Failed", "The server gave no reason.", nil}},
		CallReturned{ID: c, Values: []any{nil, Status{"error", "Own", "because", nil}.object()},
			Err: &Status{"error", "Own", "because", nil}},
	}, drain(p.client))
	must(t, "Reply to no transaction", p.server.Reply(cmd("x", 0), 0, 1.0))
	want(t, "nothing is said", 0, p.server.OutputLen())
}

func TestServerFinishPublish(t *testing.T) {
	p, s := publishing(t, nil)
	must(t, "Finish", s.Finish(1))
	want(t, "the publisher is told", []said{{1, onStatus("status", "NetStream.Unpublish.Success", "Stopped.")}}, p.heard())
	p.send(audio(1, 0, "sound"))
	want(t, "no media any more", []Event(nil), p.events())
	p.say(1, cmd("publish", 0, "cam1"))
	event[StreamRequested](t, "the stream can be used again", p.events())
	if err := s.Finish(7); !errors.As(err, new(*StreamError)) {
		t.Errorf("Finish(7) = %v, want *StreamError", err)
	}
}

func TestServerSend(t *testing.T) {
	_, s := playing(t, nil)
	for _, m := range []*message.Message{audio(0, 0, ""), video(2, 0, ""), data(t, 3, "x"), {Type: message.TypeAggregate, StreamID: 4}} {
		var e *StreamError
		if err := s.Send(m); !errors.As(err, &e) || e.StreamID != m.StreamID {
			t.Errorf("Send(%v on stream %d) = %v, want *StreamError", m.Type, m.StreamID, err)
		}
	}
	if err := s.SendStatus(9, Status{}); !errors.As(err, new(*StreamError)) {
		t.Errorf("SendStatus on stream 9 = %v, want *StreamError", err)
	}
	want(t, "nothing is said", 0, s.OutputLen())
	must(t, "SendStatus", s.SendStatus(0, Status{Code: "NetConnection.Connect.AppShutdown", Level: "error"}))
}

func TestPrepared(t *testing.T) {
	p, s := playing(t, nil)
	must(t, "Send", s.Send(video(1, 1000, "picture")))
	p.messages()
	must(t, "Send", s.Send(video(1, 1040, "picture")))
	short := s.OutputLen()
	p.messages()
	next := video(1, 1080, "picture")
	s.Prepared(chunk.StreamID(next))
	must(t, "Send", s.Send(next))
	if long := s.OutputLen(); long <= short || long != 12+len("picture") {
		t.Errorf("after prepared bytes a message takes %d bytes, before them %d; want a whole header of 12", long, short)
	}
	want(t, "and means the same", []*message.Message{next}, p.messages())
}

func TestOutputIsOwned(t *testing.T) {
	_, s := playing(t, nil)
	must(t, "Send", s.Send(audio(1, 0, "first")))
	first := s.Output(make([]byte, 3, 100))
	kept := string(first)
	must(t, "Send", s.Send(audio(1, 20, "second")))
	want(t, "what was returned stays", kept, string(first))
	second := s.Output(nil)
	if cap(second) != 100 {
		t.Errorf("capacity of the second output is %d, want the 100 of the spare", cap(second))
	}
	want(t, "nothing is left", 0, s.OutputLen())
}
