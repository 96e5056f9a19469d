package amf0

import (
	"math"
	"time"
)

// A Property is one name and value of an Object or ECMAArray. The name may be empty; it cannot be longer than
// 65,535 bytes.
type Property struct {
	Name  string
	Value any
}

// An Object is an anonymous object: its properties in the order of the wire, duplicates kept.
type Object []Property

// An ECMAArray is an associative array, as in onMetaData. On the wire it differs from an Object in its marker and in
// a count that nobody can rely on; peers use one for the other, so read with AsObject what may be either.
type ECMAArray []Property

// A StrictArray is a list of values.
type StrictArray []any

// A TypedObject is an object with the name of its class.
type TypedObject struct {
	Class  string
	Object Object
}

// Undefined is the value undefined.
type Undefined struct{}

// Unsupported stands where the sender had a value that AMF0 cannot express.
type Unsupported struct{}

// XML is an XML document as text.
type XML string

// AMF3 is a value in the other format: see package amf3 for what Value can be.
type AMF3 struct{ Value any }

// A Date is a time in milliseconds since 1970-01-01 UTC. The time zone of the wire is reserved: it is ignored when
// reading, and written as 0.
//
// AMF0, section 2.13.
type Date float64

// DateOf returns t as a Date. Parts of a millisecond are cut off.
func DateOf(t time.Time) Date { return Date(t.UnixMilli()) }

// Time returns d in UTC, with parts of a millisecond cut off. A Date that is not a number, or farther than 2^53 ms
// from 1970, gives the zero Time.
func (d Date) Time() time.Time {
	if !(math.Abs(float64(d)) <= 1<<53) {
		return time.Time{}
	}
	return time.UnixMilli(int64(d)).UTC()
}
