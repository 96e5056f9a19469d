package publish

import "errors"

// An av1Sequence is what a configuration record and metadata take from a sequence header. The parser of the codec
// library does not read the headers of all encoders: it knows no display delay.
type av1Sequence struct {
	profile, level, tier     byte
	highBitDepth, twelveBit  byte
	mono, subX, subY, sample byte
	width, height            int
}

var errAV1Short = errors.New("sequence header is cut")

// parseAV1Sequence reads a sequence header: an OBU with a header of one byte and without size.
//
// AV1, sections 5.5.1 to 5.5.4.
func parseAV1Sequence(obu []byte) (av1Sequence, error) {
	var s av1Sequence
	if len(obu) < 2 || obu[0]&0x06 != 0 {
		return s, errAV1Short
	}
	r := &bitReader{b: obu[1:]}
	s.profile = byte(r.bits(3))
	r.bits(1) // still picture
	reduced := r.bits(1) == 1
	if reduced {
		s.level = byte(r.bits(5))
	} else {
		r.av1OperatingPoints(&s)
	}
	widthBits, heightBits := int(r.bits(4))+1, int(r.bits(4))+1
	s.width, s.height = int(r.bits(widthBits))+1, int(r.bits(heightBits))+1
	if !reduced && r.bits(1) == 1 { // frame ids
		r.bits(4 + 3)
	}
	r.bits(3) // superblock size, filter intra, intra edge filter
	if !reduced {
		r.bits(4) // inter-intra, masked, warped, dual filter
		orderHint := r.bits(1) == 1
		if orderHint {
			r.bits(2)
		}
		screen := uint32(2) // select
		if r.bits(1) == 0 {
			screen = r.bits(1)
		}
		if screen > 0 && r.bits(1) == 0 {
			r.bits(1) // integer motion vectors
		}
		if orderHint {
			r.bits(3)
		}
	}
	r.bits(3) // superres, cdef, restoration
	r.av1Color(&s)
	if r.short {
		return s, errAV1Short
	}
	return s, nil
}

// av1OperatingPoints reads timing information and the operating points, of which the first one counts.
func (r *bitReader) av1OperatingPoints(s *av1Sequence) {
	model, delayBits := false, 0
	if r.bits(1) == 1 { // timing
		r.bits(32)
		r.bits(32)
		if r.bits(1) == 1 {
			r.unsignedVLC()
		}
		if model = r.bits(1) == 1; model {
			delayBits = int(r.bits(5)) + 1
			r.bits(32)
			r.bits(5 + 5)
		}
	}
	display := r.bits(1) == 1
	for i := range int(r.bits(5)) + 1 {
		r.bits(12)
		level, tier := byte(r.bits(5)), byte(0)
		if level > 7 {
			tier = byte(r.bits(1))
		}
		if i == 0 {
			s.level, s.tier = level, tier
		}
		if model && r.bits(1) == 1 {
			r.bits(delayBits)
			r.bits(delayBits)
			r.bits(1)
		}
		if display && r.bits(1) == 1 {
			r.bits(4)
		}
	}
}

// av1Color reads color_config.
func (r *bitReader) av1Color(s *av1Sequence) {
	s.highBitDepth = byte(r.bits(1))
	if s.profile == 2 && s.highBitDepth == 1 {
		s.twelveBit = byte(r.bits(1))
	}
	if s.profile != 1 {
		s.mono = byte(r.bits(1))
	}
	srgb := false
	if r.bits(1) == 1 {
		primaries, transfer, matrix := r.bits(8), r.bits(8), r.bits(8)
		srgb = primaries == 1 && transfer == 13 && matrix == 0
	}
	switch {
	case s.mono == 1:
		r.bits(1)
		s.subX, s.subY = 1, 1
		return
	case srgb:
		return
	}
	r.bits(1) // range
	switch {
	case s.profile == 0:
		s.subX, s.subY = 1, 1
	case s.profile == 1:
	case s.twelveBit == 1:
		if s.subX = byte(r.bits(1)); s.subX == 1 {
			s.subY = byte(r.bits(1))
		}
	default:
		s.subX = 1
	}
	if s.subX == 1 && s.subY == 1 {
		s.sample = byte(r.bits(2))
	}
}

// A bitReader reads bits, the most significant first. Behind the end it reads zeros and is short.
type bitReader struct {
	b     []byte
	pos   int // in bits
	short bool
}

// bits returns the next n bits, at most 32.
func (r *bitReader) bits(n int) uint32 {
	var v uint32
	for range n {
		v <<= 1
		if r.pos>>3 >= len(r.b) {
			r.short = true
			continue
		}
		v |= uint32(r.b[r.pos>>3]>>(7-r.pos&7)) & 1
		r.pos++
	}
	return v
}

// unsignedVLC passes over a number in the code uvlc().
func (r *bitReader) unsignedVLC() {
	zeros := 0
	for !r.short && r.bits(1) == 0 {
		zeros++
	}
	if zeros < 32 {
		r.bits(zeros)
	}
}
