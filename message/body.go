package message

import "github.com/gortmp/rtmp/internal/wire"

// A Body is the meaning of a payload. The bodies of this package are pointers: *SetChunkSize, *Abort,
// *Acknowledgement, *UserControl, *WindowAckSize, *SetPeerBandwidth, *Command, *Data, *SharedObject,
// *Aggregate, and *Raw for audio, video and every other type.
type Body interface {
	// MessageType returns the type of the message that carries the body.
	MessageType() Type

	// AppendPayload appends the payload. On error it returns dst as it was.
	AppendPayload(dst []byte) ([]byte, error)
}

// Parse returns the body of m. A type that this package does not know is no error but a *Raw, and so is
// everything that is only passed on, audio and video above all.
//
// Strings in the result are copies; byte slices (Raw.Payload, UserControl.Data, the messages of an Aggregate,
// …) alias m.Payload. The error is a *BodyError. The time is proportional to the size of the payload, and so is the
// memory: at most about 32 times as much, and a few KiB.
//
// RTMP 1.0, sections 5.4, 6.2 and 7.1.
func Parse(m *Message) (Body, error) {
	var body Body
	var err error
	switch m.Type {
	case TypeSetChunkSize:
		body, err = parseSetChunkSize(m.Payload)
	case TypeAbort:
		body, err = parseAbort(m.Payload)
	case TypeAcknowledgement:
		body, err = parseAcknowledgement(m.Payload)
	case TypeUserControl:
		body, err = parseUserControl(m.Payload)
	case TypeWindowAckSize:
		body, err = parseWindowAckSize(m.Payload)
	case TypeSetPeerBandwidth:
		body, err = parseSetPeerBandwidth(m.Payload)
	case TypeCommand, TypeCommandAMF3:
		body, err = parseCommand(m.Payload, m.Type == TypeCommandAMF3)
	case TypeData, TypeDataAMF3:
		body, err = parseData(m.Payload, m.Type == TypeDataAMF3)
	case TypeSharedObject, TypeSharedObjectAMF3:
		body, err = parseSharedObject(m.Payload, m.Type == TypeSharedObjectAMF3)
	case TypeAggregate:
		body, err = parseAggregate(m)
	default:
		return &Raw{Type: m.Type, Payload: m.Payload}, nil
	}
	if err != nil {
		return nil, &BodyError{Type: m.Type, Size: len(m.Payload), Err: err}
	}
	return body, nil
}

// New returns a message that carries b on the message stream streamID at time ts. The result, payload included,
// is owned; b is not kept. Errors are those of b's AppendPayload, and ErrTooLarge.
func New(streamID uint32, ts Timestamp, b Body) (*Message, error) {
	payload, err := b.AppendPayload(nil)
	if err != nil {
		return nil, err
	}
	if len(payload) > wire.MaxUint24 {
		return nil, ErrTooLarge
	}
	return &Message{Type: b.MessageType(), StreamID: streamID, Timestamp: ts, Payload: payload}, nil
}

// A Raw is a body that is passed on as it is: audio, video, and every type that this package does not know.
type Raw struct {
	Type    Type
	Payload []byte // aliases the payload of the message that was parsed
}

// MessageType returns r.Type.
func (r *Raw) MessageType() Type { return r.Type }

// AppendPayload appends r.Payload. It never fails.
func (r *Raw) AppendPayload(dst []byte) ([]byte, error) { return append(dst, r.Payload...), nil }
