package rtmp_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
)

// damages are what a scene has to notice: what a server would do that an attack has harmed.
var damages = []struct {
	name   string
	notice string // what the scene says
	do     func(s *scene, h *harmer)
}{
	{"nothing", "", func(*scene, *harmer) {}},
	{"a message is lost", "the healthy player (-sent +got)", func(s *scene, h *harmer) { h.harm(func(n int, m *message.Message) bool { return n != 20 }) }},
	{"a byte is another", "the healthy player: rtmptest: ", func(s *scene, h *harmer) {
		h.harm(func(n int, m *message.Message) bool { m.Payload[len(m.Payload)-1] ^= byte(n / 20); return true })
	}},
	{"a message is late", "a message of the healthy pair was under way for", func(s *scene, h *harmer) {
		h.harm(func(n int, m *message.Message) bool {
			if n == 20 {
				<-time.After(2 * time.Second) // so much that a busy machine is not to blame for all of it
			}
			return true
		})
	}},
	{"memory is taken for a while", "for a while, want at most", func(s *scene, h *harmer) {
		held := make([]byte, attackMemory+1<<20)
		s.wantMemory("held", len(held)+leftMemory)
		held[0] = 1
	}},
	{"memory is left", "not in time: their memory is free", func(*scene, *harmer) { leftOver.memory = make([]byte, 2*leftMemory) }},
	{"a descriptor is left", "not in time: their descriptors are closed", func(s *scene, h *harmer) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.t.Fatal(err)
		}
		leftOver.listener = l
	}},
	{"a goroutine is left", "not in time: no goroutine is left", func(*scene, *harmer) { go func() { select {} }() }},
	{"a connection is left", "not in time: the connections of the attack are over", func(s *scene, h *harmer) {
		nc, err := s.tryDial()
		if err != nil {
			s.t.Fatal(err)
		}
		reach(s.t, nc, atConnect, "")
		leftOver.conn = nc
	}},
	{"nobody new is served", "after the attack: Dial: ", func(s *scene, h *harmer) { s.server.Listener.Close() }},
	{"the process dies", "panic: dead", func(*scene, *harmer) { go panic("dead") }},
}

// leftOver keeps what would otherwise be collected.
var leftOver struct {
	memory   []byte
	listener net.Listener
	conn     net.Conn
}

// A harmer changes the messages of a healthy publisher on their way.
type harmer struct {
	pass atomic.Pointer[func(m *message.Message) bool] // nil: all that comes
}

// harm begins to do so: f is given the number of a message, from 1, and reports whether to pass it on. It returns when
// f has seen forty of them.
func (h *harmer) harm(f func(n int, m *message.Message) bool) {
	enough := make(chan struct{})
	n := 0
	pass := func(m *message.Message) bool {
		if n++; n == 40 {
			close(enough)
		}
		return f(n, m)
	}
	h.pass.Store(&pass)
	<-enough
}

// handler returns hub with h before it.
func (h *harmer) handler(hub *relay.Hub) rtmp.Handler {
	return rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
		if r.Method == rtmp.MethodPlay {
			return hub.ServeRTMP(s, r)
		}
		p, err := hub.Publish(r.App + "/" + r.Name)
		if err != nil {
			return err
		}
		defer p.Close()
		for {
			m, err := s.ReadMessage()
			if err != nil {
				return err
			}
			if pass := h.pass.Load(); pass == nil || (*pass)(m) {
				p.WriteMessage(m)
			}
		}
	})
}

// Each test of hostile peers relies on what a scene notices. It runs as a process of its own, which has to fail.
func TestHostileSceneNotices(t *testing.T) {
	const variable = "RTMP_HOSTILE_DAMAGE"
	if name := os.Getenv(variable); name != "" {
		for _, d := range damages {
			if d.name == name {
				h := new(harmer)
				d.do(newScene(t, nil, h.handler), h)
			}
		}
		return
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			const tries = 3 // a busy machine may be to blame for what is late
			for n := 1; ; n++ {
				cmd := exec.Command(exe, "-test.run=^TestHostileSceneNotices$", "-test.count=1", "-test.timeout=2m")
				cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s", variable, d.name))
				out, err := cmd.CombinedOutput()
				if passes := err == nil; passes == (d.notice == "") && strings.Contains(string(out), d.notice) {
					break
				}
				if n == tries {
					t.Fatalf("%v, want %q in the output:\n%s", err, d.notice, out)
				}
			}
		})
	}
}
