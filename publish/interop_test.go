package publish

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Eyevinn/mp4ff/avc"
	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/publish/internal/fftest"
	"github.com/gortmp/rtmp/rtmptest"
)

// recordServer returns a server that records every stream to a file of its name in dir.
func recordServer(t *testing.T, dir string) *rtmptest.Server {
	s := rtmptest.NewServer(rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
		f, err := os.Create(filepath.Join(dir, r.Name+".flv"))
		if err != nil {
			return err
		}
		defer f.Close()
		w := flv.NewWriter(f)
		if _, err := message.Copy(w, s); err != nil {
			return err
		}
		return w.Close()
	}))
	t.Cleanup(s.Close)
	return s
}

// What arrives is what was in the file, for each container.
func TestFileIdentity(t *testing.T) {
	dir := t.TempDir()
	ff := fftest.Find(t)
	source := ff.MakeMP4(t, dir)
	server := recordServer(t, dir)
	tests := []struct {
		name string
		args []string
		ext  string
		same bool // ffmpeg sees the packets of the source in it; else they are in another form
	}{
		{"mp4", nil, "mp4", true},
		{"faststart", []string{"-movflags", "+faststart"}, "mp4", true},
		{"mov", nil, "mov", true},
		{"fragmented", []string{"-movflags", "frag_keyframe+empty_moov+default_base_moof"}, "mp4", true},
		{"fragments of one track", []string{"-movflags", "frag_keyframe+empty_moov+separate_moof"}, "mp4", true},
		{"mpegts", nil, "ts", false},
		{"flv", nil, "flv", true},
		{"annexb", []string{"-an"}, "h264", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := strings.ReplaceAll(tt.name, " ", "-")
			in := filepath.Join(dir, "in-"+name+"."+tt.ext)
			ff.Run(t, append(append([]string{"-i", source, "-c", "copy"}, tt.args...), in)...)
			if tt.ext != "h264" {
				wantPipe(t, in)
			}
			err := File(t.Context(), server.URL+"/live/"+name, in, &Options{NoPace: true})
			if err != nil {
				t.Fatalf("File(%s) error = %v", in, err)
			}
			out := filepath.Join(dir, name+".flv")
			from := source
			if tt.same {
				from = in // whatever ffmpeg changed when it made it
			}
			fftest.Compare(t, "video", ff.Sums(t, "-i", from, "-map", "0:v", "-fps_mode", "passthrough"),
				ff.Sums(t, "-i", out, "-map", "0:v", "-fps_mode", "passthrough"))
			if tt.ext == "h264" {
				return
			}
			fftest.Compare(t, "audio", ff.Sums(t, "-i", from, "-map", "0:a", "-c", "copy"),
				ff.Sums(t, "-i", out, "-map", "0:a", "-c", "copy"))
			wantSync(t, ff, from, out)
		})
	}
}

// wantPipe fails if a pipe does not give the same packets as the file.
func wantPipe(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fromFile := drainSource(t, f)
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromFile, drainSource(t, struct{ io.Reader }{f})); diff != "" {
		t.Errorf("packets (-file +pipe):\n%.2000s", diff)
	}
}

// wantSync fails if sound and picture do not begin as far from each other as in the source.
func wantSync(t *testing.T, ff fftest.FFmpeg, source, out string) {
	t.Helper()
	begin := func(path, stream string, args ...string) float64 {
		return ff.Sums(t, append([]string{"-copyts", "-i", path, "-map", stream, "-frames", "1"}, args...)...)[0].PTS
	}
	distance := func(path string) float64 {
		return begin(path, "0:v", "-c", "copy") - begin(path, "0:a", "-c", "copy")
	}
	if want, got := distance(source), distance(out); math.Abs(want-got) > 0.0015 {
		t.Errorf("the picture begins %.4f s after the sound, want %.4f", got, want)
	}
}

// ffmpeg is the server, the file comes in real time from a pipe.
func TestReaderToFFmpeg(t *testing.T) {
	dir := t.TempDir()
	ff := fftest.Find(t)
	source := ff.MakeMP4(t, dir)
	in := filepath.Join(dir, "in.ts")
	ff.Run(t, "-i", source, "-c", "copy", in)
	out := filepath.Join(dir, "out.flv")

	l := rtmptest.NewUnstartedServer(nil) // for a port that is free
	addr := l.Listener.Addr().String()
	l.Close()
	url := fmt.Sprintf("rtmp://%s/live/x", addr)
	cmd := exec.Command(string(ff), "-v", "error", "-nostdin", "-y", "-listen", "1", "-i", url, "-c", "copy", out)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	begin := time.Now()
	err = Reader(ctx, url, struct{ *bufio.Reader }{bufio.NewReader(f)}, &Options{RetryDelay: 100 * time.Millisecond})
	if err != nil {
		t.Errorf("Reader error = %v", err)
	}
	if took := time.Since(begin); took < 3500*time.Millisecond {
		t.Errorf("Reader took %v for 4 seconds of media", took)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, errs.Bytes())
	}
	fftest.Compare(t, "video", ff.Sums(t, "-i", source, "-map", "0:v", "-fps_mode", "passthrough"),
		ff.Sums(t, "-i", out, "-map", "0:v", "-fps_mode", "passthrough"))
	fftest.Compare(t, "audio", ff.Sums(t, "-i", source, "-map", "0:a", "-c", "copy"),
		ff.Sums(t, "-i", out, "-map", "0:a", "-c", "copy"))
}

// Access units of an encoder without DTS, with B-frames: the pictures and their times are those of the source.
func TestEncoderIdentity(t *testing.T) {
	dir := t.TempDir()
	ff := fftest.Find(t)
	server := recordServer(t, dir)
	tests := []struct {
		name string
		args []string
	}{
		{"no-bframes", []string{"-bf", "0"}},
		{"bframes", []string{"-bf", "2"}},
		{"pyramid", []string{"-bf", "3", "-b_strategy", "0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := filepath.Join(dir, "in-"+tt.name+".mp4")
			ff.Run(t, append(append([]string{"-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=3",
				"-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-g", "25", "-pix_fmt", "yuv420p"}, tt.args...), in)...)
			src, err := Open(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			sets := recordSets(t, src.Tracks()[0].Config)
			p := To(t.Context(), server.URL+"/live/"+tt.name, &Options{NoPace: true})
			if err := p.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			for {
				pk, err := src.ReadPacket()
				if err != nil {
					break
				}
				units, _ := splitLengths(pk.Data, 4)
				if pk.Key {
					units = append(sets[:len(sets):len(sets)], units...)
				}
				if err := p.WriteH264(pk.PTS, annexB(units...)); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			// Decoded: the DTS, which is not that of the source, plays no part.
			fftest.Compare(t, "video", ff.Sums(t, "-i", in, "-map", "0:v", "-fps_mode", "passthrough"),
				ff.Sums(t, "-i", filepath.Join(dir, tt.name+".flv"), "-map", "0:v", "-fps_mode", "passthrough"))
		})
	}
}

// recordSets returns the parameter sets of an avcC.
func recordSets(t *testing.T, config []byte) [][]byte {
	t.Helper()
	r, err := avc.DecodeAVCDecConfRec(config)
	if err != nil {
		t.Fatal(err)
	}
	return append(r.SPSnalus, r.PPSnalus...)
}

// A film whose sound RTMP cannot carry is not published without it, unless that is asked for.
func TestUnsupportedSound(t *testing.T) {
	ff := fftest.Find(t)
	dir := t.TempDir()
	for _, tt := range []struct {
		name string
		args []string
	}{
		{"pcm.mov", []string{"-c:v", "libx264", "-c:a", "pcm_s16le"}},
		{"mp2v.ts", []string{"-c:v", "mpeg2video", "-c:a", "aac"}},
	} {
		in := filepath.Join(dir, tt.name)
		ff.Run(t, append(append([]string{"-f", "lavfi", "-i", "color=size=64x64:rate=25:duration=0.4",
			"-f", "lavfi", "-i", "sine=duration=0.4", "-pix_fmt", "yuv420p"}, tt.args...), in)...)
		if _, err := Open(in, nil); !errors.Is(err, ErrCodec) {
			t.Errorf("Open(%s) error = %v, want an ErrCodec", tt.name, err)
		}
		s, err := Open(in, &SourceOptions{Partial: true})
		if err != nil {
			t.Errorf("Open(%s) with Partial: error = %v", tt.name, err)
			continue
		}
		if n := len(s.Tracks()); n != 1 {
			t.Errorf("Open(%s) with Partial: %d tracks, want 1", tt.name, n)
		}
		s.Close()
	}
}

// ffmpeg decodes silent frames, without a complaint, to nothing but zeros.
func TestSilenceIsSilent(t *testing.T) {
	ff := fftest.Find(t)
	in := filepath.Join(t.TempDir(), "silence.aac")
	if err := os.WriteFile(in, adtsFile(100), 0o600); err != nil {
		t.Fatal(err)
	}
	pcm := ff.Run(t, "-xerror", "-i", in, "-f", "s16le", "-")
	if len(pcm) < 95*1024*4 || len(bytes.Trim(pcm, "\x00")) > 0 {
		t.Errorf("%d bytes of sound, %d of them between the first and the last that is not zero",
			len(pcm), len(bytes.Trim(pcm, "\x00")))
	}
}

// nginx is the server and records what it gets.
func TestFileToNginx(t *testing.T) {
	ff := fftest.Find(t)
	module := "/usr/lib/nginx/modules/ngx_rtmp_module.so"
	program, err := exec.LookPath("nginx")
	if _, e := os.Stat(module); err != nil || e != nil {
		if os.Getenv("RTMP_INTEROP_REQUIRED") != "" {
			t.Fatal("nginx with its rtmp module is not installed")
		}
		t.Skip("nginx with its rtmp module is not installed")
	}
	dir := t.TempDir()
	source := ff.MakeMP4(t, dir)
	l := rtmptest.NewUnstartedServer(nil) // for a port that is free
	addr := l.Listener.Addr().String()
	l.Close()
	config := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(`load_module %s; daemon off; master_process off; pid %s/pid; events {}
rtmp { server { listen %s; application live { live on; record all; record_path %s; } } }`, module, dir, addr, dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-p", dir, "-e", "stderr", "-c", config)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err = File(ctx, fmt.Sprintf("rtmp://%s/live/rec", addr), source, &Options{RetryDelay: 100 * time.Millisecond})
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	if err != nil {
		t.Fatalf("File error = %v\n%s", err, errs.Bytes())
	}
	out := filepath.Join(dir, "rec.flv")
	fftest.Compare(t, "video", ff.Sums(t, "-i", source, "-map", "0:v", "-fps_mode", "passthrough"),
		ff.Sums(t, "-i", out, "-map", "0:v", "-fps_mode", "passthrough"))
	fftest.Compare(t, "audio", ff.Sums(t, "-i", source, "-map", "0:a", "-c", "copy"),
		ff.Sums(t, "-i", out, "-map", "0:a", "-c", "copy"))
}
