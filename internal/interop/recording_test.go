package interop_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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

// sameAs fails t unless r is all of want, less mayLose packets at its end: the same packets and the same decoded
// frames in the same order, at the same distances in time.
func (r *recording) sameAs(t *testing.T, want *recording, mayLose int) {
	t.Helper()
	for _, d := range differences(want.without(mayLose, r), r) {
		t.Error(d)
	}
	t.Log(r)
}

// endOf fails t unless r is the rest of want from some key frame on, less mayLose packets at its end. Sound is
// compared as packets only: a decoder of AAC needs the frame before.
func (r *recording) endOf(t *testing.T, want *recording, mayLose int) {
	t.Helper()
	rest := &recording{Extradata: want.Extradata, Packets: make(map[string][]packet), Frames: make(map[string][]packet)}
	for _, kind := range kinds {
		packets := r.Packets[kind]
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
	soundless := *r
	soundless.Frames = map[string][]packet{"video": r.Frames["video"]}
	for _, d := range differences(rest.without(mayLose, r), &soundless) {
		t.Error(d)
	}
	t.Log(r)
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

// differences says, for a person, where got is not want.
func differences(want, got *recording) []string {
	var d []string
	if diff := cmp.Diff(want.Extradata, got.Extradata); diff != "" {
		d = append(d, "sequence headers (-want +got):\n"+diff)
	}
	for _, kind := range kinds {
		d = append(d, compare(kind+" packets", want.Packets[kind], got.Packets[kind])...)
		d = append(d, compare(kind+" frames", want.Frames[kind], got.Frames[kind])...)
	}
	return append(d, compareTimes(want, got)...)
}

// compare says where the sums of got are not those of want for the first time, and what comes there instead.
func compare(what string, want, got []packet) []string {
	for i := range max(len(want), len(got)) {
		if i < len(want) && i < len(got) && want[i].Sum == got[i].Sum {
			continue
		}
		d := fmt.Sprintf("%s: got %d, want %d; the first %d are right", what, len(got), len(want), i)
		if i < len(got) {
			where := slices.IndexFunc(want, func(p packet) bool { return p.Sum == got[i].Sum })
			d += fmt.Sprintf("; then comes number %d (-1: none) of what is wanted, %+v", where, got[i])
		}
		return []string{d}
	}
	return nil
}

// compareTimes says where the packets of got are not as far apart as those of want, sound and picture together, or are
// not shown as long after they are decoded.
func compareTimes(want, got *recording) []string {
	var d []string
	shifts := make(map[string][]int64)
	for _, kind := range kinds {
		g, w := got.Packets[kind], want.Packets[kind]
		for i := range min(len(g), len(w)) {
			shifts[kind] = append(shifts[kind], g[i].DTS-w[i].DTS)
			if g, w := g[i].PTS-g[i].DTS, w[i].PTS-w[i].DTS; g != w {
				d = append(d, fmt.Sprintf("%s packet %d is shown %d ms after it is decoded, want %d ms", kind, i, g, w))
			}
		}
	}
	all := slices.Concat(shifts["video"], shifts["audio"])
	if len(all) > 0 && slices.Min(all) != slices.Max(all) {
		d = append(d, fmt.Sprintf("timestamps are shifted by %d to %d ms: video %v, audio %v",
			slices.Min(all), slices.Max(all), shifts["video"], shifts["audio"]))
	}
	return d
}

// The other tests are worth what this finds.
func TestDifferences(t *testing.T) {
	film := func() *recording {
		r := &recording{
			Extradata: map[string]string{"video": "20, v", "audio": "2, a"},
			Packets:   make(map[string][]packet),
			Frames:    make(map[string][]packet),
		}
		for i := range int64(4) {
			for _, kind := range kinds {
				p := packet{DTS: 40 * i, PTS: 40*i + 80, Size: 100, Sum: fmt.Sprint(kind, i)}
				r.Packets[kind] = append(r.Packets[kind], p)
				r.Frames[kind] = append(r.Frames[kind], p)
			}
		}
		return r
	}
	tests := []struct {
		name    string
		change  func(r *recording)
		mayLose int
		want    int // differences
	}{
		{"nothing", func(*recording) {}, 0, 0},
		{"a later time", func(r *recording) { delay(r, "video", 0, 500); delay(r, "audio", 0, 500) }, 0, 0},
		{"sound delayed", func(r *recording) { delay(r, "audio", 0, 1) }, 0, 1},
		{"a jump", func(r *recording) { delay(r, "video", 2, 40); delay(r, "audio", 2, 40) }, 0, 1},
		{"shown too late", func(r *recording) { r.Packets["video"][1].PTS++ }, 0, 1},
		{"another sequence header", func(r *recording) { r.Extradata["audio"] = "2, b" }, 0, 1},
		{"a packet changed", func(r *recording) { r.Packets["audio"][1].Sum = "x" }, 0, 1},
		{"a frame changed", func(r *recording) { r.Frames["video"][3].Sum = "x" }, 0, 1},
		{"a frame missing", func(r *recording) { r.Frames["video"] = r.Frames["video"][1:] }, 0, 1},
		{"the last packet missing", func(r *recording) { lose(r, "audio", 3) }, 0, 2},
		{"the last packet missing, as it may", func(r *recording) { lose(r, "audio", 3) }, 1, 0},
		{"the first packet missing, not the last", func(r *recording) { lose(r, "audio", 0) }, 1, 3},
		{"too many", func(r *recording) { r.Packets["audio"] = append(r.Packets["audio"], packet{}) }, 1, 1},
		{"no sound", func(r *recording) { delete(r.Packets, "audio"); delete(r.Frames, "audio") }, 1, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want, got := film(), film()
			tt.change(got)
			if d := differences(want.without(tt.mayLose, got), got); len(d) != tt.want {
				t.Errorf("differences = %q, want %d", d, tt.want)
			}
		})
	}
}

// delay moves the packets of a kind, from one on, in milliseconds.
func delay(r *recording, kind string, from int, by int64) {
	for i := range r.Packets[kind][from:] {
		r.Packets[kind][from+i].DTS += by
		r.Packets[kind][from+i].PTS += by
	}
}

// lose removes a packet and its frame.
func lose(r *recording, kind string, i int) {
	r.Packets[kind] = slices.Delete(r.Packets[kind], i, i+1)
	r.Frames[kind] = slices.Delete(r.Frames[kind], i, i+1)
}
