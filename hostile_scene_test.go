package rtmp_test

import (
	"context"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
	"github.com/gortmp/rtmp/rtmptest"
)

// What an attack may cost, in bytes of memory that is in use after a collection: as a whole, and from one connection.
const (
	attackMemory = 64 << 20
	connMemory   = 8 << 20
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
	s := &scene{t: t, hub: new(relay.Hub), goroutines: runtime.NumGoroutine(), ended: make(map[string]chan error)}
	h := rtmp.Handler(s.hub)
	if handler != nil {
		h = handler(s.hub)
	}
	if config = config.Clone(); config == nil {
		config = new(rtmp.Config)
	}
	config.Trace = &rtmp.Trace{Closed: func(c *rtmp.Conn, err error) { s.end(c.RemoteAddr()) <- err }}
	s.server = rtmptest.NewUnstartedServer(h)
	s.server.Config.Config = config
	s.server.Start()
	s.addr = s.server.Listener.Addr().String()
	s.pair = newPair(t, s.server.URL+"/healthy/pair")
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

// dial connects to the server.
func (s *scene) dial() net.Conn {
	s.t.Helper()
	nc, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { nc.Close() })
	return nc
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
	select {
	case err := <-s.end(nc.LocalAddr()):
		wantClosed(s.t, why, nc)
		return err
	case <-time.After(time.Minute):
		s.t.Fatalf("%s: still open after a minute", why)
		return nil
	}
}

// wantMemory checks that no more memory is in use now than before the attack, and most.
func (s *scene) wantMemory(why string, most int) {
	s.t.Helper()
	grown := int64(heapInUse()) - int64(s.heap)
	s.t.Logf("%s: memory grew by %.1f MiB", why, float64(grown)/(1<<20))
	if grown > int64(most) {
		s.t.Errorf("%s: memory grew by %d bytes, want at most %d", why, grown, most)
	}
}

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

// A pair is a publisher and a player of one stream that know what is sent and what comes.
type pair struct {
	t    *testing.T
	stop context.CancelFunc
	pub  *rtmp.Publisher
	done sync.WaitGroup

	begun sync.Once
	came  chan struct{} // closed when a picture has come

	sent, got rtmptest.Checker

	mu   sync.Mutex // guards the fields below
	at   map[moment]time.Time
	late time.Duration // the longest that a message was under way
}

// A moment tells the coded messages of a Source apart.
type moment struct {
	kind message.Type
	at   message.Timestamp
}

// newPair begins a stream at rawURL and waits until it runs.
func newPair(t *testing.T, rawURL string) *pair {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	p := &pair{t: t, stop: stop, came: make(chan struct{}), at: make(map[moment]time.Time)}
	player, err := rtmp.Play(ctx, rawURL)
	if err != nil {
		t.Fatalf("the healthy player: %v", err)
	}
	if p.pub, err = rtmp.Publish(ctx, rawURL); err != nil {
		t.Fatalf("the healthy publisher: %v", err)
	}
	p.done.Go(func() {
		defer player.Close()
		if _, err := message.Copy(receiver{p}, player); err != nil {
			t.Errorf("the healthy player: %v", err)
		}
	})
	p.done.Go(func() {
		src := &rtmptest.Source{Duration: -1, KeyFrameSize: 3000, FrameSize: 700, AudioSize: 100}
		_, err := message.Copy(sender{p}, rtmp.Paced(ctx, src))
		if err != nil && ctx.Err() == nil {
			t.Errorf("the healthy publisher: %v", err)
		}
	})
	<-p.came
	return p
}

// finish ends the stream and checks that nothing was lost.
func (p *pair) finish() {
	p.stop()
	if err := p.pub.Close(); err != nil {
		p.t.Errorf("the healthy publisher: Close: %v", err)
	}
	p.done.Wait()
	if diff := cmp.Diff(p.sent.Tally, p.got.Tally); diff != "" {
		p.t.Errorf("the healthy player (-sent +got):\n%s", diff)
	}
	most := 2 * time.Second // with the race detector, on a machine that is busy
	if hostileLong {
		most = 150 * time.Millisecond
	}
	if p.late > most {
		p.t.Errorf("a message of the healthy pair was under way for %v, want at most %v", p.late, most)
	}
	p.t.Logf("healthy pair: %d messages, the latest after %v", p.got.Tally.Video+p.got.Tally.Audio, p.late)
}

// A sender is the writing end of a pair.
type sender struct{ *pair }

func (s sender) WriteMessage(m *message.Message) error {
	if err := s.sent.WriteMessage(m); err != nil {
		return err
	}
	s.mu.Lock()
	s.at[moment{m.Type, m.Timestamp}] = time.Now()
	s.mu.Unlock()
	return s.pub.WriteMessage(m)
}

// A receiver is the reading end of a pair.
type receiver struct{ *pair }

func (r receiver) WriteMessage(m *message.Message) error {
	r.mu.Lock()
	key := moment{m.Type, m.Timestamp}
	if at, ok := r.at[key]; ok {
		r.late = max(r.late, time.Since(at))
		delete(r.at, key)
	}
	r.mu.Unlock()
	if r.got.Tally.Video > 0 {
		r.begun.Do(func() { close(r.came) })
	}
	return r.got.WriteMessage(m)
}
