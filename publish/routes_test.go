package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/publish/internal/fftest"
	"github.com/gortmp/rtmp/rtmptest"
)

// patience is how long another program may take for anything.
const patience = 60 * time.Second

// A sender publishes a file to a URL, as fast as it goes.
type sender func(t *testing.T, url, in string)

// A receiver is a server that is ready for one stream of a given name. Saved waits for the end of the stream and
// returns a file of what came.
type receiver func(t *testing.T, ff fftest.FFmpeg, dir, name string) (url string, saved func() string)

// A route is a way from a file to a file.
type route struct {
	name string
	send sender
	to   receiver
}

// routes are those of every test of identity: our package with our package, and our tool with our tool.
func routes(t *testing.T) []route {
	tool := buildTool(t)
	return []route{{"package", sendFile, recorded}, {"tool", tool.send, tool.serve}}
}

// travel publishes in over r and returns what arrived.
func (r route) travel(t *testing.T, ff fftest.FFmpeg, dir, name, in string) string {
	t.Helper()
	name += "-" + r.name
	url, saved := r.to(t, ff, dir, name)
	r.send(t, url, in)
	if t.Failed() {
		t.FailNow()
	}
	return saved()
}

func sendFile(t *testing.T, url, in string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := File(ctx, url, in, &Options{NoPace: true, RetryDelay: 100 * time.Millisecond}); err != nil {
		t.Errorf("File(%s) error = %v", in, err)
	}
}

// recorded is our server, which writes what it gets.
func recorded(t *testing.T, _ fftest.FFmpeg, dir, name string) (url string, saved func() string) {
	out := filepath.Join(dir, name+".flv")
	done := make(chan error, 1)
	s := rtmptest.NewServer(rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
		f, err := os.Create(out)
		if err != nil {
			return err
		}
		defer f.Close()
		w := flv.NewWriter(f)
		if _, err := message.Copy(w, s); err != nil {
			return err
		}
		err = w.Close()
		done <- err
		return err
	}))
	t.Cleanup(s.Close)
	return s.URL + "/live/" + name, func() string {
		t.Helper()
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(patience):
			t.Fatal("the stream does not end")
		}
		return out
	}
}

// listening is an ffmpeg that takes in a stream.
func listening(t *testing.T, ff fftest.FFmpeg, dir, name string) (url string, saved func() string) {
	url = fmt.Sprintf("rtmp://%s/live/%s", freeAddr(), name)
	out := filepath.Join(dir, name+".flv")
	p := start(t, exec.Command(string(ff), "-v", "error", "-nostdin", "-y", "-listen", "1", "-i", url, "-map", "0", "-c", "copy", out))
	return url, func() string { p.wait(); return out }
}

// nginx records what it gets.
func nginx(t *testing.T, _ fftest.FFmpeg, dir, name string) (url string, saved func() string) {
	const module = "/usr/lib/nginx/modules/ngx_rtmp_module.so"
	program, err := exec.LookPath("nginx")
	if _, e := os.Stat(module); err != nil || e != nil {
		if os.Getenv("RTMP_INTEROP_REQUIRED") != "" {
			t.Fatal("nginx with its rtmp module is not installed")
		}
		t.Skip("nginx with its rtmp module is not installed")
	}
	addr := freeAddr()
	config := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(`load_module %s; daemon off; master_process off; pid %s/pid; events {}
rtmp { server { listen %s; application live { live on; record all; record_path %s; } } }`, module, dir, addr, dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, exec.Command(program, "-p", dir, "-e", "stderr", "-c", config))
	return fmt.Sprintf("rtmp://%s/live/%s", addr, name), func() string {
		p.cmd.Process.Signal(os.Interrupt)
		p.done <- <-p.done
		return filepath.Join(dir, name+".flv")
	}
}

// freeAddr returns a port at which nobody listens.
func freeAddr() string {
	s := rtmptest.NewUnstartedServer(nil)
	defer s.Close()
	return s.Listener.Addr().String()
}

// A tool is the path of our program.
type tool string

// buildTool builds the program of module cmd.
func buildTool(t *testing.T) tool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rtmp")
	if out, err := exec.Command("go", "build", "-C", "../cmd", "-o", path, "./rtmp").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return tool(path)
}

// send publishes with the tool.
func (p tool) send(t *testing.T, url, in string) {
	t.Helper()
	out, code := p.run(t, nil, "publish", "--no-pace", "--wait", "--retry-delay", "100ms", in, url)
	if code != 0 {
		t.Errorf("rtmp publish %s: exit code %d\n%s", in, code, out)
	}
}

// sendPipe publishes from a pipe with the tool, in real time.
func (p tool) sendPipe(t *testing.T, url, in string) {
	t.Helper()
	b, err := os.ReadFile(in)
	if err != nil {
		t.Fatal(err)
	}
	out, code := p.run(t, b, "publish", "--wait", "--retry-delay", "100ms", "-", url)
	if code != 0 {
		t.Errorf("rtmp publish - of %s: exit code %d\n%s", in, code, out)
	}
}

// run runs the tool and returns what it says on standard error, and its exit code.
func (p tool) run(t *testing.T, stdin []byte, args ...string) (stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, string(p), args...)
	cmd.Stdin = bytes.NewReader(stdin)
	var b bytes.Buffer
	cmd.Stderr = &b
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return b.String(), cmd.ProcessState.ExitCode()
}

// serve is "rtmp serve" with an ffmpeg that plays the stream from its beginning on, and is waited for: what is sent comes
// faster than real time.
func (p tool) serve(t *testing.T, ff fftest.FFmpeg, dir, name string) (url string, saved func() string) {
	server := start(t, exec.Command(string(p), "serve", "--addr", "127.0.0.1:0", "--patience", "10s"))
	url = server.await(`url=(rtmp://\S+/)APP/NAME`) + "live/" + name
	out := filepath.Join(dir, name+".flv")
	args := []string{"-v", "error", "-nostdin", "-y"}
	if string(ff) == os.Getenv("RTMP_NEW_FFMPEG") {
		args = append(args, "-rtmp_enhanced_codecs", "av01,hvc1,vp09,Opus") // else our server gives it the first track alone
	}
	player := start(t, exec.Command(string(ff), append(args, "-i", url, "-map", "0", "-c", "copy", out)...))
	server.await(`(msg=play) `)
	return url, func() string { player.wait(); return out }
}

// A process is a program that ends with the test at the latest.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan error

	mu     sync.Mutex // guards what follows
	output bytes.Buffer
	grown  chan struct{} // closed and made anew when there is more output
}

func start(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, done: make(chan error, 1), grown: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p, p
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		p.done <- <-p.done
	})
	return p
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.grown)
	p.grown = make(chan struct{})
	return p.output.Write(b)
}

func (p *process) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// await waits for output that matches and returns the first group of it.
func (p *process) await(pattern string) string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	limit := time.After(patience)
	for {
		p.mu.Lock()
		grown := p.grown
		m := re.FindSubmatch(p.output.Bytes())
		p.mu.Unlock()
		if m != nil {
			return string(m[1])
		}
		select {
		case <-grown:
		case <-limit:
			p.t.Fatalf("%s says nothing like %s:\n%s", p.cmd.Path, pattern, p)
		}
	}
}

// wait fails unless the program ends by itself and well.
func (p *process) wait() {
	p.t.Helper()
	select {
	case err := <-p.done:
		p.done <- err
		if err != nil {
			p.t.Fatalf("%s: %v\n%s", strings.Join(p.cmd.Args, " "), err, p)
		}
	case <-time.After(patience):
		p.t.Fatalf("%s does not end:\n%s", p.cmd.Path, p)
	}
}
