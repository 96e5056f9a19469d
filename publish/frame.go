package publish

import (
	"time"

	"github.com/gortmp/rtmp/message"
)

// A frame is a message on its way to the targets. It is frozen: all of them send the same.
type frame struct {
	message *message.Message
	slot    slot          // of a header
	header  bool          // a target that connects later needs the last one of each slot
	coded   bool          // a coded frame of sound or picture
	key     bool          // of video: decoding can start here
	lesser  bool          // of video: no other picture needs it
	track   uint8         // as in the message
	at      time.Duration // time on the wire, without wrap
}

// A slot names what a header replaces: the one before in the same slot.
type slot struct {
	kind  message.Type
	track uint8
	what  slotKind
}

type slotKind uint8

const (
	slotMetadata slotKind = iota // in the order in which they are sent
	slotConfig
	slotChannels
	slotColor
)

func (f *frame) video() bool { return f.message.Type == message.TypeVideo }

// size is what f takes in a queue, in bytes.
func (f *frame) size() int { return len(f.message.Payload) + 64 }
