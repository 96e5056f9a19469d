package interop_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long any process, and any wait for something that has to happen, may take.
const patience = 40 * time.Second

// need skips the test, or fails it if RTMP_INTEROP_REQUIRED is 1, unless all programs are installed. A program is
// named as in lookups.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if installed(name) {
			continue
		}
		if os.Getenv("RTMP_INTEROP_REQUIRED") == "1" {
			t.Fatalf("%s not installed", name)
		}
		t.Skipf("skipped: %s not installed", name)
	}
}

// lookups says how to find out whether a program is there, if it is not just an executable in the path. Elements
// of GStreamer count as programs: distributions pack them apart.
var lookups = map[string]func() bool{
	"curl (rtmp)":         func() bool { return prints("rtmp", "curl", "--version") },
	"nginx (rtmp)":        func() bool { _, err := nginxModule(); return err == nil },
	"GStreamer rtmp2src":  func() bool { return element("rtmp2src") },
	"GStreamer rtmp2sink": func() bool { return element("rtmp2sink") && element("flvmux") },
	"GStreamer rtmpsrc":   func() bool { return element("rtmpsrc") },
	"GStreamer rtmpsink":  func() bool { return element("rtmpsink") },
	"GStreamer TLS":       func() bool { return glibTLS() },
}

var lookedUp sync.Map // name of a program to a func() bool

func installed(name string) bool {
	look := lookups[name]
	if look == nil {
		look = func() bool { _, err := exec.LookPath(name); return err == nil }
	}
	once, _ := lookedUp.LoadOrStore(name, sync.OnceValue(look))
	return once.(func() bool)()
}

// prints reports whether a program runs and its output contains want.
func prints(want, name string, args ...string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).Output()
	return err == nil && bytes.Contains(out, []byte(want))
}

func element(name string) bool {
	return prints("", "gst-inspect-1.0", "--exists", name) && prints("", "gst-launch-1.0", "--version")
}

// A process is a program that runs for a test and ends with it at the latest.
type process struct {
	name string
	pid  int
	kill context.CancelFunc
	done chan struct{} // closed when it is over
	err  error         // how it ended; valid after done

	mu     sync.Mutex // guards the fields below
	output bytes.Buffer
	grown  chan struct{} // closed and replaced when there is more output
}

// start runs a program and keeps what it says.
func start(t *testing.T, name string, args ...string) *process {
	t.Helper()
	p := &process{name: name, done: make(chan struct{}), grown: make(chan struct{})}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = p, p
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		cancel()
		t.Fatalf("start %s: %v", name, err)
	}
	p.pid, p.kill = cmd.Process.Pid, cancel
	go func() {
		defer cancel()
		p.err = cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		<-p.done // the context of the test is over: it was killed
		if t.Failed() {
			t.Logf("%s %s: %v\n%s", name, strings.Join(args, " "), p.err, tail(p.text()))
		}
	})
	return p
}

// Write keeps what the program says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.grown)
	p.grown = make(chan struct{})
	return p.output.Write(b)
}

// holdsTCP reports whether the program has a TCP connection, or whether that cannot be found out.
func (p *process) holdsTCP() bool {
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		return true
	}
	fds := fmt.Sprintf("/proc/%d/fd", p.pid)
	entries, err := os.ReadDir(fds)
	if err != nil {
		return true
	}
	for _, e := range entries {
		link, err := os.Readlink(filepath.Join(fds, e.Name()))
		if inode, ok := strings.CutPrefix(link, "socket:["); err == nil && ok &&
			slices.Contains(strings.Fields(string(table)), strings.TrimSuffix(inode, "]")) {
			return true
		}
	}
	return false
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// expect waits until the program has said want at least n times.
func (p *process) expect(t *testing.T, want string, n int) {
	t.Helper()
	for {
		p.mu.Lock()
		found, grown := strings.Count(p.output.String(), want), p.grown
		p.mu.Unlock()
		if found >= n {
			return
		}
		select {
		case <-grown:
		case <-p.done:
			if found := strings.Count(p.text(), want); found < n {
				t.Fatalf("%s ended (%v) and said %q %d times, want %d", p.name, p.err, want, found, n)
			}
		}
	}
}

// wait waits for the end of the program and returns how it ended.
func (p *process) wait() error {
	<-p.done
	return p.err
}

// tail returns the last lines of s, which are enough to see what a program died of.
func tail(s string) string {
	const most = 3000 // bytes
	if len(s) > most {
		s = "…" + s[len(s)-most:]
	}
	return s
}
