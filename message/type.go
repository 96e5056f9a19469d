package message

import "strconv"

// A Type is the message type id of the wire.
type Type uint8

// Fixed by RTMP 1.0, sections 5.4 and 7.1.
const (
	TypeSetChunkSize     Type = 1
	TypeAbort            Type = 2
	TypeAcknowledgement  Type = 3
	TypeUserControl      Type = 4
	TypeWindowAckSize    Type = 5
	TypeSetPeerBandwidth Type = 6
	TypeAudio            Type = 8
	TypeVideo            Type = 9
	TypeDataAMF3         Type = 15
	TypeSharedObjectAMF3 Type = 16
	TypeCommandAMF3      Type = 17
	TypeData             Type = 18 // AMF0
	TypeSharedObject     Type = 19 // AMF0
	TypeCommand          Type = 20 // AMF0
	TypeAggregate        Type = 22
)

// String returns the name of the type, or "type N".
func (t Type) String() string {
	switch t {
	case TypeSetChunkSize:
		return "set chunk size"
	case TypeAbort:
		return "abort"
	case TypeAcknowledgement:
		return "acknowledgement"
	case TypeUserControl:
		return "user control"
	case TypeWindowAckSize:
		return "window acknowledgement size"
	case TypeSetPeerBandwidth:
		return "set peer bandwidth"
	case TypeAudio:
		return "audio"
	case TypeVideo:
		return "video"
	case TypeDataAMF3:
		return "data (AMF3)"
	case TypeSharedObjectAMF3:
		return "shared object (AMF3)"
	case TypeCommandAMF3:
		return "command (AMF3)"
	case TypeData:
		return "data"
	case TypeSharedObject:
		return "shared object"
	case TypeCommand:
		return "command"
	case TypeAggregate:
		return "aggregate"
	}
	return "type " + strconv.Itoa(int(t))
}

// IsProtocolControl reports whether t belongs to the chunk layer (1, 2, 3, 5, 6).
func (t Type) IsProtocolControl() bool {
	return t >= TypeSetChunkSize && t <= TypeSetPeerBandwidth && t != TypeUserControl
}

// IsCommand reports whether t carries a command in either AMF form.
func (t Type) IsCommand() bool { return t == TypeCommand || t == TypeCommandAMF3 }

// IsData reports whether t carries a data message in either AMF form.
func (t Type) IsData() bool { return t == TypeData || t == TypeDataAMF3 }

// IsMedia reports whether t is audio, video, data or an aggregate of them: what a stream consists of.
func (t Type) IsMedia() bool {
	return t == TypeAudio || t == TypeVideo || t == TypeAggregate || t.IsData()
}
