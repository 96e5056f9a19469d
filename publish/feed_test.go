package publish

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// A source whose times jump goes on without a gap.
func TestJump(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		first := file(t, &rtmptest.Source{Duration: time.Second})
		second := file(t, &rtmptest.Source{Duration: time.Second, Start: 3_600_000})
		second.Seek(13, 0) // behind the file header
		begin := time.Now()
		if err := Reader(t.Context(), testURL, io.MultiReader(first, second), in.options(nil)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 2100*time.Millisecond {
			t.Errorf("Reader took %v for two seconds with a jump of an hour", took)
		}
		video := in.all()[0].coded(message.TypeVideo)
		if n := len(video); n != 50 {
			t.Fatalf("%d pictures, want 50", n)
		}
		if last := video[49].m.Timestamp; last > 2100 {
			t.Errorf("the last picture is at %d", last)
		}
	})
}

// A packetSource is a Source of what it holds.
type packetSource struct {
	tracks  []Track
	packets []Packet
}

func (s *packetSource) Tracks() []Track { return s.tracks }
func (s *packetSource) Close() error    { return nil }

func (s *packetSource) ReadPacket() (*Packet, error) {
	if len(s.packets) == 0 {
		return nil, io.EOF
	}
	p := s.packets[0]
	s.packets = s.packets[1:]
	return &p, nil
}

// A round takes as long as the track that lasts longest: up to its last DTS and the duration of that frame.
func TestLoopRounds(t *testing.T) {
	const ms = time.Millisecond
	type at struct {
		track    int
		dts, pts time.Duration
	}
	frame := func(track int, dts, pts, duration time.Duration) Packet {
		return Packet{Track: track, DTS: dts, PTS: pts, Duration: duration, Key: true}
	}
	tests := []struct {
		name string
		file []Packet
		want []at // of the second round, and the beginning of the third
	}{
		{"the picture lasts longer", []Packet{frame(0, 0, 0, 40*ms), frame(1, 0, 0, 21*ms), frame(0, 40*ms, 40*ms, 40*ms)},
			[]at{{0, 80 * ms, 80 * ms}, {1, 80 * ms, 80 * ms}, {0, 120 * ms, 120 * ms}, {0, 160 * ms, 160 * ms}}},
		{"the sound lasts longer", []Packet{frame(0, 0, 0, 40*ms), frame(1, 0, 0, 21*ms), frame(1, 21*ms, 21*ms, 21*ms)},
			[]at{{0, 42 * ms, 42 * ms}, {1, 42 * ms, 42 * ms}, {1, 63 * ms, 63 * ms}, {0, 84 * ms, 84 * ms}}},
		{"B-frames, and times before zero", []Packet{frame(0, -80*ms, 0, 40*ms), frame(0, -40*ms, 80*ms, 40*ms), frame(1, 0, 0, 21*ms), frame(0, 0, 40*ms, 40*ms)},
			[]at{{0, 40 * ms, 120 * ms}, {0, 80 * ms, 200 * ms}, {1, 120 * ms, 120 * ms}, {0, 120 * ms, 160 * ms}, {0, 160 * ms, 240 * ms}}},
		{"durations that are not known", []Packet{frame(0, 0, 0, 0), frame(0, 30*ms, 30*ms, 0), frame(0, 80*ms, 80*ms, 0)},
			[]at{{0, 130 * ms, 130 * ms}, {0, 160 * ms, 160 * ms}, {0, 210 * ms, 210 * ms}, {0, 260 * ms, 260 * ms}}},
		{"two frames of the same time at the end", []Packet{frame(0, 0, 0, 0), frame(0, 30*ms, 30*ms, 0), frame(0, 30*ms, 30*ms, 0)},
			[]at{{0, 60 * ms, 60 * ms}, {0, 90 * ms, 90 * ms}, {0, 90 * ms, 90 * ms}, {0, 120 * ms, 120 * ms}}},
		{"a picture after a long time is no longer than that", []Packet{frame(0, 0, 0, 0), frame(0, 5000*ms, 5000*ms, 0), frame(0, 5040*ms, 5040*ms, 0)},
			[]at{{0, 5080 * ms, 5080 * ms}, {0, 10080 * ms, 10080 * ms}, {0, 10120 * ms, 10120 * ms}, {0, 10160 * ms, 10160 * ms}}},
		{"a single picture", []Packet{frame(0, 7*ms, 7*ms, 0)},
			[]at{{0, 47 * ms, 47 * ms}, {0, 87 * ms, 87 * ms}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := newFeed(func(bool) (Source, error) {
				return &packetSource{[]Track{{Codec: media.AVC}, {Codec: media.AAC}}, tt.file}, nil
			}, (&Options{Loop: true}).withDefaults())
			if err != nil {
				t.Fatal(err)
			}
			var got []at
			for range len(tt.file) + len(tt.want) {
				p, err := f.next()
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, at{p.Track, p.DTS, p.PTS})
			}
			if diff := cmp.Diff(tt.want, got[len(tt.file):], cmp.AllowUnexported(at{})); diff != "" {
				t.Errorf("frames from the second round on (-want +got):\n%s", diff)
			}
		})
	}
}

// Parameters that change within a file are there again, as they were, at the beginning of the next round.
func TestLoopNewParameters(t *testing.T) {
	first, second := []byte{1, 0x64, 0, 0x0c}, []byte{1, 0x64, 0, 0x1f}
	src := packetSource{[]Track{{Codec: media.AVC, Config: first}}, []Packet{
		{Key: true, Data: []byte{0, 0, 0, 1, 0x65}},
		{Key: true, Config: second, DTS: 40 * time.Millisecond, PTS: 40 * time.Millisecond, Data: []byte{0, 0, 0, 1, 0x65}},
	}}
	f, err := newFeed(func(bool) (Source, error) { s := src; return &s, nil }, (&Options{Loop: true}).withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	var m muxer
	m.add(f.tracks()[0], next)
	var list []*message.Message
	headers, err := m.headers(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range headers {
		list = append(list, f.message)
	}
	for range 5 {
		p, err := f.next()
		if err != nil {
			t.Fatal(err)
		}
		frames, err := m.packet(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range frames {
			list = append(list, f.message)
		}
	}
	if diff := cmp.Diff([][]byte{first, second, first, second, first}, configsOf(t, list)); diff != "" {
		t.Errorf("sequence headers (-want +got):\n%s", diff)
	}
}

// A file that has become another one is not published under the name of the first.
func TestLoopChangedFile(t *testing.T) {
	list := []Source{
		&packetSource{[]Track{{Codec: media.AVC}}, []Packet{{Key: true}}},
		&packetSource{[]Track{{Codec: media.AVC}, {Codec: media.AAC}}, []Packet{{Key: true}}},
	}
	f, err := newFeed(func(bool) (Source, error) { s := list[0]; list = list[1:]; return s, nil }, (&Options{Loop: true}).withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = f.next(); err == nil {
		_, err = f.next()
	}
	if !errors.Is(err, ErrChanged) {
		t.Errorf("error = %v, want ErrChanged", err)
	}
}
