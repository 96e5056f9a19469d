package message

import "github.com/gortmp/rtmp/amf0"

// A Command is a remote call, its reply, or a notice such as onStatus. Values are Go values as described in
// package amf0.
//
// Peers leave out values at the end. What is missing is zero: a command without an object has a nil Object,
// which is the null of the wire, and one with a name alone has the TransactionID 0, "no reply wanted".
//
// RTMP 1.0, section 7.2.
type Command struct {
	Name          string
	TransactionID float64
	Object        any // "command object": an amf0.Object, or nil
	Args          []any
	AMF3          bool // the message has type 17 instead of 20
}

func parseCommand(b []byte, amf3 bool) (*Command, error) {
	values, err := parseValues(b, amf3)
	if err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return nil, ErrNotCommand
	}
	c := &Command{AMF3: amf3}
	var ok bool
	if c.Name, ok = values[0].(string); !ok {
		return nil, ErrNotCommand
	}
	if len(values) > 1 {
		if c.TransactionID, ok = values[1].(float64); !ok {
			return nil, ErrNotCommand
		}
	}
	if len(values) > 2 {
		c.Object = values[2]
	}
	if len(values) > 3 {
		c.Args = values[3:]
	}
	return c, nil
}

// MessageType returns TypeCommand, or TypeCommandAMF3 if c.AMF3 is set.
func (c *Command) MessageType() Type {
	if c.AMF3 {
		return TypeCommandAMF3
	}
	return TypeCommand
}

// AppendPayload appends name, transaction, object and arguments, with a zero byte in front if c.AMF3 is set. Its
// errors are those of amf0.Append.
func (c *Command) AppendPayload(dst []byte) ([]byte, error) {
	b := amf0.AppendString(appendSelector(dst, c.AMF3), c.Name)
	b = amf0.AppendNumber(b, c.TransactionID)
	b, err := amf0.Append(b, c.Object)
	if err != nil {
		return dst, err
	}
	if b, err = amf0.Append(b, c.Args...); err != nil {
		return dst, err
	}
	return b, nil
}

// parseValues reads the AMF0 values that a command or data message consists of.
func parseValues(b []byte, amf3 bool) ([]any, error) {
	if amf3 {
		b = skipSelector(b)
	}
	return amf0.ParseAll(b)
}

// skipSelector returns b, a body of type 15 or 17, without the zero byte that stands for "AMF0 values follow".
// Several servers leave it out; their bodies begin with the marker of a string.
func skipSelector(b []byte) []byte {
	if len(b) > 0 && b[0] == 0 {
		return b[1:]
	}
	return b
}

func appendSelector(dst []byte, amf3 bool) []byte {
	if amf3 {
		return append(dst, 0)
	}
	return dst
}
