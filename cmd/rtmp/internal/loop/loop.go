// Package loop repeats a file as one endless stream.
package loop

import (
	"bytes"
	"errors"
	"io"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// ErrNoMedia reports a file without a single frame of audio or video: nothing to repeat.
var ErrNoMedia = errors.New("no audio or video")

// defaultStep is how long the only message of a kind lasts. Ours: a picture at 25 a second.
const defaultStep = 40 * time.Millisecond

// A Reader repeats a stream without end, as one stream: timestamps go on rising at the seam, and wrap as those of
// any long stream. Metadata and sequence headers are not repeated unless they have changed; marks for the end of
// audio or video are left out, as are the duration and the file size in the metadata.
//
// The seam is right when every kind of message ends after its last message as much as that came after the one
// before it.
type Reader struct {
	rewind func() (message.Reader, error)
	src    message.Reader

	again   bool              // not the first turn
	started bool              // this turn has had a frame
	first   message.Timestamp // of this turn's first frame, in the file
	start   message.Timestamp // where first comes to lie
	kinds   [2]kind           // audio, video
	headers map[track][]byte  // the last sequence header of each
}

// A kind is the end of the audio or of the video of this turn, on the timeline of the file.
type kind struct {
	seen bool
	last message.Timestamp
	step time.Duration // from the message before to the last one
}

type track struct {
	typ   message.Type
	id    uint8
	multi media.Multitrack
}

// NewReader returns a Reader of what rewind gives. Rewind is called for each turn, the first included; each time its
// result has to begin at the beginning.
func NewReader(rewind func() (message.Reader, error)) *Reader {
	return &Reader{rewind: rewind, headers: make(map[track][]byte)}
}

// ReadMessage returns the next message, owned. The error is ErrNoMedia, or that of the source or of rewind; io.EOF
// is none of them. A source that is cut in the middle of a message ends there.
func (r *Reader) ReadMessage() (*message.Message, error) {
	for {
		if r.src == nil {
			src, err := r.rewind()
			if err != nil {
				return nil, err
			}
			r.src = src
		}
		m, err := r.src.ReadMessage()
		switch {
		case err == io.EOF, err == io.ErrUnexpectedEOF:
			if err := r.endTurn(); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		}
		if r.pass(m) {
			m.Timestamp = r.place(m.Timestamp)
			return m, nil
		}
	}
}

// pass decides whether m goes out, and takes note of it.
func (r *Reader) pass(m *message.Message) bool {
	switch m.Type {
	case message.TypeAudio:
		a, err := media.ParseAudio(m.Payload)
		if err == nil && a.IsSequenceHeader() {
			return r.changed(track{m.Type, a.Track, a.Multitrack}, m.Payload)
		}
		if err == nil && a.IsEnd() && !a.Silence {
			return false
		}
		r.note(&r.kinds[0], m.Timestamp)
	case message.TypeVideo:
		v, err := media.ParseVideo(m.Payload)
		if err == nil && v.IsSequenceHeader() {
			return r.changed(track{m.Type, v.Track, v.Multitrack}, m.Payload)
		}
		if err == nil && v.IsEnd() {
			return false
		}
		r.note(&r.kinds[1], m.Timestamp)
	case message.TypeData:
		return r.passData(m)
	}
	return true
}

// changed reports whether header differs from the last one of its track.
func (r *Reader) changed(t track, header []byte) bool {
	if old, ok := r.headers[t]; ok && bytes.Equal(old, header) {
		return false
	}
	r.headers[t] = header // owned, and nobody changes a payload on its way out
	return true
}

func (r *Reader) note(k *kind, ts message.Timestamp) {
	if !r.started {
		r.started = true
		r.first = ts
		if !r.again {
			r.start = ts
		}
	}
	if k.seen && k.last.Before(ts) {
		k.step = ts.Sub(k.last)
	}
	if !k.seen || k.last.Before(ts) {
		k.last = ts
	}
	k.seen = true
}

// passData leaves out the metadata of a second turn, and takes what is untrue of an endless stream from that of
// the first.
func (r *Reader) passData(m *message.Message) bool {
	body, err := message.Parse(m)
	if err != nil {
		return true
	}
	data := body.(*message.Data)
	if data.Name() != "onMetaData" {
		return true
	}
	if r.again {
		return false
	}
	for i, v := range data.Values {
		switch v := v.(type) {
		case amf0.ECMAArray:
			data.Values[i] = amf0.ECMAArray(endless(amf0.Object(v)))
		case amf0.Object:
			data.Values[i] = endless(v)
		}
	}
	if payload, err := data.AppendPayload(nil); err == nil {
		m.Payload = payload
	}
	return true
}

func endless(meta amf0.Object) amf0.Object {
	meta.Delete("duration")
	meta.Delete("filesize")
	return meta
}

// place moves ts from the timeline of the file to that of the loop. What comes before the first frame of a later
// turn, as headers do, gets the time of that frame or the seam.
func (r *Reader) place(ts message.Timestamp) message.Timestamp {
	if !r.again {
		return ts
	}
	if !r.started || ts.Before(r.first) {
		return r.start
	}
	return r.start + ts - r.first
}

// endTurn moves the start to where this turn ends.
func (r *Reader) endTurn() error {
	if !r.started {
		return ErrNoMedia
	}
	var length time.Duration
	for i := range r.kinds {
		k := &r.kinds[i]
		if k.seen {
			if k.step == 0 {
				k.step = defaultStep
			}
			length = max(length, k.last.Sub(r.first)+k.step)
		}
		*k = kind{}
	}
	r.start = r.start.Add(length)
	r.again, r.started = true, false
	r.src = nil
	return nil
}
