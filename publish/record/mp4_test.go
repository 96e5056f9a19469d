package record

import (
	"bytes"
	"errors"
	"fmt"
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
