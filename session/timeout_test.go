package session

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/gortmp/rtmp/message"
)

// wait moves the clock to where the session wants it, and gives it nothing.
func (p *peer) wait() error {
	p.t.Helper()
	at, ok := p.s.Timeout()
	if !ok {
		p.t.Fatal("Timeout: none")
	}
	if at.Before(p.now) {
		p.t.Fatalf("Timeout is %v ago", p.now.Sub(at))
	}
	p.now = at
	return p.s.Input(p.now, nil)
}

// wantTimeout wants the session to end at a time, and not earlier.
func wantTimeout(t *testing.T, p *peer, at time.Duration, what string) {
	t.Helper()
	for range 10 {
		if err := p.wait(); err != nil {
			var e *TimeoutError
			if !errors.As(err, &e) || !errors.Is(err, ErrTimeout) || e.What != what || !e.Timeout() {
				t.Fatalf("error = %v, want a *TimeoutError for %s", err, what)
			}
			want(t, "when it ended", at, p.now.Sub(epoch))
			return
		}
		p.messages() // pings
	}
	t.Fatal("the session never ends")
}

func TestConnectTimeout(t *testing.T) {
	p, _ := newServer(t, nil)
	wantTimeout(t, p, 10*time.Second, "connect command")

	p, s := newServer(t, &Config{ConnectTimeout: 3 * time.Second})
	in := p.encode(0, connectCommand("live"))
	for i := range 3 { // a byte per second does not help
		must(t, "Input", s.Input(epoch.Add(time.Duration(i)*time.Second), in[i:i+1]))
	}
	if err := s.Input(epoch.Add(3*time.Second), in[3:4]); !errors.Is(err, ErrTimeout) {
		t.Errorf("a byte at the end of ConnectTimeout = %v, want ErrTimeout", err)
	}

	p, s = newServer(t, &Config{ConnectTimeout: 3 * time.Second})
	must(t, "connect in the last moment", s.Input(epoch.Add(3*time.Second), p.encode(0, connectCommand("live"))))
	must(t, "an owner who thinks for long", s.Input(epoch.Add(20*time.Second), nil))

	p, _ = newServer(t, &Config{ConnectTimeout: -1})
	wantTimeout(t, p, 60*time.Second, "any byte")

	c, _ := newClient(t, nil)
	wantTimeout(t, c, 60*time.Second, "any byte") // a client has no such bound
}

func TestIdleTimeout(t *testing.T) {
	p, _ := playing(t, nil)
	must(t, "half of it", p.wait())
	want(t, "when", 30*time.Second, p.now.Sub(epoch))
	want(t, "a ping", []said{{0, &message.UserControl{Event: message.EventPingRequest, Timestamp: 30000}}}, p.heard())
	p.now = p.now.Add(time.Second)
	p.say(0, &message.UserControl{Event: message.EventPingResponse, Timestamp: 30000})
	must(t, "half of it again", p.wait())
	want(t, "when", 61*time.Second, p.now.Sub(epoch))
	want(t, "one ping only", 1, len(p.heard()))
	must(t, "a little later", p.s.Input(p.now.Add(time.Second), nil))
	want(t, "no second ping", 0, len(p.heard()))
	wantTimeout(t, p, 91*time.Second, "any byte")

	p, _ = playing(t, &Config{IdleTimeout: -1})
	if at, ok := p.s.Timeout(); ok {
		t.Errorf("Timeout without IdleTimeout = %v, want none", at)
	}
	must(t, "a year later", p.s.Input(epoch.AddDate(1, 0, 0), nil))

	p, _ = playing(t, nil)
	if err := p.s.Input(epoch.Add(time.Hour), nil); !errors.Is(err, ErrTimeout) {
		t.Errorf("Input after an hour of silence = %v, want ErrTimeout", err)
	}
	p, _ = playing(t, nil)
	must(t, "bytes that waited for an hour until the owner took them",
		p.s.Input(epoch.Add(time.Hour), p.encodeMessage(&message.Message{Type: 99})))
}

func TestStallTimeout(t *testing.T) {
	t.Run("rest of a message", func(t *testing.T) {
		p, _ := playing(t, nil)
		in := p.encodeMessage(&message.Message{Type: 99, Payload: make([]byte, 100)})
		p.now = epoch.Add(5 * time.Second)
		must(t, "the first half", p.s.Input(p.now, in[:50]))
		p.now = epoch.Add(25 * time.Second)
		must(t, "some more", p.s.Input(p.now, in[50:51]))
		wantTimeout(t, p, 55*time.Second, "rest of a message")
	})
	t.Run("media from the publisher", func(t *testing.T) {
		p, _ := publishing(t, nil)
		must(t, "the Input after Accept", p.s.Input(epoch.Add(5*time.Second), nil))
		p.now = epoch.Add(10 * time.Second)
		p.send(audio(1, 0, "sound"))
		p.now = epoch.Add(30 * time.Second)
		p.say(0, &message.UserControl{Event: message.EventPingResponse}) // is no media
		wantTimeout(t, p, 40*time.Second, "media from the publisher")
	})
	t.Run("an owner who accepts late", func(t *testing.T) {
		p, s := connected(t, nil)
		p.say(1, cmd("publish", 0, "cam1"))
		p.now = epoch.Add(50 * time.Second)
		p.send(&message.Message{Type: 99})
		p.now = epoch.Add(90 * time.Second)
		must(t, "Accept", s.Accept(p.events()[0].(StreamRequested).ID))
		must(t, "Input", s.Input(p.now, nil))
		wantTimeout(t, p, 110*time.Second, "any byte")
	})
	t.Run("a large picture over a slow line", func(t *testing.T) {
		p, _ := publishing(t, nil)
		in := p.encodeMessage(video(1, 0, string(make([]byte, 100))))
		for i := range in {
			p.now = p.now.Add(20 * time.Second)
			must(t, "a byte", p.s.Input(p.now, in[i:i+1]))
		}
		event[MessageReceived](t, "the picture", p.events())
	})
	t.Run("nothing published any more", func(t *testing.T) {
		for _, c := range []*message.Command{cmd("closeStream", 0), cmd("deleteStream", 0, 1.0)} {
			p, _ := publishing(t, nil)
			p.say(1, c)
			p.messages()
			wantTimeout(t, p, 60*time.Second, "any byte")
		}
	})
	t.Run("no bound", func(t *testing.T) {
		p, _ := publishing(t, &Config{StallTimeout: -1})
		p.messages()
		wantTimeout(t, p, 60*time.Second, "any byte")
	})
	t.Run("as long as can be", func(t *testing.T) {
		const forever = math.MaxInt64
		p, _ := publishing(t, &Config{ConnectTimeout: forever, StallTimeout: forever, IdleTimeout: forever})
		in := p.encodeMessage(video(1, 0, "picture"))
		p.now = epoch.Add(time.Second)
		must(t, "half a picture", p.s.Input(p.now, in[:len(in)/2]))
		must(t, "a ping is due in decades", p.wait())
		want(t, "it is sent", 1, len(p.messages()))
		must(t, "and ends nothing", p.s.Input(p.now.AddDate(1, 0, 0), nil))
		must(t, "the other half", p.s.Input(p.now.AddDate(2, 0, 0), in[len(in)/2:]))
		must(t, "and nothing for a year", p.s.Input(p.now.AddDate(3, 0, 0), nil))
	})
	t.Run("players may be silent", func(t *testing.T) {
		p, _, _ := openClient(t, false)
		p.messages()
		wantTimeout(t, p, 60*time.Second, "any byte")
	})
}

// A peer that takes what waits for it lives, but that is no media.
func TestTaken(t *testing.T) {
	p, _ := playing(t, nil)
	must(t, "half of it", p.wait())
	p.heard()
	p.s.(interface{ Taken(time.Time) }).Taken(p.now.Add(20 * time.Second))
	must(t, "half of it again", p.wait())
	want(t, "when", 80*time.Second, p.now.Sub(epoch))
	want(t, "another ping", 1, len(p.heard()))
	wantTimeout(t, p, 110*time.Second, "any byte")

	p, s := publishing(t, nil)
	must(t, "a publisher has to send from now on", s.Input(epoch, nil))
	s.Taken(epoch.Add(20 * time.Second))
	wantTimeout(t, p, 30*time.Second, "media from the publisher")

	p, s = publishing(t, nil)
	in := p.encodeMessage(video(1, 0, string(make([]byte, 100))))
	must(t, "half a picture", s.Input(epoch, in[:50]))
	s.Taken(epoch.Add(20 * time.Second))
	wantTimeout(t, p, 30*time.Second, "rest of a message")
}

func TestResume(t *testing.T) {
	p, s := publishing(t, nil)
	in := p.encodeMessage(video(1, 0, string(make([]byte, 100))))
	must(t, "half a picture", s.Input(epoch, in[:50]))
	p.now = epoch.Add(time.Hour) // the owner has no room for more until now
	s.Resume(p.now)
	must(t, "Input", s.Input(p.now, nil))
	want(t, "nobody was silent", []said(nil), p.heard())
	wantTimeout(t, p, time.Hour+30*time.Second, "rest of a message")
}
