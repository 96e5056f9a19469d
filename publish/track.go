package publish

import (
	"time"

	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/message"
)

// A Track describes one track of a Source. Fields that are not known are zero.
type Track struct {
	Codec media.Codec

	// Config is the configuration record of the codec, in the form that an RTMP sequence header has behind its own
	// header: avcC, hvcC, av1C, vpcC (8 bytes), AudioSpecificConfig, OpusHead, "fLaC" and STREAMINFO. Nil for codecs
	// that need none.
	Config []byte

	Width, Height int     // pixels
	FrameRate     float64 // pictures per second
	SampleRate    int     // Hz
	Channels      int
	Bitrate       int // bits per second, on average
	Duration      time.Duration
}

// Video reports whether t is a video track; else it is audio.
func (t *Track) Video() bool { return isVideo(t.Codec) }

func isVideo(c media.Codec) bool {
	switch c {
	case media.AVC, media.HEVC, media.VVC, media.VP8, media.VP9, media.AV1,
		media.H263, media.Screen, media.Screen2, media.VP6, media.VP6Alpha, media.RealH263, media.MPEG4:
		return true
	}
	return false
}

// reorders reports whether frames of c have a composition time on the wire.
func reorders(c media.Codec) bool { return c == media.AVC || c == media.HEVC || c == media.VVC }

// A Packet is one coded frame: an access unit, a temporal unit, an audio frame.
type Packet struct {
	// Track is the index of the track in Source.Tracks; -1 for a data message and for a track that was not found
	// when the source was opened, both of which have a Message.
	Track int

	// DTS and PTS are on the timeline of the source, which is that of its presentation: with an edit list the first
	// DTS may be negative. Duration is zero if it is not known.
	DTS, PTS, Duration time.Duration

	Key        bool // decoding can start here; true for audio
	Disposable bool // no other frame needs it

	// Config, if not nil, is a configuration record that replaces the one of the track from this packet on.
	Config []byte

	// Data is the frame in the form that RTMP wants: NAL units with a length of 4 bytes, AV1 in OBUs with sizes, AAC
	// without ADTS header.
	Data []byte

	// Message, if not nil, is the frame as it was in an FLV file, with its header. It is sent as it is, except for
	// the timestamp, and Data and Config are nil.
	Message *message.Message
}

// A Source gives the packets of a file or stream. It is used by one goroutine at a time.
type Source interface {
	// Tracks returns the tracks, in the order of the input. They do not change.
	Tracks() []Track

	// ReadPacket returns the next packet, owned, in the order of DTS as far as the input allows. It returns io.EOF at
	// the end and io.ErrUnexpectedEOF if the input ends in the middle of something.
	ReadPacket() (*Packet, error)

	// Close closes the file if the source was made by Open.
	Close() error
}

// ticks returns n/rate seconds, for an n of either sign and as long as the stream may be.
func ticks(n, rate int64) time.Duration {
	if rate <= 0 {
		return 0
	}
	whole, rest := n/rate, n%rate
	return time.Duration(whole)*time.Second + time.Duration(rest)*time.Second/time.Duration(rate)
}
