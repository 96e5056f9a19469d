package chunk

import (
	"errors" // the standard one: a sentinel is made once and wants no stack
	"fmt"

	"github.com/gortmp/rtmp/message"
)

// What can be wrong. Each of them arrives inside a type that has the figures. What a Decoder returns ends the
// chunk stream, because nobody knows where the next chunk begins; what an Encoder returns ends nothing.
var (
	// ErrTooLarge reports a message longer than the limit. The type is *SizeError.
	ErrTooLarge = errors.New("chunk: message too large")

	// ErrUnfinishedStreams reports too many chunk streams in mid-message. The type is *LimitError.
	ErrUnfinishedStreams = errors.New("chunk: too many unfinished messages")

	// ErrUnfinishedBytes reports that the unfinished messages are too long together. The type is *LimitError.
	ErrUnfinishedBytes = errors.New("chunk: unfinished messages too large together")

	// ErrTooManyStreams reports too many chunk streams in use. The type is *LimitError.
	ErrTooManyStreams = errors.New("chunk: too many chunk streams")

	// ErrHeader reports a chunk header that cannot stand where it stands. The type is *HeaderError.
	ErrHeader = errors.New("chunk: unexpected header")

	// ErrControl reports a Set Chunk Size or Abort message that cannot be obeyed. The type is *ControlError.
	ErrControl = errors.New("chunk: bad control message")

	// ErrStreamID reports a chunk stream id outside of 2 to 65,599. The type is *StreamIDError.
	ErrStreamID = errors.New("chunk: chunk stream id out of range")
)

// A SizeError gives the figures behind ErrTooLarge. Sizes are in bytes.
type SizeError struct{ Size, Limit uint32 }

func (e *SizeError) Error() string {
	return fmt.Sprintf("chunk: message of %d bytes, limit %d", e.Size, e.Limit)
}

func (e *SizeError) Unwrap() error { return ErrTooLarge }

// A LimitError gives the figures behind Err, which is ErrUnfinishedStreams, ErrUnfinishedBytes or
// ErrTooManyStreams. Value is what the peer asked for.
type LimitError struct {
	Err          error
	Value, Limit uint64
}

func (e *LimitError) Error() string { return fmt.Sprintf("%v: %d, limit %d", e.Err, e.Value, e.Limit) }

func (e *LimitError) Unwrap() error { return e.Err }

// A HeaderError is a chunk header of type 1, 2 or 3 that has no meaning where it came.
type HeaderError struct {
	ChunkStreamID uint32
	Type          uint8 // chunk type, 0 to 3

	// Unfinished tells the two cases apart: a message of this chunk stream was unfinished, or there was no
	// message on it before that the header could refer to.
	Unfinished bool
}

func (e *HeaderError) Error() string {
	if e.Unfinished {
		return fmt.Sprintf("chunk: type %d header inside a message of chunk stream %d", e.Type, e.ChunkStreamID)
	}
	return fmt.Sprintf("chunk: type %d header begins chunk stream %d", e.Type, e.ChunkStreamID)
}

func (e *HeaderError) Unwrap() error { return ErrHeader }

// A ControlError is a Set Chunk Size or Abort message with less than 4 bytes, or a Set Chunk Size message whose
// Value is 0 or has its top bit set.
type ControlError struct {
	Type  message.Type
	Size  int    // bytes of payload
	Value uint32 // the announced chunk size, in bytes
}

func (e *ControlError) Error() string {
	if e.Size < 4 {
		return fmt.Sprintf("chunk: %v message of %d bytes", e.Type, e.Size)
	}
	return fmt.Sprintf("chunk: chunk size %d", e.Value)
}

func (e *ControlError) Unwrap() error { return ErrControl }

// A StreamIDError is a chunk stream id that has no form on the wire.
type StreamIDError struct{ ChunkStreamID uint32 }

func (e *StreamIDError) Error() string {
	return fmt.Sprintf("chunk: chunk stream id %d, want 2 to %d", e.ChunkStreamID, maxStreamID)
}

func (e *StreamIDError) Unwrap() error { return ErrStreamID }
