package relay

import (
	"math/bits"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A class says what a message means to a subscriber. It is a set of bits; zero is passed on to everybody.
type class uint8

const (
	isAudio    class = 1 << iota // of no use without sound
	isVideo                      // of no use without pictures
	isKey                        // coded video that decoding can begin with
	isFrame                      // coded video that is of no use without what went before
	isConfig                     // needed by those who come later: sequence header, metadata, channels, colours
	isMulti                      // has a multitrack header
	isMany                       // has several tracks
	isClearing                   // withdraws the metadata
)

// A description is what a stream has to know of a message.
type description struct {
	class  class
	kind   message.Type
	packet uint8       // with isConfig: what kind of it
	codec  media.Codec // 0 if there is none or several
	tracks tracks      // of audio, video and metadata; the latter has track 0
}

const (
	metadata = "onMetaData"

	// sequenceHeader is description.packet of the sequence headers of audio and of both kinds of video.
	sequenceHeader = uint8(media.AudioSequenceStart)
)

// classify reads as much of m as it has to. What cannot be read is of class 0: it is passed on.
func classify(m *message.Message) description {
	switch m.Type {
	case message.TypeVideo:
		return classifyVideo(m)
	case message.TypeAudio:
		return classifyAudio(m)
	}
	d := description{kind: message.TypeData}
	switch name, rest, _ := message.PeekName(m); {
	case !m.Type.IsData():
	case string(name) == metadata:
		d.class = isConfig
		d.tracks.add(0)
	case string(name) == message.ClearDataFrame:
		which, _, ok := message.PeekName(&message.Message{Type: message.TypeData, Payload: rest})
		if !ok || string(which) == metadata {
			d.class = isClearing
			d.tracks.add(0)
		}
	}
	return d
}

func classifyVideo(m *message.Message) description {
	v, err := media.ParseVideo(m.Payload)
	if err != nil {
		return description{class: isVideo}
	}
	d := description{class: isVideo, kind: m.Type, packet: uint8(v.PacketType), codec: v.Codec}
	switch {
	case v.IsSequenceHeader():
		d.class = isConfig
		d.packet = sequenceHeader
	case v.IsMetadata():
		d.class = isConfig
	case v.IsKeyFrame():
		d.class |= isKey
	case v.IsCoded():
		d.class |= isFrame
	}
	d.follow(v.Multitrack, v.Tracks())
	return d
}

func classifyAudio(m *message.Message) description {
	a, err := media.ParseAudio(m.Payload)
	if err != nil {
		return description{class: isAudio}
	}
	d := description{class: isAudio, kind: m.Type, packet: uint8(a.PacketType), codec: a.Codec}
	if a.IsSequenceHeader() || a.IsMultichannelConfig() {
		d.class = isConfig
	}
	d.follow(a.Multitrack, a.Tracks())
	return d
}

// follow notes the tracks of a message. One that lies about them means nothing.
func (d *description) follow(form media.Multitrack, list media.Tracks) {
	if form != media.SingleTrack {
		d.class |= isMulti
	}
	if form == media.ManyTracks || form == media.ManyTracksManyCodecs {
		d.class |= isMany
	}
	for list.Next() {
		d.tracks.add(list.Track().ID)
	}
	if list.Err() != nil || d.tracks.none() {
		d.class &^= isKey | isFrame | isConfig
	}
}

// first returns the lowest track, 0 if there is none.
func (d *description) first() uint8 {
	for i, word := range d.tracks {
		if word != 0 {
			return uint8(64*i + bits.TrailingZeros64(word))
		}
	}
	return 0
}

// tracks is a set of track ids.
type tracks [4]uint64

var allTracks = tracks{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

func (t *tracks) add(id uint8)      { t[id>>6] |= 1 << (id & 63) }
func (t *tracks) has(id uint8) bool { return t[id>>6]>>(id&63)&1 != 0 }
func (t *tracks) none() bool        { return *t == tracks{} }

// meet reports whether some track is in both.
func (t *tracks) meet(other *tracks) bool {
	return t[0]&other[0]|t[1]&other[1]|t[2]&other[2]|t[3]&other[3] != 0
}

// remove takes the tracks of other away.
func (t *tracks) remove(other *tracks) {
	for i := range t {
		t[i] &^= other[i]
	}
}
