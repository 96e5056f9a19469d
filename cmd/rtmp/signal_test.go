//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// process starts the program as a process of its own.
func process(t *testing.T, args ...string) (cmd *exec.Cmd, out, err *transcript) {
	t.Helper()
	exe, exeErr := os.Executable()
	if exeErr != nil {
		t.Fatal(exeErr)
	}
	out, err = newTranscript(), newTranscript()
	cmd = exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Stdout, cmd.Stderr = out, err
	if startErr := cmd.Start(); startErr != nil {
		t.Fatal(startErr)
	}
	t.Cleanup(func() { cmd.Process.Kill() }) // an error if it is over, as it should be
	return cmd, out, err
}

// end sends Ctrl-C and returns the exit code.
func end(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer kill.Stop()
	cmd.Wait()
	return cmd.ProcessState.ExitCode()
}

// With real processes and a real signal: each command ends politely, and the others see that.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	film, _ := shortFilm(t)
	recording := filepath.Join(t.TempDir(), "recording.flv")

	serve, _, log := process(t, "serve", "--addr", "127.0.0.1:0", "-v")
	url := log.await(t, `url=(rtmp://\S+/)APP/NAME`)[1] + "live/film"
	publish, _, sent := process(t, "publish", "--loop", film, url)
	log.await(t, `msg=publish stream=live/film`)
	play, _, recorded := process(t, "play", url, "-o", recording)
	log.await(t, `msg=play stream=live/film`)
	watch, seen, _ := process(t, "play", url)
	seen.await(t, `0:00:02  video .* H\.264 640x360, AAC\n`)

	if code := end(t, play); code != exitOK {
		t.Errorf("play -o: exit code %d: %s", code, recorded)
	}
	log.await(t, `msg="play ended" .*after=\S+\n`)
	b, err := os.ReadFile(recording)
	if err != nil {
		t.Fatal(err)
	}
	list := readFLV(t, b)
	if len(list) < 20 || !strings.Contains(string(list[0].Payload), "keyframes") {
		t.Errorf("the recording was not completed: %d messages, the first is %q", len(list), list[0].Payload)
	}

	if code := end(t, publish); code != exitOK {
		t.Errorf("publish: exit code %d: %s", code, sent)
	}
	// No reason: the stream was ended, the connection did not just break.
	log.await(t, `msg="publish ended" .*after=\S+\n`)
	watch.Wait()
	if code := watch.ProcessState.ExitCode(); code != exitOK || !strings.HasSuffix(seen.String(), "The stream has ended.\n") {
		t.Errorf("play: exit code %d: %s", code, seen)
	}
	if code := end(t, serve); code != exitOK {
		t.Errorf("serve: exit code %d: %s", code, log)
	}
}

// A reader of standard output that leaves does not kill the process by SIGPIPE, and is no error.
func TestBrokenPipe(t *testing.T) {
	t.Parallel()
	demo, out, _ := process(t, "demo", "--addr", "127.0.0.1:0")
	url := out.await(t, `ffplay \S+ \S+ (rtmp://\S+)\n`)[1]
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stderr := newTranscript()
	play := exec.Command(exe, "play", url, "-o", "-")
	play.Env = append(os.Environ(), asProgram+"=1")
	play.Stdout, play.Stderr = w, stderr
	if err := play.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := r.Read(make([]byte, 13)); err != nil {
		t.Fatal(err)
	}
	r.Close()
	kill := time.AfterFunc(patience, func() { play.Process.Kill() })
	defer kill.Stop()
	play.Wait()
	if code := play.ProcessState.ExitCode(); code != exitOK || stderr.String() != "" {
		t.Errorf("play: %v, standard error %q", play.ProcessState, stderr)
	}
	if code := end(t, demo); code != exitOK {
		t.Errorf("demo: exit code %d", code)
	}
}
