package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/Eyevinn/mp4ff/mp4"
	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/cmd/rtmp/internal/loop"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/publish"
	"github.com/gortmp/rtmp/rtmptest"
)

// playing returns the URL of a server that sends file, an FLV file, to whoever plays, and then ends the stream.
func playing(t *testing.T, file []byte) string {
	t.Helper()
	srv := rtmptest.NewServer(rtmp.HandlerFunc(func(s *rtmp.Stream, _ *rtmp.Request) error {
		if err := s.Accept(); err != nil {
			return err
		}
		_, err := message.Copy(s, flv.NewReader(bytes.NewReader(file)))
		return err
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/live/film"
}

// coded returns the frames in a file: track, DTS, PTS from the first DTS on, and data.
func coded(t *testing.T, path string) (list []publish.Packet) {
	t.Helper()
	src, err := publish.Open(path, &publish.SourceOptions{Frames: true})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer src.Close()
	for {
		p, err := src.ReadPacket()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("%s: after %d packets: %v", path, len(list), err)
		}
		list = append(list, publish.Packet{Track: p.Track, DTS: p.DTS.Round(1e6), PTS: p.PTS.Round(1e6), Key: p.Key, Data: p.Data})
	}
}

// The stream that ends leaves a complete file with all its frames, in each container.
func TestPlayRecords(t *testing.T) {
	t.Parallel()
	film, file := shortFilm(t)
	url := playing(t, file)
	want := coded(t, film)
	for _, ext := range []string{".flv", ".mp4", ".ts", ".MP4"} {
		t.Run(ext, func(t *testing.T) {
			output := filepath.Join(t.TempDir(), "recording"+ext)
			if err := os.WriteFile(output, make([]byte, 1<<20), 0o600); err != nil { // replaced
				t.Fatal(err)
			}
			_, stderr, code := tool(t, "play", url, "-o", output)
			if want := "Recorded " + output + ": 0:00:00, H.264 640x360, AAC.\n"; code != exitOK || stderr != want {
				t.Fatalf("exit code %d, standard error %q, want %q", code, stderr, want)
			}
			byTrack := func(list []publish.Packet) (tracks [2][]publish.Packet) {
				for _, p := range list {
					tracks[p.Track] = append(tracks[p.Track], p)
				}
				return tracks
			}
			if diff := cmp.Diff(byTrack(want), byTrack(coded(t, output))); diff != "" {
				t.Errorf("frames (-want +got):\n%.3000s", diff)
			}
		})
	}
}

// A recording that is stopped, as by Ctrl-C, is a whole file: one with an index and without fragments.
func TestPlayStoppedMP4(t *testing.T) {
	t.Parallel()
	_, file := shortFilm(t)
	endless := loop.NewReader(func() (message.Reader, error) { return flv.NewReader(bytes.NewReader(file)), nil })
	srv := rtmptest.NewServer(rtmp.HandlerFunc(func(s *rtmp.Stream, _ *rtmp.Request) error {
		_, err := message.Copy(s, endless)
		return err
	}))
	defer srv.Close()
	output := filepath.Join(t.TempDir(), "recording.mp4")
	_, stderr, code := tool(t, "play", srv.URL+"/live/film", "-o", output, "--for", "300ms")
	if code != exitOK || !strings.HasPrefix(stderr, "Recorded "+output) {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if n := len(coded(t, output)); n < 100 {
		t.Errorf("%d frames were recorded", n)
	}
	f, err := os.Open(output)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	moov, err := mp4.DecodeFile(f, mp4.WithDecodeMode(mp4.DecModeLazyMdat))
	if err != nil || moov.IsFragmented() {
		t.Errorf("the file has fragments, or an error: %v", err)
	}
}

// speexFilm is an FLV file with a frame of Speex every 20 ms.
func speexFilm(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := flv.NewWriter(&b)
	for i := range 200 {
		m := &message.Message{Type: message.TypeAudio, Timestamp: message.Timestamp(20 * i), Payload: []byte{0xb6, 1, 2, 3}}
		if err := w.WriteMessage(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What goes wrong is one line with what to do about it, and no file is left that is of no use.
func TestPlayCannotRecord(t *testing.T) {
	t.Parallel()
	_, file := shortFilm(t)
	full := func(ext string) func(t *testing.T) string {
		return func(t *testing.T) string {
			if _, err := os.Stat("/dev/full"); err != nil {
				t.Skip("there is no /dev/full")
			}
			name := filepath.Join(t.TempDir(), "film"+ext)
			if err := os.Symlink("/dev/full", name); err != nil {
				t.Fatal(err)
			}
			return name
		}
	}
	in := func(name string) func(t *testing.T) string {
		return func(t *testing.T) string { return filepath.Join(t.TempDir(), name) }
	}
	tests := []struct {
		name   string
		file   []byte
		output func(t *testing.T) string
		code   int
		want   string // OUT is the name of the file
	}{
		{"a name that says nothing", file, in("film.mkv"), exitUsage,
			"rtmp play: what is OUT to be? The name of a recording ends in .flv, .mp4 or .ts\nRun \"rtmp play --help\" for how it is used.\n"},
		{"speex in mp4", speexFilm(t), in("film.mp4"), exitFailure,
			"rtmp play: MP4 cannot hold speex\nFLV holds all that RTMP carries: -o FILE.flv\n"},
		{"speex in mpeg-ts", speexFilm(t), in("film.ts"), exitFailure,
			"rtmp play: MPEG-TS cannot hold speex\nFLV holds all that RTMP carries: -o FILE.flv\n"},
		{"nothing", flv.AppendHeader(nil, flv.Header{Version: 1}), in("film.mp4"), exitFailure,
			"rtmp play: the stream has ended without sound or picture: nothing was recorded\n"},
		{"full disk, flv", file, full(".flv"), exitFailure,
			"rtmp play: write OUT: no space left on device: the recording is complete up to there\n"},
		{"full disk, mp4", file, full(".mp4"), exitFailure,
			"rtmp play: write OUT: no space left on device: the recording is complete up to there\n"},
		{"full disk, mpeg-ts", file, full(".ts"), exitFailure,
			"rtmp play: write OUT: no space left on device: the recording is complete up to there\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.HasPrefix(tt.name, "full") {
				t.Skip("there is no /dev/full")
			}
			output := tt.output(t)
			_, stderr, code := tool(t, "play", playing(t, tt.file), "-o", output)
			if got := strings.ReplaceAll(stderr, output, "OUT"); code != tt.code || got != tt.want {
				t.Errorf("exit code %d, standard error %q, want %d and %q", code, got, tt.code, tt.want)
			}
			if info, err := os.Stat(output); err == nil && info.Mode().IsRegular() {
				t.Errorf("a file of %d bytes is left", info.Size())
			}
		})
	}
}
