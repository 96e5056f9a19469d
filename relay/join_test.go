package relay

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Where somebody who joins a stream begins, and what comes first.
func TestJoin(t *testing.T) {
	tests := []struct {
		name      string
		before    string // published before the reader comes
		after     string // published while it keeps up
		isClassic bool   // the reader knows no multitrack messages
		want      string
	}{
		{"the newest key frame", "meta1 aac1 avc1 K1 a1 f1 K2 f2 a2", "f3 a3 K3", false,
			"meta1 aac1 avc1 K2 f2 a2 f3 a3 K3"},
		{"headers have the time of the key frame", "meta1 aac1 avc1 K1@1000 f1@1040 K2@2000", "f2@2040", false,
			"meta1@2000 aac1@2000 avc1@2000 K2@2000 f2@2040"},
		{"nothing came yet", "", "meta1 aac1 avc1 K1 f1", false, "meta1 aac1 avc1 K1 f1"},
		{"headers only", "meta1 aac1 avc1", "K1 f1", false, "meta1 aac1 avc1 K1 f1"},
		{"sound only", "meta1 aac1 a1 a2", "a3", false, "meta1 aac1 a3"},
		{"sound without a header", "mp1 mp2", "mp3", false, "mp3"},
		{"data only", "cue1", "cue2", false, "cue2"},

		// Headers are those in force at the key frame.
		{"header after the key frame", "avc1 K1 aac1 a1", "a2", false, "avc1 K1 aac1 a1 a2"},
		{"header between two groups", "avc1 K1 f1 avc2", "K2 f2", false, "avc1 K1 f1 avc2 K2 f2"},
		{"changed header", "avc1 K1 f1 avc2 K2 f2", "f3", false, "avc2 K2 f2 f3"},
		{"metadata goes first", "avc1 meta1 aac1 meta2 K1", "f1", false, "meta2 avc1 aac1 K1 f1"},
		{"metadata in AMF3", "metaamf1 avc1 K1", "f1", false, "metaamf1 avc1 K1 f1"},
		{"metadata replaced by the other form", "meta1 avc1 metaamf2 K1", "f1", false, "metaamf2 avc1 K1 f1"},
		{"metadata after the key frame", "meta1 avc1 K1 meta2", "f1", false, "meta1 avc1 K1 meta2 f1"},
		{"metadata withdrawn", "meta1 avc1 clear1 K1", "f1", false, "avc1 K1 f1"},
		{"metadata withdrawn without a name", "meta1 avc1 clearall K1", "f1", false, "avc1 K1 f1"},
		{"metadata withdrawn after the key frame", "meta1 avc1 K1 clear1", "f1", false, "meta1 avc1 K1 clear1 f1"},
		{"other data withdrawn", "meta1 avc1 clearcue1 K1", "f1", false, "meta1 avc1 K1 f1"},
		{"other data is not kept", "meta1 cue1 avc1 K1", "f1", false, "meta1 avc1 K1 f1"},
		{"codec of video changes", "avc1 aac1 K1 hevc2 color2 Kh2", "fh2", false, "aac1 hevc2 color2 Kh2 fh2"},
		{"what belongs to the old codec goes", "hevc1 color1 Kh1 avc2 K2", "f2", false, "avc2 K2 f2"},
		{"to a codec without a header", "avc1 aac1 K1 Kflash2", "", false, "aac1 Kflash2"},
		{"codec of sound changes", "avc1 opus1 chan1 K1 o1 aac2 K2", "a2", false, "avc1 aac2 K2 a2"},
		{"sound without a header takes over", "avc1 aac1 K1 a1 mp2 mp3 K2", "mp4", false, "avc1 K2 mp4"},
		{"a single odd sound message does not", "avc1 aac1 K1 a1 mp2 a3 K2", "a4", false, "avc1 aac1 K2 a4"},
		{"colours", "hevc1 color1 Kh1 hdr2 Kh2", "fh2", false, "hevc1 hdr2 Kh2 fh2"},
		{"channels", "hevc1 opus1 chan1 Kh1 chan2 Kh2", "o2", false, "hevc1 opus1 chan2 Kh2 o2"},
		{"one kind of AV1 header takes the place of the other", "avone1 avts2 Kone1", "", false, "avts2 Kone1"},
		{"header of a codec that does not come", "avone1 hevc2 avone3 Kh1", "", false, "Kh1"},
		{"header again", "aac1 avc1 K1 avc1 K2 avc1", "K3", false, "aac1 avc1 K2 avc1 K3"},

		// Streams that are not as they should be.
		{"begins between key frames", "avc1 aac1 f1 a1 f2", "f3 a3 K4 f4", false, "avc1 aac1 a3 K4 f4"},
		{"begins between key frames, reader first", "", "avc1 f1 a1 f2 K2 f3", false, "avc1 a1 K2 f3"},
		{"no key frame for 10 s", "avc1 f1 +4s f2", "a3 +5s f3 a4 +1s f4 f5", false, "avc1 a3 a4 f4 f5"},
		{"no key frame for long", "avc1 f1 +6s f2 +5s f3", "f4", false, "avc1 f4"},
		{"no key frame, reader first", "", "avc1 a1 f1 +9s f2 a2 +1s f3 f4", false, "avc1 a1 a2 f3 f4"},
		{"video ended", "avc1 aac1 K1 f1 end1 a1 +11s a2", "a3", false, "avc1 aac1 a3"},
		{"video came back", "avc1 aac1 K1 +11s a1 f2", "a3 f3 K4", false, "avc1 aac1 a3 K4"},
		{"sound first, video later", "aac1 a1", "a2 avc1 f1 K1", false, "aac1 a2 avc1 K1"},
		{"empty and unknown", "avc1 K1 none silence unknown1 odd1 bad1 sound1", "none unknown2", false,
			"avc1 K1 none silence unknown1 odd1 bad1 sound1 none unknown2"},
		{"what is not passed on", "avc1 K1 command1 chunk1 shared1", "f1", false, "avc1 K1 f1"},
		{"empty sequence header", "none avone1 K1", "", false, "K1"},

		// Tracks.
		{"one header per track", "avc1 avc2#1 aac1 aac2#1 K1 K2#1", "f1 f2#1", false,
			"avc1 avc2#1 aac1 aac2#1 K1 K2#1 f1 f2#1"},
		{"key frames of other tracks", "avc1 avc2#1 K1 K2#1 K3 f1#1 K4#1", "f5 f6#1", false,
			"avc1 avc2#1 K3 K4#1 f5 f6#1"},
		{"no track 0", "avc1#2 avc1#1 K1#1 K1#2 f1#1 K2#1", "f2#2 f2#1 K3#2 f3#2", false,
			"avc1#2 avc1#1 K2#1 f2#1 K3#2 f3#2"},
		{"track 0 comes later", "avc1#1 K1#1 avc1 K1 K2#1", "f2#1", false, "avc1#1 avc1 K1 K2#1 f2#1"},
		{"many tracks", "avc1#0,1 aac1#0,1 K1#0,1 f1#0,1 K2#0,1", "f2#0,1", false,
			"avc1#0,1 aac1#0,1 K2#0,1 f2#0,1"},
		{"many tracks and codecs", "avc1#0,1x aac1#0,1x K1#0,1x f1#0,1x K2#0,1x", "f2#0,1x", false,
			"avc1#0,1x aac1#0,1x K2#0,1x f2#0,1x"},
		{"part of many replaced", "avc1#0,1 avc2#1 K1#0,1", "f1#1", false, "avc1#0,1 avc2#1 K1#0,1 f1#1"},
		{"all of many replaced", "avc1#0,1 avc2#1 avc3 K1", "f1", false, "avc2#1 avc3 K1 f1"},
		{"many replace one", "avc1 avc2#1 avc3#0,1 K1", "f1", false, "avc3#0,1 K1 f1"},
		{"many beside many", "avc1#0,1 avc2#2,3 K1", "f1", false, "avc1#0,1 avc2#2,3 K1 f1"},
		{"speakers and colours of a track", "hevc1 hevc1#1 color1#1 opus1#1 chan1#1 Kh1", "fh1", false,
			"hevc1 hevc1#1 color1#1 opus1#1 chan1#1 Kh1 fh1"},

		// Players that cannot read multitrack messages.
		{"classic player: other tracks", "meta1 avc1 avc2#1 aac1 aac2#1 K1 K2#1", "f1 f2#1 a1 a2#1", true,
			"meta1 avc1 aac1 K1 f1 a1"},
		{"classic player: track 0 with a header", "avc1#0 aac1#0 K1#0 f1#0", "f2#0 a2#0", true,
			"avc1 aac1 K1 f1 f2 a2"},
		{"classic player: many tracks", "avc1#0,1 aac1#1,0 K1#0,1 f1#0,1", "a2#1,0 a3#1,2", true,
			"avc1 aac1 K1 f1 a2"},
		{"classic player: many tracks and codecs", "hevc1#0,1x opus1#1,0x Kh1#0,1x fh1#0,1x", "o2#1,0x o3#1,2x", true,
			"hevc1 opus1 Kh1 fh1 o2"},
		{"classic player: enhanced codecs", "hevc1 color1 opus1 chan1 Kh1", "fh1 o1", true,
			"hevc1 color1 opus1 chan1 Kh1 fh1 o1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, new(Hub), tt.before)
				p.sub.isClassic = tt.isClassic
				p.learn(tt.want)
				got := p.live(tt.after)
				p.pub.Close()
				got = append(got, p.received(p.sub)...)
				want := append(strings.Fields(tt.want), "EOF")
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("published %q, then %q (-want +got):\n%s", tt.before, tt.after, diff)
				}
				if n := p.sub.Dropped(); n != 0 {
					t.Errorf("Dropped = %d, want 0", n)
				}
			})
		})
	}
}

// With NextKey nothing is sent of what the ring holds but the headers in force.
func TestNextKey(t *testing.T) {
	tests := []struct {
		name   string
		before string // published before the reader comes
		after  string // published while it keeps up
		want   string
	}{
		{"between key frames", "meta1 aac1 avc1 K1 f1 a1", "f2@40 a2@50 K3@80 f3@120", "meta1 aac1 avc1 a2@50 K3@80 f3@120"},
		{"just before a key frame", "avc1 K1 f1", "K2@40 f2@80", "avc1 K2@40 f2@80"},
		{"a changed header", "avc1 K1 f1", "avc2 K2 f2", "avc1 avc2 K2 f2"},
		{"before anything came", "", "avc1 K1 f1", "avc1 K1 f1"},
		{"sound only", "aac1 a1", "a2 a3", "aac1 a2 a3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPair(t, &Hub{NextKey: true}, tt.before)
				if diff := cmp.Diff(strings.Fields(tt.want), p.live(tt.after)); diff != "" {
					t.Errorf("published %q, then %q (-want +got):\n%s", tt.before, tt.after, diff)
				}
				if n := p.sub.Dropped(); n != 0 {
					t.Errorf("Dropped = %d, want 0", n)
				}
			})
		})
	}
}
