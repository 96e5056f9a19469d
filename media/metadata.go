package media

import (
	"bytes"

	"github.com/gortmp/rtmp/amf0"
)

// Metadata is the object of an onMetaData message: width, height, duration and so on, in the order of the wire.
// It is what the sender says, and often wrong: derive the codec from the sequence headers.
type Metadata = amf0.Object

// onMetaData is the name as the first value of a data message.
const onMetaData = "\x02\x00\x0aonMetaData"

// IsMetadata reports whether payload is a data message (type 18) in file form that starts with "onMetaData".
func IsMetadata(payload []byte) bool { return bytes.HasPrefix(payload, []byte(onMetaData)) }

// ParseMetadata reads the payload of an onMetaData message (type 18) in file form. What follows the object is
// ignored. It returns ErrNotMetadata if payload is something else, and the errors of package amf0.
//
// FLV 10.1, Annex E.5.
func ParseMetadata(payload []byte) (Metadata, error) {
	if !IsMetadata(payload) {
		return nil, ErrNotMetadata
	}
	v, _, err := amf0.Parse(payload[len(onMetaData):])
	if err != nil {
		return nil, err
	}
	if md, ok := amf0.AsObject(v); ok {
		return md, nil
	}
	return nil, ErrNotMetadata
}

// AppendMetadata appends the payload of an onMetaData message (type 18) in file form. The object is written as an
// ECMA array, as everybody does. The errors are those of amf0.Append; then dst is returned.
func AppendMetadata(dst []byte, md Metadata) ([]byte, error) {
	b, err := amf0.Append(append(dst, onMetaData...), amf0.ECMAArray(md))
	if err != nil {
		return dst, err
	}
	return b, nil
}
