package amf0

import (
	"time"

	"github.com/gortmp/rtmp/amf3"
)

// A Property is one name and value of an Object or ECMAArray, the same type in both formats. Here the name may be
// empty; it cannot be longer than 65,535 bytes.
type Property = amf3.Property

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

// Undefined is the value undefined, the same type in both formats.
type Undefined = amf3.Undefined

// Unsupported stands where the sender had a value that AMF0 cannot express.
type Unsupported struct{}

// XML is an XML document as text.
type XML string

// AMF3 is a value in the other format: see package amf3 for what Value can be.
type AMF3 struct{ Value any }

// A Date is a time in milliseconds since 1970-01-01 UTC, the same type in both formats. The time zone of the wire is
// reserved: it is ignored when reading, and written as 0.
//
// AMF0, section 2.13.
type Date = amf3.Date

// DateOf returns t as a Date. Parts of a millisecond are cut off.
func DateOf(t time.Time) Date { return amf3.DateOf(t) }
