package handshake

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReference holds the twelve cases that a library which this one follows asks of its handshake.
func TestReference(t *testing.T) {
	flash := recorded(t, "ffmpeg-play.hex") // a client that does as Flash Player did

	// give feeds p to h, which must want all of it, and returns what h says to it.
	give := func(t *testing.T, h side, p []byte, wantDone bool) []byte {
		t.Helper()
		n, done, err := h.Input(p)
		if n != len(p) || done != wantDone || err != nil {
			t.Fatalf("Input(%d bytes) = %d, %t, %v; want all, %t, no error", len(p), n, done, err, wantDone)
		}
		return h.Output()
	}

	t.Run("H1", func(t *testing.T) { // the first thing to do is to send packets 0 and 1
		out := NewClient(nil).Output()
		if len(out) != 1537 || out[0] != 3 {
			t.Errorf("a new client sends %d bytes, want 1537 that begin with 3", len(out))
		}
		if out := NewServer(nil).Output(); len(out) != 0 { // must wait for C0: RTMP 1.0, section 5.2.1
			t.Errorf("a new server sends %d bytes, want none", len(out))
		}
	})

	t.Run("H2", func(t *testing.T) { // version 4
		var v *VersionError
		if _, _, err := NewServer(nil).Input([]byte{4}); !errors.As(err, &v) || v.Got != 4 {
			t.Errorf("Input(04) error = %v, want a VersionError with 4", err)
		}
	})

	t.Run("H3", func(t *testing.T) { // a recorded C0, its C1, and an echo
		h := NewServer(nil)
		first := give(t, h, flash.hello[:1], false)
		if len(first) != 1537 || first[0] != 3 {
			t.Fatalf("after C0: %d bytes, want 1537 that begin with 3", len(first))
		}
		if out := give(t, h, flash.hello[1:], false); len(out) != 1536 {
			t.Fatalf("after C1: %d bytes, want 1536", len(out))
		}
		if out := give(t, h, first[1:], true); len(out) != 0 {
			t.Errorf("after C2: %d bytes, want none", len(out))
		}
	})

	t.Run("H4", func(t *testing.T) { // the client of the specification
		h := NewServer(nil)
		c1 := make([]byte, 1536)
		if _, err := random().Read(c1[8:]); err != nil {
			t.Fatal(err)
		}
		out := give(t, h, append([]byte{3}, c1...), false)
		if diff := cmp.Diff(c1, out[1537:]); diff != "" {
			t.Errorf("S2 (-want +got):\n%s", diff)
		}
		if !bytes.Equal(out[5:9], make([]byte, 4)) {
			t.Errorf("version in S1 = %x, want zero", out[5:9])
		}
		give(t, h, out[1:1537], true)
		if got := h.Peer(); got.Scheme != Plain || got.Answer != Echo {
			t.Errorf("Peer = %+v, want a plain one that echoes", got)
		}
	})

	t.Run("H5", func(t *testing.T) { // both sides are ours
		c, s := NewClient(nil), NewServer(nil)
		out := give(t, s, c.Output(), false)
		if len(out) != 3073 {
			t.Fatalf("S0, S1 and S2 are %d bytes, want 3073 at once", len(out))
		}
		out = give(t, c, out, true)
		if len(out) != 1536 {
			t.Fatalf("C2 is %d bytes, want 1536", len(out))
		}
		give(t, s, out, true)
		if c.Peer().Scheme != DigestFirst || s.Peer().Scheme != DigestFirst {
			t.Errorf("schemes: %v and %v, want a digest", c.Peer().Scheme, s.Peer().Scheme)
		}
	})

	t.Run("H6", func(t *testing.T) { // C0 alone
		if out := give(t, NewServer(nil), []byte{3}, false); len(out) != 1537 || out[0] != 3 {
			t.Errorf("after C0: %d bytes, want 1537 that begin with 3", len(out))
		}
	})

	// RFC 4231, section 4.2
	key := bytes.Repeat([]byte{0x0B}, 20)
	want, err := hex.DecodeString("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string][2]string{"H7": {"Hi There", ""}, "H8": {"", "Hi There"}, "H9": {"Hi ", "There"}} {
		t.Run(name, func(t *testing.T) {
			got := mac(key, []byte(part[0]), []byte(part[1]))
			if diff := cmp.Diff(want, got[:]); diff != "" {
				t.Errorf("mac(%q, %q) (-want +got):\n%s", part[0], part[1], diff)
			}
		})
	}

	t.Run("H10", func(t *testing.T) { // the digest of the recorded C1
		s, d := playerKeys.find((*packet)(flash.hello[1:]))
		if s != DigestFirst || !bytes.Equal(d[:], flash.hello[1+494:][:sha256.Size]) {
			t.Errorf("find = %v, %x; want the digest at 494", s, d)
		}
	})

	t.Run("H11", func(t *testing.T) { // a packet cut at a digest at 500
		var pkt packet
		if _, err := random().Read(pkt[:]); err != nil {
			t.Fatal(err)
		}
		copy(pkt[8:], []byte{200, 200, 88, 0}) // 12 + 488
		before, sum, after := DigestFirst.split(&pkt)
		if len(before) != 500 || len(sum) != 32 || len(after) != 1004 {
			t.Errorf("split = %d, %d and %d bytes, want 500, 32 and 1004", len(before), len(sum), len(after))
		}
		if diff := cmp.Diff(pkt[:], bytes.Join([][]byte{before, sum, after}, nil)); diff != "" {
			t.Errorf("the parts together (-want +got):\n%s", diff)
		}
	})

	t.Run("H12", func(t *testing.T) { // where a digest is looked for
		for _, tt := range []struct {
			name string
			pkt  *packet
			want [2]int
		}{
			{"zero", new(packet), [2]int{12, 776}},
			{"recorded", (*packet)(flash.hello[1:]), [2]int{494, 1255}},
		} {
			got := [2]int{DigestFirst.offset(tt.pkt), KeyFirst.offset(tt.pkt)}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s packet (-want +got):\n%s", tt.name, diff)
			}
		}
	})
}
