package flv

import (
	"io"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A Writer writes messages as the tags of a file. Set its fields before the first call, and Close it after the last:
// that completes the file.
//
// If the destination is an io.Seeker that can seek, and not a file opened for appending, Close corrects the file
// header and puts the duration (from the first frame to the last), the file size and an index of key frames into the
// first onMetaData. The Writer leaves room for that: it rewrites the first onMetaData if that comes before audio and
// video, and else puts one of its own there. Until then duration and file size are 0 and there is no index, so that
// the file can be played at any time. Elsewhere everything is written as it comes, in one Write per tag.
type Writer struct {
	// Audio and Video are what the file header announces. If neither is set it announces both. Close corrects
	// it if it can.
	Audio, Video bool

	// Rebase moves the timestamps so that the first audio or video frame is at 0, as players expect of a file.
	// What comes before it, such as metadata and sequence headers, gets 0 too. Without Rebase, timestamps
	// are written as they come.
	Rebase bool

	// Keyframes is the number of key frames that the index has room for, at 18 bytes each. If there are more,
	// every second one is left out, and so on. Zero means 500; negative means no index; more than 3000 means 3000.
	Keyframes int

	// Verbatim means that tags are written as they come even if the destination can seek, and that Close
	// does nothing to them.
	Verbatim bool

	w       io.Writer
	index   *index // nil if the destination cannot seek
	started bool
	closed  bool
	based   bool
	base    message.Timestamp // of the first frame; valid if based
	n       int64             // bytes written, up to the last complete tag
	buf     []byte
	err     error // of the first write that failed
}

// NewWriter returns a Writer to w, which should be empty or at the place where the file is to begin. The Writer does
// not close w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// WriteMessage writes m, which it does not keep or change. Messages that are no part of a file, such as commands and
// control messages, are skipped. An aggregate is written as the messages that it consists of.
//
// It returns an ErrTooLarge for a payload of 16 MiB or more and a *message.BodyError for a malformed aggregate; both
// are about m alone, of which nothing was written. It returns ErrClosed after Close. Errors of the destination
// are final.
func (w *Writer) WriteMessage(m *message.Message) error {
	if w.closed {
		return ErrClosed
	}
	if m.Type == message.TypeAggregate {
		body, err := message.Parse(m)
		if err != nil {
			return err
		}
		for _, part := range body.(*message.Aggregate).Messages {
			if err := w.writeTag(part); err != nil {
				return err
			}
		}
		return nil
	}
	return w.writeTag(m)
}

func (w *Writer) writeTag(m *message.Message) error {
	if !inFile(m.Type) {
		return nil
	}
	if len(m.Payload) > maxBody {
		return &SizeError{len(m.Payload)}
	}
	if err := w.start(); err != nil {
		return err
	}
	if w.index == nil && !w.Rebase {
		return w.append(m)
	}
	f := look(m)
	tag := *m
	if w.Rebase {
		tag.Timestamp = w.rebase(m.Timestamp, f)
	}
	if w.index == nil {
		return w.append(&tag)
	}
	if w.index.room == 0 && (!m.Type.IsData() || media.IsMetadata(m.Payload)) {
		if replaced, err := w.reserve(&tag); replaced || err != nil {
			return err
		}
	}
	at := w.n
	if err := w.append(&tag); err != nil {
		return err
	}
	w.index.add(&tag, f, at)
	return nil
}

// reserve writes the metadata that Close will fill in. It reports whether that takes the place of m, the first message
// that is metadata, audio or video.
func (w *Writer) reserve(m *message.Message) (replaced bool, err error) {
	reserved, replaced, err := w.index.reserve(m)
	if err != nil {
		return false, err
	}
	at := w.n
	if err := w.append(reserved); err != nil {
		return false, err
	}
	w.index.metadata = at
	return replaced, nil
}

// start writes the file header, before the first tag.
func (w *Writer) start() error {
	if w.started {
		return w.err
	}
	w.started = true
	if !w.Verbatim {
		w.index = newIndex(w.w, w.Keyframes)
	}
	both := !w.Audio && !w.Video
	return w.write(AppendHeader(w.buf[:0], Header{Version: 1, Audio: both || w.Audio, Video: both || w.Video}))
}

func (w *Writer) append(m *message.Message) error {
	b, err := AppendTag(w.buf[:0], m)
	if err != nil {
		return err
	}
	return w.write(b)
}

// write writes b, which becomes w.buf, unless an earlier call failed.
func (w *Writer) write(b []byte) error {
	w.buf = b
	if w.err != nil {
		return w.err
	}
	if _, w.err = w.w.Write(b); w.err == nil {
		w.n += int64(len(b))
	}
	return w.err
}

// rebase returns t on the timeline that starts with the first frame. What comes before that is at 0, as is what
// is older.
func (w *Writer) rebase(t message.Timestamp, f frame) message.Timestamp {
	if !w.based && f.coded {
		w.based, w.base = true, t
	}
	if !w.based || t.Before(w.base) {
		return 0
	}
	return t - w.base
}

// Close completes the file. It writes the file header if there was no message. It does not close the destination.
// Closing again does nothing.
func (w *Writer) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	err := w.start()
	if w.index != nil && w.n > 0 {
		// A disk that is full can still take this: it changes what is there already.
		if e := w.index.finish(w.n); err == nil {
			err = e
		}
	}
	return err
}

// A frame is what the Writer has to know about a message.
type frame struct {
	coded bool // audio or video frames
	key   bool // key frame of track 0
}

func look(m *message.Message) frame {
	switch m.Type {
	case message.TypeAudio:
		a, err := media.ParseAudio(m.Payload)
		return frame{coded: err == nil && a.IsCoded()}
	case message.TypeVideo:
		v, err := media.ParseVideo(m.Payload)
		return frame{coded: err == nil && v.IsCoded(), key: err == nil && v.IsKeyFrame() && v.Track == 0}
	}
	return frame{}
}
