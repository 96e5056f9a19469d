package message

import (
	"encoding/binary"
	"math"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/internal/wire"
)

// A SharedObject is a list of changes to an object that a server keeps in step between clients. It goes over
// message stream 0.
//
// RTMP 1.0, section 7.1.3.
type SharedObject struct {
	Name     string
	Version  uint32 // goes up with every change that the server accepted
	Flags    uint32 // SharedPersistent or 0
	Reserved uint32 // 0
	Events   []SharedEvent
	AMF3     bool // the message has type 16 instead of 19
}

// SharedPersistent is the flag of an object that the server keeps when nobody uses it. Fixed by Flash Media
// Server.
const SharedPersistent = 2

// A SharedEventType is the kind of a SharedEvent.
type SharedEventType uint8

// Fixed by RTMP 1.0, section 7.1.3.
const (
	SharedUse           SharedEventType = 1  // client
	SharedRelease       SharedEventType = 2  // client
	SharedRequestChange SharedEventType = 3  // client; Properties
	SharedChange        SharedEventType = 4  // server, to the other clients; Properties
	SharedSuccess       SharedEventType = 5  // server, to the one that asked; Names
	SharedSendMessage   SharedEventType = 6  // both; Values
	SharedStatus        SharedEventType = 7  // server; Code, Level
	SharedClear         SharedEventType = 8  // server
	SharedRemove        SharedEventType = 9  // server; Names
	SharedRequestRemove SharedEventType = 10 // client; Names
	SharedUseSuccess    SharedEventType = 11 // server
)

// A SharedEvent is one change. Which fields a type has is written beside its constant; the others are zero, and
// are not written.
type SharedEvent struct {
	Type       SharedEventType
	Properties amf0.Object // new values
	Names      []string    // of properties
	Values     []any       // a handler's name and its arguments
	Code       string      // as in onStatus
	Level      string      // "status" or "error"
	Data       []byte      // what follows the fields: everything, for a type not listed; nil if nothing
}

// MaxParts is the number of events and of names in them that Parse accepts in one shared object message. Ours:
// as many as the values that amf0 accepts.
const MaxParts = 1 << 16

func parseSharedObject(b []byte, amf3 bool) (*SharedObject, error) {
	c := wire.NewCursor(b)
	if amf3 {
		// Unlike in types 15 and 17, a missing selector cannot be told: a short name begins with a zero, too.
		if selector := c.Uint8(); selector != 0 {
			return nil, &ValueError{Field: "AMF3 format selector", Value: uint32(selector)}
		}
	}
	so := &SharedObject{
		Name:     string(c.Bytes(int(c.Uint16()))),
		Version:  c.Uint32(),
		Flags:    c.Uint32(),
		Reserved: c.Uint32(),
		AMF3:     amf3,
	}
	if c.Short() {
		return nil, ErrShort
	}
	n, err := countSharedEvents(c.Rest())
	if err != nil || n == 0 {
		return so, err
	}
	so.Events = make([]SharedEvent, n)
	parts := MaxParts - n
	for i := range so.Events {
		e := &so.Events[i]
		e.Type = SharedEventType(c.Uint8())
		if err := e.parse(c.Bytes(int(c.Uint32())), &parts); err != nil {
			return nil, err
		}
	}
	return so, nil
}

// countSharedEvents returns the number of events in b after it checked their lengths.
func countSharedEvents(b []byte) (n int, err error) {
	c := wire.NewCursor(b)
	for ; c.Len() > 0; n++ {
		c.Uint8()
		size := c.Uint32()
		if uint64(size) > uint64(c.Len()) {
			return 0, ErrShort
		}
		c.Bytes(int(size))
	}
	if c.Short() {
		return 0, ErrShort
	}
	if n > MaxParts {
		return 0, ErrTooMany
	}
	return n, nil
}

// parse reads the data of an event whose type is set, and takes the names in it from parts.
func (e *SharedEvent) parse(b []byte, parts *int) error {
	c := wire.NewCursor(b)
	switch e.Type {
	case SharedRequestChange, SharedChange:
		properties, err := amf0.ParseProperties(b)
		e.Properties = properties
		return err
	case SharedSuccess, SharedRemove, SharedRequestRemove:
		var names wire.List[string]
		for c.Len() > 0 {
			if *parts--; *parts < 0 {
				return ErrTooMany
			}
			names.Append(string(c.Bytes(int(c.Uint16()))))
		}
		e.Names = names.All()
	case SharedSendMessage:
		values, err := amf0.ParseAll(b)
		e.Values = values
		return err
	case SharedStatus:
		e.Code = string(c.Bytes(int(c.Uint16())))
		e.Level = string(c.Bytes(int(c.Uint16())))
	}
	if c.Short() {
		return ErrShort
	}
	if c.Len() > 0 {
		e.Data = c.Bytes(c.Len())
	}
	return nil
}

// MessageType returns TypeSharedObject, or TypeSharedObjectAMF3 if so.AMF3 is set.
func (so *SharedObject) MessageType() Type {
	if so.AMF3 {
		return TypeSharedObjectAMF3
	}
	return TypeSharedObject
}

// AppendPayload appends the object, with a zero byte in front if so.AMF3 is set. A name of more than 65,535
// bytes is a *ValueError; other errors are those of amf0.Append.
func (so *SharedObject) AppendPayload(dst []byte) ([]byte, error) {
	b, err := appendName(appendSelector(dst, so.AMF3), so.Name)
	if err != nil {
		return dst, err
	}
	b = binary.BigEndian.AppendUint32(b, so.Version)
	b = binary.BigEndian.AppendUint32(b, so.Flags)
	b = binary.BigEndian.AppendUint32(b, so.Reserved)
	for i := range so.Events {
		e := &so.Events[i]
		b = append(b, byte(e.Type), 0, 0, 0, 0)
		start := len(b)
		if b, err = e.append(b); err != nil {
			return dst, err
		}
		size := len(b) - start
		if size > wire.MaxUint24 {
			return dst, ErrTooLarge
		}
		binary.BigEndian.PutUint32(b[start-4:], uint32(size))
	}
	return b, nil
}

// append appends the data of the event.
func (e *SharedEvent) append(b []byte) ([]byte, error) {
	var err error
	switch e.Type {
	case SharedRequestChange, SharedChange:
		for _, p := range e.Properties {
			if b, err = appendName(b, p.Name); err != nil {
				return nil, err
			}
			if b, err = amf0.Append(b, p.Value); err != nil {
				return nil, err
			}
		}
	case SharedSuccess, SharedRemove, SharedRequestRemove:
		for _, name := range e.Names {
			if b, err = appendName(b, name); err != nil {
				return nil, err
			}
		}
	case SharedSendMessage:
		if b, err = amf0.Append(b, e.Values...); err != nil {
			return nil, err
		}
	case SharedStatus:
		if b, err = appendName(b, e.Code); err != nil {
			return nil, err
		}
		if b, err = appendName(b, e.Level); err != nil {
			return nil, err
		}
	}
	return append(b, e.Data...), nil
}

// appendName appends a string with a 16-bit length and no marker.
func appendName(dst []byte, s string) ([]byte, error) {
	if len(s) > math.MaxUint16 {
		return dst, &ValueError{Field: "length of a name", Value: uint32(min(uint64(len(s)), math.MaxUint32))}
	}
	return append(binary.BigEndian.AppendUint16(dst, uint16(len(s))), s...), nil
}
