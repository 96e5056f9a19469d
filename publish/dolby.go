package publish

import (
	"bytes"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/ac3"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/eac3"

	"github.com/gortmp/rtmp/media"
)

// maxDolbyFrame is the length of the longest frame in bytes: 2048 words, for each of 8 substreams.
const maxDolbyFrame = 8 * 4096

// dolbyFrame returns the length of the syncframe that b begins with, and whether it continues the frame before it, as
// the dependent substreams of E-AC-3 do. The length is 0 if b does not begin with a syncframe.
//
// ETSI TS 102 366, section 4.3 and annex E.
func dolbyFrame(b []byte, c media.Codec) (size int, more bool) {
	if c == media.AC3 {
		var h ac3.SyncInfo
		if h.Unmarshal(b) != nil {
			return 0, false
		}
		return h.FrameSize(), false
	}
	var h eac3.SyncInfo
	if h.Unmarshal(b) != nil {
		return 0, false
	}
	return h.FrameSize(), h.Strmtyp == 1 || h.Substreamid > 0
}

// dolbySamples returns the number of samples of a frame and their rate.
func dolbySamples(b []byte, c media.Codec) (n, rate int) {
	if c == media.AC3 {
		var h ac3.SyncInfo
		if h.Unmarshal(b) != nil {
			return 0, 0
		}
		return ac3.SamplesPerFrame, h.SampleRate()
	}
	var h eac3.SyncInfo
	if h.Unmarshal(b) != nil {
		return 0, 0
	}
	return 256 * h.NumBlocks(), h.SampleRate()
}

// splitDolby returns the frames of AC-3 or E-AC-3 in b, which is kept, and the piece of a frame at its end. What is no
// frame is skipped.
func splitDolby(b []byte, c media.Codec) (frames [][]byte, rest []byte) {
	for len(b) > 0 {
		size, more := dolbyFrame(b, c)
		switch {
		case size > 0 && size <= len(b):
			if n := len(frames); more && n > 0 && len(frames[n-1]) < maxDolbyFrame {
				frames[n-1] = append(frames[n-1][:len(frames[n-1]):len(frames[n-1])], b[:size]...)
			} else {
				frames = append(frames, b[:size:size])
			}
			b = b[size:]
			continue
		case size > 0 || len(b) < 16: // the length stands in the first bytes
			return frames, b
		}
		i := bytes.Index(b[1:], []byte{0x0b, 0x77})
		if i < 0 {
			return frames, b[len(b)-1:]
		}
		b = b[1+i:]
	}
	return frames, nil
}
