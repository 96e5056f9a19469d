package relay

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What a player gets that changes its mind. "-" is what it does at that point.
func TestSteer(t *testing.T) {
	pause := func(on bool) func(*Subscription) { return func(s *Subscription) { s.pause(on) } }
	want := func(what class, on bool) func(*Subscription) { return func(s *Subscription) { s.want(what, on) } }
	tests := []struct {
		name  string
		do    []func(*Subscription)
		words string
		want  string
	}{
		{"pause to the next key frame", []func(*Subscription){pause(true), pause(false)},
			"avc1 K1 f1 - f2 a2 - f3 a3 K4 f4", "avc1 K1 f1 a3 K4 f4"},
		{"pause past a key frame", []func(*Subscription){pause(true), pause(false)},
			"avc1 K1 f1 - f2 K3 f3 - f4", "avc1 K1 f1 K3 f3 f4"},
		{"pause past a header", []func(*Subscription){pause(true), pause(false)},
			"avc1 K1 f1 - f2 avc2 K3 f3 - f4", "avc1 K1 f1 avc2 K3 f3 f4"},
		{"pause past a header without a key frame", []func(*Subscription){pause(true), pause(false)},
			"avc1 K1 f1 - f2 avc2 - a2 K4", "avc1 K1 f1 avc2 a2 K4"},
		{"nothing came in between", []func(*Subscription){pause(true), pause(false)},
			"avc1 K1 f1 - - f2 a2", "avc1 K1 f1 f2 a2"},
		{"paused twice", []func(*Subscription){pause(true), pause(true), pause(false)},
			"avc1 K1 - K2 - K3 - f3", "avc1 K1 K3 f3"},
		{"not paused", []func(*Subscription){pause(false)},
			"avc1 K1 f1 - f2", "avc1 K1 f1 f2"},
		{"paused before the beginning", []func(*Subscription){pause(true), pause(false)},
			"- avc1 K1 f1 - f2", "avc1 K1 f1 f2"},
		{"paused for longer than the ring", []func(*Subscription){pause(true), pause(false)},
			"avc1 K1 f1 - f2 +11s K3 +11s K4 - f4", "avc1 K1 f1 K4 f4"},
		{"no sound", []func(*Subscription){want(isAudio, false), want(isAudio, true)},
			"avc1 aac1 K1 a1 - f2 a2 silence aac2 a3 - f3 a4", "avc1 aac1 K1 a1 f2 aac2 f3 a4"},
		{"no pictures", []func(*Subscription){want(isVideo, false), want(isVideo, true)},
			"avc1 aac1 K1 a1 - f2 a2 avc2 K3 none a3 - f3 a4 K4 f4", "avc1 aac1 K1 a1 a2 avc2 a3 a4 K4 f4"},
		{"pictures although there were some", []func(*Subscription){want(isVideo, true)},
			"avc1 K1 f1 - f2", "avc1 K1 f1 f2"},
		{"neither", []func(*Subscription){want(isVideo, false), want(isAudio, false)},
			"avc1 K1 f1 a1 - f2 a2 - f3 a3 cue1", "avc1 K1 f1 a1 a2 cue1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, new(Hub), "")
				do := tt.do
				var got []string
				for _, word := range strings.Fields(tt.words) {
					if word == "-" {
						do[0](p.sub)
						do = do[1:]
					} else {
						p.send(p.pub, word)
					}
					got = append(got, p.received(p.sub)...)
				}
				if diff := cmp.Diff(strings.Fields(tt.want), got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s (-want +got):\n%s", tt.words, diff)
				}
				if n := p.sub.Dropped(); n != 0 {
					t.Errorf("Dropped = %d, want 0: it did not want them", n)
				}
			})
		})
	}
}
