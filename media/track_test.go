package media

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/internal/golden"
)

// all returns what is left of t.
func all(t Tracks) (list []Track, err error) {
	for t.Next() {
		list = append(list, t.Track())
	}
	return list, t.Err()
}

func TestVideoTracks(t *testing.T) {
	tests := []struct {
		name string
		want []Track
	}{
		{"flv.avc.nalu", []Track{{AVC, 0, 80, []byte{0, 0, 0, 2, 0x65, 0x88}}}},
		{"ev.seqend.av01", []Track{{AV1, 0, 0, nil}}},
		{"ev.command.seekstart", nil},
		{"ev.mt.one", []Track{{HEVC, 1, 0, config}}},
		{"ev.mt.many", []Track{{AV1, 0, 0, frames}, {AV1, 1, 0, []byte("abc")}}},
		{"ev.mt.manycodecs", []Track{{HEVC, 0, 33, frames}, {AV1, 1, 0, []byte("xy")}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := ParseVideo(golden.Vector(t, tt.name).Bytes)
			if err != nil {
				t.Fatal(err)
			}
			got, err := all(v.Tracks())
			if err != nil {
				t.Fatalf("tracks of %+v: error = %v", v, err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("tracks of %+v (-want +got):\n%s", v, diff)
			}
			if !v.Multitrack.many() {
				return
			}
			var body []byte
			for _, track := range got {
				if body, err = AppendVideoTrack(body, v, track); err != nil {
					t.Errorf("AppendVideoTrack(%+v) error = %v", track, err)
				}
			}
			if diff := cmp.Diff(v.Body, body); diff != "" {
				t.Errorf("all tracks appended (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAudioTracks(t *testing.T) {
	a, err := ParseAudio(golden.Vector(t, "ea.mt.many").Bytes)
	if err != nil {
		t.Fatal(err)
	}
	got, err := all(a.Tracks())
	if err != nil {
		t.Fatalf("tracks of %+v: error = %v", a, err)
	}
	want := []Track{{Codec: Opus, Body: []byte{0xfc, 0xff}}, {Codec: Opus, ID: 1, Body: []byte{0xfc}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tracks of %+v (-want +got):\n%s", a, diff)
	}
	var body []byte
	for _, track := range got {
		if body, err = AppendAudioTrack(body, a, track); err != nil {
			t.Errorf("AppendAudioTrack(%+v) error = %v", track, err)
		}
	}
	if diff := cmp.Diff(a.Body, body); diff != "" {
		t.Errorf("all tracks appended (-want +got):\n%s", diff)
	}
	if got, err := all(Audio{Silence: true}.Tracks()); len(got) != 0 || err != nil {
		t.Errorf("tracks of silence = %+v, error %v, want none", got, err)
	}
}

func TestTracksCut(t *testing.T) {
	in := golden.Vector(t, "ev.mt.manycodecs").Bytes
	ends := map[int]bool{2: true, 2 + 17: true} // without a track, and after the first
	for n := 2; n < len(in); n++ {
		v, err := ParseVideo(in[:n])
		if err != nil {
			t.Fatalf("ParseVideo(%x) error = %v", in[:n], err)
		}
		var want error
		if !ends[n] {
			want = ErrShort
		}
		if _, err := all(v.Tracks()); !errors.Is(err, want) {
			t.Errorf("tracks of %x: error = %v, want %v", in[:n], err, want)
		}
	}
}

func TestTracksRefused(t *testing.T) {
	tests := []struct {
		name string
		in   string
		err  error
	}{
		{"no FourCC", "\x96\x21\x00vc1\x00\x00\x00\x00", ErrReserved},
		{"no room for the composition time", "\x96\x11hvc1\x00\x00\x00\x02\x00\x00", ErrShort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := ParseVideo([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			tracks := v.Tracks()
			first := tracks.Next()
			if again := tracks.Next(); first || again || !errors.Is(tracks.Err(), tt.err) {
				t.Errorf("tracks of %x: %+v, error %v, want none and %v", tt.in, tracks.Track(), tracks.Err(), tt.err)
			}
		})
	}
}

// A message of many tracks is split into what old receivers and those that know only OneTrack can read.
func TestWithTrack(t *testing.T) {
	v, err := ParseVideo(golden.Vector(t, "ev.mt.manycodecs").Bytes)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]byte
	for tracks := v.Tracks(); tracks.Next(); {
		one := v.WithTrack(tracks.Track())
		b, err := AppendVideoHeader(nil, one)
		if err != nil {
			t.Fatalf("AppendVideoHeader(%+v) error = %v", one, err)
		}
		got = append(got, append(b, one.Body...))
	}
	want := [][]byte{
		append([]byte("\xa1hvc1\x00\x00\x21"), frames...),
		[]byte("\xa6\x01av01\x01xy"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("split (-want +got):\n%s", diff)
	}

	a, err := ParseAudio(golden.Vector(t, "ea.mt.many").Bytes)
	if err != nil {
		t.Fatal(err)
	}
	one := a.WithTrack(Track{Codec: Opus, ID: 1, Body: []byte{0xfc}})
	b, err := AppendAudioHeader(nil, one)
	if err != nil || string(append(b, one.Body...)) != "\x95\x01Opus\x01\xfc" {
		t.Errorf("AppendAudioHeader(%+v) = %x, error %v", one, b, err)
	}
}

func TestAppendTrackRefuses(t *testing.T) {
	many := Video{Codec: HEVC, Enhanced: true, PacketType: VideoCodedFrames, Multitrack: ManyTracks}
	codecs := Video{Enhanced: true, PacketType: VideoCodedFrames, Multitrack: ManyTracksManyCodecs}
	tests := []struct {
		name string
		v    Video
		t    Track
	}{
		{"a message of one track", Video{Codec: HEVC, Enhanced: true}, Track{Codec: HEVC}},
		{"another codec", many, Track{Codec: AV1}},
		{"no FourCC", codecs, Track{Codec: H263}},
		{"composition time of 25 bits", many, Track{Codec: HEVC, Composition: -1<<23 - 1}},
		{"composition time of AV1", codecs, Track{Codec: AV1, Composition: 1}},
		{"body of 16 MiB with its composition time", many, Track{Codec: HEVC, Body: make([]byte, 1<<24-3)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := AppendVideoTrack([]byte{1}, tt.v, tt.t)
			if !errors.Is(err, ErrValue) || !bytes.Equal(got, []byte{1}) {
				t.Errorf("AppendVideoTrack = %d bytes, error %v, want 1, ErrValue", len(got), err)
			}
		})
	}
	a := Audio{Codec: Opus, Enhanced: true, Multitrack: ManyTracks}
	if _, err := AppendAudioTrack(nil, a, Track{Codec: AAC}); !errors.Is(err, ErrValue) {
		t.Errorf("AppendAudioTrack of another codec: error = %v, want ErrValue", err)
	}
}
