package amf0

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/gortmp/rtmp/amf3"
)

// Append encodes values one after the other, as they form a message body, and returns the extended buffer. See the
// package comment for what a value can be. For the types that Parse returns nothing is allocated but the growth of dst.
//
// Errors: *TypeError for a Go type without a form in AMF, ErrTooDeep for more than 64 levels of nesting, ErrTooLong
// for a property or class name of more than 65,535 bytes; for AMF3 values those of amf3.Append. dst is then returned
// as it was.
func Append(dst []byte, values ...any) ([]byte, error) {
	return AppendDepth(dst, amf3.DefaultDepth, values...)
}

// AppendDepth is Append with another bound on nesting: depth levels.
func AppendDepth(dst []byte, depth int, values ...any) ([]byte, error) {
	out := slices.Grow(dst, valueSize*len(values))
	for _, v := range values {
		var err error
		if out, err = appendValue(out, v, depth); err != nil {
			if errors.Is(err, ErrTooDeep) { // an AMF3 value knows only what was left to it
				err = &LimitError{Err: ErrTooDeep, Limit: depth}
			}
			return dst, err
		}
	}
	return out, nil
}

// Ours: what a value and a property take, about, so that a buffer that is too small grows once or twice.
const (
	valueSize    = 9  // bytes, a number
	propertySize = 25 // bytes, with a name of 14
)

// AppendNumber encodes a number.
func AppendNumber(dst []byte, f float64) []byte {
	dst = append(dst, markerNumber)
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(f))
}

// AppendBool encodes a boolean.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, markerBoolean, 1)
	}
	return append(dst, markerBoolean, 0)
}

// AppendNull encodes null.
func AppendNull(dst []byte) []byte { return append(dst, markerNull) }

// AppendString encodes a string, in the long form if it has more than 65,535 bytes. The length field of the long form
// ends at 4 GiB.
func AppendString(dst []byte, s string) []byte {
	if len(s) > math.MaxUint16 {
		return appendLong(append(dst, markerLongString), s)
	}
	dst = append(dst, markerString)
	return appendShort(dst, s)
}

func appendShort(dst []byte, s string) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(s)))
	return append(dst, s...)
}

func appendLong(dst []byte, s string) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(s)))
	return append(dst, s...)
}

// appendValue encodes v, which may have depth levels.
func appendValue(dst []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, markerNull), nil
	case string:
		if uint64(len(v)) > math.MaxUint32 {
			return dst, ErrTooLong
		}
		return AppendString(dst, v), nil
	case float64:
		return AppendNumber(dst, v), nil
	case bool:
		return AppendBool(dst, v), nil
	case Undefined:
		return append(dst, markerUndefined), nil
	case Unsupported:
		return append(dst, markerUnsupported), nil
	case Date:
		dst = append(dst, markerDate)
		dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(float64(v)))
		return append(dst, 0, 0), nil
	case time.Time:
		return appendValue(dst, DateOf(v), depth)
	case XML:
		if uint64(len(v)) > math.MaxUint32 {
			return dst, ErrTooLong
		}
		return appendLong(append(dst, markerXML), string(v)), nil
	}
	return appendContainer(dst, v, depth)
}

// appendContainer encodes v if it holds other values.
func appendContainer(dst []byte, v any, depth int) ([]byte, error) {
	if m, ok := v.(AMF3); ok {
		return amf3.AppendDepth(append(dst, markerAMF3), depth, m.Value)
	}
	inner := depth - 1
	switch v := v.(type) {
	case Object:
		return appendProperties(append(dst, markerObject), v, inner)
	case ECMAArray:
		dst = append(dst, markerECMAArray)
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(v)))
		return appendProperties(dst, v, inner)
	case StrictArray:
		return appendList(dst, v, inner)
	case []any:
		return appendList(dst, v, inner)
	case []string:
		return appendList(dst, v, inner)
	case TypedObject:
		return appendTyped(dst, &v, inner)
	case *TypedObject:
		if v == nil {
			return append(dst, markerNull), nil
		}
		return appendTyped(dst, v, inner)
	case map[string]any:
		return appendMap(dst, v, inner)
	}
	return appendOther(dst, v)
}

func appendProperties[T ~[]Property](dst []byte, properties T, depth int) ([]byte, error) {
	if depth < 0 {
		return dst, ErrTooDeep
	}
	dst = slices.Grow(dst, propertySize*len(properties))
	for i := range properties {
		p := &properties[i]
		if len(p.Name) > math.MaxUint16 {
			return dst, ErrTooLong
		}
		dst = appendShort(dst, p.Name)
		var err error
		if dst, err = appendValue(dst, p.Value, depth); err != nil {
			return dst, err
		}
	}
	return append(dst, 0, 0, markerObjectEnd), nil
}

func appendTyped(dst []byte, o *TypedObject, depth int) ([]byte, error) {
	if len(o.Class) > math.MaxUint16 {
		return dst, ErrTooLong
	}
	dst = appendShort(append(dst, markerTypedObject), o.Class)
	return appendProperties(dst, o.Object, depth)
}

func appendList[T any](dst []byte, list []T, depth int) ([]byte, error) {
	if depth < 0 {
		return dst, ErrTooDeep
	}
	dst = append(dst, markerStrictArray)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(list)))
	dst = slices.Grow(dst, valueSize*len(list))
	for _, v := range list {
		var err error
		if dst, err = appendValue(dst, v, depth); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendMap encodes m as an object, its properties sorted by name: a map has no order, and bytes should not differ
// from run to run.
func appendMap(dst []byte, m map[string]any, depth int) ([]byte, error) {
	object := make(Object, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		object = append(object, Property{Name: name, Value: m[name]})
	}
	return appendProperties(append(dst, markerObject), object, depth)
}

// appendOther encodes v if its type is a number for number.
func appendOther(dst []byte, v any) ([]byte, error) {
	f, ok := number(v)
	if !ok {
		return dst, &TypeError{Version: 0, Type: reflect.TypeOf(v).String()}
	}
	return AppendNumber(dst, f), nil
}

// number returns v as a number if its type is an integer or floating-point one, except those that mean a time.
func number(v any) (f float64, ok bool) {
	switch v := v.(type) {
	case nil, Date, time.Duration:
		return 0, false
	case float64:
		return v, true
	}
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return float64(r.Int()), true
	case r.CanUint():
		return float64(r.Uint()), true
	case r.CanFloat():
		return r.Float(), true
	}
	return 0, false
}
