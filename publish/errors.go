package publish

import (
	"errors"
	"fmt"

	"github.com/gortmp/rtmp/media"
)

var (
	// ErrFormat reports an input whose beginning is that of no format that this package reads.
	ErrFormat = errors.New("publish: unknown format")

	// ErrEmpty reports an input of no bytes.
	ErrEmpty = errors.New("publish: the input is empty")

	// ErrNoTracks reports an input without any track that can be published.
	ErrNoTracks = errors.New("publish: no track that RTMP can carry")

	// ErrSeek reports an input that cannot be read from front to back, such as an MP4 file with its index behind the
	// media, from a reader that cannot seek. A *SeekError has the figures.
	ErrSeek = errors.New("publish: input would have to be read out of order, and cannot seek")

	// ErrCodec reports media that are not what they are said to be, or that RTMP cannot carry. A *CodecError says
	// which.
	ErrCodec = errors.New("publish: codec")

	// ErrLoop reports an input that is to be repeated but cannot seek.
	ErrLoop = errors.New("publish: input cannot seek, and so cannot be repeated")

	// ErrChanged reports an input that has other tracks than before when it is repeated.
	ErrChanged = errors.New("publish: the input has changed since it was opened, and cannot be repeated")

	// ErrStart reports a start that is behind the end of the input.
	ErrStart = errors.New("publish: the input ends before the start that was asked for")

	// ErrUnsent reports that a publisher was closed, or a file was over, and a target took too long to take the rest.
	ErrUnsent = errors.New("publish: not everything was sent before the time to close was over")

	// ErrInput reports an input that contradicts itself. An *InputError says how.
	ErrInput = errors.New("publish: damaged input")

	errNotLayer3 = errors.New("MPEG audio that is not of layer 3")
)

// A SeekError gives the figures behind ErrSeek, in bytes from the beginning of the input.
type SeekError struct {
	Want int64 // where something had to be read
	Have int64 // what of the input is still in memory begins here
	Read int64 // and ends here
}

// Error names the positions.
func (e *SeekError) Error() string {
	return fmt.Sprintf("%v: byte %d is wanted, bytes %d to %d are in memory", ErrSeek, e.Want, e.Have, e.Read)
}

// Unwrap returns ErrSeek.
func (e *SeekError) Unwrap() error { return ErrSeek }

// A CodecError says what is wrong with the media of one track.
type CodecError struct {
	Codec  media.Codec
	Reason string
}

// Error names the codec and the reason.
func (e *CodecError) Error() string { return fmt.Sprintf("%v %v: %s", ErrCodec, e.Codec, e.Reason) }

// Unwrap returns ErrCodec.
func (e *CodecError) Unwrap() error { return ErrCodec }

// An InputError says what is wrong with an input.
type InputError struct {
	Format string // "mp4", "mpeg-ts" …
	Reason string
}

// Error names the format and the reason.
func (e *InputError) Error() string { return fmt.Sprintf("%v: %s: %s", ErrInput, e.Format, e.Reason) }

// Unwrap returns ErrInput.
func (e *InputError) Unwrap() error { return ErrInput }

// guard calls f, which is the code of a parser that is not ours, and makes an InputError of a panic: a damaged file
// is no reason for the program to end.
func guard(format string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &InputError{Format: format, Reason: fmt.Sprint(v)}
		}
	}()
	return f()
}
