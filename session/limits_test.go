package session

import (
	"errors"
	"testing"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
)

// TestMaxMessageSize sends a message at the limit and one a byte longer.
func TestMaxMessageSize(t *testing.T) {
	const early, late = 1000, 5000
	config := &Config{MaxMessageSize: late, MaxEarlyMessage: early}
	served := func(begin func(testing.TB, *Config) (*peer, *Server)) func(testing.TB) *peer {
		return func(t testing.TB) *peer {
			p, _ := begin(t, config)
			return p
		}
	}
	tests := []struct {
		name  string
		begin func(testing.TB) *peer
		limit int
	}{
		{"server before connect", served(newServer), early},
		{"server before publish", served(connected), early},
		{"server, something published", served(publishing), late},
		{"server, something played", served(playing), late},
		{"client before connect", func(t testing.TB) *peer { p, _ := newClient(t, config); return p }, early},
		{"client without a stream", func(t testing.TB) *peer { p, _ := connectedClient(t, config); return p }, early},
		{"client that waits for the first picture", func(t testing.TB) *peer {
			p, c := connectedClient(t, config)
			p.say(0, cmd("_result", float64(ask(t, c, false)), 1.0))
			return p
		}, late},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.begin(t)
			p.send(video(1, 0, string(make([]byte, tt.limit))))
			err := p.s.Input(p.now, p.encodeMessage(video(1, 0, string(make([]byte, tt.limit+1)))))
			var size *chunk.SizeError
			if !errors.As(err, &size) || size.Limit != uint32(tt.limit) {
				t.Errorf("a message of %d bytes = %v, want *chunk.SizeError with that limit", tt.limit+1, err)
			}
		})
	}
}

func TestMaxMessageSizeDefaults(t *testing.T) {
	_, s := newServer(t, nil)
	want(t, "early", uint32(256<<10), s.dec.MaxMessageSize)
	_, s = publishing(t, nil)
	want(t, "late", uint32(16<<20), s.dec.MaxMessageSize)
	_, s = newServer(t, &Config{MaxMessageSize: 1000})
	want(t, "early is not more than late", uint32(1000), s.dec.MaxMessageSize)
}

func TestMaxStreams(t *testing.T) {
	for _, tt := range []struct{ config, limit int }{{0, 32}, {3, 3}} {
		p, s := newServer(t, &Config{MaxStreams: tt.config})
		p.say(0, connectCommand("live"))
		must(t, "Accept", s.Accept(event[ConnectRequested](t, "connect", p.events()).ID))
		p.messages()
		create := func(name string) {
			t.Helper()
			p.say(0, cmd("createStream", 5))
			want(t, "createStream", name, p.heard()[0].Body.(*message.Command).Name)
		}
		for range tt.limit {
			create("_result")
		}
		create("_error")
		p.say(0, cmd("deleteStream", 0, 2.0))
		create("_result")
		create("_error")
	}
}

func TestMaxRequests(t *testing.T) {
	for _, tt := range []struct{ config, limit int }{{0, 16}, {3, 3}} {
		p, s := connected(t, &Config{MaxRequests: tt.config})
		for range tt.limit + 1 {
			p.say(0, cmd("createStream", 5))
		}
		p.messages()
		var first uint32
		for i := range tt.limit {
			p.say(uint32(i+1), cmd("publish", 0, "cam"))
			ev := event[StreamRequested](t, "a request", p.events())
			if i == 0 {
				first = ev.ID
			}
		}
		p.say(uint32(tt.limit+1), cmd("play", 0, "cam"))
		wantStatus(t, p, uint32(tt.limit+1), "NetStream.Play.Failed")
		must(t, "Reject", s.Reject(first, Status{}))
		p.say(uint32(tt.limit+1), cmd("play", 0, "cam"))
		event[StreamRequested](t, "one was answered, one may come", p.events())
	}
}

// TestBadCommands ends sessions with commands that cannot be read, in both roles.
func TestBadCommands(t *testing.T) {
	long, _ := amf0.Append(nil, "connect", 1.0, make(amf0.StrictArray, 70_000))
	payloads := map[string]struct {
		kind    message.Type
		payload []byte
		bad     bool
	}{
		"garbage":        {message.TypeCommand, []byte{0xFF, 0xFF}, true},
		"no name":        {message.TypeCommand, []byte{0x05}, true},
		"cut":            {message.TypeCommand, []byte{0x02, 0x00, 0x07, 'c'}, true},
		"too many nodes": {message.TypeCommand, long, true},
		"AMF3, garbage":  {message.TypeCommandAMF3, []byte{0x00, 0xFF}, true},
		"empty":          {message.TypeCommand, nil, false},
		"a name alone":   {message.TypeCommand, []byte{0x02, 0x00, 0x01, 'x'}, false},
	}
	for name, tt := range payloads {
		for role, p := range map[string]*peer{"server": first(newServer(t, nil)), "client": first(newClient(t, nil))} {
			in := p.encodeMessage(&message.Message{Type: tt.kind, Payload: tt.payload})
			err := p.s.Input(p.now, in)
			if errors.As(err, new(*CommandError)) != tt.bad {
				t.Errorf("%s, %s: error = %v, want a *CommandError: %t", role, name, err, tt.bad)
			}
			if again := p.s.Input(p.now, in); tt.bad && again != err {
				t.Errorf("%s, %s: the next call = %v, want the same error", role, name, again)
			}
		}
	}
}

func first[T any](p *peer, _ T) *peer { return p }

// TestBadControl sends control messages with bodies that cannot be read. Only the chunk stream's own are fatal.
func TestBadControl(t *testing.T) {
	for _, kind := range []message.Type{
		message.TypeAcknowledgement, message.TypeUserControl, message.TypeWindowAckSize, message.TypeSetPeerBandwidth,
	} {
		for size := range 4 {
			p, s := newServer(t, nil)
			p.send(&message.Message{Type: kind, Payload: make([]byte, size)})
			want(t, kind.String()+" cut off is counted", uint64(1), s.Ignored())
			want(t, "and has no effect", []Event(nil), p.events())
		}
	}
}

// TestFailedSession has what can still be done after an error.
func TestFailedSession(t *testing.T) {
	p, s := playing(t, nil)
	p.say(0, &message.UserControl{Event: message.EventPingResponse, Timestamp: 7})
	p.say(0, &message.UserControl{Event: message.EventPingRequest, Timestamp: 8})
	err := s.Input(p.now, p.encodeMessage(&message.Message{Type: message.TypeCommand, Payload: []byte{0xFF}}))
	if err == nil {
		t.Fatal("no error")
	}
	for name, got := range map[string]error{
		"Input": s.Input(p.now, nil), "Send": s.Send(audio(1, 0, "")), "Accept": s.Accept(1), "Reject": s.Reject(1, Status{}),
		"Finish": s.Finish(1), "SendStatus": s.SendStatus(0, Status{}), "Reply": s.Reply(cmd("x", 1), 0),
	} {
		if got != err {
			t.Errorf("%s = %v, want %v", name, got, err)
		}
	}
	want(t, "events from before", []Event{PongReceived{7}}, p.events())
	want(t, "output from before", 1, len(p.heard()))
	if at, ok := s.Timeout(); ok {
		t.Errorf("Timeout = %v, want none", at)
	}
}

// TestUnknownTypes passes on what nobody knows.
func TestUnknownTypes(t *testing.T) {
	for _, kind := range []message.Type{0, 7, 10, 16, 19, 21, 23, 255} {
		m := &message.Message{Type: kind, Payload: []byte{1, 2, 3}}
		p, s := newServer(t, nil)
		p.send(m)
		want(t, "not before connect", []Event(nil), p.events())
		want(t, "but counted", uint64(1), s.Ignored())
		p, _ = connected(t, nil)
		p.send(m)
		want(t, "delivered", []Event{MessageReceived{m}}, p.events())
		p, _ = connectedClient(t, nil)
		p.send(m)
		want(t, "delivered by a client too", []Event{MessageReceived{m}}, p.events())
	}
}
