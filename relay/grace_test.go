package relay

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A read is what a reader gets in the end, and when.
type read struct {
	What  string // "EOF" or the code of a refusal
	After time.Duration
}

// ends reads sub until it ends and returns what it got last.
func ends(sub *Subscription, start time.Time) read {
	for {
		switch _, err := sub.ReadMessage(); err {
		case nil:
		case io.EOF:
			return read{"EOF", time.Since(start)}
		default:
			return read{statusCode(err), time.Since(start)}
		}
	}
}

// When players end whose publisher does not come back, and those who came meanwhile.
func TestGraceEnds(t *testing.T) {
	tests := []struct {
		name     string
		grace    time.Duration
		identity string
		hasIdent bool // Hub.Identity is set
		want     time.Duration
	}{
		{"default", 0, "", false, 0},
		{"negative", -1, "", false, 0},
		{"a time", 10 * time.Second, "", false, 10 * time.Second},
		{"of somebody", 10 * time.Second, "me", true, 10 * time.Second},
		{"of nobody, who cannot come back", 10 * time.Second, "", true, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := &Hub{Grace: tt.grace, PlayWait: time.Minute}
				if tt.hasIdent {
					hub.Identity = token
				}
				s := newScript(t)
				pub, _, err := hub.claim("live/a", tt.identity, nil, Refuse, nil)
				if err != nil {
					t.Fatal(err)
				}
				sub := subscribe(t, hub)
				s.send(pub, "avc1 K1")
				start := time.Now()
				pub.Close()
				if got, want := ends(sub, start), (read{"EOF", tt.want}); got != want {
					t.Errorf("the player got %v, want %v", got, want)
				}
				sub.Close()
				if n := streams(hub); n != 0 {
					t.Errorf("%d streams are left, want none", n)
				}
			})
		})
	}
}

// The publisher is back in the last moment of the grace, or too late.
func TestGraceLimit(t *testing.T) {
	const grace = 10 * time.Second
	for _, tt := range []struct {
		name  string
		after time.Duration
		want  string
	}{
		{"in the last moment", grace - 1, "avc1 K1 avc2@9999 K2@9999"},
		{"too late", grace + 1, "avc1 K1 EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, &Hub{Grace: grace}, "avc1 K1")
				got := p.received(p.sub)
				p.pub.Close()
				<-time.After(tt.after)
				p.publish(Refuse)
				p.send(p.pub, "avc2 K2")
				got = append(got, p.received(p.sub)...)
				if diff := cmp.Diff(strings.Fields(tt.want), got); diff != "" {
					t.Errorf("back after %v (-want +got):\n%s", tt.after, diff)
				}
				<-time.After(2 * grace) // the time of the first publisher is not that of the second
				if got := p.received(p.sub); tt.after < grace && got != nil {
					t.Errorf("while the second publishes: %v, want nothing", got)
				}
			})
		})
	}
}

// A player that comes during the grace waits as for a stream that nobody has published, and not as long as the grace.
func TestGraceJoin(t *testing.T) {
	const grace, wait = 10 * time.Second, 15 * time.Second
	tests := []struct {
		name string
		back time.Duration // after the publisher has gone; 0: never
		want string
		end  read // of the player, after the publisher has gone
	}{
		{"it comes back", grace - 1, "avc2@9999 K2@9999 f2@10039", read{"EOF", 2*grace - 1}},
		{"it begins again later", grace + 1, "avc2 K2 f2@40", read{"EOF", 2*grace + 1}},
		{"it does not come", 0, "", read{"NetStream.Play.StreamNotFound", grace/2 + wait}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, &Hub{Grace: grace, PlayWait: wait}, "avc1 K1 f1")
				start := time.Now()
				p.pub.Close()
				<-time.After(grace / 2)
				p.sub = subscribe(t, p.hub)
				if tt.back == 0 {
					if got := ends(p.sub, start); got != tt.end {
						t.Errorf("the player got %v, want %v", got, tt.end)
					}
					return
				}
				reading := make(chan []string)
				go func() { // as it waits all the time
					batch, err := p.sub.ReadPrepared(nil)
					if err != nil {
						t.Error(err)
					}
					var words []string
					for _, pm := range batch {
						words = append(words, p.word(pm.Message()))
					}
					reading <- words
				}()
				<-time.After(tt.back - grace/2)
				p.hub.Grace = 0
				p.publish(Refuse)
				synctest.Wait()
				p.send(p.pub, "avc2")
				got := <-reading
				if diff := cmp.Diff(strings.Fields(tt.want), append(got, p.live("K2 f2@40")...)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				<-time.After(grace)
				p.pub.Close()
				if got := ends(p.sub, start); got != tt.end {
					t.Errorf("the player got %v, want %v", got, tt.end)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, &Hub{Grace: grace, PlayWait: -1}, "avc1 K1")
		p.pub.Close()
		_, err := p.hub.Subscribe("live/a")
		if got, want := statusCode(err), "NetStream.Play.StreamNotFound"; got != want {
			t.Errorf("Subscribe during the grace, without PlayWait = %s, want %s", got, want)
		}
		<-time.After(grace)
	})
}

// A player that paused before its stream ended and another began.
func TestGracePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const grace = 10 * time.Second
		p := newPair(t, &Hub{Grace: grace}, "avc1 K1 f1")
		p.pub.Close()
		p.sub = subscribe(t, p.hub)
		p.sub.pause(true)
		<-time.After(grace + 1)
		p.received(p.sub) // so that it notices
		p.publish(Refuse)
		p.send(p.pub, "avc2 K2")
		p.sub.pause(false)
		if diff := cmp.Diff([]string{"avc2", "K2", "f2"}, p.live("f2")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		p.pub.Close()
		<-time.After(grace)
	})
}
