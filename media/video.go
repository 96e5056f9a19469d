package media

import "github.com/gortmp/rtmp/internal/wire"

// A Video is the header of a video message, and where its body is.
type Video struct {
	Codec      Codec // 0 in an enhanced command frame and with ManyTracksManyCodecs
	Enhanced   bool  // has a FourCC, not a classic codec id
	FrameType  FrameType
	PacketType VideoPacketType // VideoCodedFrames for classic codecs without packet types, such as H263
	Command    VideoCommand    // of a command frame

	// Composition is what to add to the timestamp of the message to get the presentation time, in
	// milliseconds. It may be negative. With many tracks it is 0 here and in each Track.
	Composition int32

	// Nanos is what to add to the presentation time besides, 0 to 999,999 nanoseconds. AppendVideoHeader
	// uses it only if ModEx is empty.
	Nanos uint32

	// ModEx holds the ModEx records, if any, for CutModEx. It aliases the payload.
	ModEx []byte

	Multitrack Multitrack
	Track      uint8 // track id with OneTrack; else 0

	// Body is what follows the header: configuration record, frames, AMF pairs, or with many tracks the
	// list that Tracks walks over. It aliases the payload.
	Body []byte
}

var videoPacketTypes = packets{"video packet type", packetVideoMultitrack, videoPackets}

// ParseVideo reads the header of a video payload. The result aliases payload. It returns ErrShort if payload
// is empty or ends inside the header, and an ErrReserved or ErrModExChain if it cannot be read; then the Video
// is zero.
//
// FLV 10.1, Annex E.4.3; Enhanced RTMP v2, section "Enhanced Video".
func ParseVideo(payload []byte) (Video, error) {
	c := wire.NewCursor(payload)
	b := c.Uint8()
	if c.Short() {
		return Video{}, ErrShort
	}
	if b&videoEnhanced != 0 {
		return parseEnhancedVideo(b, c)
	}
	v := Video{Codec: videoCodec(b & 0xf), FrameType: FrameType(b >> 4), PacketType: VideoCodedFrames}
	switch {
	case v.FrameType == CommandFrame:
		v.Command = VideoCommand(c.Uint8())
	case v.Codec.packeted():
		v.PacketType = VideoPacketType(c.Uint8())
		if v.PacketType > VideoSequenceEnd {
			return Video{}, &ReservedError{"video packet type", uint32(v.PacketType)}
		}
		v.Composition = int24(c.Uint24())
	}
	if c.Short() {
		return Video{}, ErrShort
	}
	v.Body = c.Rest()
	return v, nil
}

// parseEnhancedVideo continues ParseVideo after byte 0.
func parseEnhancedVideo(b byte, c wire.Cursor) (Video, error) {
	var err error
	v := Video{Enhanced: true, FrameType: FrameType(b >> 4 & 7)}
	e := enhanced{packet: b & 0xf}
	if e.packet == packetModEx {
		if e.modEx, e.nanos, e.packet, err = skipModEx(&c); err != nil {
			return Video{}, err
		}
		v.ModEx, v.Nanos = e.modEx, e.nanos
	}
	v.PacketType = VideoPacketType(e.packet)
	if v.IsCommand() {
		v.Command = VideoCommand(c.Uint8())
		if c.Short() {
			return Video{}, ErrShort
		}
		v.Body = c.Rest()
		return v, nil
	}
	if err := videoPacketTypes.cut(&c, &e); err != nil {
		return Video{}, err
	}
	v.PacketType, v.Codec, v.Multitrack, v.Track = VideoPacketType(e.packet), e.codec, e.layout, e.track
	if v.composed() {
		v.Composition = int24(c.Uint24())
		if c.Short() {
			return Video{}, ErrShort
		}
	}
	v.Body = c.Rest()
	return v, nil
}

// composed reports whether the header, or else the one track in it, ends with a composition time.
func (v *Video) composed() bool {
	return v.PacketType == VideoCodedFrames && v.Codec.composed() && !v.Multitrack.many()
}

// IsSequenceHeader reports whether v configures a decoder: what somebody who joins late has to get first, for
// each track. An empty header of a codec that needs one, as some encoders send it, counts as none.
func (v Video) IsSequenceHeader() bool {
	return (v.PacketType == VideoSequenceStart || v.PacketType == VideoMPEG2SequenceStart) &&
		v.FrameType != CommandFrame && len(v.Body) > 0
}

// IsKeyFrame reports whether decoding can start with v: coded frames of type KeyFrame or GeneratedFrame. Of
// many tracks it is true for all.
func (v Video) IsKeyFrame() bool {
	return (v.FrameType == KeyFrame || v.FrameType == GeneratedFrame) && v.IsCoded()
}

// IsCoded reports whether v holds coded frames of any kind.
func (v Video) IsCoded() bool {
	return (v.PacketType == VideoCodedFrames || v.PacketType == VideoCodedFramesX) && v.FrameType != CommandFrame
}

// IsEnd reports whether v ends a sequence.
func (v Video) IsEnd() bool { return v.PacketType == VideoSequenceEnd && v.FrameType != CommandFrame }

// IsMetadata reports whether the body of v is AMF pairs, such as colour information. The frame type of such a
// message means nothing: ffmpeg writes CommandFrame, OBS writes 0.
func (v Video) IsMetadata() bool { return v.Enhanced && v.PacketType == VideoMetadata }

// IsCommand reports whether v is a command frame. Its packet type means nothing.
func (v Video) IsCommand() bool { return v.FrameType == CommandFrame && !v.IsMetadata() }

// Tracks returns a walk over the tracks of v. A command frame has none.
func (v Video) Tracks() Tracks {
	return Tracks{
		layout:   v.Multitrack,
		composed: v.PacketType == VideoCodedFrames,
		left:     !v.IsCommand(),
		track:    Track{v.Codec, v.Track, v.Composition, v.Body},
		rest:     v.Body,
	}
}

// WithTrack returns v as a message of track t alone: without a multitrack header for track 0, as old receivers
// need it, and with OneTrack for the others. It is how a message of many tracks is split.
func (v Video) WithTrack(t Track) Video {
	v.Multitrack = SingleTrack
	if t.ID != 0 {
		v.Multitrack = OneTrack
	}
	v.Codec, v.Track, v.Composition, v.Body = t.Codec, t.ID, t.Composition, t.Body
	return v
}

// AppendVideoHeader appends the header of v, all that stands before v.Body. It returns dst and an ErrValue if a
// field does not fit, or cannot be written in the form that the other fields ask for.
func AppendVideoHeader(dst []byte, v Video) ([]byte, error) {
	if v.FrameType > 7 {
		return dst, &ValueError{"FrameType", int64(v.FrameType)}
	}
	if !isInt24(v.Composition) {
		return dst, &ValueError{"Composition", int64(v.Composition)}
	}
	if !v.Enhanced {
		return appendClassicVideo(dst, v)
	}
	start := len(dst)
	high := videoEnhanced | byte(v.FrameType)<<4
	e := enhanced{v.ModEx, v.Nanos, byte(v.PacketType), v.Multitrack, v.Codec, v.Track}
	var err error
	if v.IsCommand() {
		if v.PacketType > 0xf || v.PacketType == packetModEx {
			return dst, &ValueError{"PacketType", int64(v.PacketType)}
		}
		if dst, err = appendModEx(dst, high, e.packet, &e); err != nil {
			return dst, err
		}
		return append(dst, byte(v.Command)), nil
	}
	if dst, err = videoPacketTypes.append(dst, high, &e); err != nil {
		return dst[:start], err
	}
	if v.composed() {
		return wire.AppendUint24(dst, uint32(v.Composition)), nil
	}
	if v.Composition != 0 {
		return dst[:start], &ValueError{"Composition", int64(v.Composition)}
	}
	return dst, nil
}

func appendClassicVideo(dst []byte, v Video) ([]byte, error) {
	id, ok := v.Codec.videoID()
	switch {
	case !ok:
		return dst, &ValueError{"Codec", int64(v.Codec)}
	case v.Multitrack != SingleTrack:
		return dst, &ValueError{"Multitrack", int64(v.Multitrack)}
	case v.Nanos != 0 || len(v.ModEx) != 0:
		return dst, &ValueError{"Nanos", int64(v.Nanos)}
	}
	b := byte(v.FrameType)<<4 | id
	switch {
	case v.FrameType == CommandFrame:
		return append(dst, b, byte(v.Command)), nil
	case v.Codec.packeted() && v.PacketType <= VideoSequenceEnd:
		return wire.AppendUint24(append(dst, b, byte(v.PacketType)), uint32(v.Composition)), nil
	case v.Codec.packeted() || v.PacketType != VideoCodedFrames:
		return dst, &ValueError{"PacketType", int64(v.PacketType)}
	case v.Composition != 0:
		return dst, &ValueError{"Composition", int64(v.Composition)}
	}
	return append(dst, b), nil
}

// AppendVideoTrack appends t, body included, to the list of tracks that is the body of v. It returns dst and an
// ErrValue if v has not many tracks or if t does not fit. With ManyTracks, the codec of t has to be that of v.
func AppendVideoTrack(dst []byte, v Video, t Track) ([]byte, error) {
	if v.Multitrack == ManyTracks && t.Codec != v.Codec {
		return dst, &ValueError{"Codec", int64(t.Codec)}
	}
	return appendTrack(dst, v.Multitrack, v.PacketType == VideoCodedFrames, t)
}
