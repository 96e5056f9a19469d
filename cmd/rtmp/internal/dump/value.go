package dump

import (
	"fmt"
	"strconv"
	"time"
	"unicode"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/amf3"
)

// Ours: a line should stay readable when a file's key frame index is in its metadata.
const (
	longestString = 200 // bytes shown
	longestList   = 12  // elements shown
)

// appendValues appends each of values with a space in front.
func appendValues(dst []byte, values []any) []byte {
	for _, v := range values {
		dst = append(dst, ' ')
		dst = appendValue(dst, v)
	}
	return dst
}

// appendValue appends v in a notation near JSON. The types that JSON lacks have their name in front.
func appendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case float64:
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	case string:
		return appendString(dst, v)
	case amf0.Object:
		return appendProperties(dst, v)
	case amf0.ECMAArray:
		return appendProperties(append(dst, "array"...), amf0.Object(v))
	case amf0.TypedObject:
		return appendProperties(append(dst, v.Class...), v.Object)
	case amf0.StrictArray:
		return appendList(dst, v)
	case amf0.Undefined:
		return append(dst, "undefined"...)
	case amf0.Unsupported:
		return append(dst, "unsupported"...)
	case amf0.Date:
		return v.Time().AppendFormat(dst, time.RFC3339Nano)
	case amf0.XML:
		return appendString(append(dst, "xml"...), string(v))
	case amf0.AMF3:
		return appendAMF3(append(dst, "amf3:"...), v)
	default:
		return fmt.Append(dst, v)
	}
}

// appendAMF3 appends the kinds of values that are met in practice, and the type of the others.
func appendAMF3(dst []byte, v amf0.AMF3) []byte {
	if o, ok := amf0.AsObject(v); ok {
		return appendProperties(dst, o)
	}
	switch x := v.Value.(type) {
	case nil, bool, float64, string:
		return appendValue(dst, x)
	case int32:
		return strconv.AppendInt(dst, int64(x), 10)
	case amf3.Date:
		return appendValue(dst, amf0.Date(x))
	case amf3.ByteArray:
		return appendHex(dst, x)
	default:
		return fmt.Appendf(dst, "%T", x)
	}
}

func appendProperties(dst []byte, o amf0.Object) []byte {
	dst = append(dst, '{')
	for i, p := range o {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if isWord(p.Name) {
			dst = append(dst, p.Name...)
		} else {
			dst = appendString(dst, p.Name)
		}
		dst = append(dst, ": "...)
		dst = appendValue(dst, p.Value)
	}
	return append(dst, '}')
}

func appendList(dst []byte, list []any) []byte {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if i == longestList {
			dst = fmt.Appendf(dst, "… %d more", len(list)-i)
			break
		}
		dst = appendValue(dst, v)
	}
	return append(dst, ']')
}

func appendString(dst []byte, s string) []byte {
	if len(s) <= longestString {
		return strconv.AppendQuote(dst, s)
	}
	dst = strconv.AppendQuote(dst, s[:longestString])
	return fmt.Appendf(dst, "… (%d bytes)", len(s))
}

// isWord reports whether s can stand without quotes.
func isWord(s string) bool {
	for _, r := range s {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}
