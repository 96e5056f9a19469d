package message

import (
	"encoding/binary"

	"github.com/gortmp/rtmp/internal/wire"
)

// MaxChunkSize is the largest chunk size that can be announced, in bytes: the top bit of the field is zero.
// Fixed by RTMP 1.0, section 5.4.1.
const MaxChunkSize = 1<<31 - 1

// A SetChunkSize announces the size of the sender's following chunks. Peers send it with more bytes behind the
// field; here, as in all control messages, they are ignored.
//
// RTMP 1.0, section 5.4.1.
type SetChunkSize struct {
	Size uint32 // bytes of payload per chunk, 1 to MaxChunkSize
}

func parseSetChunkSize(b []byte) (*SetChunkSize, error) {
	size, err := parseUint32(b)
	if err != nil {
		return nil, err
	}
	s := &SetChunkSize{Size: size}
	return s, s.check()
}

// MessageType returns TypeSetChunkSize.
func (s *SetChunkSize) MessageType() Type { return TypeSetChunkSize }

// AppendPayload appends the payload of 4 bytes. A size of zero or with the top bit set is a *ValueError.
func (s *SetChunkSize) AppendPayload(dst []byte) ([]byte, error) {
	if err := s.check(); err != nil {
		return dst, err
	}
	return binary.BigEndian.AppendUint32(dst, s.Size), nil
}

func (s *SetChunkSize) check() error {
	if s.Size == 0 || s.Size > MaxChunkSize {
		return &ValueError{Field: "chunk size", Value: s.Size}
	}
	return nil
}

// An Abort ends the message that is half-way on a chunk stream.
//
// RTMP 1.0, section 5.4.2.
type Abort struct {
	ChunkStreamID uint32
}

func parseAbort(b []byte) (*Abort, error) {
	id, err := parseUint32(b)
	return &Abort{ChunkStreamID: id}, err
}

// MessageType returns TypeAbort.
func (a *Abort) MessageType() Type { return TypeAbort }

// AppendPayload appends the payload of 4 bytes. It never fails.
func (a *Abort) AppendPayload(dst []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, a.ChunkStreamID), nil
}

// An Acknowledgement says how much the sender has received.
//
// RTMP 1.0, section 5.4.3.
type Acknowledgement struct {
	SequenceNumber uint32 // bytes received since the connection began, modulo 2^32
}

func parseAcknowledgement(b []byte) (*Acknowledgement, error) {
	n, err := parseUint32(b)
	return &Acknowledgement{SequenceNumber: n}, err
}

// MessageType returns TypeAcknowledgement.
func (a *Acknowledgement) MessageType() Type { return TypeAcknowledgement }

// AppendPayload appends the payload of 4 bytes. It never fails.
func (a *Acknowledgement) AppendPayload(dst []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, a.SequenceNumber), nil
}

// A WindowAckSize asks the receiver for an Acknowledgement at least every Size bytes.
//
// RTMP 1.0, section 5.4.4.
type WindowAckSize struct {
	Size uint32 // bytes
}

func parseWindowAckSize(b []byte) (*WindowAckSize, error) {
	size, err := parseUint32(b)
	return &WindowAckSize{Size: size}, err
}

// MessageType returns TypeWindowAckSize.
func (w *WindowAckSize) MessageType() Type { return TypeWindowAckSize }

// AppendPayload appends the payload of 4 bytes. It never fails.
func (w *WindowAckSize) AppendPayload(dst []byte) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, w.Size), nil
}

// A Limit says how a SetPeerBandwidth combines with the one before.
type Limit uint8

// Fixed by RTMP 1.0, section 5.4.5.
const (
	LimitHard    Limit = 0 // limit to the new window
	LimitSoft    Limit = 1 // limit to the smaller of the new window and the present one
	LimitDynamic Limit = 2 // hard if the one before was hard, else of no effect
)

// A SetPeerBandwidth limits how much the receiver may send without being acknowledged. Without the byte for the
// limit, as some peers send it, it is read as LimitDynamic.
//
// RTMP 1.0, section 5.4.5.
type SetPeerBandwidth struct {
	Size  uint32 // bytes
	Limit Limit
}

func parseSetPeerBandwidth(b []byte) (*SetPeerBandwidth, error) {
	size, err := parseUint32(b)
	if err != nil {
		return nil, err
	}
	s := &SetPeerBandwidth{Size: size, Limit: LimitDynamic}
	if len(b) > 4 {
		s.Limit = Limit(b[4])
	}
	return s, s.check()
}

// MessageType returns TypeSetPeerBandwidth.
func (s *SetPeerBandwidth) MessageType() Type { return TypeSetPeerBandwidth }

// AppendPayload appends the payload of 5 bytes. A limit that is none of the three is a *ValueError.
func (s *SetPeerBandwidth) AppendPayload(dst []byte) ([]byte, error) {
	if err := s.check(); err != nil {
		return dst, err
	}
	return append(binary.BigEndian.AppendUint32(dst, s.Size), byte(s.Limit)), nil
}

func (s *SetPeerBandwidth) check() error {
	if s.Limit > LimitDynamic {
		return &ValueError{Field: "limit type", Value: uint32(s.Limit)}
	}
	return nil
}

// parseUint32 reads the one field that most control messages consist of, whatever follows it.
func parseUint32(b []byte) (uint32, error) {
	c := wire.NewCursor(b)
	v := c.Uint32()
	if c.Short() {
		return 0, ErrShort
	}
	return v, nil
}
