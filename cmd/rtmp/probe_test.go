package main

import (
	"bytes"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// avc160x90 is a sequence header of libx264: High, level 1.1.
const avc160x90 = "0164000bffe100196764000bacd9428df93011000003000100000300320f14299601000668ebe3cb22c0fdf8f800"

// scripted returns an FLV file of five seconds: 25 pictures a second of 1000 bytes, every 25th a key frame; 50 frames a
// second of AAC of 100 bytes, and of Opus of 50 bytes in a second track.
func scripted(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := flv.NewWriter(&b)
	write := func(kind message.Type, at int, header string, size int) {
		head, err := hex.DecodeString(header)
		if err != nil {
			t.Fatal(err)
		}
		payload := append(head, make([]byte, size)...)
		if err := w.WriteMessage(&message.Message{Type: kind, Timestamp: message.Timestamp(at), Payload: payload}); err != nil {
			t.Fatal(err)
		}
	}
	write(message.TypeVideo, 0, "1700000000"+avc160x90, 0)
	write(message.TypeAudio, 0, "af001190", 0) // LC, 48 kHz, stereo
	for at := 0; at < 5000; at += 20 {
		switch {
		case at%1000 == 0:
			write(message.TypeVideo, at, "1701000000", 1000)
		case at%40 == 0:
			write(message.TypeVideo, at, "2701000000", 1000)
		}
		write(message.TypeAudio, at, "af01", 100)
		write(message.TypeAudio, at, "95014f70757301", 50) // one track, coded frames, "Opus", id 1
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const scriptedTracks = `  video  H.264 High 1.1, 160x90, 25 fps, key frame every 1 s, 200 kbit/s
  audio  AAC LC, 48000 Hz, stereo, 40 kbit/s
  audio  Opus, 48000 Hz, mono, 20 kbit/s
`

// Of a stream three key frames are enough: 2.04 seconds of pictures. A server that sends on is left.
func TestProbeURL(t *testing.T) {
	t.Parallel()
	file := scripted(t)
	left := make(chan error, 1)
	srv := rtmptest.NewServer(rtmp.HandlerFunc(func(s *rtmp.Stream, _ *rtmp.Request) error {
		if err := s.Accept(); err != nil {
			return err
		}
		_, err := message.Copy(s, flv.NewReader(bytes.NewReader(file)))
		if err == nil { // else it has left before it was sent everything
			_, err = s.ReadMessage()
		}
		left <- err
		return nil
	}))
	defer srv.Close()
	stdout, stderr, code := tool(t, "probe", srv.URL+"/live/secret?token=secret")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit code %d, standard error %q", code, stderr)
	}
	want := srv.URL + "/live: 260 kbit/s, seen for 2 s\n" + scriptedTracks
	if diff := cmp.Diff(want, localhost(stdout)); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	if err := <-left; err == nil {
		t.Error("probe sent a message")
	}
}

func localhost(s string) string {
	return regexp.MustCompile(`rtmp://[^:/]*:`).ReplaceAllString(s, "rtmp://127.0.0.1:")
}

// The same of a file and of a pipe, in words and in JSON, whose names and units are promised in the help.
func TestProbeFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "film.flv")
	if err := os.WriteFile(name, scripted(t), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := tool(t, "probe", name)
	if want := name + ": 260 kbit/s, seen for 2 s\n" + scriptedTracks; code != exitOK || stdout != want || stderr != "" {
		t.Errorf("exit code %d, output %q, %q, want %q", code, stdout, stderr, want)
	}
	r := startWith(t, bytes.NewReader(scripted(t)), "probe", "-", "--json")
	if code := r.wait(t); code != exitOK {
		t.Fatalf("exit code %d: %s", code, r.err)
	}
	want := `{
  "seconds": 2.04,
  "bitrate_bps": 260000,
  "tracks": [
    {
      "kind": "video",
      "codec": "avc1",
      "profile": "High",
      "level": "1.1",
      "width": 160,
      "height": 90,
      "frame_rate": 25,
      "key_frames": 3,
      "key_frame_interval_min_s": 1,
      "key_frame_interval_max_s": 1,
      "frames": 51,
      "bitrate_bps": 200000
    },
    {
      "kind": "audio",
      "codec": "mp4a",
      "profile": "LC",
      "sample_rate_hz": 48000,
      "channels": 2,
      "frames": 100,
      "bitrate_bps": 40000
    },
    {
      "kind": "audio",
      "codec": "Opus",
      "sample_rate_hz": 48000,
      "channels": 1,
      "frames": 100,
      "bitrate_bps": 20000
    }
  ]
}
`
	if diff := cmp.Diff(want, r.out.String()); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	// As long as it is told to look.
	stdout, _, _ = tool(t, "probe", name, "--for", "1s")
	if want := name + ": 260 kbit/s, seen for 1 s\n"; !strings.HasPrefix(stdout, want) {
		t.Errorf("with --for 1s: %q, want %q at its beginning", stdout, want)
	}
}

func TestProbeErrors(t *testing.T) {
	t.Parallel()
	silent := rtmptest.NewServer(rtmp.HandlerFunc(func(s *rtmp.Stream, _ *rtmp.Request) error {
		if err := s.Accept(); err != nil {
			return err
		}
		_, err := s.ReadMessage()
		return err
	}))
	defer silent.Close()
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte("Dear diary"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		in   string
		args []string
		code int
		want string
	}{
		{"nothing", "", nil, exitUsage, "rtmp probe: URL or FILE is missing\nRun \"rtmp probe --help\" for how it is used.\n"},
		{"no time", "", []string{"x.flv", "--for", "0s"}, exitUsage,
			"rtmp probe: --for has to be more than 0\nRun \"rtmp probe --help\" for how it is used.\n"},
		{"no media", "", []string{text}, exitFailure, "rtmp probe: " + text + ": unknown format: it begins with \"Dear diary\"\n"},
		{"no file", "", []string{filepath.Join(dir, "x")}, exitFailure,
			"rtmp probe: open " + filepath.Join(dir, "x") + ": no such file or directory\n"},
		{"cut", "FLV\x01", []string{"-"}, exitFailure, "rtmp probe: standard input is cut off where it begins\n"},
		{"no sound or picture", string(flv.AppendHeader(nil, flv.Header{Version: 1})), []string{"-"}, exitFailure,
			"rtmp probe: standard input: no track that RTMP can carry\n"},
		{"a silent stream", "", []string{silent.URL + "/live/x", "--for", "100ms"}, exitFailure,
			"rtmp probe: no sound or picture came within 100ms\n" +
				"Is somebody publishing under this name? --for sets how long to wait.\n"},
		{"a stream that ends", "", []string{playing(t, flv.AppendHeader(nil, flv.Header{Version: 1}))}, exitFailure,
			"rtmp probe: the stream has ended without sound or picture\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := startWith(t, io.Reader(strings.NewReader(tt.in)), append([]string{"probe"}, tt.args...)...)
			if code := r.wait(t); code != tt.code || r.err.String() != tt.want || r.out.String() != "" {
				t.Errorf("exit code %d, standard error %q, output %q, want %d and %q", code, r.err, r.out, tt.code, tt.want)
			}
		})
	}
}
