package chunk

import (
	"io"

	"github.com/gortmp/rtmp/message"
)

// Ours: one read takes a burst of a fast peer, and messages of common size are there as a whole.
const readBuffer = 64 << 10 // bytes

// A Reader reads messages from a stream of chunks. It reads ahead, so nobody else can read from its source
// afterwards.
//
// A Reader must not be used by two goroutines at the same time.
type Reader struct {
	// Decoder has the limits and the chunk size. Its Decode and Reuse are for the Reader to call.
	Decoder Decoder

	r    io.Reader
	buf  []byte // readBuffer bytes, from the first read on
	rest []byte // the part of buf not yet decoded
	err  error  // came with the last bytes and is still to be returned
}

// NewReader returns a Reader that reads from r, which gives what follows the handshake. It makes a buffer of
// 64 KiB when it is first used.
func NewReader(r io.Reader) *Reader { return &Reader{r: r} }

// ReadMessage returns the next message, with everything that belongs to the chunk layer: Set Chunk Size and
// Abort are obeyed and returned. The caller owns the message.
//
// The error is io.EOF where a chunk stream may end, io.ErrUnexpectedEOF inside a message or header, an error of
// Decoder.Decode, or that of the source as it is. After the last kind the call can be repeated and nothing is
// lost.
func (r *Reader) ReadMessage() (*message.Message, error) {
	m, err := r.next()
	if err != nil {
		return nil, err
	}
	owned := *m
	return &owned, nil
}

// ReadInto is ReadMessage into m, whose payload it overwrites if it has the capacity. After an error m has no
// message, and a payload that is empty but may have the capacity.
func (r *Reader) ReadInto(m *message.Message) error {
	r.Decoder.Reuse(m.Payload)
	*m = message.Message{}
	next, err := r.next()
	if err != nil {
		m.Payload = r.Decoder.takeSpare()
		return err
	}
	*m = *next
	return nil
}

// next returns the next message, borrowed from the Decoder but for its payload.
func (r *Reader) next() (*message.Message, error) {
	for {
		// Also without bytes: that finds a final error of the Decoder again.
		n, m, err := r.Decoder.Decode(r.rest)
		r.rest = r.rest[n:]
		if m != nil || err != nil {
			return m, err
		}
		if err := r.fill(); err != nil {
			return nil, err
		}
	}
}

// fill reads more bytes, of which there are none left.
func (r *Reader) fill() error {
	if r.buf == nil {
		r.buf = make([]byte, readBuffer)
	}
	for range 100 { // as bufio does for a source that gives nothing and no reason
		if err := r.err; err != nil {
			r.err = nil
			if err == io.EOF && r.Decoder.Partial() {
				return io.ErrUnexpectedEOF
			}
			return err
		}
		n, err := r.r.Read(r.buf)
		r.err = err
		if n > 0 {
			r.rest = r.buf[:n]
			return nil
		}
	}
	return io.ErrNoProgress
}
