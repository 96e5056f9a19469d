package amf0

import "slices"

// Get returns the value of the property called name, the last one if there are several, and whether there is one.
func (o Object) Get(name string) (any, bool) {
	if i := o.index(name); i >= 0 {
		return o[i].Value, true
	}
	return nil, false
}

func (o Object) index(name string) int {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].Name == name {
			return i
		}
	}
	return -1
}

// String returns the property called name if it is a string.
func (o Object) String(name string) (string, bool) {
	v, _ := o.Get(name)
	s, ok := plain(v).(string)
	return s, ok
}

// Number returns the property called name if it is a number. Any type that Append writes as one will do.
func (o Object) Number(name string) (float64, bool) {
	v, _ := o.Get(name)
	return number(plain(v))
}

// Bool returns the property called name if it is a boolean.
func (o Object) Bool(name string) (value, ok bool) {
	v, _ := o.Get(name)
	value, ok = plain(v).(bool)
	return value, ok
}

// Object returns the property called name if AsObject can make an Object of it.
func (o Object) Object(name string) (Object, bool) {
	v, _ := o.Get(name)
	return AsObject(v)
}

// Set gives the property called name the value v: the one that Get finds is changed in place, else a new one is added
// at the end.
func (o *Object) Set(name string, v any) {
	if i := o.index(name); i >= 0 {
		(*o)[i].Value = v
		return
	}
	*o = append(*o, Property{Name: name, Value: v})
}

// Delete removes every property called name.
func (o *Object) Delete(name string) {
	*o = slices.DeleteFunc(*o, func(p Property) bool { return p.Name == name })
}

// AsObject returns the properties of v if it has any to give: an Object, ECMAArray or TypedObject, whose properties it
// shares, or an object, a wrapped object or an array without numbered elements of AMF3, whose properties are copied:
// the plain ones as values of AMF0, containers each in an AMF3 of its own.
func AsObject(v any) (Object, bool) {
	switch v := v.(type) {
	case Object:
		return v, true
	case ECMAArray:
		return Object(v), true
	case TypedObject:
		return v.Object, true
	case *TypedObject:
		if v != nil {
			return v.Object, true
		}
	case AMF3:
		return fromAMF3(v.Value)
	}
	return nil, false
}
