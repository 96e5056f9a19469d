package publish

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/rtmptest"
)

func TestPublicNames(t *testing.T) {
	got := publicNames([]string{"rtmp://me:secret@a/live/one?token=x", "rtmps://b/app/key", "rtmp://a/live/two", "what?"})
	want := []string{"rtmp://a/live (1)", "rtmps://b/app", "rtmp://a/live (2)", "target"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("publicNames (-want +got):\n%s", diff)
	}
}

// The first connection may have fewer attempts than the others, or more.
func TestFirstTries(t *testing.T) {
	for _, tt := range []struct{ first, tries, want int }{{1, 5, 1}, {0, 3, 3}, {4, 2, 4}} {
		bubble(t, func(t *testing.T, in *ingest) {
			in.l.Close()
			o := in.options(&Options{FirstTries: tt.first, Tries: tt.tries})
			err := Reader(t.Context(), testURL, file(t, &rtmptest.Source{Duration: time.Second}), o)
			var gaveUp *TargetError
			if !errors.As(err, &gaveUp) || gaveUp.Tries != tt.want || len(in.dials) != tt.want {
				t.Errorf("FirstTries %d, Tries %d: error %v after %d attempts, want %d", tt.first, tt.tries, err, len(in.dials), tt.want)
			}
		})
	}
}

// Once it was live, a target has Tries.
func TestTriesAfterLive(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		o := in.options(&Options{FirstTries: 1, Tries: 3, OnKeyFrame: func() { in.l.Close() }})
		p := To(t.Context(), testURL, o)
		if err := p.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		in.server.Close()
		var gaveUp *TargetError
		err := (&fakeEncoder{gop: 5, size: 200}).encode(p.TrackWriter, time.Minute)
		if !errors.As(err, &gaveUp) || gaveUp.Tries != 3 {
			t.Errorf("error = %v, want a *TargetError after 3 attempts", err)
		}
		p.Close()
	})
}

// The end of the context is the end that was asked for, for a target that waits as for one that is live.
func TestContextEndsWaiting(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		in.l.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var states []State
		o := in.options(&Options{OnStatus: func(s Status) { states = append(states, s.State) }})
		p := To(ctx, testURL, o)
		<-ctx.Done()
		if err := p.Close(); err != nil {
			t.Errorf("Close error = %v, want nil", err)
		}
		if last := states[len(states)-1]; last != StateClosed {
			t.Errorf("states %v, want closed at the end", states)
		}
	})
}

// OnOpen tells the tracks, and gives the figures of every target while the file is published.
func TestOnOpen(t *testing.T) {
	bubble(t, func(t *testing.T, in *ingest) {
		var pub *Publisher
		var codecs []media.Codec
		o := in.options(&Options{Also: []string{"rtmp://test/live/other"}})
		o.OnOpen = func(tracks []Track, p *Publisher) {
			pub = p
			for _, t := range tracks {
				codecs = append(codecs, t.Codec)
			}
			if len(in.all()) > 0 {
				t.Error("OnOpen is called after a stream has begun")
			}
		}
		var live int
		o.OnFrame = func(at time.Duration) {
			if at == time.Second {
				for _, s := range pub.Status() {
					if s.State == StateLive {
						live++
					}
				}
			}
		}
		if err := Reader(t.Context(), testURL, file(t, &rtmptest.Source{Duration: 2 * time.Second}), o); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]media.Codec{media.AVC, media.AAC}, codecs); diff != "" {
			t.Errorf("codecs (-want +got):\n%s", diff)
		}
		if live != 2 {
			t.Errorf("%d targets live in the middle, want 2", live)
		}
	})
}
