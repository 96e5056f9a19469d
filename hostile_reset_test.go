package rtmp_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
)

// The tests of this file are about connections that end badly, and about many of them.

// Connections that are reset, in each phase.
func TestHostileResets(t *testing.T) {
	s := newScene(t, nil, nil)
	for ph := atNothing; ph <= atPlay; ph++ {
		t.Run(ph.String(), func(t *testing.T) {
			const workers = 4
			n := counts(200, 2000)
			var peers sync.WaitGroup
			for w := range workers {
				peers.Go(func() {
					for range n / workers {
						nc, err := s.tryDial()
						if err != nil {
							t.Error(err)
							return
						}
						reach(t, nc, ph, fmt.Sprint("attack", w))
						nc.(*net.TCPConn).SetLinger(0)
						nc.Close()
						if err := s.reason("a reset", nc); err == nil {
							t.Error("a reset: no error")
						}
					}
				})
			}
			peers.Wait()
		})
	}
	s.wantMemorySoon("after resets", 1<<20)
}

// Many connections at once, which all become something, and all leave at once.
func TestHostileConnectionsAtOnce(t *testing.T) {
	s := newScene(t, nil, nil)
	n := counts(500, 2000)
	conns := make([]net.Conn, n)
	var peers sync.WaitGroup
	begin := time.Now()
	for i := range conns {
		conns[i] = s.dial()
		peers.Go(func() {
			p := reach(t, conns[i], []phase{atConnect, atStream, atPublish, atPlay}[i%4], fmt.Sprint("attack", i))
			p.ping("one of many")
		})
	}
	peers.Wait()
	t.Logf("%d connections after %v", n, time.Since(begin))
	s.wantMemory(fmt.Sprintf("%d connections", n), attackMemory)
	for _, nc := range conns {
		nc.Close()
	}
}

// Handlers that are in the middle of something when the connection is reset.
func TestHostileResetsInHandlers(t *testing.T) {
	contexts := make(chan context.Context, 10_000)
	s := newScene(t, nil, func(hub *relay.Hub) rtmp.Handler {
		return rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			if r.App == "live" {
				contexts <- r.Context()
			}
			switch r.Name {
			case "judge": // reads nothing and waits for what the context says
				<-r.Context().Done()
				return r.Context().Err()
			case "read":
				for {
					if _, err := s.ReadMessage(); err != nil {
						return err
					}
				}
			case "write":
				for {
					if err := s.WriteMessage(audio(1, 10_000)); err != nil {
						return err
					}
				}
			case "prepared":
				pm := rtmp.NewPreparedMessage(audio(1, 10_000))
				for {
					if err := s.WritePrepared(pm, pm, pm); err != nil {
						return err
					}
				}
			}
			return hub.ServeRTMP(s, r)
		})
	})
	for _, method := range []string{"publish", "play"} {
		for _, name := range []string{"judge", "read", "write", "prepared"} {
			for range counts(10, 200) {
				p := s.reach(atStream)
				p.command(1, method, 0, name)
				for _, typ := range []message.Type{message.TypeAudio, message.TypeCommand} {
					p.send(&message.Message{Type: typ, StreamID: 1})
				}
				if name != "judge" {
					p.next("something") // it runs
				}
				p.nc.(*net.TCPConn).SetLinger(0)
				p.nc.Close()
				s.reason(method+" of "+name, p.nc)
			}
		}
	}
	eventually(t, "the handlers are over", 3*time.Second, func() bool { return served() == 2 })
	close(contexts)
	for ctx := range contexts {
		if ctx.Err() == nil {
			t.Error("the context of a request outlives its connection")
		}
	}
}
