package record

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/Eyevinn/mp4ff/mp4"
	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/publish"
)

const ms = time.Millisecond

// A disk is a file in memory that can hold only so many bytes.
type disk struct {
	b     []byte
	limit int
}

func (d *disk) WriteAt(p []byte, at int64) (int, error) {
	var err error
	end := int(at) + len(p)
	if end > d.limit {
		p, err = p[:max(d.limit-int(at), 0)], fmt.Errorf("write: %w", syscall.ENOSPC)
		end = int(at) + len(p)
	}
	if len(p) > 0 {
		if end > len(d.b) {
			d.b = append(d.b, make([]byte, end-len(d.b))...)
		}
		copy(d.b[at:], p)
	}
	return len(p), err
}

func (d *disk) Write(p []byte) (int, error) { return d.WriteAt(p, int64(len(d.b))) }

func (d *disk) Truncate(size int64) error { d.b = d.b[:size]; return nil }

const unlimited = 1 << 30

var (
	// avcC as libx264 makes them for 160x90 and 320x180.
	avcSmall = unhex("0164000bffe100196764000bacd9428df93011000003000100000300320f14299601000668ebe3cb22c0fdf8f800")
	avcLarge = unhex("0164000cffe1001a6764000cacd941419f9f011000000300100000030320f142996001000668ebe3cb22c0fdf8f800")
	asc48    = []byte{0x11, 0x90}
	asc44    = []byte{0x12, 0x10}
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// A film is what a script of packets is made of: a key frame each second and 25 pictures, sound every 21 or 22 ms.
func film(d time.Duration) (tracks []publish.Track, packets []*publish.Packet) {
	tracks = []publish.Track{
		{Codec: media.AVC, Config: avcSmall, Width: 160, Height: 90},
		{Codec: media.AAC, Config: asc48, SampleRate: 48000, Channels: 2},
	}
	for i := range int64(d / (40 * ms)) {
		at := time.Duration(i) * 40 * ms
		data := append([]byte{0, 0, 0, 40, 0x41}, bytes.Repeat([]byte{byte(i)}, 39)...)
		if i%25 == 0 {
			data[4] = 0x65
		}
		packets = append(packets, &publish.Packet{Track: 0, DTS: at, PTS: at + 40*ms, Key: i%25 == 0, Data: data})
	}
	for i := range int64(d) * 48000 / 1024 / int64(time.Second) {
		at := time.Duration(i*1024*1000/48000) * ms
		packets = append(packets, &publish.Packet{Track: 1, DTS: at, PTS: at, Key: true, Data: []byte{0x21, byte(i), byte(i >> 8)}})
	}
	slices.SortStableFunc(packets, func(a, b *publish.Packet) int { return int(a.DTS - b.DTS) })
	return tracks, packets
}

// writeAll writes packets to w and returns the error of the first call that fails.
func writeAll(t *testing.T, w Writer, tracks []publish.Track, packets []*publish.Packet) error {
	t.Helper()
	for _, tr := range tracks {
		if err := w.AddTrack(tr); err != nil {
			t.Fatalf("AddTrack(%v) error = %v", tr.Codec, err)
		}
	}
	for _, p := range packets {
		if err := w.WritePacket(p); err != nil {
			return err
		}
	}
	return nil
}

// A frame is what a test compares of a packet.
type frame struct {
	Track    int
	DTS, PTS time.Duration
	Key      bool
	Data     string
}

func frames(packets []*publish.Packet) (list []frame) {
	for _, p := range packets {
		list = append(list, frame{p.Track, p.DTS, p.PTS, p.Key, fmt.Sprintf("%x", p.Data)})
	}
	slices.SortStableFunc(list, func(a, b frame) int { return a.Track - b.Track })
	return list
}

// read returns the frames of an MP4 file, by track, with times rounded to milliseconds.
func read(t *testing.T, file []byte) (tracks []publish.Track, list []*publish.Packet) {
	t.Helper()
	src, err := publish.NewSource(bytes.NewReader(file), nil)
	if err != nil {
		t.Fatalf("NewSource of %d bytes: %v", len(file), err)
	}
	for {
		p, err := src.ReadPacket()
		if err == io.EOF {
			return src.Tracks(), list
		}
		if err != nil {
			t.Fatalf("after %d packets: %v", len(list), err)
		}
		p.DTS, p.PTS = p.DTS.Round(ms), p.PTS.Round(ms)
		list = append(list, p)
	}
}

func boxes(t *testing.T, file []byte) (names []string) {
	t.Helper()
	for r := bytes.NewReader(file); r.Len() > 0; {
		at := int64(len(file) - r.Len())
		h, err := mp4.DecodeHeader(r)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		if _, err := r.Seek(at+int64(h.Size), io.SeekStart); err != nil || at+int64(h.Size) > int64(len(file)) {
			t.Fatalf("box %q of %d bytes is cut", h.Name, h.Size)
		}
	}
	return names
}

// A file that was closed has no fragments; one that was not has all but the last two seconds.
func TestMP4(t *testing.T) {
	tracks, packets := film(7 * time.Second)
	want := frames(packets)
	d := &disk{limit: unlimited}
	w := NewMP4(d)
	if err := writeAll(t, w, tracks, packets); err != nil {
		t.Fatal(err)
	}
	crashed := bytes.Clone(d.b)
	if err := w.Close(); err != nil {
		t.Fatalf("Close error = %v", err)
	}
	if diff := cmp.Diff([]string{"ftyp", "mdat", "moov"}, boxes(t, d.b)); diff != "" {
		t.Errorf("boxes (-want +got):\n%s", diff)
	}
	gotTracks, got := read(t, d.b)
	if diff := cmp.Diff(want, frames(got)); diff != "" {
		t.Errorf("frames (-want +got):\n%.3000s", diff)
	}
	for i := range gotTracks {
		if gotTracks[i].Codec != tracks[i].Codec || !bytes.Equal(gotTracks[i].Config, tracks[i].Config) {
			t.Errorf("track %d: %+v, want %+v", i, gotTracks[i], tracks[i])
		}
	}

	if diff := cmp.Diff([]string{"ftyp", "free", "moov", "free", "moof", "mdat", "moof", "mdat", "moof", "mdat"}, boxes(t, crashed)); diff != "" {
		t.Errorf("boxes without Close (-want +got):\n%s", diff)
	}
	_, got = read(t, crashed)
	wantPrefix(t, "without Close", want, frames(got), 6*time.Second-100*ms)
}

// wantPrefix fails unless got is the beginning of each track in want, to the time least or longer.
func wantPrefix(t *testing.T, what string, want, got []frame, least time.Duration) {
	t.Helper()
	for track := range 2 {
		of := func(list []frame) []frame {
			return slices.DeleteFunc(slices.Clone(list), func(f frame) bool { return f.Track != track })
		}
		w, g := of(want), of(got)
		if len(g) == 0 || len(g) > len(w) || g[len(g)-1].DTS < least {
			t.Fatalf("%s: %d of %d frames in track %d, want them up to %v", what, len(g), len(w), track, least)
		}
		if diff := cmp.Diff(w[:len(g)], g); diff != "" {
			t.Errorf("%s: frames of track %d (-want +got):\n%.3000s", what, track, diff)
		}
	}
}

// Whatever the size at which the disk is full, the file plays as far as it goes, and the error is told.
func TestMP4DiskFull(t *testing.T) {
	tracks, packets := film(7 * time.Second)
	want := frames(packets)
	whole := &disk{limit: unlimited}
	w := NewMP4(whole)
	writeAll(t, w, tracks, packets)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	indexed := 0
	for limit := 0; limit < len(whole.b); limit += 97 {
		d := &disk{limit: limit}
		w := NewMP4(d)
		err := writeAll(t, w, tracks, packets)
		closeErr := w.Close()
		if err == nil {
			err = closeErr
		}
		if !errors.Is(err, syscall.ENOSPC) || !errors.Is(closeErr, syscall.ENOSPC) {
			t.Fatalf("%d bytes: error %v, of Close %v, want ENOSPC", limit, err, closeErr)
		}
		if len(d.b) == 0 { // not a single fragment had room
			if limit > 25_000 {
				t.Fatalf("%d bytes: nothing was recorded", limit)
			}
			continue
		}
		if boxes(t, d.b)[1] == "mdat" {
			indexed++
		}
		_, got := read(t, d.b)
		wantPrefix(t, fmt.Sprintf("%d bytes", limit), want, frames(got), 2*time.Second-100*ms)
	}
	if indexed == 0 {
		t.Error("no file got an index though there was room for one")
	}
}

// A changed configuration is a second sample description, in the file that was closed and in one that was not.
func TestMP4ConfigChange(t *testing.T) {
	tracks, packets := film(6 * time.Second)
	for _, p := range packets {
		if p.DTS >= 2500*ms && p.Track == 1 {
			p.Config = asc44
		}
		if p.DTS >= 3000*ms && p.Track == 0 {
			p.Config = avcLarge
		}
	}
	d := &disk{limit: unlimited}
	w := NewMP4(d)
	if err := writeAll(t, w, tracks, packets); err != nil {
		t.Fatal(err)
	}
	crashed := bytes.Clone(d.b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"closed": d.b, "not closed": crashed} {
		f, err := mp4.DecodeFile(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		for i, trak := range f.Moov.Traks {
			if n := len(trak.Mdia.Minf.Stbl.Stsd.Children); n != 2 {
				t.Errorf("%s: track %d has %d sample descriptions, want 2", name, i, n)
			}
		}
		if name == "closed" {
			stbl := f.Moov.Traks[0].Mdia.Minf.Stbl
			for n, want := range map[int]uint32{1: 1, 75: 1, 76: 2, 150: 2} { // 25 pictures a second, the first is 1
				chunk, _, err := stbl.Stsc.ChunkNrFromSampleNr(n)
				if err != nil {
					t.Fatal(err)
				}
				entry := int(stbl.Stsc.FindEntryNrForSampleNr(uint32(n), 0)) + 1
				if got := stbl.Stsc.GetSampleDescriptionID(entry); got != want {
					t.Errorf("picture %d, in chunk %d, has description %d, want %d", n, chunk, got, want)
				}
			}
		}
		_, got := read(t, file)
		wantPrefix(t, name, frames(packets), frames(got), 4900*ms)
	}
}

// Times of every kind: from below zero, past 2^32 ms, composition times of both signs, frames that go back, tracks that
// begin late and before their first key frame.
func TestMP4Times(t *testing.T) {
	const far = (1<<32 - 2000) * ms
	tracks := []publish.Track{
		{Codec: media.AVC, Config: avcSmall, Width: 160, Height: 90},
		{Codec: media.AAC, Config: asc48, SampleRate: 48000, Channels: 2},
	}
	video := func(dts, pts time.Duration, key bool) *publish.Packet {
		return &publish.Packet{Track: 0, DTS: dts, PTS: pts, Key: key, Data: []byte{0, 0, 0, 2, 0x65, 1}}
	}
	audio := func(at time.Duration) *publish.Packet {
		return &publish.Packet{Track: 1, DTS: at, PTS: at, Key: true, Data: []byte{0x21}}
	}
	packets := []*publish.Packet{
		video(far, far, false), // cannot be decoded
		audio(far + 10*ms), audio(far + 31*ms),
		video(far+1000*ms, far+1080*ms, true),
		video(far+1040*ms, far+1020*ms, false), // shown before it is decoded
		video(far+1030*ms, far+1060*ms, false), // goes back
		audio(far + 1000*ms),
		video(far+4000*ms, far+4000*ms, true), // behind 2^32
		audio(far + 4000*ms),
	}
	want := []frame{
		{0, 990 * ms, 1070 * ms, true, "000000026501"},
		{0, 1030 * ms, 1010 * ms, false, "000000026501"},
		{0, 1031 * ms, 1050 * ms, false, "000000026501"},
		{0, 3990 * ms, 3990 * ms, true, "000000026501"},
		{1, 0, 0, true, "21"},
		{1, 21 * ms, 21 * ms, true, "21"},
		{1, 990 * ms, 990 * ms, true, "21"},
		{1, 3990 * ms, 3990 * ms, true, "21"},
	}
	d := &disk{limit: unlimited}
	w := NewMP4(d)
	if err := writeAll(t, w, tracks, packets); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, got := read(t, d.b)
	if diff := cmp.Diff(want, frames(got)); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
}

// A track may be added when the file has begun.
func TestMP4LateTrack(t *testing.T) {
	tracks, packets := film(6 * time.Second)
	d := &disk{limit: unlimited}
	w := NewMP4(d)
	late := slices.IndexFunc(packets, func(p *publish.Packet) bool { return p.DTS >= 3*time.Second })
	var want []*publish.Packet
	for _, p := range packets[:late] {
		if p.Track == 0 {
			want = append(want, p)
		}
	}
	if err := writeAll(t, w, tracks[:1], want); err != nil {
		t.Fatal(err)
	}
	if err := writeAll(t, w, tracks[1:], packets[late:]); err != nil {
		t.Fatal(err)
	}
	want = append(want, packets[late:]...)
	crashed := bytes.Clone(d.b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, got := read(t, d.b)
	if diff := cmp.Diff(frames(want), frames(got)); diff != "" {
		t.Errorf("frames (-want +got):\n%.3000s", diff)
	}
	_, got = read(t, crashed)
	wantPrefix(t, "without Close", frames(want), frames(got), 3900*ms)
}

func TestEmpty(t *testing.T) {
	tracks, _ := film(0)
	inter := &publish.Packet{Data: []byte{0, 0, 0, 2, 0x41, 1}}
	for name, packets := range map[string][]*publish.Packet{"nothing": nil, "no key frame": {inter}} {
		for _, format := range []Format{MP4, TS} {
			d := &disk{limit: unlimited}
			var w Writer = NewMP4(d)
			if format == TS {
				w = NewTS(d)
			}
			if err := writeAll(t, w, tracks[:1], packets); err != nil {
				t.Errorf("%v, %s: error = %v", format, name, err)
			}
			if err := w.Close(); !errors.Is(err, ErrEmpty) || len(d.b) > 0 {
				t.Errorf("%v, %s: Close error = %v after %d bytes, want ErrEmpty after none", format, name, err, len(d.b))
			}
		}
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		track   publish.Track
		mp4, ts string // the error
	}{
		{publish.Track{Codec: media.AVC, Config: avcSmall}, "", ""},
		{publish.Track{Codec: media.AVC, Config: []byte{1}}, "record: MP4 cannot hold avc1: its configuration record is cut",
			"record: MPEG-TS cannot hold avc1: its configuration record is damaged"},
		{publish.Track{Codec: media.AAC, Config: asc48}, "", ""},
		{publish.Track{Codec: media.AV1, Config: make([]byte, 4)}, "", "record: MPEG-TS cannot hold av01"},
		{publish.Track{Codec: media.VP9, Config: make([]byte, 8)}, "", "record: MPEG-TS cannot hold vp09"},
		{publish.Track{Codec: media.FLAC, Config: make([]byte, 42)}, "", "record: MPEG-TS cannot hold fLaC"},
		{publish.Track{Codec: media.MP3, SampleRate: 44100}, "", ""},
		{publish.Track{Codec: media.MP3, SampleRate: 22050}, "", "record: MPEG-TS cannot hold .mp3: at less than 32 kHz"},
		{publish.Track{Codec: media.Speex}, "record: MP4 cannot hold speex", "record: MPEG-TS cannot hold speex"},
		{publish.Track{Codec: media.H263}, "record: MP4 cannot hold h263", "record: MPEG-TS cannot hold h263"},
		{publish.Track{Codec: media.VVC, Config: []byte{1}}, "record: MP4 cannot hold vvc1", "record: MPEG-TS cannot hold vvc1"},
	}
	text := func(err error) string {
		if err == nil {
			return ""
		}
		if !errors.Is(err, ErrFormat) {
			t.Errorf("%v is no ErrFormat", err)
		}
		return err.Error()
	}
	for _, tt := range tests {
		if got := text(MP4.Check([]publish.Track{tt.track})); got != tt.mp4 {
			t.Errorf("MP4, %v: error %q, want %q", tt.track.Codec, got, tt.mp4)
		}
		if got := text(TS.Check([]publish.Track{tt.track})); got != tt.ts {
			t.Errorf("MPEG-TS, %v: error %q, want %q", tt.track.Codec, got, tt.ts)
		}
	}
}

// A file that the system does not let us write in the middle is an error, not a panic.
func TestMP4Pipe(t *testing.T) {
	r, f, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer f.Close()
	w := NewMP4(f)
	tracks, packets := film(5 * time.Second)
	if err := writeAll(t, w, tracks, packets); !errors.Is(err, syscall.ESPIPE) {
		t.Errorf("error = %v, want ESPIPE", err)
	}
	if err := w.Close(); !errors.Is(err, syscall.ESPIPE) {
		t.Errorf("Close error = %v, want ESPIPE", err)
	}
	if full, err := os.OpenFile(filepath.Join("/dev", "full"), os.O_WRONLY, 0); err == nil {
		defer full.Close()
		if err := writeAll(t, NewMP4(full), tracks, packets); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("/dev/full: error = %v, want ENOSPC", err)
		}
	}
}
