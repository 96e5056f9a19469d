package message

import (
	"encoding/binary"
	"iter"

	"github.com/gortmp/rtmp/internal/wire"
)

// Fixed by RTMP 1.0, section 7.1.6: the sub-messages of an aggregate are FLV tags.
const (
	tagHeaderSize   = 11 // type, size, timestamp and its upper byte, stream id
	backPointerSize = 4  // tagHeaderSize + size of the tag before it
)

// An Aggregate is several audio, video and data messages in one. Servers send recorded streams so.
//
// Parse gives the sub-messages the stream id of the aggregate and moves their timestamps: the first gets that of
// the aggregate, the others keep their distance from the first. So an aggregate goes through New and Parse
// unchanged if New gets the timestamp of the first message. Payloads alias the payload that was parsed.
//
// Another aggregate or a control message inside is an error, as is a size beyond the end of the body. The back
// pointers are not looked at, and the last may be cut or missing.
//
// RTMP 1.0, section 7.1.6.
type Aggregate struct {
	Messages []*Message
}

func parseAggregate(m *Message) (*Aggregate, error) {
	n, err := countTags(m.Payload)
	if err != nil {
		return nil, err
	}
	messages := make([]Message, 0, n) // in one piece: they share one payload anyway
	a := &Aggregate{Messages: make([]*Message, n)}
	for part := range parts(m) {
		messages = append(messages, *part)
		a.Messages[len(messages)-1] = &messages[len(messages)-1]
	}
	return a, nil
}

// Parts is Parse for an aggregate whose messages are wanted one after the other, each borrowed until the next: a message
// may consist of a million, and this needs no memory for them. m must not be changed meanwhile. The error is that of
// Parse; then there is none at all.
func Parts(m *Message) (iter.Seq[*Message], error) {
	if _, err := countTags(m.Payload); err != nil {
		return nil, &BodyError{Type: m.Type, Size: len(m.Payload), Err: err}
	}
	return parts(m), nil
}

// parts is Parts for what was checked before.
func parts(m *Message) iter.Seq[*Message] {
	return func(yield func(*Message) bool) {
		var part Message
		c := wire.NewCursor(m.Payload)
		for shift, isFirst := Timestamp(0), true; c.Len() > 0; isFirst = false {
			var size int
			part.Type, size, part.Timestamp = readTagHeader(&c)
			if isFirst {
				shift = m.Timestamp - part.Timestamp
			}
			part.Timestamp += shift
			part.StreamID = m.StreamID
			part.Payload = c.Bytes(size)
			c.Bytes(min(backPointerSize, c.Len()))
			if !yield(&part) {
				return
			}
		}
	}
}

// countTags returns the number of sub-messages in b, or why parseAggregate cannot read them.
func countTags(b []byte) (n int, err error) {
	c := wire.NewCursor(b)
	for c.Len() > 0 {
		typ, size, _ := readTagHeader(&c)
		c.Bytes(size)
		if c.Short() {
			return 0, ErrShort
		}
		if err := checkTag(typ); err != nil {
			return 0, err
		}
		c.Bytes(min(backPointerSize, c.Len()))
		n++
	}
	return n, nil
}

func readTagHeader(c *wire.Cursor) (typ Type, size int, ts Timestamp) {
	typ = Type(c.Uint8())
	size = int(c.Uint24())
	ts = Timestamp(c.Uint24())
	ts |= Timestamp(c.Uint8()) << 24
	c.Bytes(3) // stream id: that of the aggregate counts
	return typ, size, ts
}

// checkTag refuses what would make an aggregate more than a list of media: control messages and aggregates.
func checkTag(typ Type) error {
	if typ == TypeAggregate || typ.IsProtocolControl() || typ == TypeUserControl {
		return &ValueError{Field: "type inside an aggregate", Value: uint32(typ)}
	}
	return nil
}

// MessageType returns TypeAggregate.
func (a *Aggregate) MessageType() Type { return TypeAggregate }

// AppendPayload appends the messages with their timestamps as they are. A type that Parse would refuse is a
// *ValueError, a payload of 16 MiB or more is ErrTooLarge.
func (a *Aggregate) AppendPayload(dst []byte) ([]byte, error) {
	b := dst
	for _, m := range a.Messages {
		if err := checkTag(m.Type); err != nil {
			return dst, err
		}
		size := len(m.Payload)
		if size > wire.MaxUint24 {
			return dst, ErrTooLarge
		}
		b = append(b, byte(m.Type))
		b = wire.AppendUint24(b, uint32(size))
		b = wire.AppendUint24(b, uint32(m.Timestamp))
		b = append(b, byte(m.Timestamp>>24), 0, 0, 0)
		b = append(b, m.Payload...)
		b = binary.BigEndian.AppendUint32(b, uint32(tagHeaderSize+size))
	}
	return b, nil
}
