package session

import (
	"errors"
	"testing"

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
