package interop_test

import (
	"bufio"
	"bytes"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

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
		got := len(r.Packets[kind])
		if got > 0 != wanted || got > 0 && got < clipFrames || kind == "video" && wanted && got != clipFrames || got != len(r.Frames[kind]) {
			t.Fatalf("clip %s has %d %s packets, and %d frames come of them", c.name, got, kind, len(r.Frames[kind]))
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
