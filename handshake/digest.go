package handshake

import (
	"bytes"
	"crypto/sha256"
)

// packet is a C1, S1, C2 or S2.
type packet = [packetSize]byte

// digest is the result of an HMAC-SHA256.
type digest = [sha256.Size]byte

// Fixed by Flash Player 9 and Flash Media Server 3.
const (
	digestRange = 728                      // places that a digest can have within its half
	signatureAt = packetSize - sha256.Size // C2 and S2 end in the signature

	playerText = "Genuine Adobe Flash Player 001"
	serverText = "Genuine Adobe Flash Media Server 001"
	commonTail = "\xf0\xee\xc2\x4a\x80\x68\xbe\xe8\x2e\x00\xd0\xd1\x02\x9e\x7e\x57" +
		"\x6e\xec\x5d\x2d\x29\x80\x6f\xab\x93\xb8\xe6\x36\xcf\xeb\x31\xae"
)

// keys are what one side signs with. The signature key is the digest key and the common tail.
type keys struct{ digest, signature []byte }

var (
	playerKeys = keys{digest: []byte(playerText), signature: []byte(playerText + commonTail)}
	serverKeys = keys{digest: []byte(serverText), signature: []byte(serverText + commonTail)}
)

// offset returns where the digest of p is, or would be, in a scheme other than Plain. The place is the sum of
// the four bytes at the front of its half.
func (s Scheme) offset(p *packet) int {
	at := randomAt
	if s == KeyFirst {
		at = randomAt + (packetSize-randomAt)/2
	}
	sum := int(p[at]) + int(p[at+1]) + int(p[at+2]) + int(p[at+3])
	return at + 4 + sum%digestRange
}

// split cuts p into what is before the digest, the digest, and what is after it. The parts alias p.
func (s Scheme) split(p *packet) (before, sum, after []byte) {
	at := s.offset(p)
	end := at + sha256.Size
	return p[:at:at], p[at:end:end], p[end:]
}

// sign puts the digest into a C1 or S1 and returns it.
func (k *keys) sign(p *packet, s Scheme) digest {
	before, sum, after := s.split(p)
	d := mac(k.digest, before, after)
	copy(sum, d[:])
	return d
}

// find looks for the digest in a C1 or S1 in both schemes. Without one the scheme is Plain.
func (k *keys) find(p *packet) (Scheme, digest) {
	for _, s := range [...]Scheme{DigestFirst, KeyFirst} {
		before, sum, after := s.split(p)
		if d := mac(k.digest, before, after); bytes.Equal(d[:], sum) {
			return s, d
		}
	}
	return Plain, digest{}
}

// answer returns what a C2 or S2 ends in. asked is the digest of the packet that it answers.
func (k *keys) answer(p *packet, asked *digest) digest {
	key := mac(k.signature, asked[:], nil)
	return mac(key[:], p[:signatureAt], nil)
}

// mac returns the HMAC-SHA256 of a and b together, which are no longer than a packet. The key is no longer than
// the 64 bytes of a block or else is hashed first.
//
// It works on its own stack because crypto/hmac allocates with every new key.
//
// RFC 2104.
func mac(key, a, b []byte) digest {
	var inner [sha256.BlockSize + packetSize]byte
	var outer [sha256.BlockSize + sha256.Size]byte
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range sha256.BlockSize {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	n := sha256.BlockSize
	n += copy(inner[n:], a)
	n += copy(inner[n:], b)
	sum := sha256.Sum256(inner[:n])
	copy(outer[sha256.BlockSize:], sum[:])
	return sha256.Sum256(outer[:])
}
