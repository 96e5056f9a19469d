package interop_test

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A recording is what ffmpeg sees in a file or stream: every packet, and every frame that it decodes from them, as
// sums of their bytes. The maps are by kind: "video" or "audio".
type recording struct {
	Extradata map[string]string // sum of the sequence header
	Packets   map[string][]packet
	Frames    map[string][]packet
}

// A packet is one packet, or one decoded frame, as the framemd5 format of ffmpeg describes it.
type packet struct {
	DTS, PTS int64 // milliseconds for packets; frames have units of their own
	Size     int   // bytes
	Sum      string
}

// kinds is what a recording may have, in the order in which it is compared.
var kinds = []string{"video", "audio"}

// A judge is an ffmpeg that reads a file or a stream and writes down what it sees.
type judge struct {
	*process
	packets, frames string // paths
}

// startJudge starts an ffmpeg that reads its input, a file or URL with the options for it, until its end.
func startJudge(t *testing.T, input ...string) *judge {
	t.Helper()
	need(t, "ffmpeg")
	dir := t.TempDir()
	j := &judge{packets: filepath.Join(dir, "packets"), frames: filepath.Join(dir, "frames")}
	j.process = start(t, "ffmpeg", slices.Concat([]string{"-v", "warning", "-nostdin", "-threads", "1", "-copyts"}, input, []string{
		"-map", "0:v?", "-map", "0:a?", "-c", "copy", "-f", "framemd5", j.packets,
		"-map", "0:v?", "-map", "0:a?", "-fps_mode", "passthrough", "-threads", "1", "-f", "framemd5", j.frames})...)
	return j
}

// recording waits for the end and returns what was seen.
func (j *judge) recording(t *testing.T) *recording {
	t.Helper()
	if err := j.wait(); err != nil {
		t.Errorf("ffmpeg as a reader: %v", err)
	}
	var r recording
	r.Packets, r.Extradata = parseSums(t, j.packets)
	r.Frames, _ = parseSums(t, j.frames)
	return &r
}

// record returns what is in a file.
func record(t *testing.T, file string) *recording {
	t.Helper()
	return startJudge(t, "-i", file).recording(t)
}

var recordings sync.Map // name of a clip to *recording

// recording returns what is in the clip.
func (c *clip) recording(t *testing.T) *recording {
	t.Helper()
	if r, ok := recordings.Load(c.name); ok {
		return r.(*recording)
	}
	r := record(t, c.file(t))
	for kind, wanted := range map[string]bool{"video": c.video != nil, "audio": c.audio != nil} {
		if got := len(r.Packets[kind]); got > 0 != wanted || got > 0 && got < clipFrames {
			t.Fatalf("clip %s has %d %s packets", c.name, got, kind)
		}
	}
	recordings.Store(c.name, r)
	return r
}

// parseSums reads a file in framemd5 format.
func parseSums(t *testing.T, path string) (packets map[string][]packet, extradata map[string]string) {
	t.Helper()
	text := readFile(t, path)
	kind := make(map[string]string) // of a stream by its number
	packets, extradata = make(map[string][]packet), make(map[string]string)
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		if name, number, value, ok := parseHeader(line); ok {
			switch name {
			case "media_type":
				kind[number] = value
			case "extradata":
				extradata[kind[number]] = value
			}
			continue
		}
		f := strings.Split(line, ",")
		if strings.HasPrefix(line, "#") || len(f) < 6 {
			continue
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		var p packet
		var err [3]error
		p.DTS, err[0] = strconv.ParseInt(f[1], 10, 64)
		p.PTS, err[1] = strconv.ParseInt(f[2], 10, 64)
		p.Size, err[2] = strconv.Atoi(f[4])
		p.Sum = f[5]
		if err != [3]error{} {
			t.Fatalf("%s: line %q: %v", path, line, err)
		}
		packets[kind[f[0]]] = append(packets[kind[f[0]]], p)
	}
	return packets, extradata
}

// parseHeader takes a line "#name number: value" apart. Runs of spaces in value become one.
func parseHeader(line string) (name, number, value string, ok bool) {
	rest, ok := strings.CutPrefix(line, "#")
	if !ok {
		return "", "", "", false
	}
	left, value, ok := strings.Cut(rest, ":")
	name, number, ok2 := strings.Cut(left, " ")
	return name, number, strings.Join(strings.Fields(value), " "), ok && ok2
}

// compare fails t unless got and want have the same sums.
func compare(t *testing.T, what string, want, got []packet) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(got):
			t.Errorf("%s: got %d, want %d; the last %d are missing", what, len(got), len(want), len(want)-len(got))
		case i >= len(want):
			t.Errorf("%s: got %d, want %d; the last %d are too many", what, len(got), len(want), len(got)-len(want))
		case want[i].Sum != got[i].Sum:
			where := slices.IndexFunc(want, func(p packet) bool { return p.Sum == got[i].Sum })
			t.Errorf("%s: got %d, want %d; number %d is %+v, want %+v; in what is wanted it is number %d (-1: nowhere)",
				what, len(got), len(want), i, got[i], want[i], where)
		default:
			continue
		}
		return
	}
}

// String says how much is in r.
func (r *recording) String() string {
	var b strings.Builder
	for _, kind := range kinds {
		if len(r.Packets[kind]) > 0 {
			fmt.Fprintf(&b, "%d %s packets, %d frames; ", len(r.Packets[kind]), kind, len(r.Frames[kind]))
		}
	}
	return strings.TrimSuffix(b.String(), "; ")
}

// without returns r less the packets at the end, and frames of them, that got does not have, if they are no more than n.
func (r *recording) without(n int, got *recording) *recording {
	short := &recording{r.Extradata, maps.Clone(r.Packets), maps.Clone(r.Frames)}
	for _, kind := range kinds {
		missing := len(r.Packets[kind]) - len(got.Packets[kind])
		if missing <= 0 || missing > n {
			continue
		}
		n -= missing
		short.Packets[kind] = r.Packets[kind][:len(got.Packets[kind])]
		if frames := r.Frames[kind]; len(frames) > 0 {
			short.Frames[kind] = frames[:len(frames)-missing]
		}
	}
	return short
}

// sameAs fails t unless got is all of want: the same packets and the same decoded frames in the same order, at the
// same distances in time.
func (got *recording) sameAs(t *testing.T, want *recording) {
	t.Helper()
	if diff := cmp.Diff(want.Extradata, got.Extradata); diff != "" {
		t.Errorf("sequence headers (-want +got):\n%s", diff)
	}
	for _, kind := range kinds {
		compare(t, kind+" packets", want.Packets[kind], got.Packets[kind])
		compare(t, kind+" frames", want.Frames[kind], got.Frames[kind])
	}
	got.inTime(t, want)
	t.Log(got)
}

// endOf fails t unless got is the rest of want from some key frame on, less mayLose packets at its end, at the same
// distances in time. Sound is compared as packets only: a decoder of AAC needs the frame before.
func (got *recording) endOf(t *testing.T, want *recording, mayLose int) {
	t.Helper()
	rest := &recording{Extradata: want.Extradata, Packets: make(map[string][]packet), Frames: make(map[string][]packet)}
	for _, kind := range kinds {
		packets := got.Packets[kind]
		if len(packets) == 0 {
			if len(want.Packets[kind]) > 0 {
				t.Errorf("no %s", kind)
			}
			continue
		}
		from := slices.IndexFunc(want.Packets[kind], func(p packet) bool { return p.Sum == packets[0].Sum })
		if from < 0 {
			t.Errorf("the first %s packet is none of the clip's", kind)
			continue
		}
		rest.Packets[kind] = want.Packets[kind][from:]
		if kind == "video" {
			rest.Frames[kind] = want.Frames[kind][from:]
		}
	}
	whole := *got
	whole.Frames = map[string][]packet{"video": got.Frames["video"]}
	whole.sameAs(t, rest.without(mayLose, got))
}

// inTime fails t unless the packets of got are as far apart as those of want, sound and picture together, and are shown
// as long after they are decoded.
func (got *recording) inTime(t *testing.T, want *recording) {
	t.Helper()
	shifts := make(map[string][]int64)
	for _, kind := range kinds {
		g := got.Packets[kind]
		w := want.Packets[kind]
		for i := range min(len(g), len(w)) {
			shifts[kind] = append(shifts[kind], g[i].DTS-w[i].DTS)
			if g[i].PTS-g[i].DTS != w[i].PTS-w[i].DTS {
				t.Errorf("%s packet %d: shown %d ms after it is decoded, want %d ms", kind, i, g[i].PTS-g[i].DTS, w[i].PTS-w[i].DTS)
			}
		}
	}
	all := slices.Concat(shifts["video"], shifts["audio"])
	if len(all) > 0 && slices.Min(all) != slices.Max(all) {
		t.Errorf("timestamps are shifted by %d to %d ms: video %v, audio %v",
			slices.Min(all), slices.Max(all), shifts["video"], shifts["audio"])
	}
}
