package main

import (
	"encoding/binary"
	"math"

	"github.com/gortmp/rtmp/amf0"
)

// floorEncoder knows no types but string, number, boolean and object.
func floorEncoder(values []any) func() ([]byte, error) {
	var buf []byte
	return func() ([]byte, error) {
		buf = buf[:0]
		for _, v := range values {
			buf = floorAppend(buf, v)
		}
		return buf, nil
	}
}

func floorAppend(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		b = append(b, 2, byte(len(v)>>8), byte(len(v)))
		return append(b, v...)
	case float64:
		b = append(b, 0)
		return binary.BigEndian.AppendUint64(b, math.Float64bits(v))
	case bool:
		if v {
			return append(b, 1, 1)
		}
		return append(b, 1, 0)
	case amf0.Object:
		b = append(b, 3)
		for _, p := range v {
			b = append(b, byte(len(p.Name)>>8), byte(len(p.Name)))
			b = append(b, p.Name...)
			b = floorAppend(b, p.Value)
		}
		return append(b, 0, 0, 9)
	}
	return b
}

// A floorList is the values of a message. The strings are parts of one.
type floorList struct {
	values [16]floorValue
	n      int
}

// A floorValue is a value, or a property with its name. An object is the values behind it, up to the end marker.
type floorValue struct {
	name, text string
	number     float64
	kind       byte // the marker
}

// floorDecoder knows what floorEncoder knows, and not too many of them.
func floorDecoder() (decode func(b []byte) error, values func() []any) {
	var list *floorList
	return func(b []byte) error {
		list = floorDecode(b)
		return nil
	}, func() []any { return list.plain() }
}

func floorDecode(b []byte) *floorList {
	all := string(b)
	list := new(floorList)
	inside := false
	for i := 0; i < len(b); list.n++ {
		v := &list.values[list.n]
		if inside {
			n := int(b[i])<<8 | int(b[i+1])
			v.name = all[i+2 : i+2+n]
			i += 2 + n
		}
		v.kind = b[i]
		i++
		switch v.kind {
		case 0:
			v.number = math.Float64frombits(binary.BigEndian.Uint64(b[i:]))
			i += 8
		case 1:
			v.number = float64(b[i])
			i++
		case 2:
			n := int(b[i])<<8 | int(b[i+1])
			v.text = all[i+2 : i+2+n]
			i += 2 + n
		case 3:
			inside = true
		case 9:
			inside = false
		}
	}
	return list
}

func (l *floorList) plain() (out []any) {
	var object amf0.Object
	inside := false
	for _, v := range l.values[:l.n] {
		var value any
		switch v.kind {
		case 0:
			value = v.number
		case 1:
			value = v.number != 0
		case 2:
			value = v.text
		case 3:
			inside = true
			continue
		case 9:
			inside = false
			out = append(out, object)
			continue
		}
		if inside {
			object = append(object, amf0.Property{Name: v.name, Value: value})
		} else {
			out = append(out, value)
		}
	}
	return out
}
