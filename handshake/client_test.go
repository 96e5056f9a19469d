package handshake

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
)

func TestClientHello(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config Config
		front  string // C0 and the first 8 bytes of C1
		scheme Scheme
	}{
		{"digest", Config{}, "\x03\x00\x00\x00\x00\x09\x00\x7c\x02", DigestFirst},
		{"digest with a clock", Config{Time: 0x01020304}, "\x03\x01\x02\x03\x04\x09\x00\x7c\x02", DigestFirst},
		{"plain", Config{Simple: true}, "\x03\x00\x00\x00\x00\x00\x00\x00\x00", Plain},
		{"plain with a clock", Config{Simple: true, Time: 5}, "\x03\x00\x00\x00\x05\x00\x00\x00\x00", Plain},
	} {
		h := NewClient(&tt.config)
		got := h.Output()
		if len(got) != 1+packetSize || string(got[:9]) != tt.front {
			t.Errorf("%s: hello of %d bytes begins %x, want %d, %x", tt.name, len(got), got[:9], 1+packetSize, tt.front)
		}
		if s, _ := playerKeys.find((*packet)(got[1:])); s != tt.scheme {
			t.Errorf("%s: C1 is %v, want %v", tt.name, s, tt.scheme)
		}
		if out := h.Output(); len(out) != 0 {
			t.Errorf("%s: the hello comes twice", tt.name)
		}
	}

	want := golden.Vector(t, "hs.c0c1.simple").Bytes
	got := NewClient(&Config{Simple: true, Rand: bytes.NewReader(want[1+randomAt:])}).Output()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plain hello (-want +got):\n%s", diff)
	}
}

// TestClientForms asks for C2, and for what the client says of the server, for each form of S1 and S2.
func TestClientForms(t *testing.T) {
	s1 := map[Scheme][]byte{
		Plain:       golden.Vector(t, "hs.c0c1.simple").Bytes[1:],
		DigestFirst: golden.Vector(t, "hs.s1.digest.scheme0").Bytes,
		KeyFirst:    golden.Vector(t, "hs.s1.digest.scheme1").Bytes,
	}
	versioned := bytes.Clone(s1[Plain])
	copy(versioned[4:], serverVersion[:])
	tests := []struct {
		name   string
		simple bool
		s1     []byte
		answer Answer // what S2 shall be
		want   Peer
		signed bool // C2
	}{
		{"digest first", false, s1[DigestFirst], Signed,
			Peer{Time: 0xabcd, Version: [4]byte{3, 5, 1, 1}, Scheme: DigestFirst, Answer: Signed}, true},
		{"key first", false, s1[KeyFirst], Signed,
			Peer{Time: 0xabcd, Version: [4]byte{3, 5, 1, 1}, Scheme: KeyFirst, Answer: Signed}, true},
		{"digest in S1, echo in S2", false, s1[DigestFirst], Echo,
			Peer{Time: 0xabcd, Version: [4]byte{3, 5, 1, 1}, Scheme: DigestFirst, Answer: Echo}, true},
		{"digest in S1, noise in S2", false, s1[DigestFirst], Unverified,
			Peer{Time: 0xabcd, Version: [4]byte{3, 5, 1, 1}, Scheme: DigestFirst}, true},
		{"plain server", false, s1[Plain], Echo, Peer{Answer: Echo}, false},
		{"plain server with a version", false, versioned, Echo, Peer{Version: [4]byte{3, 5, 1, 1}, Answer: Echo}, false},
		{"plain server, noise in S2", false, s1[Plain], Unverified, Peer{}, false},
		{"plain client, plain server", true, s1[Plain], Echo, Peer{Answer: Echo}, false},
		{"plain client, digest in S1", true, s1[DigestFirst], Echo,
			Peer{Time: 0xabcd, Version: [4]byte{3, 5, 1, 1}, Answer: Echo}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := NewClient(&Config{Simple: tt.simple})
			c1 := packet(h.Output()[1:])
			s2 := c1
			if tt.answer != Echo {
				s2 = packet{}
			}
			if tt.answer == Signed {
				_, asked := playerKeys.find(&c1)
				sum := serverKeys.answer(&s2, &asked)
				copy(s2[signatureAt:], sum[:])
			}
			in := bytes.Join([][]byte{{version}, tt.s1, s2[:], chunkData}, nil)
			got := feed(t, h, in)
			if !got.Done || got.Used != Size || len(got.Out) != packetSize {
				t.Fatalf("done %t after %d bytes with %d bytes of C2; want true, %d, %d",
					got.Done, got.Used, len(got.Out), Size, packetSize)
			}
			if diff := cmp.Diff(tt.want, got.Peer); diff != "" {
				t.Errorf("Peer (-want +got):\n%s", diff)
			}
			c2 := packet([]byte(got.Out))
			_, asked := serverKeys.find((*packet)(tt.s1))
			sum := playerKeys.answer(&c2, &asked)
			if signed := bytes.Equal(c2[signatureAt:], sum[:]); signed != tt.signed {
				t.Errorf("C2 is signed: %t, want %t", signed, tt.signed)
			}
			if echo := bytes.Equal(c2[:], tt.s1); echo == tt.signed {
				t.Errorf("C2 equals S1: %t, want %t", echo, !tt.signed)
			}
		})
	}
}

// TestClientVectors gives the client the random bytes of the vectors.
func TestClientVectors(t *testing.T) {
	c1 := golden.Vector(t, "hs.c1.digest.scheme0").Bytes
	s1 := golden.Vector(t, "hs.s1.digest.scheme0").Bytes
	c2 := golden.Vector(t, "hs.c2.answers.s1.scheme0").Bytes
	s2 := golden.Vector(t, "hs.s2.answers.c1.scheme0").Bytes
	h := NewClient(&Config{Time: 0x00012345, Rand: bytes.NewReader(append(c1[randomAt:len(c1):len(c1)], c2...))})
	got := feed(t, h, bytes.Join([][]byte{{version}, s1, s2}, nil))
	want := transcript{
		Out:  string(bytes.Join([][]byte{{version}, c1, c2}, nil)),
		Used: Size,
		Done: true,
		Peer: Peer{Time: 0xabcd, Version: [4]byte{3, 5, 1, 1}, Scheme: DigestFirst, Answer: Signed},
		Key:  [32]byte(s1[packetSize-32:]),
	}
	if diff := want.diff(got); diff != "" {
		t.Errorf("transcript (-want +got):\n%s", diff)
	}
}

// TestClientRecorded plays a recorded server back to a client with the same random bytes.
func TestClientRecorded(t *testing.T) {
	r := recorded(t, "nginx-rtmp.hex")
	h := NewClient(&Config{Time: 1000, Rand: bytes.NewReader(append(bytes.Clone(r.hello[1+randomAt:]), r.answer...))})
	got := feed(t, h, append(bytes.Clone(r.reply), chunkData...))
	want := transcript{
		Out:  string(r.hello) + string(r.answer),
		Used: Size,
		Done: true,
		Peer: Peer{Time: 1972990, Version: [4]byte{13, 14, 10, 13}, Scheme: DigestFirst, Answer: Signed},
		Key:  [32]byte(r.reply[packetSize-31:]),
	}
	if diff := want.diff(got); diff != "" {
		t.Errorf("transcript (-want +got):\n%s", diff)
	}
}

// TestClientSplits cuts what a server sends at every place, which must not show at all.
func TestClientSplits(t *testing.T) {
	for name, r := range talks(t) {
		for _, simple := range []bool{false, true} {
			in := append(bytes.Clone(r.reply), chunkData...)
			run := func(pieces ...int) transcript {
				return feed(t, NewClient(&Config{Rand: random(), Time: 7, Simple: simple}), in, pieces...)
			}
			whole := run()
			if !whole.Done || whole.Used != Size {
				t.Fatalf("%s: done %t after %d bytes", name, whole.Done, whole.Used)
			}
			bytewise := make([]int, len(in))
			for n := range in {
				bytewise[n] = n + 1
				if diff := whole.diff(run(n)); diff != "" {
					t.Fatalf("%s, simple %t, cut at %d (-at once +cut):\n%s", name, simple, n, diff)
				}
			}
			if diff := whole.diff(run(bytewise...)); diff != "" {
				t.Errorf("%s, simple %t (-at once +byte by byte):\n%s", name, simple, diff)
			}
		}
	}
}

// TestClientEarlyC2 asks that C2 goes out when S1 is complete, before S2 has come.
func TestClientEarlyC2(t *testing.T) {
	h := NewClient(nil)
	h.Output()
	reply := talks(t)["ffmpeg-play"].reply
	if n, done, err := h.Input(reply[:1+packetSize]); n != 1+packetSize || done || err != nil {
		t.Fatalf("Input(S0 and S1) = %d, %t, %v", n, done, err)
	}
	if out := h.Output(); len(out) != packetSize {
		t.Errorf("after S1: %d bytes of output, want %d", len(out), packetSize)
	}
}
