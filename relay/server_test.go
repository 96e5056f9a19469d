package relay

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// A world is a server with a hub, in memory and in fake time.
type world struct {
	t      *testing.T
	dialer rtmp.Dialer
	server *rtmp.Server
}

// inWorld runs f with a server that serves with hub.
func inWorld(t *testing.T, hub *Hub, f func(t *testing.T, w *world)) {
	inServer(t, hub, nil, f)
}

// inServer is inWorld with a configuration of the server.
func inServer(t *testing.T, hub *Hub, config *rtmp.Config, f func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) {
		l := rtmptest.NewListener()
		w := &world{t: t, server: &rtmp.Server{Handler: hub, Config: config}}
		w.dialer.NetDial = l.Dial
		var serving sync.WaitGroup
		serving.Go(func() { w.server.Serve(l) })
		f(t, w)
		w.server.Close()
		serving.Wait()
		if len(hub.streams) != 0 {
			t.Errorf("%d streams are left, want none", len(hub.streams))
		}
	})
}

const address = "rtmp://test/live/"

func (w *world) publish(name string) *rtmp.Publisher {
	w.t.Helper()
	pub, err := w.dialer.Publish(context.Background(), address+name)
	if err != nil {
		w.t.Fatalf("Publish(%s) = %v", name, err)
	}
	return pub
}

// play starts to play; the properties go into the connect object.
func (w *world) play(name string, connect ...amf0.Property) *rtmp.Player {
	w.t.Helper()
	dialer := w.dialer
	dialer.Connect = connect
	player, err := dialer.Play(context.Background(), address+name)
	if err != nil {
		w.t.Fatalf("Play(%s) = %v", name, err)
	}
	synctest.Wait() // the handler has subscribed
	return player
}

// copyAll copies src to dst, both of which have to be without fault.
func (w *world) copyAll(dst message.Writer, src message.Reader) {
	w.t.Helper()
	if _, err := message.Copy(dst, src); err != nil {
		w.t.Errorf("copying: %v", err)
	}
}

func TestServerRelaysEverything(t *testing.T) {
	inWorld(t, new(Hub), func(t *testing.T, w *world) {
		source := rtmptest.Source{Seed: 1, Start: 1<<32 - 3000}
		players := []*rtmp.Player{w.play("cam"), w.play("cam?user=2"), w.play("cam")}
		checkers := make([]rtmptest.Checker, len(players))
		var playing sync.WaitGroup
		for i, player := range players {
			checkers[i].Seed = 1
			playing.Go(func() {
				defer player.Close()
				w.copyAll(&checkers[i], player)
			})
		}
		pub := w.publish("cam?key=secret")
		w.copyAll(pub, rtmp.Paced(context.Background(), &source))
		pub.Close()
		playing.Wait()
		want := source.Tally()
		for i := range checkers {
			if diff := cmp.Diff(want, checkers[i].Tally); diff != "" {
				t.Errorf("player %d got (-want +got):\n%s", i, diff)
			}
		}
	})
}

func TestServerLateJoin(t *testing.T) {
	inWorld(t, new(Hub), func(t *testing.T, w *world) {
		pub := w.publish("cam")
		var publishing, playing sync.WaitGroup
		publishing.Go(func() {
			defer pub.Close()
			w.copyAll(pub, rtmp.Paced(context.Background(), &rtmptest.Source{Seed: 1}))
		})
		for range 9 {
			<-time.After(777 * time.Millisecond)
			player := w.play("cam")
			playing.Go(func() {
				defer player.Close()
				c := rtmptest.Checker{Seed: 1}
				w.copyAll(&c, player)
				if got := c.Tally; got.Metadata != 1 || got.Headers != 2 || got.Broken+got.LostVideo+got.LostAudio != 0 || got.Video == 0 {
					t.Errorf("a late player got %+v", got)
				}
			})
		}
		publishing.Wait()
		playing.Wait()
	})
}

func TestServerRefuses(t *testing.T) {
	inWorld(t, &Hub{PlayWait: -1}, func(t *testing.T, w *world) {
		_, err := w.dialer.Play(context.Background(), address+"cam")
		if got, want := statusCode(err), "NetStream.Play.StreamNotFound"; got != want {
			t.Errorf("Play before Publish = %s, want %s", got, want)
		}
		pub := w.publish("cam?key=1")
		defer pub.Close()
		_, err = w.dialer.Publish(context.Background(), address+"cam?key=2")
		if got, want := statusCode(err), "NetStream.Publish.BadName"; got != want {
			t.Errorf("second Publish = %s, want %s", got, want)
		}
		player := w.play("cam")
		defer player.Close()
		w.copyAll(pub, &rtmptest.Source{Duration: time.Second})
		c := new(rtmptest.Checker)
		for c.Tally.Video == 0 {
			m, err := player.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.WriteMessage(m); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestServerPlayWait(t *testing.T) {
	inWorld(t, &Hub{PlayWait: 5 * time.Second}, func(t *testing.T, w *world) {
		start := time.Now()
		player := w.play("cam")
		defer player.Close()
		for {
			_, err := player.ReadMessage()
			if err == nil {
				continue
			}
			if got, want := statusCode(err), "NetStream.Play.StreamNotFound"; got != want {
				t.Errorf("ReadMessage = %s, want %s", got, want)
			}
			break
		}
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("refused after %v, want 5s", d)
		}
	})
}

// A publisher whose connection breaks ends the stream for the players, and its name is free.
func TestServerPublisherDies(t *testing.T) {
	inWorld(t, new(Hub), func(t *testing.T, w *world) {
		source := rtmptest.Source{Duration: time.Second}
		want := source.Tally()
		for range 3 {
			player := w.play("cam")
			pub := w.publish("cam")
			w.copyAll(pub, &rtmptest.Source{Duration: time.Second})
			if err := pub.Stream().Conn().Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			pub.Stream().Conn().CloseNow()
			c := new(rtmptest.Checker)
			w.copyAll(c, player)
			player.Close()
			if got := c.Tally; got.Video != want.Video || got.Audio != want.Audio {
				t.Errorf("the player got %+v, want %+v", got, want)
			}
			synctest.Wait()
		}
	})
}

func TestServerShutdown(t *testing.T) {
	inWorld(t, new(Hub), func(t *testing.T, w *world) {
		player, waiting := w.play("cam"), w.play("other")
		pub := w.publish("cam")
		w.copyAll(pub, &rtmptest.Source{Duration: time.Second})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		var reading sync.WaitGroup
		for _, p := range []*rtmp.Player{player, waiting} {
			reading.Go(func() {
				for {
					if _, err := p.ReadMessage(); err != nil {
						p.Close()
						return
					}
				}
			})
		}
		if err := w.server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		reading.Wait()
		pub.Close()
	})
}
