//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"

	"github.com/gortmp/rtmp/cmd/rtmp/internal/clip"
	"github.com/gortmp/rtmp/flv"
)

// A screen is what a person sees of what a program writes to a terminal, as far as our programs write to one.
type screen struct {
	lines       [][]rune
	row, column int
}

var escape = regexp.MustCompile(`^\x1b\[(\d*)([AJ])`)

func (s *screen) write(text string) {
	for text != "" {
		if m := escape.FindStringSubmatch(text); m != nil {
			text = text[len(m[0]):]
			if m[2] == "J" { // clear from here on
				s.lines = append(s.lines[:s.row:s.row], s.line()[:s.column:s.column])
				continue
			}
			up, _ := strconv.Atoi(m[1])
			s.row -= up
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		text = text[n:]
		switch r {
		case '\r':
			s.column = 0
		case '\n':
			s.row++
			s.line()
		default:
			line := s.line()
			for len(line) <= s.column {
				line = append(line, ' ')
			}
			line[s.column] = r
			s.lines[s.row] = line
			s.column++
		}
	}
}

// line is the one of the cursor.
func (s *screen) line() []rune {
	for len(s.lines) <= s.row {
		s.lines = append(s.lines, nil)
	}
	return s.lines[s.row]
}

func (s *screen) String() string {
	var b strings.Builder
	for _, line := range s.lines {
		b.WriteString(strings.TrimRight(string(line), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// A terminal is one of 80 characters by 24 lines, and a program on it.
type terminal struct {
	t      *testing.T
	cmd    *exec.Cmd
	keys   *os.File
	output chan string // closed when the program is over
	screen screen
}

func onTerminal(t *testing.T, args ...string) *terminal {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "TERM=xterm")
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	p := &terminal{t: t, cmd: cmd, keys: f, output: make(chan string)}
	quit := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(p.output)
		b := make([]byte, 4096)
		for {
			n, err := f.Read(b)
			if err != nil {
				return
			}
			select {
			case p.output <- string(b[:n]):
			case <-quit:
				return
			}
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		close(quit)
		f.Close()
		<-done
		cmd.Wait()
	})
	return p
}

// await reads until the screen matches pattern.
func (p *terminal) await(pattern string) {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	timeout := time.After(patience)
	for !re.MatchString(p.screen.String()) {
		select {
		case text, ok := <-p.output:
			if !ok {
				p.t.Fatalf("the program is over and nothing matches %s in:\n%s", pattern, p.screen.String())
			}
			p.screen.write(text)
		case <-timeout:
			p.t.Fatalf("nothing matches %s in:\n%s", pattern, p.screen.String())
		}
	}
}

// wait reads to the end and returns the exit code.
func (p *terminal) wait() int {
	p.t.Helper()
	kill := time.AfterFunc(patience, func() { p.cmd.Process.Kill() })
	defer kill.Stop()
	for text := range p.output {
		p.screen.write(text)
	}
	p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

// want fails unless the screen is as pattern says, a regular expression for the whole.
func (p *terminal) want(pattern string) {
	p.t.Helper()
	if !regexp.MustCompile(`^` + pattern + `$`).MatchString(p.screen.String()) {
		p.t.Errorf("the screen is:\n%s\nwant:\n%s", p.screen.String(), pattern)
	}
}

// longFilm returns three seconds of the demo's clip, as a file that says how long it is.
func longFilm(t *testing.T) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "film.flv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	src, err := clip.Open()
	if err != nil {
		t.Fatal(err)
	}
	w := flv.NewWriter(f)
	for m, err := src.ReadMessage(); err == nil && m.Timestamp < 3000; m, err = src.ReadMessage() {
		if err := w.WriteMessage(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// What a person sees of a file on its way: how far it is, and how it was.
func TestPublishOnTerminal(t *testing.T) {
	t.Parallel()
	film := longFilm(t)
	_, url := serving(t)
	p := onTerminal(t, "publish", film, url+"live/film")
	p.await(`0:00:0[12] / 0:00:03 \[=+>-+\]\nlive   \d+ kbit/s   queue \d\.\d s   dropped 0\n`)
	if code := p.wait(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	p.want(`Publishing ` + regexp.QuoteMeta(film) + `: H\.264 640x360, AAC, 0:00:03\. Ctrl-C ends it\.
\d\d:\d\d:\d\d ` + url + `live: live
0:00:03 / 0:00:03 \[=+>?-?\]
ended   dropped 0
Sent \d+ kB, 0:00:03 of the stream\.
`)
}

// Of several servers each has its line, and what happens to it stays on the screen. No line of the board is too long,
// as it could not be drawn over.
func TestPublishOnTerminalSeveral(t *testing.T) {
	t.Parallel()
	film, _ := shortFilm(t)
	closed := closedPort(t)
	_, url := serving(t)
	far := "rtmp://" + closed + "/" + strings.Repeat("long/", 20) + "x"
	p := onTerminal(t, "publish", "--loop", "--wait", film, url+"live/film", far)
	p.await(`0:00:01\nlive   \d+ kbit/s .*\nwaiting, attempt \d in \d s .*…\n`)
	for _, line := range strings.Split(p.screen.String(), "\n") {
		if n := utf8.RuneCountInString(line); n > 80 && !strings.Contains(line, far[:40]) && !strings.Contains(line, film) {
			t.Errorf("a line of the board has %d characters: %s", n, line)
		}
	}
	if _, err := io.WriteString(p.keys, "\x03"); err != nil { // Ctrl-C
		t.Fatal(err)
	}
	if code := p.wait(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	p.want(`Publishing ` + regexp.QuoteMeta(film) + `: H\.264 640x360, AAC\. Ctrl-C ends it\.
(?:\d\d:\d\d:\d\d rtmp://\S+: (?:live|nothing listens at ` + closed + ` \(connection refused\); attempt \d in \d+ s)\n){2,}0:00:\d\d
ended   dropped 0 .*
ended   dropped 0 .*
` + url + `live: sent \d+ kB\.
` + strings.TrimSuffix(far, "/x") + `: sent 0 kB; \d+ frames missed, for want of a connection\.
`)
}

// A refusal is one line and a hint, and leaves no board behind.
func TestPublishRefusedOnTerminal(t *testing.T) {
	t.Parallel()
	film, _ := shortFilm(t)
	p := onTerminal(t, "publish", film, "rtmp://"+closedPort(t)+"/live/x")
	if code := p.wait(); code != exitFailure {
		t.Errorf("exit code %d, want %d", code, exitFailure)
	}
	p.want(`rtmp publish: nothing listens at \S+ \(connection refused\)\nIs the server running, .*\n`)
}
