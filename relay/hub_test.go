package relay

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
)

func TestPublishTwice(t *testing.T) {
	p := newPair(t, new(Hub), "avc1 K1")
	_, err := p.hub.Publish("live/a")
	if got, want := statusCode(err), "NetStream.Publish.BadName"; got != want {
		t.Errorf("second Publish = %s, want %s", got, want)
	}
	other, err := p.hub.Publish("live/b")
	if err != nil {
		t.Fatalf("Publish under another name = %v", err)
	}
	other.Close()
	if diff := cmp.Diff([]string{"avc1", "K1"}, p.received(p.sub)); diff != "" {
		t.Errorf("after the refusal, the stream (-want +got):\n%s", diff)
	}
	p.pub.Close()
	again, err := p.hub.Publish("live/a")
	if err != nil {
		t.Fatalf("Publish after the first has closed = %v", err)
	}
	again.Close()
}

// A name that is published again is another stream: nothing of the old one comes through.
func TestPublishAgain(t *testing.T) {
	p := newPair(t, new(Hub), "meta1 avc1 K1 f1")
	p.pub.Close()
	between := subscribe(t, p.hub)
	pub, err := p.hub.Publish("live/a")
	if err != nil {
		t.Fatal(err)
	}
	defer pub.Close()
	p.send(pub, "avc2 K2")
	later := subscribe(t, p.hub)
	p.send(pub, "f2")
	for _, tt := range []struct {
		who  string
		sub  *Subscription
		want []string
	}{
		{"who read the old stream", p.sub, []string{"meta1", "avc1", "K1", "f1", "EOF"}},
		{"who came between them", between, []string{"avc2", "K2", "f2"}},
		{"who came later", later, []string{"avc2", "K2", "f2"}},
	} {
		if diff := cmp.Diff(tt.want, p.received(tt.sub)); diff != "" {
			t.Errorf("%s got (-want +got):\n%s", tt.who, diff)
		}
	}
	if diff := cmp.Diff([]string{"EOF"}, p.received(p.sub)); diff != "" {
		t.Errorf("who read the old stream gets more (-want +got):\n%s", diff)
	}
}

func TestPlayWait(t *testing.T) {
	tests := []struct {
		name      string
		wait      time.Duration
		published time.Duration // after Subscribe; negative: never
		want      string        // the code of the refusal
		after     time.Duration
	}{
		{"default, in time", 0, defaultPlayWait - 1, "", defaultPlayWait - 1},
		{"default, never", 0, -1, "NetStream.Play.StreamNotFound", defaultPlayWait},
		{"bounded, in time", time.Second, time.Second - 1, "", time.Second - 1},
		{"bounded, too late", time.Second, time.Second + 1, "NetStream.Play.StreamNotFound", time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := &Hub{PlayWait: tt.wait}
				start := time.Now()
				sub := subscribe(t, hub)
				if tt.published >= 0 {
					var publishing sync.WaitGroup
					defer publishing.Wait()
					publishing.Go(func() {
						<-time.After(tt.published)
						pub, err := hub.Publish("live/a")
						if err != nil {
							t.Error(err)
							return
						}
						newScript(t).send(pub, "a1 +10m a2")
						pub.Close()
					})
				}
				_, err := sub.ReadMessage()
				if got := statusCode(err); err != nil && got != tt.want || err == nil && tt.want != "" {
					t.Errorf("ReadMessage = %s, want %q", got, tt.want)
				}
				if d := time.Since(start); d != tt.after {
					t.Errorf("ReadMessage took %v, want %v", d, tt.after)
				}
				_, err = sub.ReadMessage() // a publisher that says nothing for long is still there; a refusal stays
				if got := statusCode(err); err != nil && got != tt.want || err == nil && tt.want != "" {
					t.Errorf("second ReadMessage = %s, want %q", got, tt.want)
				}
			})
		})
	}
}

func TestSubscribeRefused(t *testing.T) {
	hub := &Hub{PlayWait: -1}
	_, err := hub.Subscribe("live/a")
	if got, want := statusCode(err), "NetStream.Play.StreamNotFound"; got != want {
		t.Errorf("Subscribe before Publish = %s, want %s", got, want)
	}
	p := newPair(t, hub, "a1")
	p.pub.Close()
	_, err = hub.Subscribe("live/a")
	if got, want := statusCode(err), "NetStream.Play.StreamNotFound"; got != want {
		t.Errorf("Subscribe after the end = %s, want %s", got, want)
	}
}

// Nothing is left of a stream that nobody publishes or reads.
func TestHubForgets(t *testing.T) {
	hub := new(Hub)
	p := newPair(t, hub, "avc1 K1")
	waiting, err := hub.Subscribe("live/b")
	if err != nil {
		t.Fatal(err)
	}
	if len(hub.streams) != 2 {
		t.Errorf("%d streams, want 2", len(hub.streams))
	}
	waiting.Close()
	hub.Publish("live/a") // refused
	p.pub.Close()
	p.sub.Close()
	if len(hub.streams) != 0 {
		t.Errorf("%d streams are left, want none", len(hub.streams))
	}
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, new(Hub), "")
		var reading sync.WaitGroup
		reading.Go(func() {
			if _, err := p.sub.ReadMessage(); err != net.ErrClosed {
				t.Errorf("ReadMessage = %v, want net.ErrClosed", err)
			}
		})
		synctest.Wait()
		if err := p.sub.Close(); err != nil {
			t.Errorf("Subscription.Close = %v", err)
		}
		reading.Wait()
		p.send(p.pub, "a1")
		if _, err := p.sub.ReadMessage(); err != net.ErrClosed {
			t.Errorf("ReadMessage after Close = %v, want net.ErrClosed", err)
		}
		if err := p.sub.Close(); err != net.ErrClosed {
			t.Errorf("second Subscription.Close = %v, want net.ErrClosed", err)
		}
		if err := p.pub.Close(); err != nil {
			t.Errorf("Publication.Close = %v", err)
		}
		if err := p.pub.WriteMessage(p.message("a2")); err != net.ErrClosed {
			t.Errorf("WriteMessage after Close = %v, want net.ErrClosed", err)
		}
		if err := p.pub.Close(); err != net.ErrClosed {
			t.Errorf("second Publication.Close = %v, want net.ErrClosed", err)
		}
		if n := len(p.hub.streams); n != 0 {
			t.Errorf("%d streams are left, want none", n)
		}
	})
}

func TestReadEndsWithItsContext(t *testing.T) {
	p := newPair(t, new(Hub), "")
	cause := errors.New("over")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	if _, err := p.sub.read(ctx, nil); err != cause {
		t.Errorf("read = %v, want the cause of its context", err)
	}
}

func TestName(t *testing.T) {
	tests := []struct{ app, name, want string }{
		{"live", "a", "live/a"},
		{"live", "a?token=x/y", "live/a"},
		{"live?token=x", "a", "live/a"},
		{"live/inner", "a", "live/inner/a"},
		{"live", "inner/a", "live/inner/a"},
		{"live", "", "live/"},
		{"live", "?token=x", "live/"},
	}
	for _, tt := range tests {
		if got := name(&rtmp.Request{App: tt.app, Name: tt.name}); got != tt.want {
			t.Errorf("name of %q in app %q = %q, want %q", tt.name, tt.app, got, tt.want)
		}
	}
}
