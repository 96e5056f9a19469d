package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"math/rand/v2"

	"github.com/gortmp/rtmp/handshake"
)

// Fixed by the handshake.
const (
	packet       = 1536
	digestSize   = sha256.Size
	digestPlaces = 728
	clientKey    = "Genuine Adobe Flash Player 001"
	serverKey    = "Genuine Adobe Flash Media Server 001"
	longKey      = "\xF0\xEE\xC2\x4A\x80\x68\xBE\xE8\x2E\x00\xD0\xD1\x02\x9E\x7E\x57" +
		"\x6E\xEC\x5D\x2D\x29\x80\x6F\xAB\x93\xB8\xE6\x36\xCF\xEB\x31\xAE"
)

// A floorShake is both sides of a handshake with digests. What the sides send lies next to each other, so that
// nothing has to be copied from one to the other.
type floorShake struct {
	c0c1   [1 + packet]byte
	s0s1s2 [1 + 2*packet]byte
	c2     [packet]byte
}

// Of each key one state, which is reset and used again.
var (
	floorClient     = hmac.New(sha256.New, []byte(clientKey))
	floorServer     = hmac.New(sha256.New, []byte(serverKey))
	floorClientLong = hmac.New(sha256.New, []byte(clientKey+longKey))
	floorServerLong = hmac.New(sha256.New, []byte(serverKey+longKey))
)

// floorDigest computes what no client and no server with digests can do without: each makes one, finds that of the
// other, and signs its answer. Nobody looks at the answers.
func floorDigest() error {
	_, err := newFloorShake()
	return err
}

func newFloorShake() (*floorShake, error) {
	s := new(floorShake)
	c1, s1, s2 := s.c0c1[1:], s.s0s1s2[1:1+packet], s.s0s1s2[1+packet:]
	s.c0c1[0], s.s0s1s2[0] = 3, 3
	floorMake(c1, floorClient)
	at := floorPlace(c1)
	if !floorHas(c1, at, floorClient) {
		return nil, errors.New("C1 has no digest")
	}
	floorMake(s1, floorServer)
	floorAnswer(s2, c1[at:at+digestSize], floorServerLong)
	if at = floorPlace(s1); !floorHas(s1, at, floorServer) {
		return nil, errors.New("S1 has no digest")
	}
	floorAnswer(s.c2[:], s1[at:at+digestSize], floorClientLong)
	return s, nil
}

// floorMake fills p and puts a digest in.
func floorMake(p []byte, key hash.Hash) {
	floorRandom(p[8:])
	copy(p[4:], "\x0a\x00\x00\x01")
	at := floorPlace(p)
	floorSum(p[at:at], p, at, key)
}

// floorPlace returns where the digest of p is, in the form that has it in the first half.
func floorPlace(p []byte) int {
	return 12 + (int(p[8])+int(p[9])+int(p[10])+int(p[11]))%digestPlaces
}

// floorSum appends the digest of p, without what is in its place at, to dst.
func floorSum(dst, p []byte, at int, key hash.Hash) []byte {
	key.Reset()
	key.Write(p[:at])
	key.Write(p[at+digestSize:])
	return key.Sum(dst)
}

func floorHas(p []byte, at int, key hash.Hash) bool {
	var sum [digestSize]byte
	return string(floorSum(sum[:0], p, at, key)) == string(p[at:at+digestSize])
}

// floorAnswer fills p and signs it for the other side's digest.
func floorAnswer(p, digest []byte, key hash.Hash) {
	floorRandom(p)
	var sum [digestSize]byte
	key.Reset()
	key.Write(digest)
	floorSum(p[packet-digestSize:packet-digestSize], p, packet-digestSize, hmac.New(sha256.New, key.Sum(sum[:0])))
}

func floorRandom(p []byte) {
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, rand.Uint64())
		p = p[8:]
	}
}

// floorCheckDigest shows a Client and a Server of this library what the floor makes. That the answers are not signed
// for what the Client and the Server sent cannot be otherwise, as they only come in when all is made.
func floorCheckDigest() error {
	f, err := newFloorShake()
	if err != nil {
		return err
	}
	s := handshake.NewServer(nil)
	if _, _, err := s.Input(f.c0c1[:]); err != nil {
		return err
	}
	c := handshake.NewClient(nil)
	c.Output()
	if _, _, err := c.Input(f.s0s1s2[:]); err != nil {
		return err
	}
	if s.Peer().Scheme != handshake.DigestFirst || c.Peer().Scheme != handshake.DigestFirst {
		return errors.New("the digests are not where they belong")
	}
	return nil
}

// floorPlain fills two packets and copies each as the other side's answer.
func floorPlain() error {
	s := new(floorShake)
	s.c0c1[0], s.s0s1s2[0] = 3, 3
	floorRandom(s.c0c1[9:])
	floorRandom(s.s0s1s2[9 : 1+packet])
	copy(s.s0s1s2[1+packet:], s.c0c1[1:])
	copy(s.c2[:], s.s0s1s2[1:])
	if s.s0s1s2[1+packet+8] != s.c0c1[9] || s.c2[8] != s.s0s1s2[9] {
		return errors.New("an answer is not an echo")
	}
	return nil
}
