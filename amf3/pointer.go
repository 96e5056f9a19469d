package amf3

import (
	"encoding/binary"
	"reflect"
)

// markerOf returns the marker of v if its type is one of those held by pointer, else 0.
func markerOf(v any) byte {
	switch v.(type) {
	case *Array:
		return markerArray
	case *Object, *External:
		return markerObject
	case *IntVector:
		return markerIntVector
	case *UintVector:
		return markerUintVector
	case *DoubleVector:
		return markerDoubleVector
	case *ObjectVector:
		return markerObjectVector
	case *Dictionary:
		return markerDictionary
	}
	return 0
}

// pointer writes v, or a reference if v was written before. What v holds may have depth levels.
func (e *encoder) pointer(marker byte, v any, depth int) error {
	if reflect.ValueOf(v).IsNil() {
		e.out = append(e.out, markerNull)
		return nil
	}
	e.out = append(e.out, marker)
	if i, ok := e.objects.find(v); ok {
		for k := range e.open.Len() {
			if e.open.At(k) == v {
				return &ReferenceError{Index: i, Len: e.objects.next}
			}
		}
		e.uint29(i << 1)
		return nil
	}
	e.open.Push(v)
	var err error
	switch v := v.(type) {
	case *Array:
		err = e.array(v.Assoc, v.Dense, depth)
	case *Object:
		err = e.object(v.Traits, v.Values, v.Dynamic, depth)
	case *External:
		err = e.external(v, depth)
	case *IntVector:
		err = appendVector(e, v.Fixed, v.Values)
	case *UintVector:
		err = appendVector(e, v.Fixed, v.Values)
	case *DoubleVector:
		if err = e.vectorHead(len(v.Values), v.Fixed); err == nil {
			for _, f := range v.Values {
				e.double(f)
			}
		}
	case *ObjectVector:
		if err = e.vectorHead(len(v.Values), v.Fixed); err == nil {
			if err = e.string(v.Class); err == nil {
				err = e.list(v.Values, depth)
			}
		}
	case *Dictionary:
		err = e.dictionary(v, depth)
	}
	e.open.Drop()
	return err
}

// vectorHead writes what stands in front of the elements of a vector or the entries of a dictionary.
func (e *encoder) vectorHead(n int, flag bool) error {
	if err := e.count(n); err != nil {
		return err
	}
	b := byte(0)
	if flag {
		b = 1
	}
	e.out = append(e.out, b)
	return nil
}

func appendVector[T int32 | uint32](e *encoder, fixed bool, list []T) error {
	if err := e.vectorHead(len(list), fixed); err != nil {
		return err
	}
	for _, n := range list {
		e.out = binary.BigEndian.AppendUint32(e.out, uint32(n))
	}
	return nil
}

// list writes values one after the other, one level down.
func (e *encoder) list(values []any, depth int) error {
	if depth < 0 {
		return ErrTooDeep
	}
	for _, v := range values {
		if err := e.value(v, depth); err != nil {
			return err
		}
	}
	return nil
}

// properties writes names and values up to the empty name, one level down.
func (e *encoder) properties(list []Property, depth int) error {
	if depth < 0 {
		return ErrTooDeep
	}
	for i := range list {
		if list[i].Name == "" {
			return ErrObject
		}
		if err := e.string(list[i].Name); err != nil {
			return err
		}
		if err := e.value(list[i].Value, depth); err != nil {
			return err
		}
	}
	return e.string("")
}

func (e *encoder) array(assoc []Property, dense []any, depth int) error {
	if err := e.count(len(dense)); err != nil {
		return err
	}
	if err := e.properties(assoc, depth); err != nil {
		return err
	}
	return e.list(dense, depth)
}

func (e *encoder) dictionary(v *Dictionary, depth int) error {
	if err := e.vectorHead(len(v.Entries), v.Weak); err != nil {
		return err
	}
	if depth < 0 {
		return ErrTooDeep
	}
	for i := range v.Entries {
		if err := e.value(v.Entries[i].Key, depth); err != nil {
			return err
		}
		if err := e.value(v.Entries[i].Value, depth); err != nil {
			return err
		}
	}
	return nil
}
