package media

// A FrameType is the kind of a video frame.
type FrameType uint8

// Fixed by FLV 10.1, Annex E.4.3.1. 0, 6 and 7 are reserved.
const (
	KeyFrame        FrameType = 1
	InterFrame      FrameType = 2
	DisposableFrame FrameType = 3 // an inter frame that no other frame needs
	GeneratedFrame  FrameType = 4 // a key frame made by a server
	CommandFrame    FrameType = 5 // no picture but a VideoCommand
)

// String returns the usual name, or "frame type N".
func (t FrameType) String() string {
	switch t {
	case KeyFrame:
		return "key"
	case InterFrame:
		return "inter"
	case DisposableFrame:
		return "disposable"
	case GeneratedFrame:
		return "generated key"
	case CommandFrame:
		return "command"
	}
	return "frame type " + uitoa(uint8(t))
}

// A VideoPacketType says what the body of a video message is. The numbers are those of the enhanced form;
// the classic form has the first three.
type VideoPacketType uint8

// Fixed by Enhanced RTMP v2, section "Enhanced Video". 6 and 7 are the multitrack and ModEx headers, 8 to 15 are
// reserved.
const (
	VideoSequenceStart      VideoPacketType = 0 // configuration record
	VideoCodedFrames        VideoPacketType = 1
	VideoSequenceEnd        VideoPacketType = 2
	VideoCodedFramesX       VideoPacketType = 3 // coded frames with a composition time of 0
	VideoMetadata           VideoPacketType = 4 // AMF pairs, see ParseColorInfo
	VideoMPEG2SequenceStart VideoPacketType = 5 // AV1 video descriptor of MPEG-2 TS
)

// Fixed by Enhanced RTMP v2, like those above.
const (
	videoEnhanced         = 0x80 // the top bit of byte 0
	packetVideoMultitrack = 6
	videoPackets          = 1<<6 - 1 // a bit for each type above
)

// String returns the usual name, or "packet type N".
func (t VideoPacketType) String() string {
	switch t {
	case VideoSequenceStart:
		return "sequence start"
	case VideoCodedFrames:
		return "coded frames"
	case VideoSequenceEnd:
		return "sequence end"
	case VideoCodedFramesX:
		return "coded frames x"
	case VideoMetadata:
		return "metadata"
	case VideoMPEG2SequenceStart:
		return "mpeg2 sequence start"
	}
	return "packet type " + uitoa(uint8(t))
}

// A VideoCommand is what a command frame says.
type VideoCommand uint8

// Fixed by FLV 10.1, Annex E.4.3.1.
const (
	SeekStart VideoCommand = 0 // the frames that follow are sent faster, to get at the point sought
	SeekEnd   VideoCommand = 1
)
