package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

// token is an Identity.
func token(r *rtmp.Request) string { return r.URL.Query().Get("token") }

// request returns a request to publish live/a, with a token.
func request(ctx context.Context, identity string) *rtmp.Request {
	r := &rtmp.Request{App: "live", Name: "a", URL: &url.URL{RawQuery: "token=" + identity}}
	return r.WithContext(ctx)
}

// Who gets a name that is taken, and what becomes of the one who had it.
func TestConflict(t *testing.T) {
	const refused = "NetStream.Publish.BadName"
	tests := []struct {
		name     string
		conflict Conflict
		identity func(*rtmp.Request) string
		old, new string // tokens
		want     string // the code for the new one
		wantOld  string // and for the old one
	}{
		{"refuse", Refuse, nil, "", "", refused, ""},
		{"refuse the same", Refuse, token, "me", "me", refused, ""},
		{"take over from anybody", TakeOver, nil, "me", "you", "", refused},
		{"take over from oneself", TakeOver, token, "me", "me", "", refused},
		{"not from another", TakeOver, token, "me", "you", refused, ""},
		{"nobody from somebody", TakeOver, token, "me", "", refused, ""},
		{"somebody from nobody", TakeOver, token, "", "me", refused, ""},
		{"nobody from nobody", TakeOver, token, "", "", refused, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hub := &Hub{Conflict: tt.conflict, Identity: tt.identity}
			stopped := 0
			old, err := hub.admit(request(context.Background(), tt.old), func() { stopped++ })
			if err != nil {
				t.Fatal(err)
			}
			defer old.Close()
			s := newScript(t)
			s.send(old, "avc1 K1")
			pub, err := hub.admit(request(context.Background(), tt.new), func() { t.Error("the new one is stopped") })
			if err != nil {
				if got := statusCode(err); got != tt.want {
					t.Errorf("the new publisher is refused with %s, want %q", got, tt.want)
				}
			} else {
				defer pub.Close()
				if tt.want != "" {
					t.Errorf("the new publisher is admitted, want %s", tt.want)
				}
				s.send(pub, "K2")
			}
			err = old.WriteMessage(s.message("f1"))
			if tt.wantOld == "" {
				if err != nil || stopped != 0 {
					t.Errorf("the old publisher is stopped %d times and gets %v, want neither", stopped, err)
				}
				return
			}
			if got := statusCode(err); got != tt.wantOld || stopped != 1 {
				t.Errorf("the old publisher is stopped %d times and gets %s, want once and %s", stopped, got, tt.wantOld)
			}
			if err := old.Close(); err != net.ErrClosed {
				t.Errorf("Close of the old publisher = %v, want net.ErrClosed", err)
			}
			if _, err := hub.Subscribe("live/a"); err != nil || len(hub.streams) != 1 {
				t.Errorf("then Subscribe = %v with %d streams", err, len(hub.streams))
			}
		})
	}
}

// Publish has no request: it neither takes over nor waits, and nobody can show to be the same.
func TestConflictOfProgram(t *testing.T) {
	const refused = "NetStream.Publish.BadName"
	for _, tt := range []struct {
		name     string
		hub      *Hub
		wantOver bool // a request takes over from Publish
	}{
		{"refuse", &Hub{}, false},
		{"take over", &Hub{Conflict: TakeOver}, true},
		{"take over, with identity", &Hub{Conflict: TakeOver, Identity: token}, false},
		{"wait", &Hub{Conflict: Wait}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pub, err := tt.hub.Publish("live/a")
				if err != nil {
					t.Fatal(err)
				}
				defer pub.Close()
				start := time.Now()
				if _, err := tt.hub.Publish("live/a"); statusCode(err) != refused || time.Since(start) != 0 {
					t.Errorf("second Publish = %v after %v, want %s at once", err, time.Since(start), refused)
				}
				for _, who := range []string{"", "me"} {
					other, err := tt.hub.admit(request(context.Background(), who), nil)
					if tt.wantOver && who == "" {
						if err != nil || statusCode(pub.reason()) != refused {
							t.Errorf("publish request = %v, and Publication: %v", err, pub.reason())
						}
						other.Close()
						return
					}
					if got := statusCode(err); got != refused || pub.reason() != nil {
						t.Errorf("publish request of %q = %s, and Publication: %v", who, got, pub.reason())
					}
				}
			})
		})
	}
}

func TestConflictWait(t *testing.T) {
	const refused = "NetStream.Publish.BadName"
	const grace = 10 * time.Second
	gone := errors.New("gone")
	tests := []struct {
		name     string
		wait     time.Duration
		grace    time.Duration
		identity string        // of the one who waits; that of the old one is "me"
		leaves   time.Duration // when the old publisher leaves; 0: never
		gives    time.Duration // when the one who waits leaves; 0: never
		want     string        // code or text; "": admitted
		after    time.Duration
	}{
		{"free at once", 0, 0, "you", time.Second, 0, "", time.Second},
		{"in the last moment", 0, 0, "you", defaultPublishWait - 1, 0, "", defaultPublishWait - 1},
		{"too late", 0, 0, "you", defaultPublishWait + 1, 0, refused, defaultPublishWait},
		{"negative is the default", -1, 0, "you", 0, 0, refused, defaultPublishWait},
		{"own bound, in the last moment", time.Second, 0, "you", time.Second - 1, 0, "", time.Second - 1},
		{"own bound, too late", time.Second, 0, "you", time.Second + 1, 0, refused, time.Second},
		{"who waits leaves", 0, 0, "you", 0, time.Second, "gone", time.Second},
		{"the same may continue", 0, grace, "me", time.Second, 0, "", time.Second},
		{"another waits for the end of the grace", 0, grace, "you", time.Second, 0, "", time.Second + grace},
		{"which is too late", grace, grace, "you", time.Second, 0, refused, grace},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				hub := &Hub{Conflict: Wait, PublishWait: tt.wait, Grace: tt.grace, Identity: token}
				old, err := hub.admit(request(ctx, "me"), nil)
				if err != nil {
					t.Fatal(err)
				}
				newScript(t).send(old, "avc1 K1")
				for at, f := range map[time.Duration]func(){tt.leaves: func() { old.Close() }, tt.gives: func() { cancel(gone) }} {
					if at > 0 {
						defer time.AfterFunc(at, f).Stop()
					}
				}
				start := time.Now()
				pub, err := hub.admit(request(ctx, tt.identity), nil)
				if d := time.Since(start); d != tt.after {
					t.Errorf("answered after %v, want %v", d, tt.after)
				}
				switch {
				case err == nil:
					pub.Close()
					if tt.want != "" {
						t.Errorf("admitted, want %s", tt.want)
					}
				case err != gone && statusCode(err) != tt.want, err == gone && tt.want != "gone":
					t.Errorf("refused with %v, want %q", err, tt.want)
				}
				old.Close()
				<-time.After(time.Hour)
				if n := streams(hub); n != 0 {
					t.Errorf("%d streams are left, want none", n)
				}
			})
		})
	}
}

// streams returns the number of streams that h knows.
func streams(h *Hub) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams)
}

// During the grace the name is for whoever may continue the stream.
func TestConflictInGrace(t *testing.T) {
	const refused = "NetStream.Publish.BadName"
	for _, c := range []Conflict{Refuse, TakeOver} {
		synctest.Test(t, func(t *testing.T) {
			ctx := context.Background()
			hub := &Hub{Conflict: c, Grace: 10 * time.Second, Identity: token}
			for i, tt := range []struct{ who, want string }{{"me", ""}, {"you", refused}, {"", refused}, {"me", ""}} {
				pub, err := hub.admit(request(ctx, tt.who), nil)
				if err == nil && tt.want != "" || err != nil && statusCode(err) != tt.want {
					t.Errorf("%v: publisher %d, %q: %v, want %q", c, i, tt.who, err, tt.want)
				}
				if err == nil {
					pub.Close()
				}
				<-time.After(time.Second)
			}
			if _, err := hub.Publish("live/a"); statusCode(err) != refused {
				t.Errorf("%v: Publish during the grace of another = %v, want %s", c, err, refused)
			}
			<-time.After(9*time.Second + 1)
			pub, err := hub.Publish("live/a")
			if err != nil {
				t.Fatalf("%v: Publish after the grace = %v", c, err)
			}
			pub.Close()
		})
	}
}

// A publisher that is still there when another takes over is told so, and disconnected.
func TestServerTakeOver(t *testing.T) {
	inWorld(t, &Hub{Conflict: TakeOver}, func(t *testing.T, w *world) {
		s := newScript(t)
		heard := w.listen(s, w.play("cam"))
		old := w.publish("cam")
		w.write(s, old, "avc1 K1 f1@40")
		pub := w.publish("cam")
		synctest.Wait()
		start := time.Now()
		var err error
		for err == nil {
			err = old.WriteMessage(s.message("f9@80"))
			<-time.After(time.Millisecond)
		}
		if got, want := statusCode(err), "NetStream.Publish.BadName"; got != want {
			t.Errorf("WriteMessage of the old publisher = %s, want %s", got, want)
		}
		<-time.After(2 * time.Second)
		if _, err := old.Stream().Conn().Ping(context.Background()); err == nil {
			t.Error("the old publisher is still connected")
		}
		old.Close()
		gap := time.Since(start).Milliseconds()
		w.write(s, pub, "avc2 K2 f2@40")
		pub.Close()
		want := strings.Fields(fmt.Sprintf("avc1 K1 f1@40 avc2@%d K2@%[1]d f2@%d EOF", 40+gap, 80+gap))
		if diff := cmp.Diff(want, heard()); diff != "" {
			t.Errorf("the player got (-want +got):\n%s", diff)
		}
	})
}

// A publisher that is held up for a reader, see Hub.Patience, is let go when it is over.
func TestPatienceEnds(t *testing.T) {
	for name, end := range map[string]func(p *pair){
		"taken over": func(p *pair) { p.publish(TakeOver) },
		"closed":     func(p *pair) { p.pub.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, &Hub{MaxBytes: 200_000, Patience: time.Hour}, "avc1 K1")
				p.received(p.sub)
				old, m, start := p.pub, p.message("big1"), time.Now()
				var err error
				var writing sync.WaitGroup
				writing.Go(func() {
					for err == nil {
						err = old.WriteMessage(m)
					}
				})
				<-time.After(time.Minute)
				end(p)
				writing.Wait()
				if d := time.Since(start); d != time.Minute || err != old.reason() {
					t.Errorf("it is held up for %v and gets %v, want 1m0s and %v", d, err, old.reason())
				}
			})
		})
	}
}

// Many that take over from each other at once: for the race detector, and for what readers can rely on. Pictures go from
// one publisher to the next with a key frame only, and timestamps do not go back.
func TestConcurrentTakeOver(t *testing.T) {
	hub := &Hub{Grace: time.Hour, MaxBytes: 100_000}
	const publishers, turns, frames = 4, 50, 20
	var all, publishing sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	for range 4 {
		sub := subscribe(t, hub)
		all.Go(func() {
			var last message.Timestamp
			var from byte
			for {
				batch, err := sub.read(ctx, nil)
				if err != nil {
					return
				}
				for _, pm := range batch {
					m := pm.Message()
					if m.Timestamp.Before(last) {
						t.Errorf("time goes back from %d to %d", last, m.Timestamp)
					}
					if isKey := m.Payload[0] == 0x17; !isKey && m.Payload[5] != from {
						t.Errorf("a frame of publisher %d comes after one of %d", m.Payload[5], from)
					}
					last, from = m.Timestamp, m.Payload[5]
				}
			}
		})
	}
	for id := range byte(publishers) {
		publishing.Go(func() {
			for range turns {
				pub, _, err := hub.claim("live/a", "", nil, TakeOver, nil)
				if err != nil {
					t.Errorf("claim = %v", err)
					return
				}
				for i := range frames {
					m := message.Message{Type: message.TypeVideo, Timestamp: message.Timestamp(i), Payload: []byte{0x27, 1, 0, 0, 0, id}}
					if i == 3 {
						m.Payload[0] = 0x17
					}
					if err := pub.WriteMessage(&m); err != nil {
						if got := statusCode(err); got != "NetStream.Publish.BadName" {
							t.Errorf("WriteMessage = %s", got)
						}
						break
					}
				}
				pub.Close()
			}
		})
	}
	publishing.Wait()
	cancel()
	all.Wait()
	if n := hub.streams["live/a"].members; n != 5 {
		t.Errorf("the stream has %d members, want 4 readers and the one whose grace runs", n)
	}
}
