package main

import (
	"encoding/binary"
	"io"
)

const floorName = "floor"

// floor is the hand-written loops: what is left if nobody could send anything else than these bytes. There is one
// chunk stream, no limit, no choice and hardly an error. A payload is allocated once and copied once.
func floor() *library {
	return &library{
		name:        floorName,
		dechunk:     floorDechunk,
		chunk:       floorChunk,
		encoder:     floorEncoder,
		decoder:     floorDecoder,
		digest:      floorDigest,
		checkDigest: floorCheckDigest,
		plain:       floorPlain,
		relay:       floorRelay,
	}
}

// A floorReader reads messages of one chunk stream at a time.
type floorReader struct {
	src      io.Reader
	buf      [64 << 10]byte
	pos, end int // what is in buf

	size      int // bytes per chunk
	length    int
	kind      byte
	timestamp uint32
	delta     uint32
	spare     []byte // the memory of a payload that is no longer used
}

// fill makes n bytes be there.
func (r *floorReader) fill(n int) error {
	if r.end-r.pos >= n {
		return nil
	}
	r.end = copy(r.buf[:], r.buf[r.pos:r.end])
	r.pos = 0
	m, err := io.ReadAtLeast(r.src, r.buf[r.end:], n-r.end)
	r.end += m
	return err
}

func (r *floorReader) next() (kind byte, timestamp uint32, payload []byte, err error) {
	if err := r.fill(1); err != nil {
		return 0, 0, nil, err
	}
	form := r.buf[r.pos] >> 6
	if form < 3 {
		if err := r.fill(12 - 4*int(form)); err != nil {
			return 0, 0, nil, err
		}
	}
	b := r.buf[r.pos:]
	switch form {
	case 0:
		r.timestamp, r.delta = uint24(b[1:]), 0
		r.length, r.kind = int(uint24(b[4:])), b[7]
		r.pos += 12
	case 1:
		r.delta = uint24(b[1:])
		r.timestamp += r.delta
		r.length, r.kind = int(uint24(b[4:])), b[7]
		r.pos += 8
	case 2:
		r.delta = uint24(b[1:])
		r.timestamp += r.delta
		r.pos += 4
	default:
		r.timestamp += r.delta
		r.pos++
	}
	if payload = r.spare; cap(payload) < r.length {
		payload = make([]byte, r.length)
	}
	payload, r.spare = payload[:r.length], nil
	if err := r.body(payload); err != nil {
		return 0, 0, nil, err
	}
	if r.kind == 1 {
		r.size = int(binary.BigEndian.Uint32(payload))
	}
	return r.kind, r.timestamp, payload, nil
}

// body reads the chunks of payload: in a row those that are there with the byte behind them, then the last or a cut one.
func (r *floorReader) body(payload []byte) error {
	for size := r.size; ; r.pos++ {
		in := r.buf[r.pos:r.end]
		at, n := 0, 0
		for at+size < len(payload) && n+size < len(in) {
			copy(payload[at:at+size], in[n:n+size])
			at += size
			n += size + 1
		}
		r.pos += n
		payload = payload[at:]
		chunk := payload[:min(size, len(payload))]
		n = copy(chunk, r.buf[r.pos:r.end])
		r.pos += n
		if n < len(chunk) {
			if _, err := io.ReadFull(r.src, chunk[n:]); err != nil {
				return err
			}
		}
		if payload = payload[len(chunk):]; len(payload) == 0 {
			return nil
		}
		if err := r.fill(1); err != nil {
			return err
		}
	}
}

func uint24(b []byte) uint32 { return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]) }

func putUint24(b []byte, v uint32) { b[0], b[1], b[2] = byte(v>>16), byte(v>>8), byte(v) }

func floorDechunk(r io.Reader, n int, got func(uint32, []byte)) error {
	fr := floorReader{src: r, size: 128}
	if _, _, _, err := fr.next(); err != nil {
		return err
	}
	for range n {
		_, timestamp, payload, err := fr.next()
		if err != nil {
			return err
		}
		if got != nil {
			got(timestamp, payload)
		}
	}
	return nil
}

func floorChunk(w io.Writer, size, n int, next func(i int) frame) error {
	var buf []byte
	var last uint32
	for i := range n {
		f := next(i)
		if need := 12 + len(f.payload) + len(f.payload)/size; len(buf) < need {
			buf = make([]byte, need)
		}
		head := 8
		if i == 0 {
			head = floorHeader(buf, f)
		} else {
			buf[0] = 1<<6 | videoChunkStream
			putUint24(buf[1:], f.timestamp-last)
			putUint24(buf[4:], uint32(len(f.payload)))
			buf[7] = videoType
		}
		last = f.timestamp
		if _, err := w.Write(buf[:floorCut(buf, head, f.payload, size)]); err != nil {
			return err
		}
	}
	return nil
}

// floorHeader writes a type 0 header for f and returns its length.
func floorHeader(b []byte, f frame) int {
	b[0] = videoChunkStream
	putUint24(b[1:], f.timestamp)
	putUint24(b[4:], uint32(len(f.payload)))
	b[7] = videoType
	binary.LittleEndian.PutUint32(b[8:], videoStream)
	return 12
}

// floorCut writes the chunks of payload to b, whose first n bytes are the header, and returns how long that is.
func floorCut(b []byte, n int, payload []byte, size int) int {
	for {
		k := copy(b[n:], payload[:min(size, len(payload))])
		n += k
		payload = payload[k:]
		if len(payload) == 0 {
			return n
		}
		b[n] = 3<<6 | videoChunkStream
		n++
	}
}

// floorRelay cuts each message once, into new memory since the players may be slow, and gives them all the same.
func floorRelay(players []io.Writer) (func(io.Reader, int) error, error) {
	return func(r io.Reader, n int) error {
		fr := floorReader{src: r, size: 128}
		if _, _, _, err := fr.next(); err != nil {
			return err
		}
		for range n {
			_, timestamp, payload, err := fr.next()
			if err != nil {
				return err
			}
			b := make([]byte, 12+len(payload)+len(payload)/relayChunk)
			b = b[:floorCut(b, floorHeader(b, frame{timestamp, payload}), payload, relayChunk)]
			fr.spare = payload
			for _, w := range players {
				if _, err := w.Write(b); err != nil {
					return err
				}
			}
		}
		return nil
	}, nil
}
