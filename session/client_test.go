package session

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// connectedClient returns a client after an accepted connect, with nothing left to be heard.
func connectedClient(t testing.TB, config *Config) (*peer, *Client) {
	t.Helper()
	p, c := newClient(t, config)
	must(t, "Connect", c.Connect(amf0.Object{{Name: "app", Value: "live"}}))
	p.say(0, cmd("_result", 1, Status{"status", "NetConnection.Connect.Success", "", nil}.object()))
	event[ConnectAccepted](t, "connect", p.events())
	p.messages()
	return p, c
}

// waitingClient returns a client that has asked to publish or play on stream 1, and the id of the request.
func waitingClient(t testing.TB, publish bool) (*peer, *Client, uint32) {
	t.Helper()
	p, c := connectedClient(t, nil)
	id := ask(t, c, publish)
	p.say(0, cmd("_result", float64(id), 1.0))
	p.messages()
	return p, c, id
}

// openClient returns a client whose request on stream 1 is accepted.
func openClient(t testing.TB, publish bool) (*peer, *Client, uint32) {
	t.Helper()
	p, c, id := waitingClient(t, publish)
	code := "NetStream.Play.Start"
	if publish {
		code = "NetStream.Publish.Start"
	}
	p.say(1, onStatus("status", code, ""))
	event[StreamAccepted](t, "accepted", p.events())
	return p, c, id
}

func ask(t testing.TB, c *Client, publish bool) uint32 {
	t.Helper()
	var id uint32
	var err error
	if publish {
		id, err = c.Publish("cam1", "")
	} else {
		id, err = c.Play("cam1", 0)
	}
	must(t, "request", err)
	return id
}

// TestClientConnectRefused has the ways in which servers refuse a connect.
func TestClientConnectRefused(t *testing.T) {
	rejected := Status{"error", "NetConnection.Connect.Rejected", "go away", nil}
	redirect := rejected
	redirect.Info = amf0.Object{{Name: "ex", Value: amf0.Object{{Name: "code", Value: 302.0}}}}
	withObject := &message.Command{Name: "_error", TransactionID: 1, Object: rejected.object()}
	tests := map[string]struct {
		in   *message.Command
		want Status
	}{
		"_error":                 {cmd("_error", 1, rejected.object()), rejected},
		"_error with a redirect": {cmd("_error", 1, redirect.object()), redirect},
		"in the object's place":  {withObject, rejected},
		"_error with a text":     {cmd("_error", 1, "go away"), rejected},
		"_error with nothing": {cmd("_error", 1),
			Status{"error", "NetConnection.Connect.Rejected", "The server gave no reason.", nil}},
		"_result with a refusal": {cmd("_result", 1, rejected.object()), rejected},
		"onStatus":               {cmd("onStatus", 0, rejected.object()), rejected},
		"close": {cmd("close", 0),
			Status{"status", "NetConnection.Connect.Closed", "The server closed the connection.", nil}},
	}
	for name, tt := range tests {
		p, c := newClient(t, nil)
		must(t, "Connect", c.Connect(amf0.Object{{Name: "app", Value: "live"}}))
		p.say(0, tt.in)
		want(t, name, []Event{ConnectRejected{tt.want}}, p.events())
		p.say(0, cmd("close", 0))
		want(t, name+": once", []Event(nil), p.events())
		for _, err := range []error{second(c.Publish("x", "")), second(c.Play("x", 0)), second(c.Call("x"))} {
			if !errors.Is(err, ErrNotConnected) {
				t.Errorf("%s: a request after that = %v, want ErrNotConnected", name, err)
			}
		}
	}
}

func second(_ uint32, err error) error { return err }

// TestClientConnectAccepted takes the forms of acceptance there are.
func TestClientConnectAccepted(t *testing.T) {
	properties := amf0.Object{{Name: "fmsVer", Value: "FMS/3,0,1,123"}}
	info := amf0.Object{{Name: "level", Value: "status"}, {Name: "code", Value: "NetConnection.Connect.Success"}}
	for _, tt := range []struct {
		object any
		args   []any
		want   ConnectAccepted
	}{
		{properties, []any{info}, ConnectAccepted{properties, info}},
		{nil, []any{amf0.ECMAArray(info)}, ConnectAccepted{nil, info}},
		{nil, nil, ConnectAccepted{}},
	} {
		p, c := newClient(t, nil)
		must(t, "Connect", c.Connect(amf0.Object{{Name: "app", Value: "live"}}))
		p.say(0, &message.Command{Name: "_result", TransactionID: 1, Object: tt.object, Args: tt.args})
		want(t, "accepted", []Event{tt.want}, p.events())
	}
}

func TestClientChunkSize(t *testing.T) {
	tests := []struct {
		configured, before, after uint32 // what the server announces before and after connect
		want                      []uint32
	}{
		{0, 0, 0, []uint32{4096}},
		{0, 0, 128, []uint32{4096}},
		{0, 60000, 0, []uint32{60000}},
		{0, 1 << 20, 0, []uint32{65536}},
		{0, 128, 8192, []uint32{4096, 8192}},
		{0, 60000, 4096, []uint32{60000}},
		{1000, 60000, 50000, []uint32{1000}},
	}
	for _, tt := range tests {
		p, c := newClient(t, &Config{ChunkSize: tt.configured})
		must(t, "Connect", c.Connect(amf0.Object{{Name: "app", Value: "live"}}))
		p.messages()
		announce := func(size uint32) {
			if size != 0 {
				p.say(0, &message.SetChunkSize{Size: size})
			}
		}
		announce(tt.before)
		want(t, "no size before connect is accepted", []said(nil), p.heard())
		p.say(0, cmd("_result", 1))
		announce(tt.after)
		var got []uint32
		for _, s := range p.heard() {
			if b, ok := s.Body.(*message.SetChunkSize); ok {
				got = append(got, b.Size)
			}
		}
		want(t, "our chunk sizes", tt.want, got)
		want(t, "and the present one", tt.want[len(tt.want)-1], c.ChunkSize())
	}
}

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
		p, c, id := openClient(t, false)
		other := ask(t, c, true)
		p.say(0, cmd("_result", float64(other), 2.0))
		third := ask(t, c, true)
		p.say(0, cmd("close", 0))
		events := p.events()
		st := Status{"status", "NetConnection.Connect.Closed", "The server closed the connection.", nil}
		want(t, "everything ends", []Event{
			StreamRejected{third, st}, StreamRejected{other, st}, StreamEnded{StreamID: 1, Status: &st},
		}, events)
		_ = id
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
	for i, c := range []*message.Command{cmd("pause", 0, true, 1500.0), cmd("pause", 0, false, 1500.0), cmd("seek", 0, 60000.0)} {
		ev, _ := p.server.Next()
		b, err := message.Parse(ev.(MessageReceived).Message)
		must(t, "Parse", err)
		want(t, "what the server's owner gets", message.Body(c), b)
		_ = i
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

// TestClientServerCommands has what servers say without being asked.
func TestClientServerCommands(t *testing.T) {
	p, c := connectedClient(t, nil)
	p.say(0, cmd("onBWDone", 0, 8192.0))
	p.say(0, cmd("_onbwcheck", 7, "payload"))
	p.say(0, cmd("_onbwcheck", 8, "payload"))
	p.say(0, cmd("_onbwdone", 0, 100.0))
	p.say(0, cmd("onFCSubscribe", 0, amf0.Object{}))
	p.say(0, cmd("onStatus", 0))
	want(t, "bandwidth checks are answered", []said{
		{0, cmd("_checkbw", 2)}, {0, cmd("_result", 7, 1.0)}, {0, cmd("_result", 8, 2.0)},
	}, p.heard())
	want(t, "and are not the owner's business", []Event(nil), p.events())

	p.say(0, cmd("onSomething", 0, 1.0))
	event[MessageReceived](t, "a command without a transaction", p.events())
	p.say(0, cmd("ask", 9, 1.0))
	call := event[CallReceived](t, "a call", p.events())
	must(t, "Reply", c.Reply(call.Command, call.Message.StreamID, 2.0))
	want(t, "the answer", []said{{0, cmd("_result", 9, 2.0)}}, p.heard())

	early, _ := newClient(t, nil)
	early.say(0, cmd("onBWDone", 0, 8192.0))
	want(t, "nothing is said before connect", []said(nil), early.heard())
}
