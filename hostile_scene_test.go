package rtmp_test

import (
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/relay"
	"github.com/gortmp/rtmp/rtmptest"
)

// What an attack may cost, in bytes of memory that is in use after a collection: as a whole, from one connection, and what
// the relay keeps of one stream; see relay.Hub.MaxBytes.
const (
	attackMemory = 64 << 20
	connMemory   = 8 << 20
	ringMemory   = 8 << 20
)

// A scene is a server on the loopback interface with a healthy publisher and a healthy player on it. Whatever a test
// does to the server must not disturb these two and must leave nothing behind, which is checked at its end.
type scene struct {
	t      *testing.T
	hub    *relay.Hub
	server *rtmptest.Server
	addr   string

	pair        *pair
	goroutines  int    // before all
	descriptors int    // with the pair running
	heap        uint64 // the same

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
	s.pair = newPair(t, s.server.Dialer(), s.server.URL+"/healthy/pair")
	s.descriptors = descriptors(t)
	s.heap = heapInUse()
	t.Cleanup(s.finish)
	return s
}

// finish checks that nothing is left, and ends the scene.
func (s *scene) finish() {
	const soon = 3 * time.Second
	const pairConns = 2
	eventually(s.t, "the connections of the attack are over", soon, func() bool { return served() == pairConns })
	eventually(s.t, "their descriptors are closed", soon, func() bool { return descriptors(s.t) <= s.descriptors })
	s.pair.finish()
	s.server.Close()
	if !eventually(s.t, "no goroutine is left", soon, func() bool { return runtime.NumGoroutine() <= s.goroutines }) {
		s.t.Logf("%s", stacks())
	}
}

// dial connects to the server until the end of the test.
func (s *scene) dial() net.Conn {
	s.t.Helper()
	nc, err := s.tryDial()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { nc.Close() })
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
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(within); !ok(); <-again.C {
		if time.Now().After(deadline) {
			t.Errorf("not after %v: %s", within, what)
			return false
		}
	}
	return true
}
