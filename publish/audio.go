package publish

import (
	"encoding/binary"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg1audio"
)

// mp3Samples returns the number of samples of an MPEG audio frame and their rate.
func mp3Samples(frame []byte) (n, rate int) {
	var h mpeg1audio.FrameHeader
	if err := h.Unmarshal(frame); err != nil {
		return 0, 0
	}
	return h.SampleCount(), h.SampleRate
}

func mp3Channels(h mpeg1audio.FrameHeader) int {
	if h.ChannelMode == mpeg1audio.ChannelModeMono {
		return 1
	}
	return 2
}

// opusHeadOf returns an identification header for a stream of which only a packet is known.
//
// RFC 6716, section 3.1.
func opusHeadOf(packet []byte) []byte { return simpleOpusHead(1 + int(packet[0]>>2&1)) }

// simpleOpusHead returns an identification header for a stream of which only the number of channels is known. Up to
// two channels need no mapping; more are in the usual order.
//
// RFC 7845, sections 5.1 and 5.1.1.
func simpleOpusHead(channels int) []byte {
	b := append([]byte("OpusHead"), 1, byte(channels))
	b = binary.LittleEndian.AppendUint16(b, 0) // nothing to skip
	b = binary.LittleEndian.AppendUint32(b, 48000)
	b = binary.LittleEndian.AppendUint16(b, 0) // gain
	if channels <= 2 {
		return append(b, 0)
	}
	vorbis := map[int][]byte{ // streams, coupled streams, stream of each channel
		3: {2, 1, 0, 2, 1},
		4: {2, 2, 0, 1, 2, 3},
		5: {3, 2, 0, 4, 1, 2, 3},
		6: {4, 2, 0, 4, 1, 2, 3, 5},
		7: {4, 3, 0, 4, 1, 2, 3, 5, 6},
		8: {5, 3, 0, 6, 1, 2, 3, 4, 5, 7},
	}
	m := vorbis[channels]
	if m == nil {
		return nil
	}
	return append(append(b, 1), m...)
}
