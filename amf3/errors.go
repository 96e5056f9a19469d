package amf3

import (
	"errors"
	"fmt"
)

// Errors of decoding and encoding, for errors.Is. Package amf0 returns the same ones.
var (
	// ErrShort reports input that ends inside a value.
	ErrShort = errors.New("amf: value ends early")

	// ErrTooDeep reports more levels of nesting than Limits.Depth, or a value that contains itself.
	ErrTooDeep = errors.New("amf: nested too deep")

	// ErrTooManyNodes reports more values than Limits.Nodes, references counted as what they stand for.
	ErrTooManyNodes = errors.New("amf: too many values")

	// ErrTooLarge reports values that need more memory than Limits.Memory allows for their input, references
	// counted as what they stand for.
	ErrTooLarge = errors.New("amf: values too large for their input")

	// ErrTooLong reports a string or list to be encoded that its length field cannot count.
	ErrTooLong = errors.New("amf: too long for its length field")

	// ErrReference reports a reference to something that is not there, or not complete yet.
	ErrReference = errors.New("amf: bad reference")
)

// A LimitError gives the figure behind ErrTooDeep, ErrTooManyNodes and ErrTooLarge.
type LimitError struct {
	Err   error // one of the three
	Limit int   // levels, values or bytes
}

func (e *LimitError) Error() string { return fmt.Sprintf("%v, limit %d", e.Err, e.Limit) }

// Unwrap returns Err.
func (e *LimitError) Unwrap() error { return e.Err }

// A ReferenceError gives the figures behind ErrReference.
type ReferenceError struct {
	Index int // what the reference says
	Len   int // how many entries its table had
}

func (e *ReferenceError) Error() string {
	if e.Index < e.Len {
		return fmt.Sprintf("amf: reference %d points at the value that it is part of", e.Index)
	}
	return fmt.Sprintf("amf: reference %d, but the table has %d entries", e.Index, e.Len)
}

// Unwrap returns ErrReference.
func (e *ReferenceError) Unwrap() error { return ErrReference }

// A MarkerError reports a marker byte that starts no value, or not in this place.
type MarkerError struct {
	Version int  // 0 or 3, the format that was being read
	Marker  byte // as on the wire
	Offset  int  // of the marker, in bytes from the start of the input
}

func (e *MarkerError) Error() string {
	return fmt.Sprintf("amf%d: marker 0x%02x at byte %d", e.Version, e.Marker, e.Offset)
}

// A TypeError reports a Go value that has no form in AMF.
type TypeError struct {
	Version int    // 0 or 3, the format that was being written
	Type    string // the Go type
}

func (e *TypeError) Error() string {
	return fmt.Sprintf("amf%d: no form for Go type %s", e.Version, e.Type)
}

// ErrObject reports an Object to be encoded that does not match its Traits, an External that does not match its flags,
// or a property with an empty name.
var ErrObject = errors.New("amf3: object with impossible members")

// A ClassError reports an object of an externalizable class whose form is not known. Nothing behind it can be read.
type ClassError struct{ Class string }

func (e *ClassError) Error() string {
	return fmt.Sprintf("amf3: externalizable class %q is not known", e.Class)
}
