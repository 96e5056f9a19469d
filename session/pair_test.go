package session

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
)

// epoch is when every session of these tests begins.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// opts compare events and bodies.
var opts = []cmp.Option{cmpopts.EquateEmpty(), cmpopts.EquateNaNs()}

// want checks got and says what the expectation is for.
func want(t *testing.T, why string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", why, diff)
	}
}

// must ends the test on an error.
func must(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// A said is a message as a test speaks of it.
type said struct {
	StreamID uint32
	Body     message.Body
}

// A session is what both roles have in common for the tests.
type session interface {
	Input(now time.Time, p []byte) error
	Output(spare []byte) []byte
	Next() (Event, bool)
	Timeout() (time.Time, bool)
}

// A peer is one session, spoken to by the test itself.
type peer struct {
	t   testing.TB
	s   session
	now time.Time
	enc chunk.Encoder // of what the test says
	dec chunk.Decoder // of what the session says
}

// newServer returns a server to talk to.
func newServer(t testing.TB, config *Config) (*peer, *Server) {
	s := NewServer(config, epoch)
	return &peer{t: t, s: s, now: epoch}, s
}

// newClient returns a client to talk to.
func newClient(t testing.TB, config *Config) (*peer, *Client) {
	c := NewClient(config, epoch)
	return &peer{t: t, s: c, now: epoch}, c
}

// encode returns the chunks of a body on a stream.
func (p *peer) encode(streamID uint32, b message.Body) []byte {
	p.t.Helper()
	m, err := message.New(streamID, 0, b)
	must(p.t, "message.New", err)
	return p.encodeMessage(m)
}

func (p *peer) encodeMessage(m *message.Message) []byte {
	p.t.Helper()
	out, err := p.enc.Append(nil, ChunkStreamID(m.Type, m.StreamID), m)
	must(p.t, "chunk.Encoder", err)
	return out
}

// say gives the session one body.
func (p *peer) say(streamID uint32, b message.Body) {
	p.t.Helper()
	must(p.t, "Input", p.s.Input(p.now, p.encode(streamID, b)))
}

// send gives the session one message.
func (p *peer) send(m *message.Message) {
	p.t.Helper()
	must(p.t, "Input", p.s.Input(p.now, p.encodeMessage(m)))
}

// messages returns what the session has said since the last call.
func (p *peer) messages() []*message.Message {
	p.t.Helper()
	var all []*message.Message
	for out := p.s.Output(nil); len(out) > 0; {
		n, m, err := p.dec.Decode(out)
		must(p.t, "output of the session", err)
		if m != nil {
			owned := *m
			all = append(all, &owned)
		}
		out = out[n:]
	}
	return all
}

// heard returns the same as bodies.
func (p *peer) heard() []said {
	p.t.Helper()
	var all []said
	for _, m := range p.messages() {
		b, err := message.Parse(m)
		must(p.t, "output of the session", err)
		all = append(all, said{m.StreamID, b})
	}
	return all
}

// events returns what the session told its owner since the last call.
func (p *peer) events() []Event { return drain(p.s) }

func drain(s session) []Event {
	var all []Event
	for {
		ev, ok := s.Next()
		if !ok {
			return all
		}
		all = append(all, ev)
	}
}

// event returns the only event there is, which must be of type T.
func event[T Event](t testing.TB, why string, events []Event) (ev T) {
	t.Helper()
	if len(events) == 1 {
		if ev, ok := events[0].(T); ok {
			return ev
		}
	}
	t.Fatalf("%s: events are %#v, want one %T", why, events, ev)
	return ev
}

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

func audio(streamID uint32, ts message.Timestamp, payload string) *message.Message {
	return &message.Message{Type: message.TypeAudio, StreamID: streamID, Timestamp: ts, Payload: []byte(payload)}
}

func video(streamID uint32, ts message.Timestamp, payload string) *message.Message {
	return &message.Message{Type: message.TypeVideo, StreamID: streamID, Timestamp: ts, Payload: []byte(payload)}
}

func data(t testing.TB, streamID uint32, values ...any) *message.Message {
	t.Helper()
	m, err := message.New(streamID, 0, &message.Data{Values: values})
	must(t, "message.New", err)
	return m
}

func cmd(name string, txn float64, args ...any) *message.Command {
	return &message.Command{Name: name, TransactionID: txn, Args: args}
}

func onStatus(level, code, description string, info ...amf0.Property) *message.Command {
	return cmd("onStatus", 0, Status{level, code, description, info}.object())
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

// connectCommand is what a client says first.
func connectCommand(app string, more ...amf0.Property) *message.Command {
	c := cmd("connect", 1)
	c.Object = append(amf0.Object{{Name: "app", Value: app}}, more...)
	return c
}
