package rtmptest

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A Tally counts the messages of a stream.
type Tally struct {
	Metadata  int // onMetaData
	Headers   int // sequence headers
	Video     int // coded video, KeyFrames included
	KeyFrames int
	Audio     int // coded audio
	Other     int // whatever else came on the stream

	// LostVideo and LostAudio are coded messages that did not come although later ones of their kind did. With a
	// receiver that joined late they are counted from the first that came.
	LostVideo, LostAudio int

	// Broken is coded video that cannot be decoded, because it came between a loss, or the beginning, and the
	// next key frame.
	Broken int
}

// A Checker verifies at the receiving end what a Source made. It is a message.Writer, so that
//
//	_, err := message.Copy(checker, player)
//
// reads a stream and stops at the first message that differs from what the Source gave, that is out of order, that
// came twice, or that came before the sequence header it needs. The error is a *CheckError. Loss is no error but
// counted; compare Tally with that of the Source.
type Checker struct {
	Seed uint64 // of the Source

	// Rebased allows for timestamps that are all off by the same amount, as they are behind a relay that starts
	// every stream at 0. Otherwise they have to be what they were. Those of headers are not verified.
	Rebased bool

	Tally Tally // so far

	started      bool
	next         uint32            // number of the next coded message
	shift        message.Timestamp // what timestamps are off by
	video, audio track
	waiting      bool // for a key frame, after a loss
	scratch      []byte
}

// A track is what a Checker knows of the video or audio messages.
type track struct {
	header  bool // the sequence header came
	started bool
	next    uint32 // index of the next coded message
}

// A CheckError says what is wrong with a message.
type CheckError struct {
	Type    message.Type
	Number  uint32 // among the coded messages of the Source, from 0; for another message, of the next coded one
	Problem string
}

// Error names the message and what is wrong with it.
func (e *CheckError) Error() string {
	return fmt.Sprintf("rtmptest: %v at coded message %d: %s", e.Type, e.Number, e.Problem)
}

// WriteMessage verifies m, which is not kept.
func (c *Checker) WriteMessage(m *message.Message) error {
	switch m.Type {
	case message.TypeVideo:
		return c.checkVideo(m)
	case message.TypeAudio:
		return c.checkAudio(m)
	case message.TypeData:
		if media.IsMetadata(m.Payload) {
			return c.checkMetadata(m)
		}
	}
	c.Tally.Other++
	return nil
}

func (c *Checker) checkMetadata(m *message.Message) error {
	md, err := media.ParseMetadata(m.Payload)
	if err != nil {
		return c.fail(m, "%v", err)
	}
	if encoder, _ := md.String("encoder"); encoder != "rtmptest" {
		return c.fail(m, "metadata of the encoder %q", encoder)
	}
	c.Tally.Metadata++
	return nil
}

func (c *Checker) checkVideo(m *message.Message) error {
	v, err := media.ParseVideo(m.Payload)
	if err != nil {
		return c.fail(m, "%v", err)
	}
	if v.IsSequenceHeader() {
		return c.checkHeader(m, &c.video, v.Body, videoConfig)
	}
	const nalHeader = 5
	if !v.IsCoded() || len(v.Body) < nalHeader || binary.BigEndian.Uint32(v.Body) != uint32(len(v.Body)-4) {
		return c.fail(m, "not a video message of a Source: % .24x", m.Payload)
	}
	if isKey := v.Body[4] == nalKey; isKey != v.IsKeyFrame() {
		return c.fail(m, "key frame is %t, was %t", v.IsKeyFrame(), isKey)
	}
	lost, err := c.checkCoded(m, &c.video, v.Body[nalHeader:])
	if err != nil {
		return err
	}
	c.Tally.Video++
	c.Tally.LostVideo += lost
	c.waiting = (c.waiting || lost > 0 || c.Tally.Video == 1) && !v.IsKeyFrame()
	switch {
	case v.IsKeyFrame():
		c.Tally.KeyFrames++
	case c.waiting:
		c.Tally.Broken++
	}
	return nil
}

func (c *Checker) checkAudio(m *message.Message) error {
	a, err := media.ParseAudio(m.Payload)
	if err != nil {
		return c.fail(m, "%v", err)
	}
	if a.IsSequenceHeader() {
		return c.checkHeader(m, &c.audio, a.Body, audioConfig)
	}
	lost, err := c.checkCoded(m, &c.audio, a.Body)
	if err != nil {
		return err
	}
	c.Tally.Audio++
	c.Tally.LostAudio += lost
	return nil
}

func (c *Checker) checkHeader(m *message.Message, t *track, got, want []byte) error {
	if !bytes.Equal(got, want) {
		return c.fail(m, "sequence header is %x, want %x", got, want)
	}
	t.header = true
	c.Tally.Headers++
	return nil
}

// checkCoded verifies the stamp and the pattern in b, and returns how many messages of its track are missing in
// front of it.
func (c *Checker) checkCoded(m *message.Message, t *track, b []byte) (lost int, err error) {
	st, rest, ok := parseStamp(b)
	switch {
	case !ok:
		return 0, c.fail(m, "%d bytes, less than a Source makes", len(m.Payload))
	case st.source != uint32(sourceID(c.Seed)):
		return 0, c.fail(m, "of a Source with another seed, or no Source at all")
	case !t.header:
		return 0, c.fail(m, "number %d came before the sequence header", st.number)
	case c.started && st.number < c.next, t.started && st.index < t.next:
		return 0, c.fail(m, "number %d came again or late", st.number)
	}
	if !c.started && c.Rebased {
		c.shift = m.Timestamp - st.timestamp
	}
	if want := st.timestamp + c.shift; m.Timestamp != want {
		return 0, c.fail(m, "number %d has the timestamp %d, want %d", st.number, m.Timestamp, want)
	}
	c.scratch = append(c.scratch[:0], rest...)
	pattern(c.scratch, c.Seed, st.number)
	if !bytes.Equal(rest, c.scratch) {
		i := 0
		for rest[i] == c.scratch[i] {
			i++
		}
		return 0, c.fail(m, "number %d differs at byte %d of %d", st.number, len(m.Payload)-len(rest)+i, len(m.Payload))
	}
	if t.started {
		lost = int(st.index - t.next)
	}
	c.started, c.next = true, st.number+1
	t.started, t.next = true, st.index+1
	return lost, nil
}

func (c *Checker) fail(m *message.Message, format string, args ...any) error {
	return &CheckError{Type: m.Type, Number: c.next, Problem: fmt.Sprintf(format, args...)}
}
