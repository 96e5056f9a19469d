package rtmp

import (
	"encoding/binary"
	"sync"

	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
)

// Ours: what a server sends with by default, and the first stream of a connection. Nearly all players have both.
const (
	preparedChunkSize = 65536
	preparedStreamID  = 1
)

// A PreparedMessage is a message in wire form, made once and frozen: any number of Streams may send it at the same
// time, and none of them copies it.
type PreparedMessage struct {
	m      message.Message
	csid   uint32
	length int    // bytes of payload
	block  []byte // cut at preparedChunkSize for preparedStreamID

	mu     sync.Mutex // guards the field below, and m.Payload, which may be nil
	others []variant
}

// A variant is the same message for a peer to which we send chunks of another size.
type variant struct {
	size  uint32
	block []byte
}

// NewPreparedMessage cuts m, which is not kept. It panics if the payload is longer than the 16,777,215 bytes that
// a message can have.
func NewPreparedMessage(m *message.Message) *PreparedMessage {
	p := &PreparedMessage{m: *m, length: len(m.Payload)}
	p.m.StreamID = preparedStreamID
	p.csid = chunk.StreamID(&p.m)
	p.block = p.cut(preparedChunkSize, m.Payload)
	p.m.Payload = nil
	if n := len(m.Payload); n <= preparedChunkSize {
		p.m.Payload = p.block[len(p.block)-n : len(p.block) : len(p.block)]
	}
	return p
}

// Message returns the message. It and its payload are frozen.
func (p *PreparedMessage) Message() *message.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.m.Payload == nil {
		p.m.Payload = p.join()
	}
	return &p.m
}

// join makes the payload out of block, where it is in several chunks. Most of those who have the wire form never ask for
// it, so that a second copy is not made before somebody does.
func (p *PreparedMessage) join() []byte {
	extended := 0 // bytes of timestamp that each chunk has
	if p.block[1]&p.block[2]&p.block[3] == 0xFF {
		extended = 4
	}
	rest := p.block[preparedHeader+extended:]
	payload := make([]byte, 0, len(rest))
	for len(rest) > preparedChunkSize {
		payload = append(payload, rest[:preparedChunkSize]...)
		rest = rest[preparedChunkSize+1+extended:]
	}
	payload = append(payload, rest...)
	return payload[:len(payload):len(payload)]
}

// Len returns the length of the wire form, in bytes.
func (p *PreparedMessage) Len() int { return len(p.block) }

// cut makes the wire form: a type 0 header with the absolute time, so that it fits whatever went before.
func (p *PreparedMessage) cut(size uint32, payload []byte) []byte {
	m := p.m
	m.Payload = payload
	const header = 16 // of a first chunk with extended timestamp
	chunks := len(payload) / int(size)
	block, err := chunk.AppendMessage(make([]byte, 0, header+len(payload)+5*chunks), size, p.csid, &m)
	if err != nil {
		panic(err) // the length, the only thing that can be wrong
	}
	return block
}

// wire returns the wire form, for preparedStreamID, for a peer to which we send chunks of the given size. The size is
// ours to choose, so that there are not many.
func (p *PreparedMessage) wire(size uint32) []byte {
	if size == preparedChunkSize {
		return p.block
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range p.others {
		if v.size == size {
			return v.block
		}
	}
	payload := p.m.Payload
	if payload == nil {
		payload = p.join()
	}
	v := variant{size, p.cut(size, payload)}
	p.others = append(p.others, v)
	return v.block
}

// A PreparedBatch is prepared messages in a row, joined once for all who send them in one piece. Its zero value is
// empty. It is for one goroutine.
type PreparedBatch struct {
	list   []*PreparedMessage
	blocks []variant // of list, if there are several
}

// Join makes b consist of list, which b keeps and which must not change.
func (b *PreparedBatch) Join(list ...*PreparedMessage) { b.list, b.blocks = list, nil }

// wire returns the wire form, for preparedStreamID, for a peer to which we send chunks of the given size.
func (b *PreparedBatch) wire(size uint32) []byte {
	if len(b.list) == 1 {
		return b.list[0].wire(size)
	}
	for _, v := range b.blocks {
		if v.size == size {
			return v.block
		}
	}
	n := 0
	for _, p := range b.list {
		n += len(p.wire(size))
	}
	block := make([]byte, 0, n)
	for _, p := range b.list {
		block = append(block, p.wire(size)...)
	}
	b.blocks = append(b.blocks, variant{size, block})
	return block
}

// preparedHeader is the length in bytes of what is in front of the extended timestamp, or of the payload, in a wire form.
// It ends with the stream id, which is nowhere else: RTMP 1.0, section 5.3.1.2.1.
const preparedHeader = 1 + 11

// appendAddressed appends the wire form b to segs for another stream id than preparedStreamID. Only the header is
// copied: peers choose the numbers of their streams, and a copy of the payload for each would be theirs to order.
func appendAddressed(segs [][]byte, b []byte, streamID uint32) [][]byte {
	head := append(make([]byte, 0, preparedHeader), b[:preparedHeader-4]...)
	head = binary.LittleEndian.AppendUint32(head, streamID)
	return append(segs, head, b[preparedHeader:])
}
