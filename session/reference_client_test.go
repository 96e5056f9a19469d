package session

import (
	"errors"
	"testing"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// referenceClient has the cases of a client.
func referenceClient(t *testing.T) {
	// A large id, because servers choose any.
	const id = 3_000_000_001

	// connected returns a client after an accepted connect.
	connected := func(t *testing.T, config *Config) (*peer, *Client) {
		t.Helper()
		p, c := newClient(t, config)
		must(t, "Connect", c.Connect(amf0.Object{{Name: "app", Value: "live"}}))
		p.messages()
		p.say(0, cmd("_result", 1, Status{"status", "NetConnection.Connect.Success", "", nil}.object()))
		event[ConnectAccepted](t, "connect", p.events())
		return p, c
	}
	// created returns the same after createStream for a play or publish was answered.
	created := func(t *testing.T, publish bool) (*peer, *Client, uint32) {
		t.Helper()
		p, c := connected(t, nil)
		p.messages()
		var request uint32
		var err error
		if publish {
			request, err = c.Publish("cam1", "live")
		} else {
			request, err = c.Play("cam1", 0)
		}
		must(t, "request", err)
		heard := p.heard()
		last := heard[len(heard)-1]
		create, ok := last.Body.(*message.Command)
		if !ok || create.Name != "createStream" || create.TransactionID == 0 {
			t.Fatalf("the client said %+v, want createStream with a transaction", last)
		}
		want(t, "createStream has nothing with it", said{0, cmd("createStream", create.TransactionID)}, last)
		p.say(0, cmd("_result", create.TransactionID, float64(id)))
		return p, c, request
	}
	begin := func(t *testing.T, publish bool) (*peer, *Client) {
		t.Helper()
		p, c, request := created(t, publish)
		code := "NetStream.Play.Start"
		if publish {
			code = "NetStream.Publish.Start"
		}
		p.messages()
		p.say(id, onStatus("status", code, "go"))
		want(t, "the server accepts", []Event{StreamAccepted{request, id}}, p.events())
		return p, c
	}

	t.Run("C1", func(t *testing.T) {
		p, _ := connected(t, &Config{ChunkSize: 1111})
		p.messages()
		if got := p.dec.ChunkSize(); got != 1111 {
			t.Errorf("after connect the peer reads chunks of %d bytes, want 1111", got)
		}
	})
	t.Run("C2", func(t *testing.T) {
		p, c := newClient(t, &Config{FlashVer: "a client"})
		must(t, "Connect", c.Connect(amf0.Object{{Name: "app", Value: "live"}}))
		wanted := connectCommand("live",
			amf0.Property{Name: "flashVer", Value: "a client"},
			amf0.Property{Name: "objectEncoding", Value: 0.0})
		want(t, "connect on stream 0", []said{{0, wanted}}, p.heard())
	})
	t.Run("C3", func(t *testing.T) {
		p, c := newClient(t, &Config{FlashVer: "a client"})
		object := amf0.Object{{Name: "tcUrl", Value: "rtmp://host/live"}, {Name: "app", Value: "live"}}
		must(t, "Connect", c.Connect(object))
		wanted := connectCommand("live",
			amf0.Property{Name: "tcUrl", Value: "rtmp://host/live"},
			amf0.Property{Name: "flashVer", Value: "a client"},
			amf0.Property{Name: "objectEncoding", Value: 0.0})
		want(t, "tcUrl as given, app first", []said{{0, wanted}}, p.heard())
		want(t, "the object is not changed", "tcUrl", object[0].Name)
	})
	t.Run("C4", func(t *testing.T) { connected(t, nil) })
	t.Run("C5", func(t *testing.T) {
		p, c := newClient(t, nil)
		must(t, "Connect", c.Connect(amf0.Object{{Name: "app", Value: "live"}}))
		p.say(0, cmd("_error", 1, Status{"error", "NetConnection.Connect.Rejected", "go away", nil}.object()))
		want(t, "refused", []Event{ConnectRejected{Status{"error", "NetConnection.Connect.Rejected", "go away", nil}}}, p.events())

		p, c = newClient(t, nil)
		must(t, "Connect", c.Connect(amf0.Object{{Name: "app", Value: "live"}}))
		p.say(0, cmd("_error", 1))
		ev := event[ConnectRejected](t, "refused without a reason", p.events())
		if ev.Status.Description == "" || ev.Status.Code != "NetConnection.Connect.Rejected" {
			t.Errorf("refused without a reason = %+v, want a code and a description", ev)
		}
	})
	t.Run("C6", func(t *testing.T) {
		_, c := connected(t, nil)
		if err := c.Connect(nil); !errors.Is(err, ErrConnected) {
			t.Errorf("second Connect = %v, want ErrConnected", err)
		}
	})
	t.Run("C7", func(t *testing.T) {
		p, _ := connected(t, &Config{WindowAckSize: 3333, ChunkSize: 4444})
		want(t, "the two sizes in this order",
			[]said{{0, &message.WindowAckSize{Size: 3333}}, {0, &message.SetChunkSize{Size: 4444}}}, p.heard())
	})
	t.Run("C8", func(t *testing.T) {
		p, _, request := created(t, false)
		want(t, "buffer length, then play with the name alone", []said{
			{0, &message.UserControl{Event: message.EventSetBufferLength, StreamID: id, BufferLength: 2000}},
			{id, cmd("play", 0, "cam1")},
		}, p.heard())
		p.say(id, onStatus("status", "NetStream.Play.Start", "go"))
		want(t, "accepted", []Event{StreamAccepted{request, id}}, p.events())
	})
	t.Run("C9", func(t *testing.T) {
		p, _ := begin(t, false)
		m := data(t, id, "onMetaData", metadata)
		p.send(m)
		want(t, "metadata come whole", []Event{MessageReceived{m}}, p.events())
	})
	media := func(name string, m *message.Message) {
		t.Run(name, func(t *testing.T) {
			p, _ := begin(t, false)
			p.send(m)
			want(t, "media with time and bytes", []Event{MessageReceived{m}}, p.events())
		})
	}
	media("C10", video(id, 1234, "picture"))
	media("C11", audio(id, 1234, "sound"))
	early := func(name string, m *message.Message) {
		t.Run(name, func(t *testing.T) {
			p, _, request := created(t, false)
			p.send(m)
			want(t, "media before Play.Start are delivered, and are an acceptance",
				[]Event{StreamAccepted{request, id}, MessageReceived{m}}, p.events())
		})
	}
	early("C12", audio(id, 1234, "sound"))
	early("C13", video(id, 1234, "picture"))
	t.Run("C14", func(t *testing.T) {
		p, c := begin(t, false)
		must(t, "CloseStream", c.CloseStream(id))
		want(t, "deleteStream on the stream", []said{{id, cmd("deleteStream", 0, float64(id))}}, p.heard())
	})
	t.Run("C15", func(t *testing.T) {
		p, _ := newClient(t, nil)
		testPingRequest(t, p)
	})
	t.Run("C16", func(t *testing.T) {
		p, _ := newClient(t, nil)
		testPingResponse(t, p)
	})
	t.Run("C17", func(t *testing.T) {
		p, c := newClient(t, nil)
		testPing(t, p, c.Ping)
	})
	t.Run("C18", func(t *testing.T) {
		p, _ := connected(t, nil)
		testAcknowledgement(t, p)
	})
	t.Run("C19", func(t *testing.T) {
		p, _ := newClient(t, nil)
		p.say(0, &message.Acknowledgement{SequenceNumber: 1234})
		want(t, "acknowledged", []Event{AckReceived{1234}}, p.events())
	})
	t.Run("C20", func(t *testing.T) {
		p, _, request := created(t, true)
		want(t, "publish", []said{{id, cmd("publish", 0, "cam1", "live")}}, p.heard())
		p.say(id, onStatus("status", "NetStream.Publish.Start", "go"))
		want(t, "accepted", []Event{StreamAccepted{request, id}}, p.events())
	})
	t.Run("C21", func(t *testing.T) {
		p, c := begin(t, true)
		must(t, "Send", c.Send(data(t, id, "onMetaData", metadata)))
		want(t, "metadata get @setDataFrame in front",
			[]said{{id, &message.Data{Values: []any{"@setDataFrame", "onMetaData", metadata}}}}, p.heard())
	})
	send := func(name string, m *message.Message) {
		t.Run(name, func(t *testing.T) {
			p, c := begin(t, true)
			must(t, "Send", c.Send(m))
			want(t, "media on the stream", []*message.Message{m}, p.messages())
		})
	}
	send("C22", video(id, 1234, "picture"))
	send("C23", audio(id, 1234, "sound"))
	t.Run("C24", func(t *testing.T) {
		p, c := begin(t, true)
		must(t, "CloseStream", c.CloseStream(id))
		heard := p.heard()
		want(t, "deleteStream on the stream", said{id, cmd("deleteStream", 0, float64(id))}, heard[len(heard)-1])
	})
}
