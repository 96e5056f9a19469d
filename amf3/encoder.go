package amf3

import (
	"encoding/binary"
	"math"
	"reflect"
	"time"

	"github.com/gortmp/rtmp/internal/wire"
)

// Append encodes values one after the other, with reference tables that go on from one to the next, and returns the
// extended buffer. See the package comment for what a value can be.
//
// Errors: *TypeError for a Go type without a form in AMF3, ErrTooDeep for more than 64 levels of nesting,
// ErrReference for a value that contains itself, ErrTooLong, ErrObject. dst is then returned as it was.
func Append(dst []byte, values ...any) ([]byte, error) {
	return AppendDepth(dst, DefaultDepth, values...)
}

// AppendDepth is Append with another bound on nesting: depth levels.
func AppendDepth(dst []byte, depth int, values ...any) ([]byte, error) {
	e := encoder{out: dst}
	for _, v := range values {
		if err := e.value(v, depth); err != nil {
			if err == ErrTooDeep {
				err = &LimitError{Err: ErrTooDeep, Limit: depth}
			}
			return dst, err
		}
	}
	return e.out, nil
}

// An encoder writes values that share reference tables.
type encoder struct {
	out     []byte
	strings index[string]
	objects index[any] // pointers
	traits  index[traits]
	open    wire.Stack[any] // the pointers being written, outer before inner
}

// uint29 writes n in as few bytes as possible.
func (e *encoder) uint29(n int) {
	switch {
	case n < 1<<7:
		e.out = append(e.out, byte(n))
	case n < 1<<14:
		e.out = append(e.out, byte(n>>7)|0x80, byte(n&0x7f))
	case n < 1<<21:
		e.out = append(e.out, byte(n>>14)|0x80, byte(n>>7)|0x80, byte(n&0x7f))
	default:
		e.out = append(e.out, byte(n>>22)|0x80, byte(n>>15)|0x80, byte(n>>8)|0x80, byte(n))
	}
}

// count writes n in front of n things that follow, with the bit that tells it from a reference.
func (e *encoder) count(n int) error {
	if n > maxLength {
		return ErrTooLong
	}
	e.uint29(n<<1 | 1)
	return nil
}

func (e *encoder) double(f float64) {
	e.out = binary.BigEndian.AppendUint64(e.out, math.Float64bits(f))
}

// value writes v, which may have depth levels.
func (e *encoder) value(v any, depth int) error {
	switch v := v.(type) {
	case nil:
		e.out = append(e.out, markerNull)
	case Undefined:
		e.out = append(e.out, markerUndefined)
	case bool:
		if v {
			e.out = append(e.out, markerTrue)
		} else {
			e.out = append(e.out, markerFalse)
		}
	case int32:
		e.integer(int64(v))
	case float64:
		e.out = append(e.out, markerDouble)
		e.double(v)
	case string:
		e.out = append(e.out, markerString)
		return e.string(v)
	case Date:
		e.objects.skip()
		e.out = append(e.out, markerDate, 1)
		e.double(float64(v))
	case time.Time:
		return e.value(DateOf(v), depth)
	case XMLDocument:
		return appendBytes(e, markerXMLDocument, v)
	case XML:
		return appendBytes(e, markerXML, v)
	case ByteArray:
		return appendBytes(e, markerByteArray, v)
	case []byte:
		return e.value(ByteArray(v), depth)
	case []any:
		e.objects.skip()
		e.out = append(e.out, markerArray)
		return e.array(nil, v, depth-1)
	default:
		if marker := markerOf(v); marker != 0 {
			return e.pointer(marker, v, depth-1)
		}
		return e.number(v)
	}
	return nil
}

// integer writes n as an integer if it fits, else as a double.
func (e *encoder) integer(n int64) {
	if n < minInteger || n > maxInteger {
		e.out = append(e.out, markerDouble)
		e.double(float64(n))
		return
	}
	e.out = append(e.out, markerInteger)
	e.uint29(int(n) & (1<<29 - 1))
}

// string writes s, or a reference to it.
func (e *encoder) string(s string) error {
	if s == "" {
		e.uint29(1)
		return nil
	}
	if i, ok := e.strings.find(s); ok {
		e.uint29(i << 1)
		return nil
	}
	if err := e.count(len(s)); err != nil {
		return err
	}
	e.out = append(e.out, s...)
	return nil
}

// appendBytes writes a run of bytes that stands in the table of objects.
func appendBytes[T ~string | ~[]byte](e *encoder, marker byte, b T) error {
	e.objects.skip()
	e.out = append(e.out, marker)
	if err := e.count(len(b)); err != nil {
		return err
	}
	e.out = append(e.out, b...)
	return nil
}

// number writes v if its type is an integer or floating-point one.
func (e *encoder) number(v any) error {
	r := reflect.ValueOf(v)
	switch {
	case r.Type() == reflect.TypeFor[time.Duration](): // of which unit?
		return &TypeError{Version: 3, Type: r.Type().String()}
	case r.CanInt():
		e.integer(r.Int())
	case r.CanUint() && r.Uint() <= maxInteger:
		e.integer(int64(r.Uint()))
	case r.CanUint():
		e.out = append(e.out, markerDouble)
		e.double(float64(r.Uint()))
	case r.CanFloat():
		e.out = append(e.out, markerDouble)
		e.double(r.Float())
	default:
		return &TypeError{Version: 3, Type: r.Type().String()}
	}
	return nil
}
