package session

import (
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/message"
)

// arg returns the argument of c with number i, if it has the type T. Clients that speak AMF3 send their arguments
// in either format.
func arg[T any](c *message.Command, i int) (v T, ok bool) {
	if i < len(c.Args) {
		v, ok = plain(c.Args[i]).(T)
	}
	return v, ok
}

// optional returns the string argument of c with number i, or def if it is missing, null or undefined. It reports
// false for something else.
func optional(c *message.Command, i int, def string) (string, bool) {
	if i >= len(c.Args) {
		return def, true
	}
	switch v := plain(c.Args[i]).(type) {
	case string:
		return v, true
	case nil, amf0.Undefined:
		return def, true
	}
	return "", false
}

// plain returns what an AMF3 value is in AMF0, as far as arguments are concerned.
func plain(v any) any {
	a, ok := v.(amf0.AMF3)
	if !ok {
		return v
	}
	if n, ok := a.Value.(int32); ok {
		return float64(n)
	}
	return a.Value
}

// toID returns the stream or transaction id that the number v stands for, or 0.
func toID(v float64) uint32 {
	if v >= 1 && v < 1<<32 {
		return uint32(v)
	}
	return 0
}
