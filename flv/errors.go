package flv

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFLV reports a file that does not begin with "FLV". A *SignatureError shows with what it begins.
	ErrNotFLV = errors.New("flv: not an FLV file")

	// ErrEncrypted reports a tag with encrypted content, which cannot be read.
	//
	// FLV 10.1, Annex F.
	ErrEncrypted = errors.New("flv: encrypted tag")

	// ErrTooLarge reports a message that does not fit a tag, whose length has 24 bits. A *SizeError gives
	// the figure.
	ErrTooLarge = errors.New("flv: message too large for a tag")

	// ErrClosed is what a Writer returns after Close.
	ErrClosed = errors.New("flv: writer is closed")
)

// A SignatureError gives the bytes behind ErrNotFLV.
type SignatureError struct{ Got [3]byte }

// Error shows the bytes as text.
func (e *SignatureError) Error() string {
	return fmt.Sprintf("flv: not an FLV file: begins with %q", e.Got[:])
}

// Unwrap returns ErrNotFLV.
func (e *SignatureError) Unwrap() error { return ErrNotFLV }

// A SizeError gives the figure behind ErrTooLarge.
type SizeError struct{ Size int } // bytes

// Error names the size and the limit.
func (e *SizeError) Error() string {
	return fmt.Sprintf("flv: message of %d bytes, limit %d", e.Size, maxBody)
}

// Unwrap returns ErrTooLarge.
func (e *SizeError) Unwrap() error { return ErrTooLarge }
