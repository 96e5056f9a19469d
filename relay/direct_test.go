package relay

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// On real connections players that keep up are served from the publisher's goroutine. One that reads nothing must not
// change that for the others, and all of them get everything once and in order.
func TestPlayersAreServedDirectly(t *testing.T) {
	for name, hub := range map[string]*Hub{"one by one": {}, "merged": {Merge: 2 * time.Millisecond}, "next key": {NextKey: true}} {
		t.Run(name, func(t *testing.T) { testServedDirectly(t, hub) })
	}
}

func testServedDirectly(t *testing.T, hub *Hub) {
	srv := rtmptest.NewServer(hub)
	defer srv.Close()
	ctx, url := context.Background(), srv.URL+"/live/cam"

	src := &rtmptest.Source{Seed: 1, KeyFrameSize: 30_000}
	const players = 4
	checkers := make([]rtmptest.Checker, players)
	var playing sync.WaitGroup
	for i := range checkers {
		checkers[i].Seed = 1
		player, err := rtmp.Play(ctx, url)
		if err != nil {
			t.Fatalf("Play = %v", err)
		}
		defer player.Close()
		playing.Go(func() {
			if _, err := message.Copy(&checkers[i], player); err != nil {
				t.Errorf("player %d: %v", i, err)
			}
		})
	}
	lazy, err := rtmp.Play(ctx, url) // and never reads
	if err != nil {
		t.Fatalf("Play = %v", err)
	}
	defer lazy.Close()

	pub, err := rtmp.Publish(ctx, url)
	if err != nil {
		t.Fatalf("Publish = %v", err)
	}
	most := 0
	for {
		m, err := src.ReadMessage()
		if err != nil {
			break
		}
		if err := pub.WriteMessage(m); err != nil {
			t.Fatalf("WriteMessage = %v", err)
		}
		if err := pub.Stream().Conn().Flush(ctx); err != nil {
			t.Fatalf("Flush = %v", err)
		}
		most = max(most, parked(hub, "live/cam"))
	}
	if err := pub.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	playing.Wait()
	for i := range checkers {
		if diff := cmp.Diff(src.Tally(), checkers[i].Tally); diff != "" {
			t.Errorf("player %d got (-want +got):\n%s", i, diff)
		}
	}
	if most == 0 {
		t.Error("no player was ever parked: none was served by the publisher")
	}
}

// parked returns the number of players that wait to be served by the publisher.
func parked(h *Hub, name string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	st := h.streams[name]
	if st == nil {
		return 0
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return len(st.parked)
}
