package message

import "github.com/gortmp/rtmp/amf0"

// A Data is a message of plain values: metadata, cue points, captions. Values are Go values as described in
// package amf0; nearly always the first is a name. A body without any value is legal.
//
// RTMP 1.0, section 7.1.2.
type Data struct {
	Values []any
	AMF3   bool // the message has type 15 instead of 18
}

func parseData(b []byte, amf3 bool) (*Data, error) {
	values, err := parseValues(b, amf3)
	if err != nil {
		return nil, err
	}
	return &Data{Values: values, AMF3: amf3}, nil
}

// Name returns the first value if it is a string, such as "onMetaData", else "".
func (d *Data) Name() string {
	if len(d.Values) == 0 {
		return ""
	}
	name, _ := d.Values[0].(string)
	return name
}

// MessageType returns TypeData, or TypeDataAMF3 if d.AMF3 is set.
func (d *Data) MessageType() Type {
	if d.AMF3 {
		return TypeDataAMF3
	}
	return TypeData
}

// AppendPayload appends the values, with a zero byte in front if d.AMF3 is set. Its errors are those of
// amf0.Append.
func (d *Data) AppendPayload(dst []byte) ([]byte, error) {
	b, err := amf0.Append(appendSelector(dst, d.AMF3), d.Values...)
	if err != nil {
		return dst, err
	}
	return b, nil
}
