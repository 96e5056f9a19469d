package rtmp_test

import (
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/relay"
)

// The tests of this file are about publishers that die in mid-message: their names are free as soon as the server can
// know.

// The server itself waits for nothing: in fake time the name is free at once, for the very first who asks.
func TestHostilePublisherDiesInFakeTime(t *testing.T) {
	deaths := map[string]func(nc net.Conn){
		"closed":           func(nc net.Conn) { nc.Close() },
		"half-closed":      func(nc net.Conn) { nc.(interface{ CloseWrite() error }).CloseWrite() },
		"breaks the rules": func(nc net.Conn) { nc.Write([]byte{0xFF}) }, // goes on with a message that it never began
	}
	for name, die := range deaths {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &rtmp.Server{Handler: new(relay.Hub)}
				serveBeside(t, s)
				p := newVictim(t, s).reach(atMiddle)
				again := newVictim(t, s).reach(atStream)
				again.command(1, "publish", 0, "cam", "live")
				again.hearStatus("while the publisher lives", "onStatus", "NetStream.Publish.BadName")
				synctest.Wait()
				begin := time.Now()
				die(p.nc)
				synctest.Wait()
				again.command(1, "publish", 0, "cam", "live")
				again.hearStatus("when it is dead", "onStatus", "NetStream.Publish.Start")
				if took := time.Since(begin); took != 0 {
					t.Errorf("the name was free after %v, want at once", took)
				}
			})
		})
	}
}

// On a real connection the system and the scheduler come in. The time from the death to the answer to the next publisher
// is limited for the median, without what the machine is to blame for: single cases depend on what else the machine
// does. Nobody asks in a loop meanwhile: two goroutines that answer each other keep the scheduler from looking at the
// network for up to 10 ms.
func TestHostilePublisherDies(t *testing.T) {
	const most = 5 * time.Millisecond
	over := make(chan struct{}, 1)
	s := newScene(t, nil, func(hub *relay.Hub) rtmp.Handler {
		return rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			err := hub.ServeRTMP(s, r)
			if r.App == "live" {
				over <- struct{}{}
			}
			return err
		})
	})
	for name, die := range map[string]func(nc *net.TCPConn){
		"reset":       func(nc *net.TCPConn) { nc.SetLinger(0); nc.Close() },
		"closed":      func(nc *net.TCPConn) { nc.Close() },
		"half-closed": func(nc *net.TCPConn) { nc.CloseWrite() },
	} {
		var flights []flight
		for range counts(50, 500) {
			p, again := s.reach(atMiddle), s.reach(atStream)
			begin := time.Now()
			die(p.nc.(*net.TCPConn))
			<-over
			again.command(1, "publish", 0, "attack", "live")
			again.hearStatus("when the publisher is dead", "onStatus", "NetStream.Publish.Start")
			flights = append(flights, flight{begin, time.Now()})
			again.command(1, "closeStream", 0)
			again.hearStatus("the next one leaves in order", "onStatus", "NetStream.Unpublish.Success")
			<-over
			again.command(1, "publish", 0, "attack", "live")
			again.hearStatus("when the next one has left", "onStatus", "NetStream.Publish.Start")
			again.nc.Close()
			<-over
			p.nc.Close()
		}
		took := s.took(flights)
		t.Logf("%s: a name was free after %v at best, %v in the middle, %v at worst", name, took[0], took[len(took)/2], took[len(took)-1])
		if median := took[len(took)/2]; median > most {
			t.Errorf("%s: a name was free after %v in the middle, want at most %v", name, median, most)
		}
	}
}

// took returns how long the flights took, in order, without what the machine is to blame for.
func (s *scene) took(flights []flight) (all []time.Duration) {
	for _, f := range flights {
		all = append(all, max(0, f.end.Sub(f.begin)-s.clock.blame(f)))
	}
	slices.Sort(all)
	return all
}
