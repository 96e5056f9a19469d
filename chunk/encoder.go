package chunk

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/gortmp/rtmp/internal/wire"
	"github.com/gortmp/rtmp/message"
)

// An Encoder turns messages into chunks. Its zero value is ready, with a chunk size of 128 bytes. It writes the
// shortest header that every reader understands alike, and remembers per chunk stream what it wrote.
//
// An Encoder must not be used by two goroutines at the same time.
type Encoder struct {
	size    uint32 // bytes per chunk; 0 is the default
	streams table[written]
}

// A written is what the peer's reader remembers about a chunk stream.
type written struct {
	known    bool // false: start with type 0
	hasDelta bool // a type 3 header would add delta in every reader
	delta    uint32
	time     uint32
	length   uint32
	streamID uint32
	kind     message.Type
}

// ChunkSize returns the number of payload bytes per chunk that holds from the next message on.
func (e *Encoder) ChunkSize() uint32 {
	if e.size == 0 {
		return defaultChunkSize
	}
	return e.size
}

// Append appends all chunks of m on chunk stream csid to dst and returns the extended slice. m is not kept. It
// allocates only to make room in dst and on the first use of a chunk stream.
//
// After a Set Chunk Size message the new size holds. After an Abort message the chunk stream that it names is
// forgotten, as by Forget.
//
// On an error nothing has happened and dst is returned as it was: *StreamIDError, *SizeError for a payload of
// more than 16,777,215 bytes, *ControlError for a Set Chunk Size or Abort that the peer could not obey.
//
// RTMP 1.0, section 5.3.1.
func (e *Encoder) Append(dst []byte, csid uint32, m *message.Message) ([]byte, error) {
	if err := check(csid, m); err != nil {
		return dst, err
	}
	size := e.ChunkSize()
	if m.Type == message.TypeSetChunkSize || m.Type == message.TypeAbort {
		v, err := parseControl(m.Type, m.Payload)
		if err != nil {
			return dst, err
		}
		if m.Type == message.TypeAbort {
			e.Forget(v)
		} else {
			e.size = v
		}
	}
	w := e.streams.get(csid)
	if w == nil {
		w = e.streams.add(csid)
	}
	typ, field := w.next(m)
	return appendChunks(dst, size, csid, typ, field, m), nil
}

// next returns the type and the timestamp field of m's first header, and remembers them.
func (w *written) next(m *message.Message) (typ byte, field uint32) {
	time, length := uint32(m.Timestamp), uint32(len(m.Payload))
	delta := time - w.time
	switch {
	case !w.known || w.streamID != m.StreamID || delta >= 1<<31: // a delta has no sign: back in time is type 0
		*w = written{
			known: true, hasDelta: time == 0, time: time,
			length: length, streamID: m.StreamID, kind: m.Type,
		}
		return 0, time
	case w.length != length || w.kind != m.Type:
		w.length, w.kind = length, m.Type
		typ = 1
	case !w.hasDelta || w.delta != delta:
		typ = 2
	default:
		typ = 3
	}
	w.time, w.delta, w.hasDelta = time, delta, true
	return typ, delta
}

// Forget makes the next message on chunk stream csid start with a type 0 header, which depends on nothing
// before. Call it after bytes that did not come from this Encoder went out on csid, or after a message that it
// encoded was not sent.
func (e *Encoder) Forget(csid uint32) {
	if w := e.streams.get(csid); w != nil {
		w.known = false
	}
}

// AppendMessage appends all chunks of m, chunkSize bytes each, on chunk stream csid to dst: a type 0 header with
// the absolute timestamp, then type 3 ones. The bytes mean the same on every connection whose chunk size is
// chunkSize; an Encoder of that connection must be told to Forget csid. m is not kept.
//
// On an error dst is returned as it was: *StreamIDError, *SizeError for a payload of more than 16,777,215 bytes,
// *ControlError for a chunkSize of 0 or more than 2,147,483,647 bytes.
func AppendMessage(dst []byte, chunkSize, csid uint32, m *message.Message) ([]byte, error) {
	if err := check(csid, m); err != nil {
		return dst, err
	}
	if chunkSize == 0 || chunkSize > message.MaxChunkSize {
		return dst, &ControlError{Type: message.TypeSetChunkSize, Size: 4, Value: chunkSize}
	}
	return appendChunks(dst, chunkSize, csid, 0, uint32(m.Timestamp), m), nil
}

// check returns the error for what has no form on the wire.
func check(csid uint32, m *message.Message) error {
	if csid < 2 || csid > maxStreamID {
		return &StreamIDError{ChunkStreamID: csid}
	}
	if len(m.Payload) > maxPayload {
		return &SizeError{Size: uint32(min(uint64(len(m.Payload)), math.MaxUint32)), Limit: maxPayload}
	}
	return nil
}

// headerSize is the length in bytes of the message header, by chunk type.
var headerSize = [4]int{11, 7, 3, 0}

// appendChunks appends m: a first chunk with a header of type typ and the timestamp field given, and the rest.
func appendChunks(dst []byte, size, csid uint32, typ byte, field uint32, m *message.Message) []byte {
	basic, extended := 1, 0
	if csid >= 64 {
		basic = 2
	}
	if csid >= 320 {
		basic = 3
	}
	if field >= wire.MaxUint24 {
		extended = 4
	}
	data, step := m.Payload, int(min(size, maxChunkSize))
	total := basic + headerSize[typ] + extended + len(data)
	if len(data) > step {
		total += (len(data) - 1) / step * (basic + extended)
	}
	dst = slices.Grow(dst, total)
	b := dst[len(dst) : len(dst)+total]
	dst = dst[:len(dst)+total]

	putBasic(b, basic, typ, csid)
	i := basic
	if typ < 3 {
		wire.PutUint24(b[i:], min(field, wire.MaxUint24))
	}
	if typ < 2 {
		wire.PutUint24(b[i+3:], uint32(len(data)))
		b[i+6] = byte(m.Type)
	}
	if typ < 1 {
		binary.LittleEndian.PutUint32(b[i+7:], m.StreamID)
	}
	i += headerSize[typ]
	if extended > 0 {
		binary.BigEndian.PutUint32(b[i:], field)
		i += extended
	}

	at := copy(b[i:], data[:min(step, len(data))])
	i += at
	if basic+extended == 1 { // nearly always: the rest has a header of one byte
		for next := 3<<6 | byte(csid); at < len(data); {
			b[i] = next
			n := copy(b[i+1:], data[at:min(at+step, len(data))])
			i += 1 + n
			at += n
		}
		return dst
	}
	for at < len(data) { // type 3 as well, with the extended timestamp again
		putBasic(b[i:], basic, 3, csid)
		i += basic
		if extended > 0 {
			binary.BigEndian.PutUint32(b[i:], field)
			i += extended
		}
		n := copy(b[i:], data[at:min(at+step, len(data))])
		i += n
		at += n
	}
	return dst
}

// putBasic writes the basic header, n bytes long, to the front of b.
//
// RTMP 1.0, section 5.3.1.1.
func putBasic(b []byte, n int, typ byte, csid uint32) {
	switch n {
	case 1:
		b[0] = typ<<6 | byte(csid)
	case 2:
		b[0], b[1] = typ<<6, byte(csid-64)
	default:
		b[0], b[1], b[2] = typ<<6|1, byte(csid-64), byte((csid-64)>>8)
	}
}
