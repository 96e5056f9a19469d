package amf3

// container reads a value that holds others, one level down. n is the number in front of it.
func (d *decoder) container(marker byte, n int) (v any, err error) {
	if err := d.Enter(1); err != nil {
		return nil, err
	}
	switch marker {
	case markerArray:
		v, err = d.array(n)
	case markerObject:
		v, err = d.object(n)
	case markerObjectVector:
		v, err = d.objectVector(n)
	default:
		v, err = d.dictionary(n)
	}
	d.Leave(1)
	return v, err
}

// array reads the two parts of an array, count elements in the dense one.
func (d *decoder) array(count int) (any, error) {
	if err := d.Spend(0, arrayCost); err != nil {
		return nil, err
	}
	if err := d.room(count); err != nil {
		return nil, err
	}
	a := new(Array)
	var err error
	if a.Assoc, err = d.properties(); err != nil {
		return nil, err
	}
	if a.Dense, err = d.values(count); err != nil {
		return nil, err
	}
	return a, nil
}

// room checks that n values can follow, which have at least one byte each, and reserves these bytes: what lies deeper
// cannot count on them. values takes them back. So the announced lengths of all open containers together are
// never more than the bytes that are left.
func (d *decoder) room(n int) error {
	if n > d.Len()-d.owed {
		return ErrShort
	}
	d.owed += n
	return nil
}

// values reads n values for which there was room.
func (d *decoder) values(n int) ([]any, error) {
	if n == 0 {
		return nil, nil
	}
	if d.owed > d.Len() { // something before them was longer than its least
		return nil, ErrShort
	}
	if err := d.Spend(0, n*slotCost); err != nil {
		return nil, err
	}
	list := make([]any, n)
	for i := range list {
		d.owed--
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		list[i] = v
	}
	return list, nil
}

// properties reads names and values up to the empty name.
func (d *decoder) properties() ([]Property, error) {
	first := d.open.Len()
	for {
		name, err := d.string()
		if err != nil {
			return nil, err
		}
		if name == "" {
			break
		}
		if err := d.Spend(0, propertyCost); err != nil {
			return nil, err
		}
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		d.open.Push(Property{name, v})
	}
	if d.open.Len() == first {
		return nil, nil
	}
	return d.open.Take(first), nil
}

// objectVector reads a vector of count values of any kind.
func (d *decoder) objectVector(count int) (any, error) {
	flag, ok := d.Next()
	if !ok {
		return nil, ErrShort
	}
	if err := d.Spend(0, arrayCost); err != nil {
		return nil, err
	}
	v := &ObjectVector{Fixed: flag != 0}
	var err error
	if v.Class, err = d.string(); err != nil {
		return nil, err
	}
	if err := d.room(count); err != nil {
		return nil, err
	}
	if v.Values, err = d.values(count); err != nil {
		return nil, err
	}
	return v, nil
}

// dictionary reads count pairs of any two values.
func (d *decoder) dictionary(count int) (any, error) {
	flag, ok := d.Next()
	if !ok {
		return nil, ErrShort
	}
	if err := d.room(2 * count); err != nil {
		return nil, err
	}
	if err := d.Spend(0, vectorCost+2*count*slotCost); err != nil {
		return nil, err
	}
	v := &Dictionary{Weak: flag != 0}
	if count > 0 {
		v.Entries = make([]Entry, count)
	}
	for i := range v.Entries {
		e := &v.Entries[i]
		for _, side := range []*any{&e.Key, &e.Value} {
			d.owed--
			var err error
			if *side, err = d.value(); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}
