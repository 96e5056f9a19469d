package amf3

import (
	"encoding/binary"
	"math"

	"github.com/gortmp/rtmp/internal/wire"
)

// Parse reads the value at the front of b and returns the bytes after it, which alias b. Nothing else in the result
// does: b may be changed afterwards. The reference tables start empty.
//
// Errors: ErrShort, *MarkerError, ErrReference, *ClassError, and ErrTooDeep, ErrTooManyNodes, ErrTooLarge for the
// default limits.
func Parse(b []byte) (v any, rest []byte, err error) { return ParseLimited(b, Limits{}) }

// ParseLimited is Parse with other limits.
func ParseLimited(b []byte, l Limits) (v any, rest []byte, err error) {
	d := decoder{Scanner: wire.NewScanner(b, 0), Budget: l.Budget(len(b))}
	v, err = d.value()
	if err != nil {
		return nil, b, err
	}
	return v, d.Rest(), nil
}

// Parse reads the next value of s, with empty reference tables, within what b allows. It is for package amf0; others have
// the function Parse.
func (b *Budget) Parse(s *wire.Scanner) (any, error) {
	d := decoder{Scanner: *s, Budget: *b}
	v, err := d.value()
	*s, *b = d.Scanner, d.Budget
	return v, err
}

// ParseAll reads values up to the end of b, with reference tables that go on from one value to the next. Errors are
// those of Parse.
func ParseAll(b []byte) ([]any, error) { return ParseAllLimited(b, Limits{}) }

// ParseAllLimited is ParseAll with other limits, which are for all values together.
func ParseAllLimited(b []byte, l Limits) ([]any, error) {
	d := decoder{Scanner: wire.NewScanner(b, len(b)), Budget: l.Budget(len(b))}
	var values wire.List[any]
	for d.Len() > 0 {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		if err := d.Spend(0, slotCost); err != nil {
			return nil, err
		}
		values.Append(v)
	}
	return values.All(), nil
}

// What a value is charged in memory, in bytes, on a 64-bit machine.
const (
	slotCost     = 16 // an element of a list
	propertyCost = 32 // one of an object, without its name
	numberCost   = 8
	stringCost   = 16 // without its bytes
	sliceCost    = 24 // without its elements
	arrayCost    = 48 // an Array or ObjectVector, without its elements
	objectCost   = 64 // an Object or External
	vectorCost   = 32 // another vector, or a Dictionary
)

// A decoder reads values that share reference tables.
type decoder struct {
	wire.Scanner
	Budget
	owed    int                  // bytes without which the containers being read cannot end: one per value not yet begun
	open    wire.Stack[Property] // those of the values being read, outer before inner
	strings list[string]
	objects Table
	traits  list[traits]
}

// uint29 reads an integer of 29 bits in one to four bytes. More bytes than necessary are legal.
func (d *decoder) uint29() (int, error) {
	n := 0
	for i := range 4 {
		c, ok := d.Next()
		if !ok {
			return 0, ErrShort
		}
		if i == 3 {
			return n<<8 | int(c), nil
		}
		n = n<<7 | int(c&0x7f)
		if c < 0x80 {
			break
		}
	}
	return n, nil
}

// double reads eight bytes.
func (d *decoder) double() (float64, error) {
	b, ok := d.Bytes(8)
	if !ok {
		return 0, ErrShort
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b)), d.Spend(0, numberCost)
}

// value reads the next value.
func (d *decoder) value() (any, error) {
	marker, ok := d.Next()
	if !ok {
		return nil, ErrShort
	}
	if err := d.Spend(1, 0); err != nil {
		return nil, err
	}
	switch marker {
	case markerUndefined:
		return Undefined{}, nil
	case markerNull:
		return nil, nil
	case markerFalse:
		return false, nil
	case markerTrue:
		return true, nil
	case markerInteger:
		n, err := d.uint29()
		if err != nil {
			return nil, err
		}
		return int32(n) << 3 >> 3, d.Spend(0, numberCost)
	case markerDouble:
		f, err := d.double()
		if err != nil {
			return nil, err
		}
		return f, nil
	case markerString:
		s, err := d.string()
		if err != nil {
			return nil, err
		}
		return s, d.Spend(0, stringCost)
	}
	if marker > markerDictionary {
		return nil, &MarkerError{Version: 3, Marker: marker, Offset: d.Pos() - 1}
	}
	return d.referable(marker)
}

// string reads a string, or a reference to one, as it stands everywhere outside of XML.
func (d *decoder) string() (string, error) {
	n, err := d.uint29()
	if err != nil {
		return "", err
	}
	if n&1 == 0 {
		s, err := d.strings.get(n >> 1)
		if err != nil {
			return "", err
		}
		return s, d.spendText(len(s))
	}
	if n == 1 {
		return "", nil // has no place in the table
	}
	s, err := d.chars(n >> 1)
	if err != nil {
		return "", err
	}
	d.strings.add(s)
	return s, d.Spend(0, slotCost)
}

// chars reads the next n bytes as a string.
func (d *decoder) chars(n int) (string, error) {
	s, ok := d.String(n)
	if !ok {
		return "", ErrShort
	}
	if err := d.Spend(0, n); err != nil {
		return "", err
	}
	return s, d.spendText(n)
}

// referable reads what follows the marker of a value that has a place in the table of objects: a reference, or the value.
func (d *decoder) referable(marker byte) (v any, err error) {
	n, err := d.uint29()
	if err != nil {
		return nil, err
	}
	if n&1 == 0 {
		return d.objects.Get(&d.Budget, n>>1)
	}
	n >>= 1
	o, err := d.objects.Open(&d.Budget, 0)
	if err != nil {
		return nil, err
	}
	if marker < markerArray || (marker > markerObject && marker < markerObjectVector) {
		v, err = d.leaf(marker, n)
	} else {
		v, err = d.container(marker, n)
	}
	if err != nil {
		return nil, err
	}
	d.objects.Close(&d.Budget, o, v)
	return v, nil
}

// leaf reads a value that holds no others. n is the number in front of it: bytes, or elements of a vector.
func (d *decoder) leaf(marker byte, n int) (any, error) {
	switch marker {
	case markerXMLDocument, markerXML:
		s, err := d.chars(n)
		if err != nil {
			return nil, err
		}
		if marker == markerXML {
			return XML(s), d.Spend(0, stringCost)
		}
		return XMLDocument(s), d.Spend(0, stringCost)
	case markerDate: // n means nothing
		f, err := d.double()
		if err != nil {
			return nil, err
		}
		return Date(f), nil
	case markerByteArray:
		b, ok := d.Bytes(n)
		if !ok {
			return nil, ErrShort
		}
		if err := d.Spend(0, sliceCost+n); err != nil {
			return nil, err
		}
		return append(make(ByteArray, 0, n), b...), nil
	case markerIntVector:
		fixed, b, err := d.vector(n, 4)
		if err != nil {
			return nil, err
		}
		v := &IntVector{fixed, make([]int32, n)}
		for i := range v.Values {
			v.Values[i] = int32(binary.BigEndian.Uint32(b[4*i:]))
		}
		return v, nil
	case markerUintVector:
		fixed, b, err := d.vector(n, 4)
		if err != nil {
			return nil, err
		}
		v := &UintVector{fixed, make([]uint32, n)}
		for i := range v.Values {
			v.Values[i] = binary.BigEndian.Uint32(b[4*i:])
		}
		return v, nil
	}
	fixed, b, err := d.vector(n, 8)
	if err != nil {
		return nil, err
	}
	v := &DoubleVector{fixed, make([]float64, n)}
	for i := range v.Values {
		v.Values[i] = math.Float64frombits(binary.BigEndian.Uint64(b[8*i:]))
	}
	return v, nil
}

// vector reads the flag of a vector and returns it with the bytes of its n elements of the given size.
func (d *decoder) vector(n, size int) (fixed bool, elements []byte, err error) {
	flag, ok := d.Next()
	if !ok {
		return false, nil, ErrShort
	}
	if elements, ok = d.Bytes(n * size); !ok {
		return false, nil, ErrShort
	}
	return flag != 0, elements, d.Spend(0, vectorCost+n*size)
}
