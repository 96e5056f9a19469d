package relay

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/rtmptest"
	"github.com/gortmp/rtmp/session"
)

// A slowConn is the end of a player that takes what comes as it likes.
type slowConn struct {
	net.Conn
	rate int // bytes per second; 0: any

	mu   sync.Mutex
	shut <-chan time.Time // nothing is taken before it fires; nil: it is not shut
}

func (c *slowConn) Read(b []byte) (int, error) {
	c.mu.Lock()
	shut := c.shut
	c.shut = nil
	c.mu.Unlock()
	if shut != nil {
		<-shut
	}
	n, err := c.Conn.Read(b)
	if c.rate > 0 {
		<-time.After(time.Duration(n) * time.Second / time.Duration(c.rate))
	}
	return n, err
}

// shutFor makes c take nothing for the time d.
func (c *slowConn) shutFor(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shut = time.After(d)
}

// playSlowly plays "cam" through a slowConn, into c.
func (w *world) playSlowly(rate int, c *rtmptest.Checker) (nc *slowConn, done <-chan error) {
	w.t.Helper()
	dialer := w.dialer
	dialer.Config = &rtmp.Config{StallTimeout: -1} // it knows itself why nothing comes
	dialer.NetDial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		under, err := w.dialer.NetDial(ctx, network, addr)
		nc = &slowConn{Conn: under, rate: rate}
		return nc, err
	}
	player, err := dialer.Play(context.Background(), address+"cam")
	if err != nil {
		w.t.Fatalf("Play = %v", err)
	}
	ended := make(chan error, 1)
	go func() {
		defer player.Stream().Conn().CloseNow()
		for {
			m, err := player.ReadMessage()
			if err == nil {
				err = c.WriteMessage(m)
			}
			if err != nil {
				ended <- err
				return
			}
		}
	}()
	return nc, ended
}

// A player is closed when it has taken nothing for WriteTimeout, at the latest a quarter later, and not because it is
// always late: only if it takes less than 128 KiB in that time. What it can decode is whole again after each jump.
func TestServerLatePlayer(t *testing.T) {
	const limit = 30 * time.Second
	const full = 2 * time.Second // until the stream fills what lies between, and a second of the pace
	tests := []struct {
		name     string
		rate     int // bytes per second; the stream has 125,000
		shut     time.Duration
		isClosed bool
	}{
		{"keeps up", 0, 0, false},
		{"shut for as long as it may", 0, limit, false},
		{"shut for longer", 0, limit + limit/4 + full, true},
		{"half as fast as the stream", 70_000, 0, false},
		{"much slower", 5_000, 0, false},
		{"too slow", 3_000, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			over := make(chan error, 1)
			config := &rtmp.Config{Trace: &rtmp.Trace{Stream: func(s *rtmp.Stream, err error) {
				if s.Request().Method == rtmp.MethodPlay {
					over <- err
				}
			}}}
			inServer(t, new(Hub), config, func(t *testing.T, w *world) {
				pub := w.publish("cam")
				defer pub.Close()
				c := new(rtmptest.Checker)
				nc, done := w.playSlowly(tt.rate, c)
				if tt.shut > 0 {
					nc.shutFor(tt.shut)
				}
				w.copyAll(pub, rtmp.Paced(context.Background(), &rtmptest.Source{
					Duration: 2 * time.Minute, FPS: 5, FrameSize: 25_000, KeyFrameSize: 25_000, NoAudio: true,
				}))
				select {
				case err := <-over:
					var timeout *session.TimeoutError
					if !tt.isClosed || !errors.As(err, &timeout) || timeout.What != "reading by the peer" {
						t.Errorf("the player is closed because of %v; wanted: %t", err, tt.isClosed)
					}
				default:
					if tt.isClosed {
						t.Error("the player is still there")
					}
				}
				pub.Close()
				if err := <-done; !tt.isClosed && err != io.EOF {
					t.Errorf("the player ends with %v", err)
				}
				if isLate := tt.rate > 0 || tt.shut > 0; c.Tally.Broken > 0 || !tt.isClosed && isLate != (c.Tally.LostVideo > 0) {
					t.Errorf("the player got %+v", c.Tally)
				}
			})
		})
	}
}
