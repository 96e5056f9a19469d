// Package handshake does what comes before the first chunk of an RTMP connection: C0 to C2 and S0 to S2, in the
// plain form of the specification and in the digest form that Flash Player, ffmpeg and librtmp use.
//
// Client and Server are push machines: bytes in, bytes out, cut anywhere. They own no socket and no clock.
//
//	h := handshake.NewServer(nil)
//	for done := false; !done; {
//		p := read()
//		n, done, err = h.Input(p)
//		write(h.Output())
//		// when done, p[n:] are the first chunks
//	}
//
// Run does the same over an io.ReadWriter, for a program that may block.
//
// Nothing here protects anybody: the keys of the digest form are printed in every implementation. It says which
// of the two forms a peer speaks, no more. RTMPS is the form with a secret.
//
// RTMP 1.0, section 5.2; the digest form is in no published text.
package handshake

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
)

// Fixed by RTMP 1.0.
const (
	// Size is the number of bytes that each side sends, and receives, in a whole handshake: a version byte and
	// two packets of 1536 bytes.
	Size = 1 + 2*packetSize

	version    = 3    // C0 and S0
	packetSize = 1536 // C1, C2, S1 and S2
	randomAt   = 8    // C1 and S1: time, version or zero, random bytes
)

// A Config holds the options of a Client or a Server. The zero value is ready, and so is a nil *Config.
type Config struct {
	// Rand gives the random bytes of our two packets. Nothing depends on their being secret. Nil means the
	// generator of math/rand/v2. An error of Rand is returned by Input.
	Rand io.Reader

	// Time is our clock in milliseconds. It goes into C1 or S1, and into the plain answer as the time when the
	// peer's packet was read. Zero sends a zero, as ffmpeg does, and gives the peer's packet back unchanged, as
	// librtmp does. No known peer looks at the time, but librtmp warns unless S2 equals C1 in every byte.
	Time uint32

	// Simple makes a Client offer the plain handshake only, and answer in it whatever the server sends. It
	// means nothing to a Server, which follows its client.
	Simple bool
}

// fill puts random bytes into p.
func (c *Config) fill(p []byte) error {
	if c.Rand != nil {
		if _, err := io.ReadFull(c.Rand, p); err != nil {
			return fmt.Errorf("handshake: random bytes: %w", err)
		}
		return nil
	}
	for len(p) >= 8 {
		binary.NativeEndian.PutUint64(p, rand.Uint64())
		p = p[8:]
	}
	for i := range p {
		p[i] = byte(rand.Uint32())
	}
	return nil
}

// A Peer is what the handshake tells of the other side. It is a statement of the peer, not a proof of anything.
type Peer struct {
	Time    uint32  // the clock in its C1 or S1, in milliseconds
	Version [4]byte // of its software; zero in the plain form, but some send both a version and no digest
	Scheme  Scheme  // where its digest was found; Plain: there was none
	Answer  Answer  // what its C2 or S2 was worth
}

// A Scheme says which form a C1 or S1 has: without a digest, or with one in either of two places.
type Scheme uint8

const (
	// Plain is a packet without a digest.
	Plain Scheme = iota

	// DigestFirst has the digest in the first half. Others call it scheme 0; ffmpeg and librtmp use it.
	DigestFirst

	// KeyFirst has the digest in the second half. Others call it scheme 1; it is usual in RTMPE.
	KeyFirst
)

// String returns the name of s in words.
func (s Scheme) String() string {
	switch s {
	case Plain:
		return "plain"
	case DigestFirst:
		return "digest first"
	case KeyFirst:
		return "key first"
	}
	return fmt.Sprintf("scheme(%d)", uint8(s))
}

// An Answer says what a peer's C2 or S2 was. A handshake succeeds with each of them, because real peers send
// each of them: an ffmpeg that publishes offers a digest and then sends an echo.
type Answer uint8

const (
	// Unverified is a packet that answers nothing we sent, or one that has not come yet.
	Unverified Answer = iota

	// Echo is a packet with the random bytes of our C1 or S1.
	Echo

	// Signed is a packet with a good signature under the digest of our C1 or S1.
	Signed
)

// String returns the name of a in words.
func (a Answer) String() string {
	switch a {
	case Unverified:
		return "unverified"
	case Echo:
		return "echo"
	case Signed:
		return "signed"
	}
	return fmt.Sprintf("answer(%d)", uint8(a))
}
