package load

import (
	"bytes"
	"math/rand/v2"
	"time"
)

// A stamp says in each coded frame which one it is. On the wire it is text, so that servers which look into the
// elementary stream find neither start codes nor bytes to be escaped, and it is found wherever they put it. Behind it
// is the pattern.
type stamp struct {
	run    uint32 // of the Test
	stream uint32 // number of the publisher
	isKey  bool
	seq    uint32        // among the video or the audio frames of the stream
	sent   time.Duration // on the clock of the Test
	fill   uint32        // bytes of the pattern
}

const (
	magic     = "rtmp-bench"
	stampSize = len(magic) + 8 + 8 + 1 + 8 + 16 + 8

	// searched is how far into a message a stamp is looked for, in bytes. Ours: headers that a server puts in
	// front of a key frame are smaller.
	searched = 4096
)

// put writes s to the front of b and the pattern to the rest, whose length becomes s.fill.
func (s *stamp) put(b []byte) {
	s.fill = uint32(len(b) - stampSize)
	rest := b[copy(b, magic):]
	rest = putHex(rest, uint64(s.run), 8)
	rest = putHex(rest, uint64(s.stream), 8)
	rest[0] = 'f'
	if s.isKey {
		rest[0] = 'k'
	}
	rest = putHex(rest[1:], uint64(s.seq), 8)
	rest = putHex(rest, uint64(s.sent), 16)
	rest = putHex(rest, uint64(s.fill), 8)
	putPattern(rest, s.seq)
}

// findStamp returns the stamp in b and whether the pattern behind it is whole. It reports false if there is no stamp.
func findStamp(b []byte) (s stamp, isWhole, ok bool) {
	at := bytes.Index(b[:min(len(b), searched)], []byte(magic))
	if at < 0 || len(b) < at+stampSize {
		return stamp{}, false, false
	}
	r := hexReader{b: b[at+len(magic):], ok: true}
	s.run = uint32(r.next(8))
	s.stream = uint32(r.next(8))
	s.isKey = r.b[0] == 'k'
	r.b = r.b[1:]
	s.seq = uint32(r.next(8))
	s.sent = time.Duration(r.next(16))
	s.fill = uint32(r.next(8))
	if !r.ok {
		return stamp{}, false, false
	}
	isWhole = uint64(len(r.b)) >= uint64(s.fill) && isPattern(r.b[:s.fill], s.seq)
	return s, isWhole, true
}

// putHex writes digits digits of v and returns what is behind them.
func putHex(b []byte, v uint64, digits int) []byte {
	for i := digits - 1; i >= 0; i-- {
		b[i] = "0123456789abcdef"[v&0xf]
		v >>= 4
	}
	return b[digits:]
}

// A hexReader reads what putHex wrote.
type hexReader struct {
	b  []byte
	ok bool // no other bytes have come so far
}

func (r *hexReader) next(digits int) (v uint64) {
	for _, c := range r.b[:digits] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		default:
			r.ok = false
		}
		v = v<<4 | uint64(c)
	}
	r.b = r.b[digits:]
	return v
}

// noise is what patterns are made of: random bytes without a zero.
var noise = func() (b [64 << 10]byte) {
	r := rand.NewChaCha8([32]byte{2})
	r.Read(b[:])
	for i := range b {
		b[i] |= 1
	}
	return b
}()

// patternStart returns where in the noise the pattern of a frame begins. Neighbours differ.
func patternStart(seq uint32) int { return int(seq % 4093 * 16) }

func putPattern(b []byte, seq uint32) {
	for at := patternStart(seq); len(b) > 0; at = 0 {
		b = b[copy(b, noise[at:]):]
	}
}

func isPattern(b []byte, seq uint32) bool {
	for at := patternStart(seq); len(b) > 0; at = 0 {
		n := min(len(b), len(noise)-at)
		if !bytes.Equal(b[:n], noise[at:at+n]) {
			return false
		}
		b = b[n:]
	}
	return true
}
