// Package fftest lets tests ask ffmpeg what is in a file.
package fftest

import (
	"bufio"
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An FFmpeg is the path of that program.
type FFmpeg string

// Find returns the installed ffmpeg. Without any it skips the test, unless RTMP_INTEROP_REQUIRED is set.
func Find(t *testing.T) FFmpeg {
	t.Helper()
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		if os.Getenv("RTMP_INTEROP_REQUIRED") != "" {
			t.Fatal("ffmpeg is not installed")
		}
		t.Skip("ffmpeg is not installed")
	}
	return FFmpeg(path)
}

// Run runs ffmpeg and returns its output.
func (ff FFmpeg) Run(t *testing.T, args ...string) []byte {
	t.Helper()
	out, _ := ff.Listen(t, args...)
	return out
}

// Listen runs ffmpeg and returns its output and its complaints.
func (ff FFmpeg) Listen(t *testing.T, args ...string) (out, complaints []byte) {
	t.Helper()
	cmd := exec.Command(string(ff), append([]string{"-v", "error", "-nostdin", "-y"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return stdout.Bytes(), stderr.Bytes()
}

// A Framesum is a line of ffmpeg's framemd5 format.
type Framesum struct {
	DTS, PTS float64 // seconds
	Sum      string
}

// Sums returns a line for each packet or decoded frame of the only stream that ffmpeg finds with args. It fails if
// ffmpeg complains.
func (ff FFmpeg) Sums(t *testing.T, args ...string) []Framesum {
	t.Helper()
	out, complaints := ff.Listen(t, append(args, "-f", "framemd5", "-")...)
	if len(complaints) > 0 {
		t.Errorf("ffmpeg %s says:\n%s", strings.Join(args, " "), complaints)
	}
	var list []Framesum
	tb := 1.0
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		line := s.Text()
		if rest, ok := strings.CutPrefix(line, "#tb 0: "); ok {
			num, den, _ := strings.Cut(rest, "/")
			n, _ := strconv.ParseFloat(num, 64)
			d, _ := strconv.ParseFloat(den, 64)
			tb = n / d
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, ",")
		dts, _ := strconv.ParseFloat(strings.TrimSpace(f[1]), 64)
		pts, _ := strconv.ParseFloat(strings.TrimSpace(f[2]), 64)
		list = append(list, Framesum{dts * tb, pts * tb, strings.TrimSpace(f[5])})
	}
	return list
}

// Compare fails if the frames are not the same, or their times relative to the first one differ by more than 1 ms.
func Compare(t *testing.T, what string, want, got []Framesum) {
	t.Helper()
	sums := func(list []Framesum) (s []string) {
		for _, f := range list {
			s = append(s, f.Sum)
		}
		return s
	}
	if len(want) == 0 {
		t.Fatalf("%s: the source has no frames", what)
	}
	if diff := cmp.Diff(sums(want), sums(got)); diff != "" {
		t.Fatalf("%s: frames (-want +got):\n%s", what, diff)
	}
	const tolerance = 0.00101
	for i := range want {
		wantDTS, gotDTS := want[i].DTS-want[0].PTS, got[i].DTS-got[0].PTS
		wantPTS, gotPTS := want[i].PTS-want[0].PTS, got[i].PTS-got[0].PTS
		if math.Abs(wantDTS-gotDTS) > tolerance || math.Abs(wantPTS-gotPTS) > tolerance {
			t.Fatalf("%s: frame %d has dts %.4f and pts %.4f after the first pts, want %.4f and %.4f",
				what, i, gotDTS, gotPTS, wantDTS, wantPTS)
		}
	}
}

// A Film is what ffmpeg finds in streams of a file.
type Film struct {
	streams []string // such as 0:v
	frames  [][]Framesum
}

// Watch decodes the pictures of a file and takes the sound as it is. Times are those of the file.
func (ff FFmpeg) Watch(t *testing.T, path string, streams ...string) Film {
	t.Helper()
	f := Film{streams: streams}
	for _, s := range streams {
		how := []string{"-copyts", "-i", path, "-map", s, "-c", "copy"}
		if strings.HasPrefix(s, "0:v") {
			how = append(how[:5:5], "-fps_mode", "passthrough")
		}
		f.frames = append(f.frames, ff.Sums(t, how...))
	}
	return f
}

// Compare fails if the frames of got are others, or come at other times, or if its streams do not begin as far from
// each other.
func (f Film) Compare(t *testing.T, got Film) {
	t.Helper()
	for i, s := range f.streams {
		Compare(t, s, f.frames[i], got.frames[i])
		want, have := f.frames[i][0].PTS-f.frames[0][0].PTS, got.frames[i][0].PTS-got.frames[0][0].PTS
		if math.Abs(want-have) > 0.0015 {
			t.Errorf("%s begins %.4f s after %s, want %.4f", s, have, f.streams[0], want)
		}
	}
}

// MakeMP4 makes a file of H.264 with B-frames and AAC.
func (ff FFmpeg) MakeMP4(t *testing.T, dir string) string {
	path := filepath.Join(dir, "source.mp4")
	ff.Run(t, "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=4",
		"-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=4",
		"-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-g", "50", "-bf", "3", "-b_strategy", "0",
		"-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2", path)
	return path
}
