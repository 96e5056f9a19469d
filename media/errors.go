package media

import (
	"errors"
	"fmt"
)

var (
	// ErrShort reports a payload that ends inside its header, or a track that ends inside its message.
	ErrShort = errors.New("media: payload too short")

	// ErrReserved reports a value that the specification reserves, so that what follows it cannot be
	// read. A *ReservedError gives the value.
	ErrReserved = errors.New("media: reserved value")

	// ErrModExChain reports more than 8 ModEx records in front of one packet.
	ErrModExChain = errors.New("media: too many ModEx records")

	// ErrNotMetadata reports a data message that does not consist of "onMetaData" and an object.
	ErrNotMetadata = errors.New("media: not an onMetaData message")

	// ErrValue reports a value that the header to be appended cannot hold. A *ValueError gives it.
	ErrValue = errors.New("media: value does not fit the header")
)

// A ReservedError gives the figure behind ErrReserved.
type ReservedError struct {
	Field string // name of the field: "video packet type", "multitrack type", "FourCC" …
	Value uint32 // as it is on the wire
}

// Error names the field and its value.
func (e *ReservedError) Error() string {
	return fmt.Sprintf("media: reserved %s 0x%x", e.Field, e.Value)
}

// Unwrap returns ErrReserved.
func (e *ReservedError) Unwrap() error { return ErrReserved }

// A ValueError gives the figure behind ErrValue.
type ValueError struct {
	Field string // name of the field of Video, Audio or Track
	Value int64
}

// Error names the field and its value.
func (e *ValueError) Error() string {
	return fmt.Sprintf("media: %s %d does not fit the header", e.Field, e.Value)
}

// Unwrap returns ErrValue.
func (e *ValueError) Unwrap() error { return ErrValue }
