package relay

import (
	"slices"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A class says what a message means to somebody who joins.
type class uint8

const (
	plain     class = iota // nothing
	keyFrame               // playing can begin here
	frame                  // video that is of no use without what went before
	config                 // needed before anything else: sequence headers, metadata, channels, colours
	forgotten              // metadata is withdrawn
)

// A slot is what a config message replaces: the one before with the same slot.
type slot struct {
	kind   message.Type
	packet uint8 // sequence header or other configuration
	track  int   // manyTracks for a message with several
}

const manyTracks = -1

// clearDataFrame is the start of a data message that withdraws metadata.
const clearDataFrame = "\x02\x00\x0f@clearDataFrame"

// classify reads as much of m as it has to. What cannot be read is plain: it is passed on.
func classify(m *message.Message) (class, slot) {
	switch m.Type {
	case message.TypeVideo:
		v, err := media.ParseVideo(m.Payload)
		if err != nil {
			return plain, slot{}
		}
		switch {
		case v.IsSequenceHeader(), v.PacketType == media.VideoMetadata:
			return config, slot{m.Type, uint8(v.PacketType), track(v.Multitrack, v.Track)}
		case v.IsKeyFrame():
			if track(v.Multitrack, v.Track) > 0 {
				return plain, slot{} // key frames of other tracks come when they come
			}
			return keyFrame, slot{}
		case v.IsCoded():
			return frame, slot{}
		}
	case message.TypeAudio:
		a, err := media.ParseAudio(m.Payload)
		if err == nil && (a.IsSequenceHeader() || a.IsMultichannelConfig()) {
			return config, slot{m.Type, uint8(a.PacketType), track(a.Multitrack, a.Track)}
		}
	case message.TypeData:
		switch {
		case media.IsMetadata(m.Payload):
			return config, slot{kind: m.Type}
		case len(m.Payload) >= len(clearDataFrame) && string(m.Payload[:len(clearDataFrame)]) == clearDataFrame:
			return forgotten, slot{kind: m.Type}
		}
	}
	return plain, slot{}
}

func track(form media.Multitrack, id uint8) int {
	if form == media.ManyTracks || form == media.ManyTracksManyCodecs {
		return manyTracks
	}
	return int(id)
}

// headers is what somebody who joins has to get before the first frame, in the order in which it first came. It is
// never changed once it is in use: with and without return another one.
type headers struct {
	slots    []slot
	messages []*rtmp.PreparedMessage
}

// with returns h with pm in its slot.
func (h *headers) with(s slot, pm *rtmp.PreparedMessage) *headers {
	i := slices.Index(h.slots, s)
	messages := slices.Clone(h.messages)
	if i >= 0 {
		messages[i] = pm
		return &headers{h.slots, messages}
	}
	return &headers{append(slices.Clone(h.slots), s), append(messages, pm)}
}

// without returns h without what is in slot s.
func (h *headers) without(s slot) *headers {
	i := slices.Index(h.slots, s)
	if i < 0 {
		return h
	}
	return &headers{slices.Delete(slices.Clone(h.slots), i, i+1), slices.Delete(slices.Clone(h.messages), i, i+1)}
}

// at returns the messages of h with the time t, so that a stream that has run for hours does not begin with a jump.
func (h *headers) at(t message.Timestamp) []*rtmp.PreparedMessage {
	out := make([]*rtmp.PreparedMessage, len(h.messages))
	for i, pm := range h.messages {
		if m := *pm.Message(); m.Timestamp != t {
			m.Timestamp = t
			pm = rtmp.NewPreparedMessage(&m)
		}
		out[i] = pm
	}
	return out
}
