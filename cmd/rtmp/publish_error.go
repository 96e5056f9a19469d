package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/gortmp/rtmp/publish"
)

const (
	formatHint = "It reads FLV, MP4, MOV, MPEG-TS, H.264 and H.265 in Annex B form, and AAC in ADTS.\n" +
		"For others: ffmpeg -i FILE -c copy film.mp4"
	codecHint = "If there are other tracks, --partial publishes those."
	seekHint  = "Give it as a file, or put the index in front: ffmpeg -i FILE -c copy -movflags +faststart film.mp4"
)

// explain returns a *failure for an error of package publish, in words for a person, or nil if err is nil.
func (b *broadcast) explain(err error) error {
	var given *publish.TargetError
	var path *fs.PathError
	switch {
	case err == nil, errors.As(err, &path):
		return err
	case errors.As(err, &given):
		text, hint := b.reason(given)
		if b.several {
			text = given.Target + ": " + text
		}
		return &failure{text: text, hint: hint, err: err}
	case errors.Is(err, publish.ErrLoop):
		return &usageError{"--loop needs a file: " + b.input() + " cannot begin again"}
	case errors.Is(err, publish.ErrUnsent):
		return &failure{text: trim(err), err: err}
	case errors.Is(err, publish.ErrEmpty):
		return &failure{text: b.input() + " is empty", err: err}
	case errors.Is(err, io.ErrUnexpectedEOF):
		told := &failure{text: b.input() + " is cut off: it ends in the middle of something", err: err}
		if b.hasBegun() {
			told.hint = "What comes before was sent."
		}
		return told
	}
	hint := ""
	switch {
	case errors.Is(err, publish.ErrFormat):
		hint = formatHint
	case errors.Is(err, publish.ErrCodec):
		hint = codecHint
	case errors.Is(err, publish.ErrSeek):
		hint = seekHint
	}
	return &failure{text: b.input() + ": " + trim(err), hint: hint, err: err}
}

// reason says why a target was given up, and what to do about it.
func (b *broadcast) reason(e *publish.TargetError) (text, hint string) {
	text, hint = b.cause(e.Target, e.Err)
	switch {
	case e.Tries > 1:
		text += fmt.Sprintf(", after %d attempts", e.Tries)
	case e.Tries == 0 && !e.Refused:
		text = "not connected at the end: " + text
	}
	return text, hint
}

// cause says what happened to a connection to a target.
func (b *broadcast) cause(target string, err error) (text, hint string) {
	if b.wasLive(target) {
		err = streaming(err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return noAnswer(b.timeout), timeoutHint
	}
	return explain(err)
}

// trim returns the text of an error of package publish without the name of the package.
func trim(err error) string { return strings.TrimPrefix(err.Error(), "publish: ") }
