package media

import "github.com/gortmp/rtmp/internal/wire"

// An AudioPacketType says what the body of an audio message is. The numbers are those of the enhanced form; the
// classic form has the first two.
type AudioPacketType uint8

// Fixed by Enhanced RTMP v2, section "Enhanced Audio". 5 and 7 are the multitrack and ModEx headers, 3, 6 and 8 to
// 15 are reserved.
const (
	AudioSequenceStart      AudioPacketType = 0 // AudioSpecificConfig, OpusHead, STREAMINFO …
	AudioCodedFrames        AudioPacketType = 1
	AudioSequenceEnd        AudioPacketType = 2
	AudioMultichannelConfig AudioPacketType = 4 // see ParseChannels
)

// Fixed by Enhanced RTMP v2, like those above.
const (
	exFormat              = 9 // the sound format of an enhanced header
	packetAudioMultitrack = 5
	audioPackets          = 1<<0 | 1<<1 | 1<<2 | 1<<4 // a bit for each type above
)

// String returns the usual name, or "packet type N".
func (t AudioPacketType) String() string {
	switch t {
	case AudioSequenceStart:
		return "sequence start"
	case AudioCodedFrames:
		return "coded frames"
	case AudioSequenceEnd:
		return "sequence end"
	case AudioMultichannelConfig:
		return "multichannel config"
	}
	return "packet type " + uitoa(uint8(t))
}

// SoundFlags is the lower half of the first byte of a classic audio message: sampling rate (2 bits), sample
// size, channels.
type SoundFlags uint8

// AACFlags is what AAC has for SoundFlags whatever its real rate and channels, which are in its configuration.
//
// FLV 10.1, Annex E.4.2.1.
const AACFlags SoundFlags = 0xf

// Rate returns the sampling rate in Hz: 5512, 11025, 22050 or 44100. 48 kHz MP3 has 44100 here.
func (f SoundFlags) Rate() int { return 44100 >> (3 - f>>2&3) }

// Bits returns the size of a sample before compression, 8 or 16 bits.
func (f SoundFlags) Bits() int { return 8 << (f >> 1 & 1) }

// Channels returns 1 or 2.
func (f SoundFlags) Channels() int { return int(f&1) + 1 }

// An Audio is the header of an audio message, and where its body is.
type Audio struct {
	Codec      Codec // 0 for silence and with ManyTracksManyCodecs
	Enhanced   bool  // has a FourCC, not a classic sound format
	Flags      SoundFlags
	PacketType AudioPacketType // AudioCodedFrames for classic codecs other than AAC

	// Silence is an empty payload: play out what there is, then do not wait for audio. All else is zero.
	Silence bool

	// Nanos is what to add to the presentation time, 0 to 999,999 nanoseconds. AppendAudioHeader uses it
	// only if ModEx is empty.
	Nanos uint32

	// ModEx holds the ModEx records, if any, for CutModEx. It aliases the payload.
	ModEx []byte

	Multitrack Multitrack
	Track      uint8 // track id with OneTrack; else 0

	// Body is what follows the header: configuration record, frames, channels, or with many tracks the
	// list that Tracks walks over. It aliases the payload.
	Body []byte
}

var audioPacketTypes = packets{"audio packet type", packetAudioMultitrack, audioPackets}

// ParseAudio reads the header of an audio payload. The result aliases payload. An empty payload is silence. It
// returns ErrShort if payload ends inside the header, and an ErrReserved or ErrModExChain if it cannot be read;
// then the Audio is zero.
//
// FLV 10.1, Annex E.4.2; Enhanced RTMP v2, section "Enhanced Audio".
func ParseAudio(payload []byte) (Audio, error) {
	if len(payload) == 0 {
		return Audio{Silence: true}, nil
	}
	c := wire.NewCursor(payload)
	b := c.Uint8()
	if b>>4 == exFormat {
		return parseEnhancedAudio(b, c)
	}
	a := Audio{Codec: audioCodec(b >> 4), Flags: SoundFlags(b & 0xf), PacketType: AudioCodedFrames}
	if a.Codec == AAC {
		a.PacketType = AudioPacketType(c.Uint8())
		if c.Short() {
			return Audio{}, ErrShort
		}
		if a.PacketType > AudioCodedFrames {
			return Audio{}, &ReservedError{"audio packet type", uint32(a.PacketType)}
		}
	}
	a.Body = c.Rest()
	return a, nil
}

// parseEnhancedAudio continues ParseAudio after byte 0.
func parseEnhancedAudio(b byte, c wire.Cursor) (Audio, error) {
	var err error
	e := enhanced{packet: b & 0xf}
	if e.packet == packetModEx {
		if e.modEx, e.nanos, e.packet, err = skipModEx(&c); err != nil {
			return Audio{}, err
		}
	}
	if err := audioPacketTypes.cut(&c, &e); err != nil {
		return Audio{}, err
	}
	return Audio{
		Codec: e.codec, Enhanced: true, PacketType: AudioPacketType(e.packet), Nanos: e.nanos, ModEx: e.modEx,
		Multitrack: e.layout, Track: e.track, Body: c.Rest(),
	}, nil
}

// IsSequenceHeader reports whether a configures a decoder: what somebody who joins late has to get first, for
// each track. An empty header counts for the codecs that have nothing to configure (AC3, EAC3, MP3, and Opus
// with one or two channels); for the others it counts as none.
func (a Audio) IsSequenceHeader() bool {
	if a.PacketType != AudioSequenceStart || a.Silence {
		return false
	}
	switch a.Codec {
	case AC3, EAC3, MP3, Opus:
		return true
	}
	return len(a.Body) > 0
}

// IsCoded reports whether a holds coded frames.
func (a Audio) IsCoded() bool { return a.PacketType == AudioCodedFrames }

// IsEnd reports whether no audio is to be waited for after a: the end of a sequence, or silence.
func (a Audio) IsEnd() bool { return a.Silence || a.PacketType == AudioSequenceEnd }

// IsMultichannelConfig reports whether the body of a says which speaker each channel is for.
func (a Audio) IsMultichannelConfig() bool { return a.PacketType == AudioMultichannelConfig }

// Tracks returns a walk over the tracks of a. Silence has none.
func (a Audio) Tracks() Tracks {
	return Tracks{
		layout: a.Multitrack,
		left:   !a.Silence,
		track:  Track{Codec: a.Codec, ID: a.Track, Body: a.Body},
		rest:   a.Body,
	}
}

// WithTrack returns a as a message of track t alone: without a multitrack header for track 0, as old receivers
// need it, and with OneTrack for the others. It is how a message of many tracks is split.
func (a Audio) WithTrack(t Track) Audio {
	a.Multitrack = SingleTrack
	if t.ID != 0 {
		a.Multitrack = OneTrack
	}
	a.Codec, a.Track, a.Body = t.Codec, t.ID, t.Body
	return a
}

// AppendAudioHeader appends the header of a, all that stands before a.Body. It returns dst and an ErrValue if a
// field does not fit, or cannot be written in the form that the other fields ask for.
func AppendAudioHeader(dst []byte, a Audio) ([]byte, error) {
	if a.Silence {
		return dst, nil
	}
	if a.Enhanced {
		if a.Flags != 0 {
			return dst, &ValueError{"Flags", int64(a.Flags)}
		}
		e := enhanced{a.ModEx, a.Nanos, byte(a.PacketType), a.Multitrack, a.Codec, a.Track}
		return audioPacketTypes.append(dst, exFormat<<4, &e)
	}
	format, ok := a.Codec.soundFormat()
	switch {
	case !ok:
		return dst, &ValueError{"Codec", int64(a.Codec)}
	case a.Flags > 0xf:
		return dst, &ValueError{"Flags", int64(a.Flags)}
	case a.Multitrack != SingleTrack:
		return dst, &ValueError{"Multitrack", int64(a.Multitrack)}
	case a.Nanos != 0 || len(a.ModEx) != 0:
		return dst, &ValueError{"Nanos", int64(a.Nanos)}
	}
	dst = append(dst, format<<4|byte(a.Flags))
	switch {
	case a.Codec == AAC && a.PacketType <= AudioCodedFrames:
		return append(dst, byte(a.PacketType)), nil
	case a.Codec == AAC || a.PacketType != AudioCodedFrames:
		return dst[:len(dst)-1], &ValueError{"PacketType", int64(a.PacketType)}
	}
	return dst, nil
}

// AppendAudioTrack appends t, body included, to the list of tracks that is the body of a. It returns dst and an
// ErrValue if a has not many tracks or if t does not fit. With ManyTracks, the codec of t has to be that of a.
func AppendAudioTrack(dst []byte, a Audio, t Track) ([]byte, error) {
	if a.Multitrack == ManyTracks && t.Codec != a.Codec {
		return dst, &ValueError{"Codec", int64(t.Codec)}
	}
	return appendTrack(dst, a.Multitrack, false, t)
}
