package media

import (
	"bytes"
	"testing"

	"github.com/gortmp/rtmp/internal/golden"
)

// seed adds the vectors whose names begin with one of prefixes.
func seed(f *testing.F, prefixes ...string) {
	f.Helper()
	for _, v := range golden.Vectors(f, prefixes...) {
		f.Add(v.Bytes)
	}
}

// checkTracks wants the tracks of a message with many tracks, appended again, to be the body they came from, or
// the part of it that could be read.
func checkTracks(t *testing.T, tracks Tracks, body []byte, add func([]byte, Track) ([]byte, error)) {
	t.Helper()
	var got []byte
	n := 0
	for tracks.Next() {
		var err error
		if got, err = add(got, tracks.Track()); err != nil {
			t.Fatalf("appending %+v: %v", tracks.Track(), err)
		}
		n++
	}
	if n > len(body)/4 {
		t.Errorf("%d tracks in %d bytes", n, len(body))
	}
	if !bytes.HasPrefix(body, got) || tracks.Err() == nil && len(got) != len(body) {
		t.Errorf("tracks appended = %x, body %x, error %v", got, body, tracks.Err())
	}
}

// What can be read can be written, and is the same.
func FuzzVideo(f *testing.F) {
	seed(f, "ev.", "flv.avc")
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := ParseVideo(in)
		if err != nil {
			return
		}
		out, err := AppendVideoHeader(nil, v)
		if err != nil {
			t.Fatalf("AppendVideoHeader(%+v) error = %v", v, err)
		}
		if out = append(out, v.Body...); !bytes.Equal(out, in) {
			t.Errorf("AppendVideoHeader(%+v) and body = %x, want %x", v, out, in)
		}
		if v.Multitrack.many() {
			checkTracks(t, v.Tracks(), v.Body, func(b []byte, track Track) ([]byte, error) {
				return AppendVideoTrack(b, v, track)
			})
		}
		if v.IsMetadata() {
			if info, ok, err := ParseColorInfo(v.Body); err == nil && ok {
				if _, err := AppendColorInfo(nil, info); err != nil {
					t.Errorf("AppendColorInfo(%+v) error = %v", info, err)
				}
			}
		}
	})
}

func FuzzAudio(f *testing.F) {
	seed(f, "ea.", "flv.aac")
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := ParseAudio(in)
		if err != nil {
			return
		}
		out, err := AppendAudioHeader(nil, a)
		if err != nil {
			t.Fatalf("AppendAudioHeader(%+v) error = %v", a, err)
		}
		if out = append(out, a.Body...); !bytes.Equal(out, in) {
			t.Errorf("AppendAudioHeader(%+v) and body = %x, want %x", a, out, in)
		}
		if a.Multitrack.many() {
			checkTracks(t, a.Tracks(), a.Body, func(b []byte, track Track) ([]byte, error) {
				return AppendAudioTrack(b, a, track)
			})
		}
		if !a.IsMultichannelConfig() {
			return
		}
		if ch, err := ParseChannels(a.Body); err == nil {
			b, err := AppendChannels(nil, ch)
			if err != nil || !bytes.HasPrefix(a.Body, b) {
				t.Errorf("AppendChannels(%+v) = %x, error %v, want the front of %x", ch, b, err, a.Body)
			}
		}
	})
}
