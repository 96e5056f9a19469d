package flv

import (
	"io"
	"strings"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// Ours: 500 entries are 9 kB, and a key frame every 10 s in 80 minutes.
const (
	defaultKeyframes = 500
	maxKeyframes     = 3000
)

// fillerSize is the length of the strings that fill what the index does not need: ffmpeg reads no string in metadata
// that has 1024 bytes or more.
const fillerSize = 1000 // bytes, marker and length included

// An index gathers what Close writes into a file that is there already.
type index struct {
	w     io.WriteSeeker
	start int64 // where in w the file begins

	room        int               // size of the metadata payload; 0 as long as there is none
	metadata    int64             // offset of its tag in the file
	values      media.Metadata    // what the publisher said
	limit       int               // entries
	keyframes   []keyframe        // never more than limit
	step, count int               // one in step key frames is kept; count of those seen
	frames      bool              // there was a frame: the two timestamps are valid
	first, last message.Timestamp // of frames
	has         Header
}

type keyframe struct {
	offset int64
	time   message.Timestamp
}

// newIndex returns an index for the file that begins at the place where w is, or nil if w cannot go back to it.
func newIndex(w io.Writer, keyframes int) *index {
	ws, ok := w.(io.WriteSeeker)
	if !ok {
		return nil
	}
	if at, ok := w.(io.WriterAt); ok {
		// An os.File that was opened for appending can seek, but would write at its end all the same. Here
		// it says so.
		if _, err := at.WriteAt(nil, 0); err != nil {
			return nil
		}
	}
	start, err := ws.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil
	}
	if keyframes == 0 {
		keyframes = defaultKeyframes
	}
	return &index{w: ws, start: start, limit: min(max(keyframes, 0), maxKeyframes), step: 1, has: Header{Version: 1}}
}

// stale are the names of what a publisher may say about another file than this one.
var stale = []string{
	"fileSize", "keyframes", "filler", "hasKeyframes", "canSeekToEnd", "lasttimestamp", "lastkeyframetimestamp",
	"lastkeyframelocation", "datasize", "audiosize", "videosize",
}

// reserve returns the metadata that the file begins with, which has room for all that will be known at the end. Replaced
// reports that it takes the place of m.
func (x *index) reserve(m *message.Message) (reserved *message.Message, replaced bool, err error) {
	if m.Type == message.TypeData {
		md, err := media.ParseMetadata(m.Payload)
		replaced = err == nil && len(m.Payload) <= maxBody/2 // else there may be no room for more
		if replaced {
			for _, name := range stale {
				md.Delete(name)
			}
			x.values = md
		}
	}
	full, err := x.payload(make([]keyframe, x.limit), 0)
	if err != nil { // it can be parsed, but not be written
		x.values, replaced = nil, false
		full, err = x.payload(make([]keyframe, x.limit), 0)
	}
	if err != nil {
		return nil, false, err
	}
	x.room = len(full)
	empty, err := x.payload(nil, 0)
	if err != nil {
		return nil, false, err
	}
	return &message.Message{Type: message.TypeData, Timestamp: m.Timestamp, Payload: empty}, replaced, nil
}

// payload returns the payload of the metadata for a file of size bytes. It fills up to x.room.
func (x *index) payload(keyframes []keyframe, size int64) ([]byte, error) {
	md := append(media.Metadata(nil), x.values...)
	md.Set("duration", float64(x.last-x.first)/1000)
	md.Set("filesize", float64(size))
	if len(keyframes) > 0 {
		offsets, times := make([]any, len(keyframes)), make([]any, len(keyframes))
		for i, k := range keyframes {
			offsets[i], times[i] = float64(k.offset), float64(k.time)/1000
		}
		md.Set("keyframes", map[string]any{"filepositions": offsets, "times": times})
	}
	if x.limit > 0 {
		md.Set("filler", []string{})
	}
	b, err := media.AppendMetadata(nil, md)
	if err != nil || len(b) >= x.room {
		return b, err
	}
	md.Set("filler", filler(x.room-len(b)))
	return media.AppendMetadata(b[:0], md)
}

// filler returns strings that take n bytes in AMF0, as even as can be: a string takes at least 3.
func filler(n int) []string {
	list := make([]string, (n+fillerSize-1)/fillerSize)
	for i := range list {
		list[i] = strings.Repeat(" ", n*(i+1)/len(list)-n*i/len(list)-3)
	}
	return list
}

// add takes note of the tag of m at offset.
func (x *index) add(m *message.Message, f frame, offset int64) {
	switch m.Type {
	case message.TypeAudio:
		x.has.Audio = true
	case message.TypeVideo:
		x.has.Video = true
	}
	if !f.coded {
		return
	}
	t := m.Timestamp
	if !x.frames {
		x.frames, x.first, x.last = true, t, t
	}
	if t.Before(x.first) {
		x.first = t
	}
	if x.last.Before(t) {
		x.last = t
	}
	if f.key {
		x.addKeyframe(keyframe{offset, t})
	}
}

// addKeyframe keeps every step-th key frame. When there is no more room it leaves out every second one, from the
// first ones on, so that the entries stay evenly spaced.
func (x *index) addKeyframe(k keyframe) {
	n := x.count
	x.count++
	if x.limit == 0 || n%x.step != 0 {
		return
	}
	if len(x.keyframes) == x.limit {
		kept := x.keyframes[:0]
		for i := 0; i < x.limit; i += 2 {
			kept = append(kept, x.keyframes[i])
		}
		x.keyframes = kept
		x.step *= 2
		if n%x.step != 0 {
			return
		}
	}
	x.keyframes = append(x.keyframes, k)
}

// finish corrects the file header and fills in the metadata of a file of size bytes, and leaves w at its end.
func (x *index) finish(size int64) error {
	if err := x.writeAt([]byte{x.has.flags()}, flagsOffset); err != nil {
		return err
	}
	if x.metadata > 0 {
		b, err := x.payload(x.keyframes, size)
		if err != nil {
			return err
		}
		if err := x.writeAt(b, x.metadata+tagHeaderSize); err != nil {
			return err
		}
	}
	_, err := x.w.Seek(x.start+size, io.SeekStart)
	return err
}

// writeAt writes b at offset in the file.
func (x *index) writeAt(b []byte, offset int64) error {
	if _, err := x.w.Seek(x.start+offset, io.SeekStart); err != nil {
		return err
	}
	_, err := x.w.Write(b)
	return err
}
