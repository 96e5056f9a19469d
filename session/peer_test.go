package session

import (
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
	out, err := p.enc.Append(nil, chunk.StreamID(m), m)
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

// connectCommand is what a client says first.
func connectCommand(app string, more ...amf0.Property) *message.Command {
	c := cmd("connect", 1)
	c.Object = append(amf0.Object{{Name: "app", Value: app}}, more...)
	return c
}
