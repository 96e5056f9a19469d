package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp/rtmptest"
)

// asProgram in the environment makes the test binary the program itself, for tests that need a process.
const asProgram = "RTMP_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	rtmptest.Main(m)
}

// patience is how long a test waits for what should come at once.
const patience = 20 * time.Second

// A running is a command that has been started in this process.
type running struct {
	out, err *transcript
	stop     context.CancelFunc // as Ctrl-C does
	done     chan struct{}
	code     int // valid once done is closed
}

// start runs the command that args name, with nothing on its standard input.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	return startWith(t, strings.NewReader(""), args...)
}

func startWith(t *testing.T, in io.Reader, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{out: newTranscript(), err: newTranscript(), stop: stop, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.code = run(ctx, args, stdio{in, r.out, r.err})
	}()
	t.Cleanup(func() {
		stop()
		<-r.done
	})
	return r
}

// wait waits for the end of r and returns its exit code.
func (r *running) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-r.done:
		return r.code
	case <-time.After(patience):
		r.stop()
		t.Fatalf("the command does not end; its output:\n%s%s", r.out, r.err)
		return 0
	}
}

// tool runs a command to its end.
func tool(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	r := start(t, args...)
	code = r.wait(t)
	return r.out.String(), r.err.String(), code
}

// A transcript keeps what is written to it, and knows when something special was.
type transcript struct {
	mu    sync.Mutex // guards the fields below
	buf   bytes.Buffer
	grown chan struct{} // closed by the next Write
}

func newTranscript() *transcript { return &transcript{grown: make(chan struct{})} }

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.grown)
	s.grown = make(chan struct{})
	return s.buf.Write(p)
}

// String returns all that was written so far.
func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// await waits until pattern matches what was written, and returns the match and its groups.
func (s *transcript) await(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	timeout := time.After(patience)
	for {
		s.mu.Lock()
		match, grown := re.FindStringSubmatch(s.buf.String()), s.grown
		s.mu.Unlock()
		if match != nil {
			return match
		}
		select {
		case <-grown:
		case <-timeout:
			t.Fatalf("nothing matches %s in:\n%s", pattern, s)
		}
	}
}
