package chunk

import "github.com/gortmp/rtmp/message"

// Ours. What a peer may make us keep.
const (
	defaultMaxMessageSize = 16 << 20  // bytes, one more than the wire can say
	defaultMaxUnfinished  = 64        // chunk streams in mid-message
	defaultMaxStreams     = 1024      // chunk streams in use; real peers have less than ten
	spareUnfinished       = 1 << 20   // bytes of unfinished messages beside the longest possible one
	maxCredit             = 256 << 10 // bytes allocated before they arrive, for all messages together
	firstCredit           = 4 << 10   // and no more than the bytes received so far and this
)

// A Decoder puts messages together from chunks. Its zero value is ready, with a chunk size of 128 bytes.
//
// Memory follows the bytes that came, not the lengths that the peer announced: all unfinished messages together
// take at most twice the bytes received so far and 256 KiB, and for the first bytes of a connection less than
// that. A message that the 256 KiB have room for is allocated once.
//
// A Decoder must not be used by two goroutines at the same time. The limits may be changed between calls and
// hold for messages that start later.
type Decoder struct {
	// MaxMessageSize is the length of the longest message, in bytes. Zero means 16 MiB, more than a message
	// can have. All unfinished messages together may be 1 MiB longer than that.
	MaxMessageSize uint32

	// MaxUnfinished is the number of chunk streams that may be in mid-message at the same time. Zero means 64;
	// negative means no bound.
	MaxUnfinished int

	// MaxStreams is the number of chunk streams that may be used in all, each of which costs some 100 bytes.
	// Zero means 1024; negative means no bound.
	MaxStreams int

	err     error  // the first one
	size    uint32 // bytes per chunk; 0 is the default
	streams table[stream]

	cur  *stream // whose chunk is being read; nil between chunks
	need int     // bytes of that chunk still to come

	head [maxHeader]byte // the front of a header that was cut off
	held int             // bytes in head
	back [3]byte         // bytes that were taken for a header and must be read again
	redo []byte          // the rest of back

	unfinished int    // messages
	announced  uint64 // bytes they will have
	unpaid     int    // bytes allocated for them and not yet received
	debt       int    // what was unpaid for messages that were dropped; every byte received pays one back
	lent       int    // bytes of them that Reuse gave
	received   uint64 // bytes in all, up to this call

	spare []byte          // from Reuse
	msg   message.Message // the one that Decode returns
}

// A stream is what a Decoder remembers about a chunk stream: the last header, and the message in the making.
type stream struct {
	streamID uint32
	time     uint32 // absolute time of the message
	field    uint32 // the last timestamp field, which type 3 adds: a delta, or a time after type 0
	length   uint32
	kind     message.Type
	extended bool   // the last field was an extended timestamp
	plain    uint16 // the header of the next chunks, if one byte will do; otherwise noPlain
	active   bool   // the message is unfinished
	lent     bool   // buf came from Reuse
	buf      []byte
}

const noPlain = 1 << 8 // no byte

// ChunkSize returns the number of payload bytes per chunk that the peer has announced, at most 16,777,215.
func (d *Decoder) ChunkSize() uint32 {
	if d.size == 0 {
		return defaultChunkSize
	}
	return d.size
}

// Partial reports whether the bytes so far end inside a message or inside a chunk header.
func (d *Decoder) Partial() bool {
	return d.unfinished > 0 || d.held > 0 || len(d.redo) > 0
}

// Reuse gives d the memory of b, whose contents are lost, for the payload of a later message that fits in it.
// The caller must not use b again until it comes back as such a payload. Of two that are waiting the larger
// one is kept.
func (d *Decoder) Reuse(b []byte) {
	if cap(b) > cap(d.spare) {
		d.spare = b[:0]
	}
}

// takeSpare returns what Reuse gave and was not used.
func (d *Decoder) takeSpare() []byte {
	b := d.spare
	d.spare = nil
	return b
}

// Decode reads chunks from the front of p, up to the end of a message or of p, and returns the number of bytes
// that it took. p is not kept and may end anywhere; any cut gives the same messages. If m is not nil, there
// may be more in the rest of p: call again with p[n:]. If m and err are nil, n is len(p).
//
// The message is borrowed until the next call; its payload is owned by the caller.
//
// Set Chunk Size and Abort are obeyed before they are returned.
//
// Every error is final: *SizeError, *LimitError, *HeaderError or *ControlError. It is returned by all later
// calls as well.
//
// RTMP 1.0, sections 5.3.1, 5.4.1 and 5.4.2.
func (d *Decoder) Decode(p []byte) (n int, m *message.Message, err error) {
	if d.err != nil {
		return 0, nil, d.err
	}
	for {
		k := 0
		if len(d.redo) == 0 {
			k, m, err = d.run(p[n:])
			n += k
			d.received += uint64(k)
			d.debt = max(0, d.debt-k)
		} else {
			k, m, err = d.run(d.redo)
			d.redo = d.redo[k:]
		}
		switch {
		case err != nil:
			d.err = err
			return n, nil, err
		case m != nil, n == len(p) && len(d.redo) == 0:
			return n, m, nil
		}
	}
}

// run is Decode for one piece of input. It also stops when there is something to redo.
func (d *Decoder) run(p []byte) (n int, m *message.Message, err error) {
	for {
		if d.cur == nil {
			if n == len(p) {
				return n, nil, nil
			}
			var k int
			if d.held == 0 {
				k, err = d.parse(p[n:])
			}
			if k == 0 && err == nil {
				k, err = d.resume(p[n:])
			}
			n += k
			if err != nil || d.cur == nil {
				return n, nil, err
			}
			if len(d.redo) > 0 {
				p = p[:n]
			}
		}
		s := d.cur
		k, whole := d.data(s, p[n:])
		n += k
		if whole {
			m, err := d.finish(s)
			return n, m, err
		}
		if d.cur != nil {
			return n, nil, nil // p ended inside the chunk
		}
	}
}

// data reads the data of the chunk at the front of p, and of the chunks behind it as long as they continue the
// same message after the plainest header there is: nearly all chunks are of that kind. It returns the number of
// bytes that it took and whether the message is whole, and sets cur and need.
func (d *Decoder) data(s *stream, p []byte) (n int, whole bool) {
	var (
		buf    = s.buf[:cap(s.buf)]
		at     = len(s.buf)
		start  = at
		length = int(s.length)
		need   = d.need
		size   = int(d.ChunkSize())
		plain  = s.plain
	)
	for {
		if need == size {
			for at+size < length && at+size <= len(buf) && n+size < len(p) && uint16(p[n+size]) == plain {
				copy(buf[at:at+size], p[n:n+size])
				at += size
				n += size + 1
			}
			need = min(size, length-at)
		}
		c := min(need, len(p)-n)
		if at+c > len(buf) {
			d.unpaid -= at - start
			start = at
			buf = d.grow(buf[:at], length, c, len(p)-n)
		}
		copy(buf[at:at+c], p[n:n+c])
		at += c
		n += c
		need -= c
		if need > 0 || n == len(p) || at == length || uint16(p[n]) != plain {
			break
		}
		n++
		need = min(size, length-at)
	}
	s.buf = buf[:at]
	d.unpaid -= at - start
	d.need = need
	if need == 0 {
		d.cur = nil
		whole = at == length
	}
	return n, whole
}

// grow returns old, up to its capacity, with room for c more bytes, and for more than that as far as the peer has
// credit: have bytes, c of them included, have arrived and are still to be read. The message is length bytes long.
func (d *Decoder) grow(old []byte, length, c, have int) []byte {
	credit := int(min(maxCredit, firstCredit+d.received)) + d.lent - d.unpaid - d.debt
	size := min(length, max(len(old)+c, 2*len(old), len(old)+have+credit))
	d.unpaid += size - cap(old)
	buf := make([]byte, size)
	copy(buf, old)
	return buf
}

// finish ends the message of s and returns it.
func (d *Decoder) finish(s *stream) (*message.Message, error) {
	d.msg.Type = s.kind
	d.msg.StreamID = s.streamID
	d.msg.Timestamp = message.Timestamp(s.time)
	d.msg.Payload = s.buf
	d.drop(s)
	if s.kind == message.TypeSetChunkSize || s.kind == message.TypeAbort {
		v, err := parseControl(s.kind, d.msg.Payload)
		if err != nil {
			return nil, err
		}
		if s.kind == message.TypeSetChunkSize {
			d.size = v
		} else if a := d.streams.get(v); a != nil && a.active {
			d.drop(a)
		}
	}
	return &d.msg, nil
}

// drop forgets the message of s. The header stays known.
func (d *Decoder) drop(s *stream) {
	d.unfinished--
	d.announced -= uint64(s.length)
	unpaid := min(cap(s.buf), int(s.length)) - len(s.buf)
	d.unpaid -= unpaid
	if s.lent {
		d.lent -= int(s.length)
	} else {
		d.debt += unpaid // otherwise dropping and starting again would make us allocate for nothing
	}
	s.buf, s.active, s.lent = nil, false, false
}
