package amf0

import (
	"encoding/binary"
	"math"

	"github.com/gortmp/rtmp/amf3"
	"github.com/gortmp/rtmp/internal/wire"
)

// Limits bound what decoding one message may cost. The zero value means the defaults: 64 levels, 65,536 values, 32 bytes
// of memory for each byte of input.
type Limits = amf3.Limits

// Parse reads the value at the front of b and returns the bytes after it, which alias b. Nothing else in the result
// does: b may be changed afterwards. See the package comment for what a value can be, and for what is let pass.
// References inside of the value are resolved; each call starts an empty reference table.
//
// Errors: ErrShort, *MarkerError, ErrReference, and ErrTooDeep, ErrTooManyNodes, ErrTooLarge for the default limits.
func Parse(b []byte) (v any, rest []byte, err error) { return ParseLimited(b, Limits{}) }

// ParseLimited is Parse with other limits.
func ParseLimited(b []byte, l Limits) (v any, rest []byte, err error) {
	d := decoder{Scanner: wire.NewScanner(b, 0), budget: l.Budget(len(b))}
	v, err = d.value(slotCost)
	if err != nil {
		return nil, b, err
	}
	return v, d.Rest(), nil
}

// ParseAll reads a whole message body: values up to the end of b, with one reference table. Errors are those of Parse.
func ParseAll(b []byte) ([]any, error) { return ParseAllLimited(b, Limits{}) }

// ParseAllLimited is ParseAll with other limits, which are for all values together.
func ParseAllLimited(b []byte, l Limits) ([]any, error) {
	d := decoder{Scanner: wire.NewScanner(b, len(b)), budget: l.Budget(len(b))}
	values := wire.NewList[any](min(4, len(b))) // a command has three or four
	for d.Len() > 0 {
		v, err := d.value(slotCost)
		if err != nil {
			return nil, err
		}
		values.Append(v)
	}
	return values.All(), nil
}

// What a value is charged in memory, in bytes, on a 64-bit machine.
const (
	slotCost      = 16 // an element of a list
	propertyCost  = 32 // one of an object, without its name
	numberCost    = 8
	stringCost    = 16 // without its bytes
	containerCost = 40 // the slice, and the class of a typed object
)

// A decoder reads one message body.
type decoder struct {
	wire.Scanner
	owed   int // bytes without which the strict arrays being read cannot end: one per element not yet begun
	budget amf3.Budget
	open   wire.Stack[Property] // those of the objects being read, outer before inner
	refs   amf3.Table
}

// value reads the next value. It is charged with the memory of its place, in bytes, too.
func (d *decoder) value(place int) (any, error) {
	marker, ok := d.Next()
	if !ok {
		return nil, ErrShort
	}
	if err := d.budget.Spend(1, place); err != nil {
		return nil, err
	}
	switch marker {
	case markerNumber:
		b, ok := d.Bytes(8)
		if !ok {
			return nil, ErrShort
		}
		return numberValue(math.Float64frombits(binary.BigEndian.Uint64(b))), d.budget.Spend(0, numberCost)
	case markerBoolean:
		b, ok := d.Bytes(1)
		if !ok {
			return nil, ErrShort
		}
		return b[0] != 0, nil
	case markerString:
		s, err := d.short()
		if err != nil {
			return nil, err
		}
		return s, d.budget.Spend(0, stringCost+len(s))
	case markerNull:
		return nil, nil
	case markerUndefined:
		return Undefined{}, nil
	case markerUnsupported:
		return Unsupported{}, nil
	case markerLongString:
		s, err := d.long()
		if err != nil {
			return nil, err
		}
		return s, d.budget.Spend(0, stringCost+len(s))
	case markerXML:
		s, err := d.long()
		if err != nil {
			return nil, err
		}
		return XML(s), d.budget.Spend(0, stringCost+len(s))
	case markerDate:
		b, ok := d.Bytes(8 + 2) // the last two are the reserved time zone
		if !ok {
			return nil, ErrShort
		}
		return Date(math.Float64frombits(binary.BigEndian.Uint64(b))), d.budget.Spend(0, numberCost)
	case markerReference:
		return d.reference()
	case markerAMF3:
		return d.amf3()
	case markerObject, markerECMAArray, markerStrictArray, markerTypedObject:
		return d.container(marker)
	}
	return nil, &MarkerError{Version: 0, Marker: marker, Offset: d.Pos() - 1}
}

// short reads a string with a length of 16 bits, which the caller charges.
func (d *decoder) short() (string, error) {
	b, ok := d.Bytes(2)
	if !ok {
		return "", ErrShort
	}
	return d.chars(int(b[0])<<8 | int(b[1]))
}

// long reads a string with a length of 32 bits, which the caller charges.
func (d *decoder) long() (string, error) {
	b, ok := d.Bytes(4)
	if !ok {
		return "", ErrShort
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(d.Len()) {
		return "", ErrShort
	}
	return d.chars(int(n))
}

// chars reads the next n bytes as a string, which the caller charges.
func (d *decoder) chars(n int) (string, error) {
	s, ok := d.String(n)
	if !ok {
		return "", ErrShort
	}
	return s, nil
}

// container reads what follows the marker of a value that holds others and has a place in the reference table.
func (d *decoder) container(marker byte) (any, error) {
	place, err := d.refs.Open(&d.budget, containerCost)
	if err != nil {
		return nil, err
	}
	if err := d.budget.Enter(1); err != nil {
		return nil, err
	}
	var v any
	switch marker {
	case markerObject:
		o, err := d.properties()
		if err != nil {
			return nil, err
		}
		v = o
	case markerECMAArray:
		if _, ok := d.Bytes(4); !ok { // the count, which nobody can rely on
			return nil, ErrShort
		}
		o, err := d.properties()
		if err != nil {
			return nil, err
		}
		v = ECMAArray(o)
	case markerTypedObject:
		class, err := d.short()
		if err != nil {
			return nil, err
		}
		if err := d.budget.Spend(0, len(class)); err != nil {
			return nil, err
		}
		o, err := d.properties()
		if err != nil {
			return nil, err
		}
		v = TypedObject{class, o}
	case markerStrictArray:
		a, err := d.strict()
		if err != nil {
			return nil, err
		}
		v = a
	}
	d.budget.Leave(1)
	d.refs.Close(&d.budget, place, v)
	return v, nil
}

// properties reads names and values up to the end of an object. Some encoders leave the end marker out when nothing
// follows: the end of the input ends the object, too.
func (d *decoder) properties() (Object, error) {
	first := d.open.Len()
	for d.Len() > 0 {
		name, err := d.short()
		if err != nil {
			return nil, err
		}
		if name == "" {
			if rest := d.Rest(); len(rest) > 0 && rest[0] == markerObjectEnd {
				d.Next()
				break
			}
		}
		v, err := d.value(propertyCost + len(name))
		if err != nil {
			return nil, err
		}
		d.open.Push(Property{Name: name, Value: v})
	}
	return d.open.Take(first), nil
}

// strict reads what follows the marker of a strict array. Its count is exact, and each element has at least one byte: a
// count that the rest of the input cannot hold, with the elements that outer arrays still wait for, fails at once.
func (d *decoder) strict() (StrictArray, error) {
	b, ok := d.Bytes(4)
	if !ok {
		return nil, ErrShort
	}
	count := binary.BigEndian.Uint32(b)
	if int64(count) > int64(d.Len()-d.owed) {
		return nil, ErrShort
	}
	if err := d.budget.Spend(0, int(count)*slotCost); err != nil {
		return nil, err
	}
	list := make(StrictArray, count)
	d.owed += len(list)
	for i, mixed := 0, 0; i < len(list); { // below mixed no run of numbers begins
		if i >= mixed {
			n, err := d.numbers(list[i:])
			if err != nil {
				return nil, err
			}
			if n == numberRun {
				d.owed -= n
				i += n
				continue
			}
			mixed = i + n + 1
		}
		d.owed--
		v, err := d.value(0) // the place is paid for
		if err != nil {
			return nil, err
		}
		list[i] = v
		i++
	}
	return list, nil
}

// reference reads an index into the reference table and returns what stands there.
func (d *decoder) reference() (any, error) {
	b, ok := d.Bytes(2)
	if !ok {
		return nil, ErrShort
	}
	return d.refs.Get(&d.budget, int(b[0])<<8|int(b[1]))
}

// amf3 reads the one AMF3 value that follows its marker.
func (d *decoder) amf3() (any, error) {
	v, err := d.budget.Parse(&d.Scanner)
	if err != nil {
		return nil, err
	}
	return AMF3{v}, d.budget.Spend(0, slotCost)
}
