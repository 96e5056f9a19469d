package rtmp_test

import (
	"context"
	"net"
	"os"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/relay"
	"github.com/gortmp/rtmp/rtmptest"
)

// What an attack may cost, in bytes of memory that is in use after a collection: as a whole, from one connection, what
// the relay keeps of one stream (see relay.Hub.MaxBytes), and what may be left when all is over.
const (
	attackMemory = 64 << 20
	connMemory   = 8 << 20
	ringMemory   = 8 << 20
	leftMemory   = 4 << 20
)

// A scene is a server on the loopback interface with a healthy publisher and a healthy player on it. Whatever a test
// does to the server must not disturb these two: they lose nothing, and nothing is late by more than maxLate. It must
// not take more than attackMemory at any time; for less, there is wantMemory. And three seconds later there must be
// nothing left of it: no goroutine, no descriptor, no memory. All that is checked at the end of each scene, and that the
// server still serves; TestHostileSceneNotices shows that it is noticed.
type scene struct {
	t      *testing.T
	hub    *relay.Hub
	server *rtmptest.Server
	addr   string

	pair        *pair
	goroutines  int    // before all
	descriptors int    // with the pair running
	heap        uint64 // the same
	peak        *peak
	clock       *clock

	conns []net.Conn // to be closed; the list of a testing.T would keep them

	mu    sync.Mutex // guards the field below
	ended map[string]chan error
}

// newScene begins a scene. Config may be nil, and handler as well: the hub then serves. A handler may pass on to it.
func newScene(t *testing.T, config *rtmp.Config, handler func(hub *relay.Hub) rtmp.Handler) *scene {
	t.Helper()
	return startScene(t, config, handler, (*rtmptest.Server).Start)
}

// startScene is newScene with what starts the server: Start or StartTLS.
func startScene(t *testing.T, config *rtmp.Config, handler func(hub *relay.Hub) rtmp.Handler, start func(*rtmptest.Server)) *scene {
	t.Helper()
	s := &scene{t: t, hub: new(relay.Hub), goroutines: runtime.NumGoroutine(), ended: make(map[string]chan error)}
	h := rtmp.Handler(s.hub)
	if handler != nil {
		h = handler(s.hub)
	}
	if config = config.Clone(); config == nil {
		config = new(rtmp.Config)
	}
	config.Trace = &rtmp.Trace{Closed: func(c *rtmp.Conn, err error) {
		select {
		case s.end(c.RemoteAddr()) <- err:
		default: // nobody asks
		}
	}}
	s.server = rtmptest.NewUnstartedServer(h)
	s.server.Config.Config = config
	start(s.server)
	s.addr = s.server.Listener.Addr().String()
	s.clock = startClock()
	s.pair = newPair(t, s.server.Dialer(), s.server.URL+"/healthy/pair", 100)
	s.descriptors = descriptors(t)
	s.heap = heapInUse()
	s.peak = watchHeap()
	t.Cleanup(s.finish)
	return s
}

// finish checks that nothing is left, and ends the scene.
func (s *scene) finish() {
	const pairConns = 2
	for _, nc := range s.conns {
		nc.Close()
	}
	over := time.Now()
	s.wantLeft(over, "the connections of the attack are over", func() bool { return served() == pairConns })
	s.wantLeft(over, "their descriptors are closed", func() bool { return descriptors(s.t) <= s.descriptors })
	s.conns = nil
	s.mu.Lock()
	clear(s.ended)
	s.mu.Unlock()
	s.wantLeft(over, "their memory is free", func() bool { return s.grown() <= leftMemory })
	if most := s.peak.stop() - int64(s.heap); most > attackMemory {
		s.t.Errorf("memory grew by %d bytes for a while, want at most %d", most, attackMemory)
	}
	s.stillServes()
	s.pair.finish(s.clock.blame)
	s.server.Close()
	const clockGoroutine = 1
	if !s.wantLeft(time.Now(), "no goroutine is left", func() bool { return runtime.NumGoroutine() <= s.goroutines+clockGoroutine }) {
		s.t.Logf("%s", stacks())
	}
	s.clock.stop()
	s.t.Logf("the clock was at most %v late", s.clock.late)
}

// wantLeft waits until ok, for three seconds from over on and for what the machine is to blame for.
func (s *scene) wantLeft(over time.Time, what string, ok func() bool) bool {
	s.t.Helper()
	const soon, ever = 3 * time.Second, time.Minute
	return eventuallyIf(s.t, what, ok, func() bool {
		now := time.Now()
		took := now.Sub(over)
		return took < ever && took-s.clock.blame(flight{over, now}) < soon
	})
}

// stillServes checks that somebody new is served.
func (s *scene) stillServes() {
	s.t.Helper()
	c, err := s.server.Dialer().Dial(context.Background(), s.server.URL+"/healthy")
	if err != nil {
		s.t.Errorf("after the attack: Dial: %v", err)
		return
	}
	defer c.CloseNow()
	if _, err := c.Ping(context.Background()); err != nil {
		s.t.Errorf("after the attack: Ping: %v", err)
	}
}

// A peak is the largest heap that a collection has left.
type peak struct {
	over chan struct{}
	most chan int64
}

// watchHeap begins to look for it.
func watchHeap() *peak {
	p := &peak{make(chan struct{}), make(chan int64)}
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		for most := int64(0); ; {
			metrics.Read(sample)
			most = max(most, int64(sample[0].Value.Uint64()))
			select {
			case <-tick.C:
			case <-p.over:
				p.most <- most
				return
			}
		}
	}()
	return p
}

// stop ends the search and returns what was found.
func (p *peak) stop() int64 {
	close(p.over)
	return <-p.most
}

// dial connects to the server until the end of the test.
func (s *scene) dial() net.Conn {
	s.t.Helper()
	nc, err := s.tryDial()
	if err != nil {
		s.t.Fatal(err)
	}
	s.conns = append(s.conns, nc)
	return nc
}

// tryDial connects to the server. It may be called from any goroutine.
func (s *scene) tryDial() (net.Conn, error) {
	nc, err := net.Dial("tcp", s.addr)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.ended, nc.LocalAddr().String()) // of an earlier one with the same port
	}
	return nc, err
}

// reach connects to the server and goes to the phase.
func (s *scene) reach(ph phase) *peer {
	s.t.Helper()
	return reach(s.t, s.dial(), ph, "attack")
}

// end returns where the server says why the connection from addr ended.
func (s *scene) end(addr net.Addr) chan error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.ended[addr.String()]
	if ch == nil {
		ch = make(chan error, 1)
		s.ended[addr.String()] = ch
	}
	return ch
}

// wantEnd waits until the server has closed the connection whose other end is nc, and returns why.
func (s *scene) wantEnd(why string, nc net.Conn) error {
	s.t.Helper()
	err := s.reason(why, nc)
	wantClosed(s.t, why, nc)
	return err
}

// reason is wantEnd for an nc that has too much to read.
func (s *scene) reason(why string, nc net.Conn) error {
	s.t.Helper()
	select {
	case err := <-s.end(nc.LocalAddr()):
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.ended, nc.LocalAddr().String())
		return err
	case <-time.After(time.Minute):
		s.t.Fatalf("%s: still open after a minute", why)
		return nil
	}
}

// wantMemory checks that no more memory is in use now than before the attack, and most.
func (s *scene) wantMemory(why string, most int) {
	s.t.Helper()
	grown := s.grown()
	s.t.Logf("%s: memory grew by %.1f MiB", why, float64(grown)/(1<<20))
	if grown > int64(most) {
		s.t.Errorf("%s: memory grew by %d bytes, want at most %d", why, grown, most)
	}
}

// wantMemorySoon is wantMemory for when handlers may still be busy with what has come.
func (s *scene) wantMemorySoon(why string, most int) {
	s.t.Helper()
	eventually(s.t, why+": the memory is free again", 3*time.Second, func() bool { return s.grown() <= int64(most) })
}

// grown returns how much more memory is in use now than before the attack.
func (s *scene) grown() int64 { return int64(heapInUse()) - int64(s.heap) }

// heapInUse returns the bytes that are in use. Pools lose what they hold with the second collection.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// descriptors returns how many files and sockets are open, 0 where the system does not tell.
func descriptors(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// stacks returns those of all goroutines.
func stacks() string {
	buf := make([]byte, 1<<20)
	for {
		if n := runtime.Stack(buf, true); n < len(buf) {
			return string(buf[:n])
		}
		buf = make([]byte, 2*len(buf))
	}
}

// served returns the number of connections that servers have not finished with.
func served() int { return strings.Count(stacks(), "rtmp.(*Server).serveConn(") }

// eventually waits until ok, and reports whether that was in time. A real network leaves no other way.
func eventually(t *testing.T, what string, within time.Duration, ok func() bool) bool {
	t.Helper()
	deadline := time.Now().Add(within)
	return eventuallyIf(t, what, ok, func() bool { return time.Now().Before(deadline) })
}

// eventuallyIf is eventually with what tells whether there still is time.
func eventuallyIf(t *testing.T, what string, ok, inTime func() bool) bool {
	t.Helper()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for ; !ok(); <-again.C {
		if !inTime() {
			t.Errorf("not in time: %s", what)
			return false
		}
	}
	return true
}
