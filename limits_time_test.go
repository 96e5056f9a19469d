package rtmp_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
	"github.com/gortmp/rtmp/session"
)

// The tests of this file go through the limits in time, each at the limit and past it. A bubble of synctest ends only
// when all of its goroutines have: none of these connections may leave one.

// justBefore is as near to a limit as a peer may come.
const justBefore = time.Millisecond

// inTime runs f with a new connection of a Server with the defaults.
func inTime(t *testing.T, name string, f func(t *testing.T, v *victim)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := &rtmp.Server{Handler: new(relay.Hub)}
			serveBeside(t, s)
			f(t, newVictim(t, s))
		})
	})
}

// wantTimeout checks that err says what was missing for how long.
func wantTimeout(t *testing.T, why string, err error, what string, after time.Duration) {
	t.Helper()
	wantAs[*rtmp.ProtocolError](t, why, err)
	if e := wantAs[*session.TimeoutError](t, why, err); e != nil && (e.What != what || e.After != after) {
		t.Errorf("%s: %v, want no %s for %v", why, e, what, after)
	}
}

func TestLimitHandshakeTime(t *testing.T) {
	const limit = 10 * time.Second
	hello := append([]byte{3}, make([]byte, 1536)...)
	for name, attack := range map[string]func(v *victim){
		"nothing comes":         func(*victim) {},
		"it stops half-way":     func(v *victim) { v.nc.Write(hello[:700]) },
		"a byte per second":     func(v *victim) { drip(v.nc, hello) },
		"the last part missing": func(v *victim) { v.nc.Write(hello) },
		"a byte per second of the last part": func(v *victim) {
			v.nc.Write(hello)
			drip(v.nc, hello[1:])
		},
	} {
		inTime(t, name, func(t *testing.T, v *victim) {
			v.beside(func() { attack(v) })
			e := wantAs[*rtmp.HandshakeTimeoutError](t, name, v.wantEnd(name, limit))
			if e != nil && (e.After != limit || !e.Timeout()) {
				t.Errorf("%s: %v, want %v", name, e, limit)
			}
		})
	}
	inTime(t, "at the limit", func(t *testing.T, v *victim) {
		v.wait(limit - justBefore)
		v.reach(atConnect).ping("a handshake in the last moment")
	})
}

func TestLimitConnectTime(t *testing.T) {
	const limit = 10 * time.Second
	connect, err := message.New(0, 0, &message.Command{Name: "connect", TransactionID: 1, Object: amf0.Object{{Name: "app", Value: "live"}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, attack := range map[string]func(p *peer){
		"nothing comes": func(*peer) {},
		"a byte per second": func(p *peer) {
			drip(p.nc, append(begin(3, connect.Type, 0, len(connect.Payload), 0), connect.Payload...))
		},
		"other commands": func(p *peer) { p.command(0, "createStream", 1) },
		"a ping per second": func(p *peer) {
			for range 9 {
				p.ping("before connect")
				<-time.After(time.Second)
			}
		},
	} {
		inTime(t, name, func(t *testing.T, v *victim) {
			v.wait(time.Second) // the handshake has its own time
			p := v.reach(atHandshake)
			v.beside(func() { attack(p) })
			wantTimeout(t, name, v.wantEnd(name, time.Second+limit), "connect command", limit)
		})
	}
	inTime(t, "at the limit", func(t *testing.T, v *victim) {
		p := v.reach(atHandshake)
		v.wait(limit - justBefore)
		p.send(connect)
		p.hear("_result")
		v.wait(2 * limit)
		p.ping("connect in the last moment")
	})
}

func TestLimitStallTime(t *testing.T) {
	const limit = 30 * time.Second
	inTime(t, "a message stops half-way", func(t *testing.T, v *victim) {
		p := v.reach(atMedia)
		v.wait(5 * time.Second)
		p.raw(begin(9, message.TypeVideo, 1, 1000, 100))
		wantTimeout(t, "half a message", v.wantEnd("half a message", 5*time.Second+limit), "rest of a message", limit)
	})
	inTime(t, "a chunk header stops half-way", func(t *testing.T, v *victim) {
		p := v.reach(atConnect)
		p.raw([]byte{0x04, 0, 0})
		wantTimeout(t, "half a header", v.wantEnd("half a header", limit), "rest of a message", limit)
	})
	inTime(t, "a message goes on at the limit", func(t *testing.T, v *victim) {
		p := v.reach(atMedia)
		p.raw(begin(9, message.TypeVideo, 1, 128, 100))
		v.wait(limit - justBefore)
		p.raw(make([]byte, 28))
		p.ping("the rest of a message in the last moment")
	})
	inTime(t, "a publisher sends nothing", func(t *testing.T, v *victim) {
		p := v.reach(atPublish)
		v.wait(limit / 2)
		p.ping("which is no media")
		wantTimeout(t, "a silent publisher", v.wantEnd("a silent publisher", limit), "media from the publisher", limit)
	})
	t.Run("a handler thinks for long, and there are no pings", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			const thinks = 20 * time.Second
			hub := new(relay.Hub)
			s := &rtmp.Server{Config: &rtmp.Config{IdleTimeout: -1}, Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
				<-time.After(thinks)
				return hub.ServeRTMP(s, r)
			})}
			serveBeside(t, s)
			v := newVictim(t, s)
			v.reach(atPublish)
			wantTimeout(t, "a silent publisher", v.wantEnd("a silent publisher", thinks+limit), "media from the publisher", limit)
		})
	})
	inTime(t, "a publisher sends at the limit", func(t *testing.T, v *victim) {
		p := v.reach(atPublish)
		for i := range 3 {
			v.wait(time.Duration(i+1) * (limit - justBefore))
			p.send(&message.Message{Type: message.TypeAudio, StreamID: 1, Payload: []byte{0xAF, 1}})
		}
		p.ping("media in the last moment")
	})
}

func TestLimitIdleTime(t *testing.T) {
	const limit = 60 * time.Second
	for _, ph := range []phase{atConnect, atStream, atPlay} {
		inTime(t, "no answer "+ph.String(), func(t *testing.T, v *victim) {
			p := v.reach(ph)
			p.hearPing(t, v, limit/2)
			wantTimeout(t, "silence", v.wantEnd("silence", limit), "any byte", limit)
		})
		inTime(t, "an answer at the limit "+ph.String(), func(t *testing.T, v *victim) {
			p := v.reach(ph)
			for i := range 3 {
				at := time.Duration(i) * (limit - justBefore)
				stamp := p.hearPing(t, v, at+limit/2)
				v.wait(at + limit - justBefore)
				p.say(0, &message.UserControl{Event: message.EventPingResponse, Timestamp: stamp})
			}
			p.ping("answers in the last moment")
		})
	}
}

// hearPing reads until a ping, which has to come at the given time, and returns its timestamp.
func (p *peer) hearPing(t *testing.T, v *victim, at time.Duration) uint32 {
	t.Helper()
	for {
		m := p.next("a ping")
		if m.Type != message.TypeUserControl {
			continue
		}
		b, err := message.Parse(m)
		if err != nil {
			t.Fatal(err)
		}
		if u := b.(*message.UserControl); u.Event == message.EventPingRequest {
			if got := v.until(); got != at {
				t.Errorf("a ping after %v, want %v", got, at)
			}
			return u.Timestamp
		}
	}
}

// A peer that takes no bytes is gone after WriteTimeout; the deadline is set ahead by up to a quarter of it, so that not
// every write has to set one.
func TestLimitWriteTime(t *testing.T) {
	const limit = 30 * time.Second
	inTime(t, "nothing is taken", func(t *testing.T, v *victim) {
		p := v.reach(atConnect)
		v.beside(func() {
			for { // pings, whose answers nobody reads
				m, _ := message.New(0, 0, &message.UserControl{Event: message.EventPingRequest})
				if p.WriteMessage(m) != nil {
					return
				}
			}
		})
		select {
		case <-v.over:
		case <-time.After(time.Hour):
			t.Fatal("a peer that takes nothing is still served after an hour")
		}
		if v.after < limit || v.after > limit+limit/4 {
			t.Errorf("a peer that takes nothing: ended after %v, want %v to %v", v.after, limit, limit+limit/4)
		}
		wantTimeout(t, "a peer that takes nothing", v.err, "reading by the peer", limit)
	})
}

// Whoever is refused for good has a second to take the reason and to leave.
func TestLimitLinger(t *testing.T) {
	const limit = time.Second
	refused := &rtmp.StatusError{Code: "NetStream.Publish.Denied", Description: "no"}
	tests := []struct {
		name   string
		server *rtmp.Server
		phase  phase
		what   func(p *peer)
	}{
		{"connect is refused", &rtmp.Server{
			OnConnect: func(context.Context, *rtmp.ConnInfo) error { return refused },
		}, atHandshake, func(p *peer) {
			p.command(0, "connect", 1, amf0.Object{{Name: "app", Value: "live"}})
			p.hearStatus("connect", "_error", refused.Code)
		}},
		{"a publisher is sent away", &rtmp.Server{
			Handler: rtmp.HandlerFunc(func(s *rtmp.Stream, _ *rtmp.Request) error {
				if _, err := s.ReadMessage(); err != nil {
					return err
				}
				return refused
			}),
		}, atMedia, func(p *peer) { p.hearStatus("publish", "onStatus", refused.Code) }},
	}
	for _, tt := range tests {
		for name, then := range map[string]func(p *peer){
			"it stays": func(*peer) {},
			"it goes on": func(p *peer) {
				for p.sendPing(1) == nil {
				}
			},
		} {
			t.Run(tt.name+" and "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &rtmp.Server{OnConnect: tt.server.OnConnect, Handler: tt.server.Handler}
					serveBeside(t, s)
					v := newVictim(t, s)
					p := v.reach(tt.phase)
					tt.what(p)
					v.beside(func() { then(p) })
					wantError(t, tt.name, rtmp.ErrRefused, v.wantEnd(tt.name, limit))
				})
			})
		}
		t.Run(tt.name+" and it leaves", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &rtmp.Server{OnConnect: tt.server.OnConnect, Handler: tt.server.Handler}
				serveBeside(t, s)
				v := newVictim(t, s)
				p := v.reach(tt.phase)
				tt.what(p)
				p.nc.Close()
				wantError(t, tt.name, rtmp.ErrRefused, v.wantEnd(tt.name, 0))
			})
		})
	}
}
