package session

import (
	"errors"
	"testing"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// TestEventQueue takes events more slowly than they come, then all of them.
func TestEventQueue(t *testing.T) {
	p, s := newServer(t, nil)
	next := uint32(0)
	take := func() bool {
		ev, ok := s.Next()
		if ok {
			want(t, "events come in order", Event(PongReceived{next}), ev)
			next++
		}
		return ok
	}
	const total = 3 * maxIdleEvents
	for i := range uint32(total) {
		p.say(0, &message.UserControl{Event: message.EventPingResponse, Timestamp: i})
		if i%4 != 0 {
			take()
		}
	}
	for take() {
	}
	want(t, "none is lost", uint32(total), next)

	for i := range uint32(total) {
		p.say(0, &message.UserControl{Event: message.EventPingResponse, Timestamp: total + i})
	}
	for take() {
	}
	if c := cap(s.events); c > maxIdleEvents {
		t.Errorf("an idle session keeps room for %d events, want at most %d", c, maxIdleEvents)
	}
}

// TestBadValues gives sessions values of the owner that AMF cannot express. Nothing happens then.
func TestBadValues(t *testing.T) {
	bad := make(chan int)
	info := amf0.Object{{Name: "bad", Value: bad}}
	wantError := func(what string, err error) {
		t.Helper()
		if !errors.As(err, new(*amf0.TypeError)) {
			t.Errorf("%s = %v, want *amf0.TypeError", what, err)
		}
	}

	p, c := newClient(t, nil)
	wantError("Connect", c.Connect(amf0.Object{{Name: "app", Value: bad}}))
	want(t, "nothing is said", []said(nil), p.heard())
	must(t, "Connect again", c.Connect(amf0.Object{{Name: "app", Value: "live"}}))

	p, c = connectedClient(t, nil)
	wantError("Call", second(c.Call("x", bad)))
	id, err := c.Call("x")
	must(t, "Call", err)
	want(t, "no transaction is lost", []said{{0, cmd("x", float64(id))}}, p.heard())
	wantError("Reply", c.Reply(cmd("x", 5), 0, bad))
	wantError("ReplyError", c.ReplyError(cmd("x", 5), 0, Status{Info: info}))
	wantError("SendStatus", c.SendStatus(0, Status{Info: info}))

	p, s := newServer(t, nil)
	p.say(0, connectCommand("live"))
	ev := event[ConnectRequested](t, "connect", p.events())
	wantError("Reject", s.Reject(ev.ID, Status{Info: info}))
	must(t, "Accept after that", s.Accept(ev.ID))
	p.say(0, cmd("createStream", 2))
	p.say(1, cmd("publish", 0, "cam1"))
	r := event[StreamRequested](t, "publish", p.events())
	wantError("Reject", s.Reject(r.ID, Status{Info: info}))
	must(t, "Accept after that", s.Accept(r.ID))

	long := Status{Description: string(make([]byte, 3*maxIdleScratch))}
	must(t, "SendStatus", s.SendStatus(1, long))
	if n := cap(s.scratch); n > maxIdleScratch {
		t.Errorf("an idle session keeps %d bytes of scratch, want at most %d", n, maxIdleScratch)
	}
}

func TestAnswersBeforeConnect(t *testing.T) {
	p, s := newServer(t, nil)
	p.say(0, cmd("_result", 5))
	p.say(0, cmd("_error", 5))
	want(t, "an answer is never answered", []said(nil), p.heard())
	want(t, "but counted", uint64(2), s.Ignored())
	p.say(0, &message.SetChunkSize{Size: 1000})
	p.say(0, &message.SetPeerBandwidth{Size: 1000})
	p.say(0, &message.SetPeerBandwidth{Size: 1000})
	p.say(0, &message.SetPeerBandwidth{Size: 0})
	want(t, "a bandwidth is answered when it is new",
		[]said{{0, &message.WindowAckSize{Size: 1000}}}, p.heard())
}

func TestErrorTexts(t *testing.T) {
	for want, err := range map[string]error{
		"session: no connect command for 10s":                                                    &TimeoutError{"connect command", 10 * time.Second},
		"session: command on stream 1: message: command does not begin with a name and a number": &CommandError{1, message.ErrNotCommand},
		"session: send audio: stream 3 is not open for it":                                       sendError(audio(3, 0, "")),
	} {
		if got := err.Error(); got != want {
			t.Errorf("text is %q, want %q", got, want)
		}
	}
}

// BenchmarkInput is one audio message of a publisher, alone in its input.
func BenchmarkInput(b *testing.B) {
	p, s := publishing(b, nil)
	m := audio(1, 0, string(make([]byte, 370)))
	p.say(0, &message.SetChunkSize{Size: 4096})
	p.send(m)
	in := p.encodeMessage(m)
	s.Next()
	b.SetBytes(370)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Input(epoch, in); err != nil {
			b.Fatal(err)
		}
		s.Next()
	}
}
