package amf3

import (
	"math"
	"time"
)

// Undefined is the value undefined.
type Undefined struct{}

// XMLDocument is the text of a flash.xml.XMLDocument, the older of the two kinds of XML.
type XMLDocument string

// XML is the text of an XML value of E4X.
type XML string

// ByteArray is a run of bytes.
type ByteArray []byte

// A Date is a time in milliseconds since 1970-01-01 UTC.
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

// A Property is one name and value of an Object or Array. In this format its name cannot be empty.
type Property struct {
	Name  string
	Value any
}

// An Array is a list, an associative array, or both at once.
type Array struct {
	Assoc []Property // in the order of the wire
	Dense []any
}

// Traits are what objects of one class have in common. Objects that share the pointer are written with one description.
type Traits struct {
	Class   string   // empty for an anonymous class
	Members []string // names of the sealed members
	Dynamic bool     // whether an object can have properties beside its members
}

// An Object is an object of any class that AMF3 itself describes.
type Object struct {
	Traits  *Traits    // nil: anonymous, dynamic, without members
	Values  []any      // those of Traits.Members, one each
	Dynamic []Property // in the order of the wire; only if the traits allow them
}

// Get returns the value of the member or dynamic property called name, the last one if there are several, and whether
// there is one.
func (o *Object) Get(name string) (any, bool) {
	for i := len(o.Dynamic) - 1; i >= 0; i-- {
		if o.Dynamic[i].Name == name {
			return o.Dynamic[i].Value, true
		}
	}
	if o.Traits != nil {
		for i := min(len(o.Values), len(o.Traits.Members)) - 1; i >= 0; i-- {
			if o.Traits.Members[i] == name {
				return o.Values[i], true
			}
		}
	}
	return nil, false
}

// An External is an object that wrote itself in a form of its own, of one of the classes whose form is known:
//
//   - wrappers of a single value: flex.messaging.io.ArrayCollection, flex.messaging.io.ArrayList,
//     flex.messaging.io.ObjectProxy, ObjectProxy;
//   - messages of Flex, DSA, DSC, DSK and the message classes of flex.messaging.messages: for each class that they
//     inherit from, outermost first, a list of flag bytes, in which every bit set stands for one value.
type External struct {
	Class  string
	Flags  [][]byte // nil for the wrappers
	Values []any    // of all flags, in order
}

// An IntVector is a Vector.<int>.
type IntVector struct {
	Fixed  bool // whether its length is
	Values []int32
}

// A UintVector is a Vector.<uint>.
type UintVector struct {
	Fixed  bool // whether its length is
	Values []uint32
}

// A DoubleVector is a Vector.<Number>.
type DoubleVector struct {
	Fixed  bool // whether its length is
	Values []float64
}

// An ObjectVector is a Vector of a class.
type ObjectVector struct {
	Fixed  bool   // whether its length is
	Class  string // "" or "*" for any
	Values []any
}

// A Dictionary is a map whose keys can be any value, in the order of the wire.
type Dictionary struct {
	Weak    bool // whether it holds its keys weakly
	Entries []Entry
}

// An Entry is one key and value of a Dictionary.
type Entry struct{ Key, Value any }
