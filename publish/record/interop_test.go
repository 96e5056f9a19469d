package record

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/publish"
	"github.com/gortmp/rtmp/publish/internal/fftest"
	"github.com/gortmp/rtmp/rtmptest"
)

// create returns a writer of the format that the name of a file says, and what closes the file.
func create(t *testing.T, path string) (Writer, func()) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var w Writer = NewMP4(f)
	if filepath.Ext(path) == ".ts" {
		w = NewTS(f)
	}
	return w, func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// write writes what src gives to the file called path.
func write(t *testing.T, path string, src message.Reader) {
	t.Helper()
	d := publish.NewDemuxer(src)
	if err := d.Probe(); err != nil {
		t.Errorf("Probe for %s: error = %v", path, err)
		return
	}
	w, done := create(t, path)
	defer done()
	err := Copy(w, d, func(tr publish.Track, err error) { t.Errorf("%s is without %v: %v", path, tr.Codec, err) })
	if err != nil {
		t.Errorf("Copy to %s: error = %v", path, err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("Close of %s: error = %v", path, err)
	}
}

// through publishes the file called in and records it as the files called out, at once.
func through(t *testing.T, in string, out ...string) {
	t.Helper()
	done := make(chan struct{})
	s := rtmptest.NewServer(rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
		defer close(done)
		all := drain(t, s)
		for _, path := range out {
			write(t, path, &script{messages: all})
		}
		return nil
	}))
	defer s.Close()
	if err := publish.File(t.Context(), s.URL+"/live/x", in, &publish.Options{NoPace: true}); err != nil {
		t.Fatalf("File(%s) error = %v", in, err)
	}
	<-done
}

const (
	picture = "testsrc2=size=160x90:rate=25:duration=3"
	sound   = "sine=frequency=440:sample_rate=48000:duration=3"
	other   = "sine=frequency=880:sample_rate=48000:duration=3"
	x265    = "log-level=none:bframes=3:pools=1:rc-lookahead=5"
)

// What is recorded is what was published: every frame of every track, with its times. ffmpeg has nothing to say to it.
func TestRecordingIdentity(t *testing.T) {
	ff := fftest.Find(t)
	sounds := []string{"-map", "0:v", "-map", "1:a", "-map", "1:a", "-map", "1:a", "-map", "1:a", "-c:v", "libx264",
		"-preset", "veryfast", "-c:a:0", "ac3", "-c:a:1", "eac3", "-c:a:2", "libopus", "-c:a:3", "libmp3lame"}
	tests := []struct {
		name    string
		args    []string
		streams string
		ext     string // the containers that hold it
	}{
		{"h264 and aac", []string{"-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-b_strategy", "0", "-g", "50", "-c:a", "aac"},
			"0:v:0 0:a:0", "mp4 ts"},
		{"hevc and aac", []string{"-c:v", "libx265", "-x265-params", x265, "-g", "25", "-tag:v", "hvc1", "-c:a", "aac"},
			"0:v:0 0:a:0", "mp4 ts"},
		{"av1, vp9 and flac", []string{"-map", "0:v", "-map", "0:v", "-map", "1:a", "-c:v:0", "libsvtav1", "-preset", "10",
			"-svtav1-params", "lp=1", "-c:v:1", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25",
			"-c:a", "flac", "-strict", "-2"}, "0:v:0 0:v:1 0:a:0", "mp4"},
		{"ac3, eac3, opus and mp3", sounds, "0:v:0 0:a:0 0:a:1 0:a:2 0:a:3", "mp4 ts"},
		{"aac alone", []string{"-vn", "-c:a", "aac", "-ar", "44100"}, "0:a:0", "mp4 ts"},
		{"h264 alone", []string{"-an", "-c:v", "libx264", "-preset", "veryfast"}, "0:v:0", "mp4 ts"},
		{"two of h264 and of aac", []string{"-map", "0:v", "-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "libx264",
			"-preset", "veryfast", "-c:a", "aac"}, "0:v:0 0:v:1 0:a:0 0:a:1", "mp4 ts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			in := filepath.Join(dir, "in.mp4")
			args := []string{"-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-f", "lavfi", "-i", other,
				"-pix_fmt", "yuv420p", "-threads", "1"}
			ff.Run(t, append(append(args, tt.args...), in)...)
			var out []string
			for ext := range strings.FieldsSeq(tt.ext) {
				out = append(out, filepath.Join(dir, "out."+ext))
			}
			through(t, in, out...)
			for _, path := range out {
				wantSame(t, ff, in, path, strings.Fields(tt.streams))
			}
		})
	}
}

// A second publisher with another size and sampling rate, whose timestamps begin at 0 again: the file goes on, and ffmpeg
// reads all of it.
func TestRecordingOfTwoPublishers(t *testing.T) {
	ff := fftest.Find(t)
	dir := t.TempDir()
	var all []*message.Message
	var ins []string
	for i, size := range []string{"160x90", "320x180"} {
		in := filepath.Join(dir, fmt.Sprintf("in%d.mp4", i))
		ff.Run(t, "-f", "lavfi", "-i", "testsrc2=duration=3:rate=25:size="+size, "-f", "lavfi", "-i", sound,
			"-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ar", fmt.Sprint(48000-3900*i), in)
		ins = append(ins, in)
		s := rtmptest.NewServer(rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
			all = append(all, drain(t, s)...)
			return nil
		}))
		if err := publish.File(t.Context(), s.URL+"/live/x", in, &publish.Options{NoPace: true}); err != nil {
			t.Fatalf("File error = %v", err)
		}
		s.Close()
	}
	for _, ext := range []string{".mp4", ".ts"} {
		out := filepath.Join(dir, "out"+ext)
		write(t, out, &script{messages: all})
		how := []string{"-fps_mode", "passthrough", "-enc_time_base:v", "1:90000", "-autoscale", "0"}
		var want []string
		for _, in := range ins {
			for _, f := range ff.Sums(t, append([]string{"-i", in, "-map", "0:v"}, how...)...) {
				want = append(want, f.Sum)
			}
		}
		var got []string
		last := math.Inf(-1)
		for _, f := range ff.Sums(t, append([]string{"-i", out, "-map", "0:v"}, how...)...) {
			got = append(got, f.Sum)
			if f.PTS <= last || f.PTS > last+1 && !math.IsInf(last, 0) {
				t.Errorf("%s: a picture at %.3f s follows one at %.3f s", ext, f.PTS, last)
			}
			last = f.PTS
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: pictures (-want +got):\n%s", ext, diff)
		}
		wantQuiet(t, ff, out)
	}
}

// A recording that was never closed: ffmpeg plays the fragments that are there.
func TestRecordingUnclosed(t *testing.T) {
	ff := fftest.Find(t)
	dir := t.TempDir()
	in, out := ff.MakeMP4(t, dir), filepath.Join(dir, "out.mp4")
	src, err := publish.Open(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	w, done := create(t, out)
	if err := Copy(w, src, nil); err != nil {
		t.Fatal(err)
	}
	done()
	for stream, least := range map[string]int{"0:v": 49, "0:a": 80} { // of 4 seconds, the first two
		want, got := ff.Sums(t, "-i", in, "-map", stream, "-c", "copy"), ff.Sums(t, "-i", out, "-map", stream, "-c", "copy")
		if len(got) < least || len(got) > len(want) {
			t.Fatalf("%s: %d of %d frames, want %d or more", stream, len(got), len(want), least)
		}
		fftest.Compare(t, stream, want[:len(got)], got)
	}
	wantQuiet(t, ff, out)
}

// wantSame fails if the streams of in and out have not the same frames with the same times, apart from what is the same
// for all times of a file, or if ffmpeg complains of out.
func wantSame(t *testing.T, ff fftest.FFmpeg, in, out string, streams []string) {
	t.Helper()
	var shift float64
	for i, stream := range streams {
		how := []string{"-c", "copy"}
		as := how
		switch ts := filepath.Ext(out) == ".ts"; {
		case ts && stream[2] == 'v': // the packets have another form there
			how = []string{"-fps_mode", "passthrough"}
			as = how
		case ts && strings.Contains(t.Name(), "aac"):
			as = append(as, "-bsf:a", "aac_adtstoasc")
		}
		sums := func(path string, how []string) []fftest.Framesum {
			return ff.Sums(t, append([]string{"-copyts", "-i", path, "-map", stream}, how...)...)
		}
		want, got := sums(in, how), sums(out, as)
		fftest.Compare(t, filepath.Base(out)+" "+stream, want, got)
		if s := got[0].PTS - want[0].PTS; i == 0 {
			shift = s
		} else if math.Abs(s-shift) > 0.0015 {
			t.Errorf("%s %s is %.4f s later than the first track", filepath.Base(out), stream, s-shift)
		}
	}
	wantQuiet(t, ff, out)
}

// wantQuiet fails if ffmpeg complains of the file when it decodes it all.
func wantQuiet(t *testing.T, ff fftest.FFmpeg, path string) {
	t.Helper()
	if _, complaints := ff.Listen(t, "-i", path, "-map", "0", "-enc_time_base:v", "1:90000", "-f", "null", "-"); len(complaints) > 0 {
		t.Errorf("ffmpeg says to %s:\n%s", filepath.Base(path), complaints)
	}
}
