// Package dump turns the bytes of one direction of an RTMP connection into text.
package dump

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
)

// List reads what one side of a connection sent, from its first byte or from the one after the handshake, and
// writes one line for each message to w: timestamp in seconds, type, message stream, payload length in bytes, and
// what is inside.
//
// Bytes that end inside a message, as most captures do, are no error but a last line that says so. The error is
// a *PositionError where the bytes stop being RTMP, ErrHandshake or ErrForeign where they never were, io.EOF if
// there are none, or that of r or w.
func List(w io.Writer, r io.Reader) error {
	in := bufio.NewReaderSize(r, 64<<10)
	out := bufio.NewWriter(w)
	err := list(out, in)
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	return err
}

func list(w *bufio.Writer, r *bufio.Reader) error {
	pos, err := listHandshake(w, r)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%10s  %-27s  %6s  %8s  %s\n", "time", "type", "stream", "length", "body")
	var d chunk.Decoder
	var line []byte
	for {
		_, err := r.Peek(1) // waits for more, if there is nothing
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		p, _ := r.Peek(r.Buffered())
		n, m, err := d.Decode(p)
		pos += int64(n)
		if err != nil {
			return &PositionError{Pos: pos, Err: err}
		}
		r.Discard(n) // cannot fail: these bytes are buffered
		if m == nil {
			continue
		}
		line = appendMessage(line[:0], m, "")
		if _, err := w.Write(line); err != nil {
			return err
		}
		if r.Buffered() == 0 { // the source may be a live one
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
	if d.Partial() {
		fmt.Fprintf(w, "the bytes end inside a message, at byte %d\n", pos)
	}
	return nil
}

// A PositionError says where the bytes stopped being RTMP. Err is that of the chunk decoder.
type PositionError struct {
	Pos int64 // bytes from the start of the input
	Err error
}

// Error gives position and reason.
func (e *PositionError) Error() string { return fmt.Sprintf("byte %d: %v", e.Pos, e.Err) }

// Unwrap returns Err.
func (e *PositionError) Unwrap() error { return e.Err }

// ErrHandshake reports bytes that end inside the handshake.
var ErrHandshake = errors.New("the bytes end inside the handshake: no message follows")

// ErrForeign reports bytes of another protocol.
var ErrForeign = errors.New("not the bytes of an RTMP connection")

// appendMessage appends the lines for m: more than one for an aggregate, whose messages are indented.
func appendMessage(dst []byte, m *message.Message, indent string) []byte {
	dst = fmt.Appendf(dst, "%10.3f  %-27s  %6d  %8d  ",
		float64(m.Timestamp)/1000, indent+m.Type.String(), m.StreamID, len(m.Payload))
	dst, parts := appendBody(dst, m)
	dst = append(dst, '\n')
	for _, part := range parts {
		dst = appendMessage(dst, part, indent+"  ")
	}
	return dst
}
