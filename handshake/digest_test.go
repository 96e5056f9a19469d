package handshake

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/internal/golden"
)

func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		name string
		k    keys
		want [2]int // bytes
	}{
		{"player", playerKeys, [2]int{30, 62}},
		{"server", serverKeys, [2]int{36, 68}},
	} {
		if got := [2]int{len(tt.k.digest), len(tt.k.signature)}; got != tt.want {
			t.Errorf("the %s's keys have %v bytes, want %v", tt.name, got, tt.want)
		}
	}
}

// signedVectors are the C1 and S1 of the table that have a digest, with the keys that made it.
func signedVectors(t *testing.T) map[*keys][]golden.Fixture {
	return map[*keys][]golden.Fixture{
		&playerKeys: golden.Vectors(t, "hs.c1.digest."),
		&serverKeys: golden.Vectors(t, "hs.s1.digest."),
	}
}

func TestFind(t *testing.T) {
	for k, vectors := range signedVectors(t) {
		for _, v := range vectors {
			t.Run(v.Name, func(t *testing.T) {
				want := DigestFirst + Scheme(v.Scheme)
				got, d := k.find((*packet)(v.Bytes))
				if got != want {
					t.Fatalf("find = %v, want %v", got, want)
				}
				if diff := cmp.Diff(v.Digest, d[:]); diff != "" {
					t.Errorf("digest (-want +got):\n%s", diff)
				}
				if at := got.offset((*packet)(v.Bytes)); at != v.DigestOffset {
					t.Errorf("offset = %d, want %d", at, v.DigestOffset)
				}
				for i := range v.Bytes { // any changed byte undoes it
					v.Bytes[i] ^= 0x10
					if s, _ := k.find((*packet)(v.Bytes)); s != Plain {
						t.Errorf("with byte %d changed: find = %v, want plain", i, s)
					}
					v.Bytes[i] ^= 0x10
				}
				other := &playerKeys
				if k == other {
					other = &serverKeys
				}
				if s, _ := other.find((*packet)(v.Bytes)); s != Plain {
					t.Errorf("with the other side's key: find = %v, want plain", s)
				}
			})
		}
	}
}

func TestSign(t *testing.T) {
	for k, vectors := range signedVectors(t) {
		for _, v := range vectors {
			t.Run(v.Name, func(t *testing.T) {
				pkt := packet(v.Bytes)
				clear(pkt[v.DigestOffset : v.DigestOffset+sha256.Size])
				d := k.sign(&pkt, DigestFirst+Scheme(v.Scheme))
				if diff := cmp.Diff(v.Bytes, pkt[:]); diff != "" {
					t.Errorf("sign (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(v.Digest, d[:]); diff != "" {
					t.Errorf("digest (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestAnswer(t *testing.T) {
	tests := []struct {
		vector string
		asked  string
		keys   *keys
	}{
		{"hs.c2.answers.s1.scheme0", "hs.s1.digest.scheme0", &playerKeys},
		{"hs.s2.answers.c1.scheme0", "hs.c1.digest.scheme0", &serverKeys},
	}
	for _, tt := range tests {
		t.Run(tt.vector, func(t *testing.T) {
			v := golden.Vector(t, tt.vector)
			asked := digest(golden.Vector(t, tt.asked).Digest)
			got := tt.keys.answer((*packet)(v.Bytes), &asked)
			if diff := cmp.Diff(v.Signature, got[:]); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
			if !bytes.Equal(v.Bytes[signatureAt:], v.Signature) {
				t.Error("the vector does not end in its signature")
			}
		})
	}
}

// TestMac compares with crypto/hmac around every length that matters.
func TestMac(t *testing.T) {
	text := make([]byte, packetSize)
	if _, err := random().Read(text); err != nil {
		t.Fatal(err)
	}
	for _, key := range []int{0, 1, 20, 32, 63, 64, 65, 68, 131} {
		for _, n := range []int{0, 1, 55, 56, 63, 64, 65, 1503, 1504, 1505, packetSize} {
			for _, cut := range []int{0, n / 3, n} {
				want := hmac.New(sha256.New, text[:key])
				want.Write(text[:n])
				got := mac(text[:key], text[:cut], text[cut:n])
				if diff := cmp.Diff(want.Sum(nil), got[:]); diff != "" {
					t.Errorf("mac(key of %d bytes, %d bytes and %d more) (-want +got):\n%s", key, cut, n-cut, diff)
				}
			}
		}
	}
}

func TestOffset(t *testing.T) {
	tests := []struct {
		pointer [4]byte
		want    [2]int // digest first, key first
	}{
		{[4]byte{}, [2]int{12, 776}},
		{[4]byte{0, 0, 0, 1}, [2]int{13, 777}},
		{[4]byte{255, 255, 217, 0}, [2]int{739, 1503}}, // 727, the last place
		{[4]byte{255, 255, 218, 0}, [2]int{12, 776}},   // 728
		{[4]byte{255, 255, 255, 255}, [2]int{304, 1068}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.pointer), func(t *testing.T) {
			var pkt packet
			copy(pkt[8:], tt.pointer[:])
			copy(pkt[772:], tt.pointer[:])
			got := [2]int{DigestFirst.offset(&pkt), KeyFirst.offset(&pkt)}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("offsets (-want +got):\n%s", diff)
			}
		})
	}
}
