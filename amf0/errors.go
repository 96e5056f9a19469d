package amf0

import "github.com/gortmp/rtmp/amf3"

// Errors of decoding and encoding, for errors.Is. They are those of package amf3, which may be part of a message.
var (
	// ErrShort reports input that ends inside a value.
	ErrShort = amf3.ErrShort

	// ErrTooDeep reports more levels of nesting than Limits.Depth, or a value that contains itself.
	ErrTooDeep = amf3.ErrTooDeep

	// ErrTooManyNodes reports more values than Limits.Nodes, references counted as what they stand for.
	ErrTooManyNodes = amf3.ErrTooManyNodes

	// ErrTooLarge reports values that need more memory than Limits.Memory allows for their input, references
	// counted as what they stand for.
	ErrTooLarge = amf3.ErrTooLarge

	// ErrTooLong reports a property or class name of more than 65,535 bytes to be encoded.
	ErrTooLong = amf3.ErrTooLong

	// ErrReference reports a reference to something that is not there, or not complete yet.
	ErrReference = amf3.ErrReference
)

// Errors with figures, for errors.As. They are those of package amf3.
type (
	// A LimitError gives the figure behind ErrTooDeep, ErrTooManyNodes and ErrTooLarge.
	LimitError = amf3.LimitError

	// A ReferenceError gives the figures behind ErrReference.
	ReferenceError = amf3.ReferenceError

	// A MarkerError reports a marker byte that starts no value, or not in this place.
	MarkerError = amf3.MarkerError

	// A ClassError reports an object of AMF3 that only its class could read.
	ClassError = amf3.ClassError

	// A TypeError reports a Go value that has no form in AMF.
	TypeError = amf3.TypeError
)
