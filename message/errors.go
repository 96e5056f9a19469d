package message

import (
	"errors"
	"fmt"
)

// Sentinels for what can be wrong with a body. Parse returns them inside a *BodyError. They end the message,
// not the connection: whether a peer that sends such a thing is kept is for the layer above to say.
var (
	// ErrShort reports a body that ends inside a field.
	ErrShort = errors.New("message: body ends inside a field")

	// ErrValue reports a field with a value that the protocol does not allow there. A *ValueError has the figures.
	ErrValue = errors.New("message: value not allowed")

	// ErrNotCommand reports a command that does not begin with a name and a transaction number.
	ErrNotCommand = errors.New("message: command does not begin with a name and a number")

	// ErrTooMany reports a body that is cut into more parts than MaxParts.
	ErrTooMany = errors.New("message: too many parts in one body")

	// ErrTooLarge reports a body that does not fit into one message, whose length has 24 bits.
	ErrTooLarge = errors.New("message: body of 16 MiB or more")
)

// A BodyError is what Parse returns for a body that breaks the rules of its type. Err is one of this package's
// errors or one of package amf0.
type BodyError struct {
	Type Type
	Size int // of the body, in bytes
	Err  error
}

// Error gives the reason first, then type and size.
func (e *BodyError) Error() string { return fmt.Sprintf("%v (%s, %d bytes)", e.Err, e.Type, e.Size) }

// Unwrap returns Err.
func (e *BodyError) Unwrap() error { return e.Err }

// A ValueError gives the figures behind ErrValue. Parse returns it inside a *BodyError, AppendPayload and New
// return it as it is.
type ValueError struct {
	Field string
	Value uint32
}

// Error names the field and the value.
func (e *ValueError) Error() string {
	return fmt.Sprintf("message: %s %d not allowed", e.Field, e.Value)
}

// Unwrap returns ErrValue.
func (e *ValueError) Unwrap() error { return ErrValue }
