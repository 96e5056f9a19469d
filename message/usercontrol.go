package message

import (
	"encoding/binary"
	"strconv"

	"github.com/gortmp/rtmp/internal/wire"
)

// An Event is the kind of a UserControl.
type Event uint16

// Fixed by RTMP 1.0, section 7.1.7.
const (
	EventStreamBegin      Event = 0 // StreamID: the stream is usable
	EventStreamEOF        Event = 1 // StreamID: playback is over
	EventStreamDry        Event = 2 // StreamID: no data for a while
	EventSetBufferLength  Event = 3 // StreamID, BufferLength
	EventStreamIsRecorded Event = 4 // StreamID: it is not live
	EventPingRequest      Event = 6 // Timestamp: to be sent back at once
	EventPingResponse     Event = 7 // Timestamp: of the request
)

// Not in RTMP 1.0; fixed by Flash Media Server and Flash Player.
const (
	EventSWFVerifyRequest  Event = 26 // Data: the version, 1
	EventSWFVerifyResponse Event = 27 // Data: 42 bytes made from the handshake and the player's file
	EventBufferEmpty       Event = 31 // StreamID: what fills the client's buffer has been sent
	EventBufferReady       Event = 32 // StreamID: the next part begins
)

// String returns the name of the event, or "event N".
func (e Event) String() string {
	switch e {
	case EventStreamBegin:
		return "stream begin"
	case EventStreamEOF:
		return "stream EOF"
	case EventStreamDry:
		return "stream dry"
	case EventSetBufferLength:
		return "set buffer length"
	case EventStreamIsRecorded:
		return "stream is recorded"
	case EventPingRequest:
		return "ping request"
	case EventPingResponse:
		return "ping response"
	case EventSWFVerifyRequest:
		return "SWF verification request"
	case EventSWFVerifyResponse:
		return "SWF verification response"
	case EventBufferEmpty:
		return "buffer empty"
	case EventBufferReady:
		return "buffer ready"
	}
	return "event " + strconv.Itoa(int(e))
}

// A UserControl tells of a change in a stream, or asks for a sign of life. Which fields an event has is written
// beside its constant; the others are zero, and are not written.
//
// RTMP 1.0, sections 6.2 and 7.1.7.
type UserControl struct {
	Event        Event
	StreamID     uint32
	BufferLength uint32 // milliseconds
	Timestamp    uint32 // milliseconds of the sender's clock
	Data         []byte // what follows the fields: everything, for an event not listed; nil if nothing
}

func parseUserControl(b []byte) (*UserControl, error) {
	c := wire.NewCursor(b)
	u := &UserControl{Event: Event(c.Uint16())}
	switch u.Event {
	case EventStreamBegin, EventStreamEOF, EventStreamDry, EventStreamIsRecorded, EventBufferEmpty, EventBufferReady:
		u.StreamID = c.Uint32()
	case EventSetBufferLength:
		u.StreamID = c.Uint32()
		u.BufferLength = c.Uint32()
	case EventPingRequest, EventPingResponse:
		u.Timestamp = c.Uint32()
	}
	if c.Short() {
		return nil, ErrShort
	}
	if c.Len() > 0 {
		u.Data = c.Bytes(c.Len())
	}
	return u, nil
}

// MessageType returns TypeUserControl.
func (u *UserControl) MessageType() Type { return TypeUserControl }

// AppendPayload appends the event, the fields that it has, and Data. It never fails.
func (u *UserControl) AppendPayload(dst []byte) ([]byte, error) {
	dst = binary.BigEndian.AppendUint16(dst, uint16(u.Event))
	switch u.Event {
	case EventStreamBegin, EventStreamEOF, EventStreamDry, EventStreamIsRecorded, EventBufferEmpty, EventBufferReady:
		dst = binary.BigEndian.AppendUint32(dst, u.StreamID)
	case EventSetBufferLength:
		dst = binary.BigEndian.AppendUint32(dst, u.StreamID)
		dst = binary.BigEndian.AppendUint32(dst, u.BufferLength)
	case EventPingRequest, EventPingResponse:
		dst = binary.BigEndian.AppendUint32(dst, u.Timestamp)
	}
	return append(dst, u.Data...), nil
}
