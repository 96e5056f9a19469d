package record

import (
	"errors"
	"io"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/publish"
)

// What is written can be read again, with a changed configuration. The reader begins at 0.
func TestTS(t *testing.T) {
	tracks, packets := film(6 * time.Second)
	for _, base := range []time.Duration{0, (1<<32 - 3000) * ms} {
		for _, p := range packets {
			p.DTS, p.PTS = p.DTS+base, p.PTS+base
			if p.Track == 0 && p.DTS-base >= 3*time.Second {
				p.Config = avcLarge
			}
		}
		d := &disk{limit: unlimited}
		w := NewTS(d)
		if err := writeAll(t, w, tracks, packets); err != nil {
			t.Fatal(err)
		}
		if err := w.AddTrack(tracks[0]); !errors.Is(err, ErrFormat) {
			t.Errorf("AddTrack after the first packet: error = %v, want an ErrFormat", err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, got := read(t, d.b)
		var want []*publish.Packet
		for _, p := range packets {
			q := *p
			q.DTS, q.PTS = q.DTS-base, q.PTS-base
			want = append(want, &q)
		}
		if diff := cmp.Diff(frames(want), frames(got)); diff != "" {
			t.Errorf("from %v on: frames (-want +got):\n%.3000s", base, diff)
		}
		var changes []time.Duration
		for _, p := range got {
			if p.Config != nil {
				changes = append(changes, p.DTS)
			}
		}
		if diff := cmp.Diff([]time.Duration{3 * time.Second}, changes); diff != "" {
			t.Errorf("the configuration changes at (-want +got):\n%s", diff)
		}
		for _, p := range packets {
			p.DTS, p.PTS, p.Config = p.DTS-base, p.PTS-base, nil
		}
	}
}

// The clock of 33 bits begins anew after 26 hours.
func TestTSWrap(t *testing.T) {
	tracks, packets := film(3 * time.Second)
	packets = slices.DeleteFunc(packets, func(p *publish.Packet) bool { return !p.Key || p.Track != 0 })
	for i, p := range packets {
		p.DTS = time.Duration(i) * 13 * time.Hour
		p.PTS = p.DTS + 40*ms
	}
	d := &disk{limit: unlimited}
	if err := writeAll(t, NewTS(d), tracks[:1], packets); err != nil {
		t.Fatal(err)
	}
	_, got := read(t, d.b)
	if diff := cmp.Diff(frames(packets), frames(got)); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
}

// On a full disk the file ends with a whole frame.
func TestTSDiskFull(t *testing.T) {
	tracks, packets := film(2 * time.Second)
	whole := &disk{limit: unlimited}
	if err := writeAll(t, NewTS(whole), tracks, packets); err != nil {
		t.Fatal(err)
	}
	_, all := read(t, whole.b)
	want := frames(all)
	for limit := 1000; limit < len(whole.b); limit += 997 {
		d := &disk{limit: limit}
		w := NewTS(d)
		if err := writeAll(t, w, tracks, packets); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("%d bytes: error = %v, want ENOSPC", limit, err)
		}
		if err := w.Close(); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%d bytes: Close error = %v, want ENOSPC", limit, err)
		}
		if len(d.b)%188 != 0 || len(d.b) < limit-3*1000 {
			t.Errorf("%d bytes: %d were left, want whole packets, and not much less", limit, len(d.b))
		}
		if limit > 5000 {
			_, got := read(t, d.b)
			wantPrefix(t, "", want, frames(got), 0)
		}
	}
}

// Copy leaves out what begins too late for the container, once, and says so.
func TestCopy(t *testing.T) {
	tracks, packets := film(time.Second)
	failed := errors.New("failed")
	src := &growing{tracks: tracks[:1], packets: packets, then: failed}
	src.grow = append(tracks, publish.Track{Codec: media.Speex})
	packets = append(packets, &publish.Packet{Track: 2, Key: true, Data: []byte{1}})
	src.packets = packets
	for _, format := range []Format{MP4, TS} {
		src.next, src.tracks = 0, tracks[:1]
		d := &disk{limit: unlimited}
		var w Writer = NewMP4(d)
		want := []string{"record: MP4 cannot hold speex"}
		if format == TS {
			w = NewTS(d)
			want = []string{"record: MPEG-TS cannot hold mp4a: it began after the others", "record: MPEG-TS cannot hold speex"}
		}
		var skipped []string
		err := Copy(w, src, func(_ publish.Track, err error) { skipped = append(skipped, err.Error()) })
		if !errors.Is(err, failed) {
			t.Errorf("%v: Copy error = %v, want that of the source", format, err)
		}
		if diff := cmp.Diff(want, skipped); diff != "" {
			t.Errorf("%v: left out (-want +got):\n%s", format, diff)
		}
		if err := w.Close(); err != nil {
			t.Errorf("%v: Close error = %v", format, err)
		}
		gotTracks, _ := read(t, d.b)
		if want := 2 - int(format); len(gotTracks) != want {
			t.Errorf("%v: %d tracks, want %d", format, len(gotTracks), want)
		}
	}
}

// A growing source has one track at first, and all others with its third packet.
type growing struct {
	tracks, grow []publish.Track
	packets      []*publish.Packet
	next         int
	then         error
}

func (g *growing) Tracks() []publish.Track { return g.tracks }

func (g *growing) Close() error { return nil }

func (g *growing) ReadPacket() (*publish.Packet, error) {
	if g.next >= 2 {
		g.tracks = g.grow
	}
	for g.next < len(g.packets) {
		p := g.packets[g.next]
		g.next++
		if p.Track < len(g.tracks) {
			return p, nil
		}
	}
	if g.then == nil {
		return nil, io.EOF
	}
	return nil, g.then
}
