package flv

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/gortmp/rtmp/internal/wire"
	"github.com/gortmp/rtmp/message"
)

// Ours: large enough to take several tags at once, and what a tag costs before its bytes have arrived.
const readSize = 64 << 10 // bytes

// A Reader reads the tags of a file as messages.
//
// It takes what is in the tags and little else seriously: flags of the file header that are wrong, and back
// pointers that are wrong, do not matter. Tags that are neither audio nor video nor data are skipped.
// Timestamps are 32 bits without a sign, message stream ids are 0.
type Reader struct {
	br        *bufio.Reader
	header    Header
	started   bool
	headerErr error // of reading the header
	err       error // of the first call that failed; all later ones return it too
	next      int64 // offset of the next byte
	tag       int64 // offset of the last tag; 0 before there is one
	buf       [backPointerSize + tagHeaderSize]byte
}

// NewReader returns a Reader of the file that r is at the beginning of. It reads ahead.
func NewReader(r io.Reader) *Reader { return &Reader{br: bufio.NewReaderSize(r, readSize)} }

// Header returns the file header, which it reads if nothing has been read yet. If that fails it is zero and the
// error is what ReadMessage returns too.
func (r *Reader) Header() (Header, error) {
	r.start()
	return r.header, r.headerErr
}

// Offset returns where in the file the tag of the last message begins, in bytes. It is what the index of key
// frames in onMetaData holds.
func (r *Reader) Offset() int64 { return r.tag }

// ReadMessage returns the next message, owned. The end of the file is io.EOF; a file that is cut in the middle of
// a tag gives everything before the cut and then io.ErrUnexpectedEOF. Other errors are an ErrNotFLV, ErrEncrypted
// and those of the underlying reader. All of them are final.
func (r *Reader) ReadMessage() (*message.Message, error) {
	m := new(message.Message)
	if err := r.ReadInto(m); err != nil {
		return nil, err
	}
	return m, nil
}

// ReadInto is ReadMessage into m, reusing the capacity of m.Payload. After an error m holds nothing of use.
func (r *Reader) ReadInto(m *message.Message) error {
	r.start()
	for r.err == nil {
		var ok bool
		if ok, r.err = r.readTag(m); ok {
			break
		}
	}
	return r.err
}

// start reads the file header if that has not been tried.
func (r *Reader) start() {
	if !r.started {
		r.started = true
		r.headerErr = r.readHeader()
		r.err = r.headerErr
	}
}

func (r *Reader) readHeader() error {
	b := r.buf[:headerSize]
	if err := r.full(b); err != nil {
		return err
	}
	if string(b[:3]) != "FLV" {
		return &SignatureError{[3]byte(b)}
	}
	r.header = Header{Version: b[3], Audio: b[4]&flagAudio != 0, Video: b[4]&flagVideo != 0}
	length := binary.BigEndian.Uint32(b[5:])
	return r.skip(int64(max(length, headerSize)) - headerSize)
}

// readTag reads the back pointer of what came before, and a tag. It reports false for a tag to be skipped.
func (r *Reader) readTag(m *message.Message) (ok bool, err error) {
	if err := r.full(r.buf[:backPointerSize]); err != nil {
		return false, err
	}
	if _, err := r.br.Peek(1); err != nil {
		return false, err // io.EOF, and here it is the end
	}
	r.tag = r.next
	b := r.buf[:tagHeaderSize]
	if err := r.full(b); err != nil {
		return false, err
	}
	size := int(wire.Uint24(b[1:]))
	typ := message.Type(b[0] & tagType)
	if !inFile(typ) {
		return false, r.skip(int64(size))
	}
	if b[0]&tagEncrypted != 0 {
		return false, ErrEncrypted
	}
	m.Type = typ
	m.StreamID = 0
	m.Timestamp = message.Timestamp(wire.Uint24(b[4:])) | message.Timestamp(b[7])<<24
	m.Payload, err = r.body(m.Payload[:0], size)
	return err == nil, err
}

// body reads size bytes into b, whose capacity it uses first. What it allocates is never more than twice the
// bytes that have arrived, or readSize.
func (r *Reader) body(b []byte, size int) ([]byte, error) {
	for len(b) < size {
		if len(b) == cap(b) {
			b = append(make([]byte, 0, min(size, max(readSize, 2*len(b)))), b...)
		}
		part := b[len(b):min(size, cap(b))]
		if err := r.full(part); err != nil {
			return b, err
		}
		b = b[:len(b)+len(part)]
	}
	return b, nil
}

// full fills b. The end of the file is io.ErrUnexpectedEOF.
func (r *Reader) full(b []byte) error {
	n, err := io.ReadFull(r.br, b)
	r.next += int64(n)
	return unexpected(err)
}

// skip passes over n bytes. The end of the file is io.ErrUnexpectedEOF.
func (r *Reader) skip(n int64) error {
	n, err := io.CopyN(io.Discard, r.br, n)
	r.next += n
	return unexpected(err)
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
