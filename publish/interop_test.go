package publish

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
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
	routes := routes(t)
	for _, tt := range tests {
		name := strings.ReplaceAll(tt.name, " ", "-")
		in := filepath.Join(dir, "in-"+name+"."+tt.ext)
		ff.Run(t, append(append([]string{"-i", source, "-c", "copy"}, tt.args...), in)...)
		if tt.ext != "h264" {
			wantPipe(t, in)
		}
		from := source
		if tt.same {
			from = in // whatever ffmpeg changed when it made it
		}
		streams := []string{"0:v", "0:a"}
		if tt.ext == "h264" {
			streams = streams[:1]
		}
		want := ff.Watch(t, from, streams...)
		for _, r := range routes {
			t.Run(tt.name+" "+r.name, func(t *testing.T) {
				want.Compare(t, ff.Watch(t, r.travel(t, ff, dir, name, in), streams...))
			})
		}
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

// Other people's servers take what we send, from the package and from the tool.
func TestOtherServers(t *testing.T) {
	ff := fftest.Find(t)
	dir := t.TempDir()
	source := ff.MakeMP4(t, dir)
	mp3 := filepath.Join(dir, "mp3.mp4")
	ff.Run(t, "-i", source, "-c:v", "copy", "-c:a", "libmp3lame", mp3)
	tool := buildTool(t)
	for _, to := range []struct {
		name string
		receiver
	}{{"ffmpeg", listening}, {"nginx", nginx}} {
		for _, from := range []struct {
			name string
			in   string
			send sender
		}{
			{"package", source, sendFile},
			{"tool", source, tool.send},
			{"tool-mp3", mp3, tool.send},
		} {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				out := route{from.name, from.send, to.receiver}.travel(t, ff, t.TempDir(), "x", from.in)
				ff.Watch(t, from.in, "0:v", "0:a").Compare(t, ff.Watch(t, out, "0:v", "0:a"))
			})
		}
	}
}

// What comes from a pipe goes out in real time, from the package and from the tool.
func TestPipeToFFmpeg(t *testing.T) {
	ff := fftest.Find(t)
	dir := t.TempDir()
	source := ff.MakeMP4(t, dir)
	in := filepath.Join(dir, "in.ts")
	ff.Run(t, "-i", source, "-c", "copy", in)
	for name, send := range map[string]sender{"package": sendPipe, "tool": buildTool(t).sendPipe} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			out := route{name, send, listening}.travel(t, ff, dir, "out", in)
			if took := time.Since(begin); took < 3500*time.Millisecond {
				t.Errorf("4 seconds of media took %v", took)
			}
			ff.Watch(t, source, "0:v", "0:a").Compare(t, ff.Watch(t, out, "0:v", "0:a"))
		})
	}
}

// sendPipe publishes from what cannot seek, in real time.
func sendPipe(t *testing.T, url, in string) {
	t.Helper()
	f, err := os.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := Reader(ctx, url, struct{ io.Reader }{f}, &Options{RetryDelay: 100 * time.Millisecond}); err != nil {
		t.Errorf("Reader error = %v", err)
	}
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

// A fftest.Film whose sound RTMP cannot carry is not published without it, unless that is asked for.
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

// A recording that ends in mid-packet is published up to there, and the error says so. One that ends behind a packet is
// whole, as far as can be known.
func TestReaderCutTS(t *testing.T) {
	ff := fftest.Find(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "whole.ts")
	ff.Run(t, "-i", ff.MakeMP4(t, dir), "-t", "1", "-c", "copy", path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		in   []byte
		want error
	}{
		{"whole", whole, nil},
		{"without the last packet", whole[:len(whole)-tsPacket], nil},
		{"with half of the last packet", whole[:len(whole)-tsPacket/2], io.ErrUnexpectedEOF},
		{"with one byte more", append(slices.Clip(whole), tsSync), io.ErrUnexpectedEOF},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, in *ingest) {
				if err := Reader(t.Context(), testURL, iotest.HalfReader(bytes.NewReader(tt.in)), in.options(nil)); !errors.Is(err, tt.want) {
					t.Errorf("Reader error = %v, want %v", err, tt.want)
				}
				if n := len(in.all()[0].coded(message.TypeVideo)); n < 20 {
					t.Errorf("%d pictures came, want nearly all of a second", n)
				}
			})
		})
	}
}

// What the tool cannot publish it says in a line, with a hint at most, and it asks no server for it.
func TestToolSaysWhy(t *testing.T) {
	ff := fftest.Find(t)
	tool := buildTool(t)
	dir := t.TempDir()
	source := ff.MakeMP4(t, dir)
	make := func(name string, args ...string) string {
		path := filepath.Join(dir, name)
		ff.Run(t, append(append([]string{"-i", source, "-t", "1"}, args...), path)...)
		return path
	}
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, err := os.ReadFile(make("fast.mp4", "-c", "copy", "-movflags", "+faststart"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, in, want string }{
		{"sound of another kind", make("pcm.mov", "-c:v", "copy", "-c:a", "pcm_s16le"), `: codec .*\n.* --partial .*\n`},
		{"pictures of another kind", make("mpeg2.ts", "-c:v", "mpeg2video", "-c:a", "copy"), `: codec .*\n.* --partial .*\n`},
		{"another container", make("film.mkv", "-c", "copy"), `: unknown format: it begins with .*\nIt reads FLV, .*\nFor others: .*\n`},
		{"nothing", write("empty.mp4", nil), ` is empty\n`},
		{"the beginning of an index", write("cut-index.mp4", whole[:200]), `: .*\n|.* is cut off: .*\n`},
		{"no file", filepath.Join(dir, "missing"), `: no such file or directory\n`},
		{"a directory", dir, `: is a directory\n`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stderr, code := tool.run(t, nil, "publish", tt.in, "rtmp://"+freeAddr()+"/live/x")
			if code != 1 || !regexp.MustCompile(`^rtmp publish: .*`+regexp.QuoteMeta(tt.in)+`(`+tt.want+`)$`).MatchString(stderr) {
				t.Errorf("exit code %d, and:\n%s", code, stderr)
			}
		})
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
