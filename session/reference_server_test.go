package session

import (
	"testing"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// referenceServer has the cases of a server.
func referenceServer(t *testing.T) {
	accepted := func(t *testing.T, config *Config, c *message.Command) []said {
		t.Helper()
		p, s := newServer(t, config)
		p.say(0, c)
		must(t, "Accept", s.Accept(event[ConnectRequested](t, "connect", p.events()).ID))
		return p.heard()
	}
	result := func(t *testing.T, c *message.Command) *message.Command {
		t.Helper()
		heard := accepted(t, nil, c)
		return heard[len(heard)-1].Body.(*message.Command)
	}

	t.Run("V1", func(t *testing.T) {
		config := &Config{WindowAckSize: 3333, PeerBandwidth: 2222, ChunkSize: 4444, BWDone: true}
		heard := accepted(t, config, connectCommand("live"))
		wanted := []said{
			{0, &message.WindowAckSize{Size: 3333}},
			{0, &message.SetPeerBandwidth{Size: 2222, Limit: message.LimitDynamic}},
			{0, &message.UserControl{Event: message.EventStreamBegin}},
			{0, &message.SetChunkSize{Size: 4444}},
		}
		want(t, "sizes as configured", wanted, heard[:4])
		want(t, "the result, then onBWDone", []said{{0, cmd("onBWDone", 0, 8192.0)}}, heard[5:])
	})
	t.Run("V2", func(t *testing.T) {
		want(t, "no onBWDone behind the result", 5, len(accepted(t, nil, connectCommand("live"))))
	})
	t.Run("V3", func(t *testing.T) {
		p, _ := newServer(t, nil)
		p.say(0, connectCommand("some_app"))
		ev := event[ConnectRequested](t, "connect", p.events())
		want(t, "the app", "some_app", ev.App)
		want(t, "nothing is said before the owner answers", []said(nil), p.heard())

		want(t, "the result", &message.Command{
			Name: "_result", TransactionID: 1,
			Object: amf0.Object{
				{Name: "fmsVer", Value: "FMS/3,0,1,123"},
				{Name: "capabilities", Value: 31.0},
				{Name: "mode", Value: 1.0},
			},
			Args: []any{amf0.Object{
				{Name: "level", Value: "status"},
				{Name: "code", Value: "NetConnection.Connect.Success"},
				{Name: "description", Value: "Connection succeeded."},
				{Name: "objectEncoding", Value: 0.0},
				{Name: "data", Value: amf0.ECMAArray{{Name: "version", Value: "3,5,3,888"}}},
			}},
		}, result(t, connectCommand("some_app")))
	})
	t.Run("V4", func(t *testing.T) {
		p, _ := newServer(t, nil)
		p.say(0, connectCommand("some_app/"))
		want(t, "the slash is cut", "some_app", event[ConnectRequested](t, "connect", p.events()).App)
	})
	t.Run("V5", func(t *testing.T) {
		c := result(t, connectCommand("live", amf0.Property{Name: "objectEncoding", Value: 3.0}))
		encoding, _ := c.Args[0].(amf0.Object).Number("objectEncoding")
		want(t, "AMF3 is spoken, so 3 is echoed", 3.0, encoding)
	})
	t.Run("V6", func(t *testing.T) {
		p, s := newServer(t, nil)
		p.say(0, connectCommand("live"))
		must(t, "Accept", s.Accept(event[ConnectRequested](t, "connect", p.events()).ID))
		p.messages()
		p.say(0, cmd("createStream", 4))
		want(t, "the first stream", []said{{0, cmd("_result", 4, 1.0)}}, p.heard())
	})
	t.Run("V7", func(t *testing.T) {
		p, s := connected(t, nil)
		p.messages()
		p.say(1, cmd("publish", 5, "cam1", "live"))
		ev := event[StreamRequested](t, "publish", p.events())
		want(t, "the request", StreamRequested{ID: ev.ID, StreamID: 1, Publish: true, Name: "cam1", Kind: "live"}, ev)
		must(t, "Accept", s.Accept(ev.ID))
		want(t, "the answer", []said{
			{1, &message.UserControl{Event: message.EventStreamBegin, StreamID: 1}},
			{1, onStatus("status", "NetStream.Publish.Start", "Started publishing.")},
		}, p.heard())
	})
	t.Run("V8", func(t *testing.T) {
		p, _ := publishing(t, nil)
		p.send(data(t, 1, "@setDataFrame", "onMetaData", metadata))
		want(t, "metadata come whole and in the form of files",
			[]Event{MessageReceived{data(t, 1, "onMetaData", metadata)}}, p.events())
	})
	media := func(name string, m *message.Message) {
		t.Run(name, func(t *testing.T) {
			p, _ := publishing(t, nil)
			p.send(m)
			want(t, "media with time and bytes", []Event{MessageReceived{m}}, p.events())
		})
	}
	media("V9", audio(1, 1234, "sound"))
	media("V10", video(1, 1234, "picture"))
	ends := []struct {
		name    string
		begin   func(testing.TB, *Config) (*peer, *Server)
		command *message.Command
		deleted bool
	}{
		{"V11", publishing, cmd("deleteStream", 0, 1.0), true},
		{"V12", publishing, cmd("closeStream", 0, 1.0), false},
		{"V16", playing, cmd("closeStream", 0, 1.0), false},
		{"V17", playing, cmd("deleteStream", 0, 1.0), true},
	}
	for _, tt := range ends {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := tt.begin(t, nil)
			p.say(0, tt.command)
			want(t, "the end", []Event{StreamEnded{StreamID: 1, Deleted: tt.deleted}}, p.events())
		})
	}
	t.Run("V13", func(t *testing.T) {
		p, s := publishing(t, nil)
		p.say(0, cmd("closeStream", 0, 1.0))
		p.events()
		p.say(1, cmd("publish", 0, "cam2", "live"))
		ev := event[StreamRequested](t, "publish again on the same stream", p.events())
		must(t, "Accept", s.Accept(ev.ID))
		p.send(audio(1, 0, "sound"))
		want(t, "media flow again", []Event{MessageReceived{audio(1, 0, "sound")}}, p.events())
	})
	t.Run("V14", func(t *testing.T) {
		p, s := connected(t, nil)
		p.messages()
		p.say(1, cmd("play", 0, "cam1"))
		ev := event[StreamRequested](t, "play", p.events())
		want(t, "the request", StreamRequested{
			ID: ev.ID, StreamID: 1, Name: "cam1", Start: -2 * time.Second, Duration: -time.Second,
		}, ev)
		must(t, "Accept", s.Accept(ev.ID))
		details := amf0.Property{Name: "details", Value: "cam1"}
		want(t, "five messages, all on the stream", []said{
			{1, onStatus("status", "NetStream.Play.Reset", "Playlist cleared.", details)},
			{1, &message.UserControl{Event: message.EventStreamBegin, StreamID: 1}},
			{1, onStatus("status", "NetStream.Play.Start", "Started playing.", details)},
			{1, &message.Data{Values: []any{"|RtmpSampleAccess", false, false}}},
			{1, &message.Data{Values: []any{"onStatus", amf0.Object{{Name: "code", Value: "NetStream.Data.Start"}}}}},
		}, p.heard())
	})
	t.Run("V15", func(t *testing.T) {
		p, s := connected(t, nil)
		p.say(1, cmd("play", 0, "cam1", 5.0, 25.0, true))
		ev := event[StreamRequested](t, "play", p.events())
		want(t, "the request", StreamRequested{
			ID: ev.ID, StreamID: 1, Name: "cam1", Start: 5 * time.Second, Duration: 25 * time.Second, Reset: true,
		}, ev)
		must(t, "Accept", s.Accept(ev.ID))
	})
	t.Run("V18", func(t *testing.T) {
		p, s := playing(t, nil)
		must(t, "Send", s.Send(data(t, 1, "onMetaData", metadata)))
		want(t, "metadata to a player have nothing in front",
			[]said{{1, &message.Data{Values: []any{"onMetaData", metadata}}}}, p.heard())
	})
	send := func(name string, m *message.Message) {
		t.Run(name, func(t *testing.T) {
			p, s := playing(t, nil)
			must(t, "Send", s.Send(m))
			want(t, "media with time and bytes", []*message.Message{m}, p.messages())
		})
	}
	send("V19", video(1, 500, "picture"))
	send("V20", audio(1, 510, "sound"))
	t.Run("V21", func(t *testing.T) {
		p, _ := newServer(t, nil)
		testPingRequest(t, p)
	})
	t.Run("V22", func(t *testing.T) {
		p, _ := newServer(t, nil)
		testPingResponse(t, p)
	})
	t.Run("V23", func(t *testing.T) {
		p, s := newServer(t, nil)
		testPing(t, p, s.Ping)
	})
	t.Run("V24", func(t *testing.T) {
		p, s := playing(t, nil)
		must(t, "Finish", s.Finish(1, "NetStream.Play.Complete"))
		want(t, "the end, and why", []said{
			{0, &message.UserControl{Event: message.EventStreamEOF, StreamID: 1}},
			{1, onStatus("status", "NetStream.Play.Complete", "Stopped.")},
		}, p.heard())
	})
	t.Run("V25", func(t *testing.T) {
		p, _ := publishing(t, nil)
		testAcknowledgement(t, p)
	})
	t.Run("V26", func(t *testing.T) {
		p, _ := newServer(t, nil)
		p.say(0, &message.Acknowledgement{SequenceNumber: 1234})
		want(t, "acknowledged", []Event{AckReceived{1234}}, p.events())
	})
}
