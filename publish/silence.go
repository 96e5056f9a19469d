package publish

import (
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"github.com/gortmp/rtmp/media"
)

// silentRate is the sampling rate of silent sound in Hz. Ours: the platforms that want sound ask for 44.1 or 48 kHz.
const silentRate = 48000

// silentFrame is a stereo frame of AAC-LC: one channel pair in which no band is coded, and the end.
//
// ISO/IEC 14496-3, section 4.4.2.1: element 1 (CPE), tag 0, common window; window information with max_sfb 0; no
// mid/side stereo; twice a gain and three flags that are 0; element 7 (END); filled up to a byte.
var silentFrame = []byte{0x21, 0, 0, 0, 0, 0x1c}

// silentConfig is its AudioSpecificConfig: AAC-LC, 48 kHz, two channels.
var silentConfig = []byte{0x11, 0x90}

func silentTrack() Track {
	return Track{Codec: media.AAC, Config: silentConfig, SampleRate: silentRate, Channels: 2}
}

// A silence makes the packets of a silent track.
type silence struct {
	index int // of the track
	begun bool
	begin time.Duration
	n     int64 // packets so far
}

// until returns the next packet if it comes before dts, else nil. The first call says where silence begins.
func (s *silence) until(dts time.Duration) *Packet {
	if !s.begun {
		s.begun, s.begin = true, dts
	}
	at := s.begin + ticks(s.n*mpeg4audio.SamplesPerAccessUnit, silentRate)
	if at > dts {
		return nil
	}
	s.n++
	return &Packet{
		Track: s.index, DTS: at, PTS: at, Duration: ticks(mpeg4audio.SamplesPerAccessUnit, silentRate), Key: true, Data: silentFrame,
	}
}
