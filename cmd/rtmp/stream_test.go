package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/cmd/rtmp/internal/clip"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// shortFilm returns the first half second of the demo's clip as an FLV file, whose path it returns as well.
func shortFilm(t *testing.T) (path string, file []byte) {
	t.Helper()
	src, err := clip.Open()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := flv.NewWriter(&b)
	w.Verbatim = true
	for {
		m, err := src.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if m.Timestamp >= 500 {
			break
		}
		if err := w.WriteMessage(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "film.flv")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path, b.Bytes()
}

// serving starts "rtmp serve" on a free port and returns it with its URL, which ends in a slash.
func serving(t *testing.T, args ...string) (s *running, url string) {
	t.Helper()
	s = start(t, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	return s, s.err.await(t, `url=(rtmp://\S+/)APP/NAME`)[1]
}

// isMetadata is true for what publish writes anew.
func isMetadata(m message.Message) bool { return m.Type == message.TypeData }

// Three of our commands and what lies between them must give back what went in, byte for byte but for the metadata.
func TestServePublishPlay(t *testing.T) {
	t.Parallel()
	film, want := shortFilm(t)
	s, url := serving(t, "--chunk-size", "1000", "--grace", "100ms", "--max-conns", "2")
	url += "live/film"

	play := start(t, "play", url, "-o", "-")
	s.err.await(t, `msg=play stream=live/film`)
	publish := start(t, "publish", film, url)
	if code := publish.wait(t); code != exitOK {
		t.Fatalf("publish: exit code %d: %s", code, publish.err)
	}
	if code := play.wait(t); code != exitOK {
		t.Fatalf("play: exit code %d: %s", code, play.err)
	}
	got := readFLV(t, []byte(play.out.String()))
	if diff := cmp.Diff(readFLV(t, want), got, cmpopts.IgnoreSliceElements(isMetadata)); diff != "" {
		t.Errorf("messages (-published +played):\n%s", diff)
	}
	s.stop()
	if code := s.wait(t); code != exitOK {
		t.Errorf("serve: exit code %d: %s", code, s.err)
	}
	for _, want := range []string{`msg="publish ended" stream=live/film`, `msg="play ended" stream=live/film`, `msg=stopped`} {
		if log := s.err.String(); !strings.Contains(log, want) {
			t.Errorf("the log of the server lacks %s:\n%s", want, log)
		}
	}
}

// The same over TLS, from standard input into a file. The file gets an index, so its messages are compared.
func TestServePublishPlayTLS(t *testing.T) {
	t.Parallel()
	_, film := shortFilm(t)
	cert, key := certificate(t)
	s, _ := serving(t, "--tls-addr", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key)
	url := s.err.await(t, `url=(rtmps://\S+/)APP/NAME`)[1] + "live/film?token=secret"
	recording := filepath.Join(t.TempDir(), "recording.flv")

	play := start(t, "play", url, "--insecure", "--output", recording)
	s.err.await(t, `msg=play stream=live/film`)
	publish := startWith(t, bytes.NewReader(film), "publish", "--insecure", "-", url)
	if code := publish.wait(t); code != exitOK {
		t.Fatalf("publish: exit code %d: %s", code, publish.err)
	}
	if code := play.wait(t); code != exitOK {
		t.Fatalf("play: exit code %d: %s", code, play.err)
	}
	b, err := os.ReadFile(recording)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(readFLV(t, film), readFLV(t, b), cmpopts.IgnoreSliceElements(isMetadata)); diff != "" {
		t.Errorf("recording (-published +recorded):\n%s", diff)
	}
	if want := "Recorded " + recording + ": 0:00:00, H.264 640x360, AAC.\n"; play.err.String() != want {
		t.Errorf("play says %q, want %q", play.err, want)
	}
	if log := s.err.String() + publish.err.String() + play.err.String(); strings.Contains(log, "secret") {
		t.Errorf("the token of the URL is in a log:\n%s", log)
	}
}

func readFLV(t *testing.T, file []byte) (list []message.Message) {
	t.Helper()
	r := flv.NewReader(bytes.NewReader(file))
	for {
		m, err := r.ReadMessage()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("reading FLV after %d messages: %v", len(list), err)
		}
		list = append(list, *m)
	}
}

// A loop has no end of its own. Each frame of it is where it belongs, to the millisecond, and the headers come once.
func TestPublishLoop(t *testing.T) {
	t.Parallel()
	film, file := shortFilm(t)
	s, url := serving(t)
	url += "live/loop"
	play := start(t, "play", url, "-o", "-", "--for", "30s")
	s.err.await(t, `msg=play stream=live/loop`)
	publish := start(t, "publish", "--loop", film, url)
	publish.err.await(t, `\n0:00:0[12]   live `) // of turns of half a second
	publish.stop()
	if code := publish.wait(t); code != exitOK {
		t.Fatalf("publish: exit code %d: %s", code, publish.err)
	}
	if code := play.wait(t); code != exitOK {
		t.Fatalf("play: exit code %d: %s", code, play.err)
	}
	// The clip has a picture every 40 ms, the last at 480; and sound every 21 or 22, the last at 491, which lasts 22.
	const turn = 520
	var want []message.Message
	played := readFLV(t, []byte(play.out.String()))
	for i := 0; len(want) < len(played); i++ {
		for _, m := range readFLV(t, file) {
			isHeader := m.Type == message.TypeData || m.Payload[1] == 0
			if isHeader && i > 0 {
				continue
			}
			m.Timestamp += message.Timestamp(i * turn)
			want = append(want, m)
		}
	}
	want = want[:len(played)]
	if len(played) < 50 {
		t.Errorf("%d messages were played, want more than a turn of 39", len(played))
	}
	if diff := cmp.Diff(want, played, cmpopts.IgnoreSliceElements(isMetadata)); diff != "" {
		t.Errorf("messages (-want +played):\n%s", diff)
	}
}

func TestPlayShowsWhatArrives(t *testing.T) {
	t.Parallel()
	film, _ := shortFilm(t)
	s, url := serving(t)
	url += "live/film"
	play := start(t, "play", url)
	play.out.await(t, `0:00:01  video 0 \(0 key\)  audio 0  data 0  0 kbit/s  no audio or video yet\n`)
	publish := start(t, "publish", film, url)
	play.out.await(t, `video 14 \(2 key\)  audio 25  data 1  \d+ kbit/s  H\.264 640x360, AAC\n|The stream has ended\.\n`)
	if code := publish.wait(t); code != exitOK {
		t.Errorf("publish: exit code %d: %s", code, publish.err)
	}
	if code := play.wait(t); code != exitOK || !strings.HasSuffix(play.out.String(), "The stream has ended.\n") {
		t.Errorf("play: exit code %d: %s%s", code, play.out, play.err)
	}
	s.stop()
	s.wait(t)
}

// A recording that is stopped, as by Ctrl-C, is a whole file.
func TestPlayStopped(t *testing.T) {
	t.Parallel()
	film, _ := shortFilm(t)
	s, url := serving(t)
	url += "live/film"
	recording := filepath.Join(t.TempDir(), "recording.flv")
	publish := start(t, "publish", "--loop", film, url)
	s.err.await(t, `msg=publish`)
	play := start(t, "play", url, "-o", recording)
	publish.err.await(t, `0:00:0[1-9] `)
	play.stop()
	if code := play.wait(t); code != exitOK {
		t.Fatalf("play: exit code %d: %s", code, play.err)
	}
	b, err := os.ReadFile(recording)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(readFLV(t, b)); n < 10 {
		t.Errorf("%d messages were recorded", n)
	}
}

// Who reads our standard output may leave at any time, and nobody is told.
func TestOutputGone(t *testing.T) {
	t.Parallel()
	film, _ := shortFilm(t)
	s, url := serving(t)
	url += "live/film"
	publish := start(t, "publish", "--loop", film, url)
	s.err.await(t, `msg=publish`)
	for _, args := range [][]string{{"play", url, "-o", "-"}, {"play", url}, {"demo", "--addr", "127.0.0.1:0"}} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		stderr := newTranscript()
		if code := run(t.Context(), args, stdio{strings.NewReader(""), w, stderr}); code != exitOK || stderr.String() != "" {
			t.Errorf("rtmp %v: exit code %d, standard error %q", args, code, stderr)
		}
		w.Close()
	}
	publish.stop()
	publish.wait(t)
}

// What a server does in the middle of a stream is told apart from what goes wrong at its beginning.
func TestServerEndsStream(t *testing.T) {
	t.Parallel()
	film, _ := shortFilm(t)
	tests := []struct {
		name string
		end  func(c *rtmp.Conn)
		want string // from publish
	}{
		{"the connection is cut", func(c *rtmp.Conn) { c.CloseNow() }, "rtmp publish: the connection to the server is lost, after 3 attempts\n"},
		{"the stream is refused later", func(*rtmp.Conn) {}, "rtmp publish: the server refused: NetStream.Failed: enough\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := rtmptest.NewServer(rtmp.HandlerFunc(func(s *rtmp.Stream, _ *rtmp.Request) error {
				for range 10 {
					if _, err := s.ReadMessage(); err != nil {
						return err
					}
				}
				tt.end(s.Conn())
				return &rtmp.StatusError{Code: "NetStream.Failed", Description: "enough"}
			}))
			defer srv.Close()
			_, stderr, code := tool(t, "publish", "--loop", "--tries", "3", "--retry-delay", "1ms", film, srv.URL+"/live/film")
			if code != exitFailure || !strings.HasSuffix(stderr, tt.want) {
				t.Errorf("publish: exit code %d, standard error:\n%s\nwant at its end:\n%s", code, stderr, tt.want)
			}
		})
	}
}
