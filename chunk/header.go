package chunk

import (
	"encoding/binary"

	"github.com/gortmp/rtmp/internal/wire"
	"github.com/gortmp/rtmp/message"
)

// maxHeader is the length in bytes of the longest header: basic, message header of type 0, extended timestamp.
const maxHeader = 3 + 11 + 4

// resume is parse for a header whose first bytes may be in head, where it holds what p has of it if even with p
// it is not complete; then cur stays nil. It returns the number of bytes of p that it took.
func (d *Decoder) resume(p []byte) (n int, err error) {
	held := d.held
	k := copy(d.head[held:], p)
	n, err = d.parse(d.head[:held+k])
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		d.held += k
		return k, nil
	}
	d.held = 0
	if n < held { // what looked like an extended timestamp is payload
		d.redo = d.back[:copy(d.back[:], d.head[n:held])]
		return 0, nil
	}
	return n - held, nil
}

// parse reads a chunk header from the front of b and sets cur and need. It returns the length of the header, or
// 0 if b ends inside of it; then nothing has changed.
//
// RTMP 1.0, sections 5.3.1.1 to 5.3.1.3.
func (d *Decoder) parse(b []byte) (n int, err error) {
	typ, csid, n := b[0]>>6, uint32(b[0]&0x3f), 1
	switch {
	case csid == 0:
		if len(b) < 2 {
			return 0, nil
		}
		csid, n = 64+uint32(b[1]), 2
	case csid == 1:
		if len(b) < 3 {
			return 0, nil
		}
		csid, n = 64+uint32(b[1])+uint32(b[2])<<8, 3
	}
	s := d.streams.get(csid)
	if s == nil && typ > 1 || s != nil && s.active && (typ == 1 || typ == 2) {
		return 0, &HeaderError{ChunkStreamID: csid, Type: typ, Unfinished: s != nil}
	}
	if typ == 3 {
		time := s.time
		if !s.active {
			time += s.field
		}
		if s.extended {
			switch same := isExtended(b[n:], s.field) | isExtended(b[n:], time); {
			case same&yes != 0:
				n += 4
			case same&undecided != 0:
				return 0, nil
			}
		}
		if !s.active {
			s.time = time
			return n, d.start(s)
		}
		d.cur, d.need = s, min(int(d.ChunkSize()), int(s.length)-len(s.buf))
		return n, nil
	}

	h := b[n:]
	n += headerSize[typ]
	if len(b) < n {
		return 0, nil
	}
	field := wire.Uint24(h)
	extended := field == wire.MaxUint24
	if extended {
		if len(b) < n+4 {
			return 0, nil
		}
		field = binary.BigEndian.Uint32(b[n:])
		n += 4
	}
	if s == nil {
		if limit := d.MaxStreams; limit >= 0 {
			if limit == 0 {
				limit = defaultMaxStreams
			}
			if used := d.streams.len(); used >= limit {
				return 0, &LimitError{Err: ErrTooManyStreams, Value: uint64(used) + 1, Limit: uint64(limit)}
			}
		}
		s = d.streams.add(csid)
	}
	if s.active {
		d.drop(s)
	}
	s.time += field
	if typ == 0 {
		s.time = field
		s.streamID = binary.LittleEndian.Uint32(h[7:])
	}
	if typ < 2 {
		s.length, s.kind = wire.Uint24(h[3:]), message.Type(h[6])
	}
	s.field, s.extended, s.plain = field, extended, noPlain
	if csid < 64 && !extended {
		s.plain = 3<<6 | uint16(csid)
	}
	return n, d.start(s)
}

// What isExtended found. The values are bits, so that two findings can be joined.
const (
	yes = 1 << iota
	undecided
)

// isExtended tells whether the four bytes at the front of b are v, as far as there are four.
func isExtended(b []byte, v uint32) int {
	for i := range 4 {
		if i == len(b) {
			return undecided
		}
		if b[i] != byte(v>>(24-8*i)) {
			return 0
		}
	}
	return yes
}

// start begins the message whose header s has.
func (d *Decoder) start(s *stream) error {
	limit := d.MaxMessageSize
	if limit == 0 {
		limit = defaultMaxMessageSize
	}
	if s.length > limit {
		return &SizeError{Size: s.length, Limit: limit}
	}
	most := d.MaxUnfinished
	if most == 0 {
		most = defaultMaxUnfinished
	}
	// A message of a single chunk never waits for another chunk stream: an Abort can always get through.
	if most >= 0 && d.unfinished >= most && s.length > d.ChunkSize() {
		return &LimitError{Err: ErrUnfinishedStreams, Value: uint64(d.unfinished) + 1, Limit: uint64(most)}
	}
	total, bytes := d.announced+uint64(s.length), uint64(limit)+spareUnfinished
	if total > bytes {
		return &LimitError{Err: ErrUnfinishedBytes, Value: total, Limit: bytes}
	}
	d.unfinished++
	d.announced = total
	s.active = true
	if cap(d.spare) >= int(s.length) && d.spare != nil {
		s.buf, s.lent = d.takeSpare(), true
		d.lent += int(s.length)
		d.unpaid += int(s.length)
	}
	d.cur, d.need = s, min(int(d.ChunkSize()), int(s.length))
	return nil
}
