package message

import (
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/internal/wire"
)

// Names of data messages that a server acts on; fixed by Flash Media Server.
const (
	SetDataFrame   = "@setDataFrame"   // keep what follows, a name and a value, and pass it to players
	ClearDataFrame = "@clearDataFrame" // forget the value kept under the name that follows
)

// PeekName returns the string that the command or data message m begins with, and the AMF0 values behind it,
// without parsing those. Both alias m.Payload. It reports false for messages of other types and for those that
// do not begin with a string. It does not allocate.
func PeekName(m *Message) (name, rest []byte, ok bool) {
	b := m.Payload
	switch m.Type {
	case TypeCommand, TypeData:
	case TypeCommandAMF3, TypeDataAMF3:
		b = skipSelector(b)
	default:
		return nil, nil, false
	}
	const markerString, markerLongString = 0x02, 0x0C // AMF0, sections 2.4 and 2.14
	c := wire.NewCursor(b)
	switch c.Uint8() {
	case markerString:
		name = c.Bytes(int(c.Uint16()))
	case markerLongString:
		name = c.Bytes(int(c.Uint32()))
	default:
		return nil, nil, false
	}
	if c.Short() {
		return nil, nil, false
	}
	return name, c.Rest(), true
}

// TrimSetDataFrame takes "@setDataFrame" off the front of the data message m and reports whether it was there:
// the form in which publishers send metadata becomes the one that players and files have. The other values stay
// as they are, byte for byte; the payload of m still aliases the old one and may now be empty. The type becomes
// TypeData, whose payload needs no selector in front.
func TrimSetDataFrame(m *Message) bool {
	if !m.Type.IsData() {
		return false
	}
	name, rest, ok := PeekName(m)
	if !ok || string(name) != SetDataFrame {
		return false
	}
	m.Type, m.Payload = TypeData, rest
	return true
}

// AppendSetDataFrame appends the payload of m, a data message, with "@setDataFrame" put in front of its values:
// the opposite of TrimSetDataFrame. The result is the payload of a message of the same type as m.
func AppendSetDataFrame(dst []byte, m *Message) []byte {
	values := m.Payload
	if m.Type == TypeDataAMF3 {
		values = skipSelector(values)
		dst = append(dst, 0)
	}
	return append(amf0.AppendString(dst, SetDataFrame), values...)
}
