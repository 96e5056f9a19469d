package session

import (
	"errors"
	"testing"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
)

// A pair is a client against a server, in memory, with a clock moved by hand.
type pair struct {
	t      testing.TB
	client *Client
	server *Server
	now    time.Time
	cut    int // bytes per Input; 0: all at once
}

func newPair(t testing.TB, clientConfig, serverConfig *Config) *pair {
	return &pair{t: t, client: NewClient(clientConfig, epoch), server: NewServer(serverConfig, epoch), now: epoch}
}

// pump carries bytes until both sides are silent.
func (p *pair) pump() {
	p.t.Helper()
	for range 100 {
		a, b := p.client.Output(nil), p.server.Output(nil)
		if len(a)+len(b) == 0 {
			return
		}
		p.feed(p.server, a)
		p.feed(p.client, b)
	}
	p.t.Fatal("client and server do not stop talking")
}

func (p *pair) feed(s session, b []byte) {
	p.t.Helper()
	for len(b) > 0 {
		n := len(b)
		if p.cut > 0 {
			n = min(n, p.cut)
		}
		must(p.t, "Input", s.Input(p.now, b[:n]))
		b = b[n:]
	}
}

// connect brings the pair to an accepted connect.
func (p *pair) connect() {
	p.t.Helper()
	must(p.t, "Connect", p.client.Connect(amf0.Object{{Name: "app", Value: "live"}}))
	p.pump()
	ev := event[ConnectRequested](p.t, "server hears connect", drain(p.server))
	must(p.t, "Accept", p.server.Accept(ev.ID))
	p.pump()
	event[ConnectAccepted](p.t, "client hears the acceptance", drain(p.client))
}

// request returns the request that the client's Publish or Play has caused.
func (p *pair) request() StreamRequested {
	p.t.Helper()
	p.pump()
	return event[StreamRequested](p.t, "server hears a request", drain(p.server))
}

// publish brings a connected pair to an accepted publish and returns the stream id.
func (p *pair) publish(name string) uint32 {
	p.t.Helper()
	id, err := p.client.Publish(name, "")
	must(p.t, "Publish", err)
	return p.accept(id)
}

// play brings a connected pair to an accepted play and returns the stream id.
func (p *pair) play(name string) uint32 {
	p.t.Helper()
	id, err := p.client.Play(name, 0)
	must(p.t, "Play", err)
	return p.accept(id)
}

func (p *pair) accept(id uint32) uint32 {
	p.t.Helper()
	r := p.request()
	must(p.t, "Accept", p.server.Accept(r.ID))
	p.pump()
	events := drain(p.client)
	if len(events) == 0 {
		p.t.Fatal("client hears nothing of the acceptance")
	}
	want(p.t.(*testing.T), "client hears the acceptance of its request first",
		Event(StreamAccepted{ID: id, StreamID: r.StreamID}), events[0])
	return r.StreamID
}

func TestPublishDialogue(t *testing.T) {
	for _, cut := range []int{0, 1, 7} {
		p := newPair(t, nil, nil)
		p.cut = cut
		p.connect()
		id := p.publish("cam1")

		metadata := amf0.ECMAArray{{Name: "width", Value: 1920.0}}
		must(t, "Send", p.client.Send(data(t, id, "onMetaData", metadata)))
		must(t, "Send", p.client.Send(video(id, 40, "picture")))
		must(t, "Send", p.client.Send(audio(id, 43, "")))
		p.pump()
		want(t, "server gets the messages as they were sent, without @setDataFrame", []Event{
			MessageReceived{data(t, id, "onMetaData", metadata)},
			MessageReceived{video(id, 40, "picture")},
			MessageReceived{audio(id, 43, "")},
		}, drain(p.server))

		must(t, "CloseStream", p.client.CloseStream(id))
		p.pump()
		want(t, "server hears the end once", []Event{StreamEnded{StreamID: id}}, drain(p.server))
		want(t, "client hears nothing of a stream that it closed", []Event(nil), drain(p.client))

		if again := p.publish("cam1"); again == id {
			t.Errorf("stream id %d was used twice", id)
		}
	}
}

func TestPlayDialogue(t *testing.T) {
	p := newPair(t, nil, nil)
	p.connect()
	id := p.play("cam1")
	must(t, "Send", p.server.Send(video(id, 40, "picture")))
	p.pump()
	want(t, "client gets the picture", []Event{MessageReceived{video(id, 40, "picture")}}, drain(p.client))

	must(t, "Finish", p.server.Finish(id))
	p.pump()
	want(t, "client hears the end once, though two codes say it", []Event{
		StreamEnded{StreamID: id, Status: &Status{Level: "status", Code: "NetStream.Play.UnpublishNotify", Description: "Stopped."}},
	}, drain(p.client))
	if err := p.server.Finish(id); !errors.As(err, new(*StreamError)) {
		t.Errorf("second Finish = %v, want *StreamError", err)
	}
}

// TestWholeHeaders wants a type 0 header on every message that a session makes by itself: some encoders and players do
// not read shortened ones right after the handshake.
func TestWholeHeaders(t *testing.T) {
	p := newPair(t, nil, nil)
	readers := map[session]*chunk.Decoder{p.client: new(chunk.Decoder), p.server: new(chunk.Decoder)}
	said := 0
	carry := func(from, to session) {
		out := from.Output(nil)
		must(t, "Input", to.Input(epoch, out))
		var whole []byte
		for rest, dec := out, readers[from]; len(rest) > 0; said++ {
			size := dec.ChunkSize() // before what may change it
			n, m, err := dec.Decode(rest)
			if err != nil || m == nil {
				t.Fatalf("output of the session: message %v, error = %v", m, err)
			}
			rest = rest[n:]
			whole, err = chunk.AppendMessage(whole, size, chunk.StreamID(m), m)
			must(t, "AppendMessage", err)
		}
		want(t, "all with whole headers", whole, out)
	}
	must(t, "Connect", p.client.Connect(amf0.Object{{Name: "app", Value: "live"}}))
	for range 5 {
		carry(p.client, p.server)
		for _, ev := range drain(p.server) {
			switch ev := ev.(type) {
			case ConnectRequested:
				must(t, "Accept", p.server.Accept(ev.ID))
			case StreamRequested:
				must(t, "Accept", p.server.Accept(ev.ID))
			}
		}
		p.server.Ping(epoch)
		carry(p.server, p.client)
		for _, ev := range drain(p.client) {
			switch ev := ev.(type) {
			case ConnectAccepted:
				must(t, "Publish", second(p.client.Publish("cam1", "")))
				must(t, "Play", second(p.client.Play("cam2", 0)))
			case StreamAccepted:
				must(t, "CloseStream", p.client.CloseStream(ev.StreamID))
			}
		}
	}
	if said < 40 {
		t.Errorf("%d messages were said, want the whole of both dialogues", said)
	}
}
