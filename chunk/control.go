package chunk

import (
	"encoding/binary"

	"github.com/gortmp/rtmp/internal/wire"
	"github.com/gortmp/rtmp/message"
)

// Fixed by RTMP 1.0.
const (
	defaultChunkSize = 128            // bytes, until a Set Chunk Size message; section 5.4.1
	maxChunkSize     = wire.MaxUint24 // bytes; a greater one has the same meaning, as no message is longer
	maxPayload       = wire.MaxUint24 // bytes
	maxStreamID      = 65_599         // section 5.3.1.1
)

// parseControl reads the value of a Set Chunk Size or Abort message: a chunk size, cut down to what has a
// meaning, or a chunk stream id. It returns a *ControlError if payload is too short or the size cannot be.
//
// RTMP 1.0, sections 5.4.1 and 5.4.2.
func parseControl(t message.Type, payload []byte) (uint32, error) {
	if len(payload) < 4 {
		return 0, &ControlError{Type: t, Size: len(payload)}
	}
	v := binary.BigEndian.Uint32(payload)
	if t == message.TypeSetChunkSize {
		if v == 0 || v > message.MaxChunkSize {
			return 0, &ControlError{Type: t, Size: len(payload), Value: v}
		}
		v = min(v, maxChunkSize)
	}
	return v, nil
}
