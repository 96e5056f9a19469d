// Package wire holds what the readers and writers of RTMP's formats share and encoding/binary lacks: the 24-bit
// big-endian integer; a Cursor, which reads a sequence of fields and reports a short input once, at the end; a
// Scanner, which makes strings of its input with few allocations; and a Stack for lists inside each other.
package wire

import "encoding/binary"

// MaxUint24 is the largest value that fits a 24-bit field.
const MaxUint24 = 1<<24 - 1

// Uint24 reads the 24-bit big-endian integer at the front of b, which must hold at least 3 bytes.
func Uint24(b []byte) uint32 {
	_ = b[2]
	return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
}

// PutUint24 writes the low 24 bits of v, big-endian, to the front of b, which must hold at least 3 bytes.
func PutUint24(b []byte, v uint32) {
	_ = b[2]
	b[0], b[1], b[2] = byte(v>>16), byte(v>>8), byte(v)
}

// AppendUint24 appends the low 24 bits of v, big-endian.
func AppendUint24(dst []byte, v uint32) []byte {
	return append(dst, byte(v>>16), byte(v>>8), byte(v))
}

// A Cursor reads fields from the front of a byte slice. Once a read asks for more than is left, that read and
// all later ones return zero values and Short reports true: the fields can be read in a row and checked once.
type Cursor struct {
	rest  []byte
	short bool
}

// NewCursor returns a Cursor over b, which it does not change. Slices that it returns alias b.
func NewCursor(b []byte) Cursor { return Cursor{rest: b} }

// Short reports whether a read went past the end.
func (c *Cursor) Short() bool { return c.short }

// Len returns the number of bytes not yet read.
func (c *Cursor) Len() int { return len(c.rest) }

// Rest returns the bytes not yet read, which stay unread.
func (c *Cursor) Rest() []byte { return c.rest }

// Bytes reads the next n bytes. The result aliases the input and has its capacity capped; it is nil after a
// short read. A negative n is a short read.
func (c *Cursor) Bytes(n int) []byte {
	if n < 0 || n > len(c.rest) || c.short {
		c.short = true
		c.rest = nil
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}

// Uint8 reads one byte.
func (c *Cursor) Uint8() byte {
	if b := c.Bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// Uint16 reads a 16-bit big-endian integer.
func (c *Cursor) Uint16() uint16 {
	if b := c.Bytes(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

// Uint24 reads a 24-bit big-endian integer.
func (c *Cursor) Uint24() uint32 {
	if b := c.Bytes(3); b != nil {
		return Uint24(b)
	}
	return 0
}

// Uint32 reads a 32-bit big-endian integer.
func (c *Cursor) Uint32() uint32 {
	if b := c.Bytes(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}
