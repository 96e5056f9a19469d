package handshake

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
)

// TestServerRecorded plays recorded clients back to a server with the same random bytes.
func TestServerRecorded(t *testing.T) {
	tests := []struct {
		file string
		want Peer
	}{
		{"ffmpeg-publish", Peer{Version: [4]byte{9, 0, 124, 2}, Scheme: DigestFirst, Answer: Echo}},
		{"ffmpeg-play", Peer{Version: [4]byte{9, 0, 124, 2}, Scheme: DigestFirst, Answer: Signed}},
		{"rtmpdump", Peer{Time: 1006766, Answer: Echo}},
		{"rtmpdump-swf", Peer{Time: 1006776, Version: [4]byte{10, 0, 45, 2}, Scheme: DigestFirst, Answer: Signed}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			r := recorded(t, tt.file+".hex")
			got := feed(t, NewServer(r.config()), r.sent())
			want := transcript{Out: string(r.reply), Used: Size, Done: true, Peer: tt.want,
				Key: [32]byte(r.reply[packetSize-31 : packetSize+1])}
			if diff := want.diff(got); diff != "" {
				t.Errorf("transcript (-want +got):\n%s", diff)
			}
		})
	}
}

// TestServerForms asks for the form of S1 and S2 for each form of C1.
//
// Bug 17 of the reference system: the digest of S1 was in the second half whatever the client had.
func TestServerForms(t *testing.T) {
	plain := golden.Vector(t, "hs.c0c1.simple").Bytes[1:]
	versioned := bytes.Clone(plain) // a version, but no digest: there are such peers
	copy(versioned[4:], serverVersion[:])
	tests := []struct {
		name string
		c1   []byte
		want Scheme
	}{
		{"plain", plain, Plain},
		{"plain with a version", versioned, Plain},
		{"digest first", golden.Vector(t, "hs.c1.digest.scheme0").Bytes, DigestFirst},
		{"digest first, pointer past its range", golden.Vector(t, "hs.c1.digest.offset-wrap").Bytes, DigestFirst},
		{"key first", golden.Vector(t, "hs.c1.digest.scheme1").Bytes, KeyFirst},
	}
	for _, tt := range tests {
		for _, alone := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, C0 alone %t", tt.name, alone), func(t *testing.T) {
				h := NewServer(nil)
				in := append([]byte{version}, tt.c1...)
				var got transcript
				wantS1 := tt.want
				if alone {
					got = feed(t, h, in, 1)
					wantS1 = DigestFirst // nobody can know better
				} else {
					got = feed(t, h, in)
				}
				if len(got.Out) != Size || got.Out[0] != version {
					t.Fatalf("%d bytes of output, want %d that begin with 3", len(got.Out), Size)
				}
				s1, s2 := packet([]byte(got.Out[1:1+packetSize])), packet([]byte(got.Out[1+packetSize:]))
				if s, _ := serverKeys.find(&s1); s != wantS1 {
					t.Errorf("S1 is %v, want %v", s, wantS1)
				}
				wantVersion := serverVersion
				if wantS1 == Plain {
					wantVersion = [4]byte{}
				}
				if diff := cmp.Diff(wantVersion[:], s1[4:8]); diff != "" {
					t.Errorf("version in S1 (-want +got):\n%s", diff)
				}
				if got.Peer.Scheme != tt.want {
					t.Errorf("Peer says %v, want %v", got.Peer.Scheme, tt.want)
				}
				_, asked := playerKeys.find((*packet)(tt.c1))
				sum := serverKeys.answer(&s2, &asked)
				if signed := bytes.Equal(s2[signatureAt:], sum[:]); signed != (tt.want != Plain) {
					t.Errorf("S2 is signed: %t, want %t", signed, !signed)
				}
				if echo := bytes.Equal(s2[:], tt.c1); echo != (tt.want == Plain) {
					t.Errorf("S2 equals C1: %t, want %t", echo, !echo)
				}
			})
		}
	}
}

// TestServerTime asks for the two places of the clock in the plain form.
func TestServerTime(t *testing.T) {
	in := golden.Vector(t, "hs.c0c1.simple").Bytes
	out := []byte(feed(t, NewServer(&Config{Time: 1000}), in).Out)
	if diff := cmp.Diff([]byte{0, 0, 0x03, 0xe8, 0, 0, 0, 0}, out[1:9]); diff != "" {
		t.Errorf("S1 begins (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(golden.Vector(t, "hs.c2.simple-echo").Bytes, out[1+packetSize:]); diff != "" {
		t.Errorf("S2 (-want +got):\n%s", diff)
	}
}

// TestServerAnswers asks what the server makes of a C2. None ends the connection.
//
// Bug 17 of the reference system: nobody could know what a C2 was, because it was not looked at.
func TestServerAnswers(t *testing.T) {
	for name, r := range talks(t) {
		s1 := r.reply[1 : 1+packetSize]
		other := bytes.Clone(s1) // the time is no part of the echo
		copy(other, "\xff\xff\xff\xff\xff\xff\xff\xff")
		wrong := bytes.Clone(r.answer)
		wrong[packetSize-1] ^= 1
		tests := []struct {
			name string
			c2   []byte
			want Answer
		}{
			{"echo", s1, Echo},
			{"echo with other times", other, Echo},
			{"last byte wrong", wrong, Unverified},
			{"zero", make([]byte, packetSize), Unverified},
		}
		for _, tt := range tests {
			r.answer = tt.c2
			config := r.config()
			if name == "key first" {
				config = &Config{Rand: random()}
			}
			got := feed(t, NewServer(config), r.sent())
			if !got.Done || got.Used != Size || got.Peer.Answer != tt.want {
				t.Errorf("%s, C2 %s: done %t after %d bytes, answer %v; want true, %d, %v",
					name, tt.name, got.Done, got.Used, got.Peer.Answer, Size, tt.want)
			}
		}
	}
}

// TestServerSplits cuts what clients send at every place. C0 alone is the one cut that shows: S1 then has its
// digest in the first half whatever will come.
func TestServerSplits(t *testing.T) {
	for name, r := range talks(t) {
		t.Run(name, func(t *testing.T) {
			in := r.sent()
			run := func(pieces ...int) transcript {
				return feed(t, NewServer(&Config{Rand: random(), Time: 7}), in, pieces...)
			}
			whole, early := run(), run(1)
			if whole.Peer.Scheme != early.Peer.Scheme || len(whole.Out) != len(early.Out) {
				t.Errorf("at once: %+v, %d bytes; C0 alone: %+v, %d bytes",
					whole.Peer, len(whole.Out), early.Peer, len(early.Out))
			}
			for n := range in {
				want := whole
				if n == 1 {
					want = early
				}
				if diff := want.diff(run(n)); diff != "" {
					t.Fatalf("cut at %d (-at once +cut):\n%s", n, diff)
				}
			}
			bytewise := make([]int, len(in))
			for i := range bytewise {
				bytewise[i] = i + 1
			}
			if diff := early.diff(run(bytewise...)); diff != "" {
				t.Errorf("byte by byte (-C0 alone +byte by byte):\n%s", diff)
			}
			if diff := whole.diff(run(bytewise[1:]...)); diff != "" {
				t.Errorf("byte by byte after two (-at once +byte by byte):\n%s", diff)
			}
		})
	}
}

// TestServerMemory asks that what waits is paid for by what came.
func TestServerMemory(t *testing.T) {
	r := recorded(t, "ffmpeg-play.hex")
	h, sent := NewServer(nil), append(bytes.Clone(r.hello), r.answer...)
	if _, _, err := h.Input(sent[:2]); err != nil {
		t.Fatal(err)
	}
	for n := 2; n < len(sent); n++ {
		if _, _, err := h.Input(sent[n : n+1]); err != nil {
			t.Fatal(err)
		}
		h.Output()
		if held := cap(h.m.in) + cap(h.m.out) + cap(h.m.first); held > 3*n+16 {
			t.Fatalf("after %d bytes: %d bytes held", n, held)
		}
	}
}
