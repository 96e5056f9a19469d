package amf3

// A traits is a line of the table of traits.
type traits struct {
	of       *Traits // nil for the anonymous class, and for externalizable ones
	external string  // the name of an externalizable class
}

const (
	traitsCost = 48 // bytes of a Traits, without its names
	classCost  = 32 // bytes of a line in the table, with what the allocator adds
	flagsCost  = 40 // bytes of a list of flags, without all but the first few
)

// object reads an object. head holds the bits that say how its class is given, without the lowest.
func (d *decoder) object(head int) (any, error) {
	if err := d.Spend(0, objectCost); err != nil {
		return nil, err
	}
	t, err := d.class(head<<1 | inlineObject)
	if err != nil {
		return nil, err
	}
	if t.external != "" {
		return d.external(t.external)
	}
	o := &Object{Traits: t.of}
	if t.of != nil {
		if err := d.room(len(t.of.Members)); err != nil {
			return nil, err
		}
		if o.Values, err = d.values(len(t.of.Members)); err != nil {
			return nil, err
		}
		if !t.of.Dynamic {
			return o, nil
		}
	}
	if o.Dynamic, err = d.properties(); err != nil {
		return nil, err
	}
	return o, nil
}

// class reads traits, or a reference to traits.
func (d *decoder) class(head int) (traits, error) {
	if head&inlineTraits == 0 {
		return d.traits.get(head >> traitsShift)
	}
	name, err := d.string()
	if err != nil {
		return traits{}, err
	}
	if err := d.Spend(0, classCost); err != nil {
		return traits{}, err
	}
	var t traits
	if head&externalTraits != 0 {
		if _, known := externalParts(name); !known {
			return traits{}, &ClassError{Class: name}
		}
		t.external = name
	} else if t.of, err = d.description(name, head>>memberShift, head&dynamicTraits != 0); err != nil {
		return traits{}, err
	}
	d.traits.add(t)
	return t, nil
}

// description reads the names of count members. The result is nil for what an Object without Traits is.
func (d *decoder) description(class string, count int, dynamic bool) (*Traits, error) {
	if class == "" && count == 0 && dynamic {
		return nil, nil
	}
	if count > d.Len()-d.owed {
		return nil, ErrShort
	}
	if err := d.Spend(0, traitsCost+count*stringCost); err != nil {
		return nil, err
	}
	t := &Traits{Class: class, Dynamic: dynamic}
	if count == 0 {
		return t, nil
	}
	t.Members = make([]string, count)
	for i := range t.Members {
		var err error
		if t.Members[i], err = d.string(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// external reads the body of an object of a known externalizable class.
func (d *decoder) external(class string) (any, error) {
	e := &External{Class: class}
	parts, _ := externalParts(class)
	var err error
	if parts == 0 {
		e.Values, err = d.more(nil, 1)
		return e, err
	}
	e.Flags = make([][]byte, parts)
	for part := range e.Flags {
		if e.Flags[part], err = d.flags(); err != nil {
			return nil, err
		}
		n := 0
		for i, flags := range e.Flags[part] {
			n += flagged(flags, part, i)
		}
		if e.Values, err = d.more(e.Values, n); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// flags reads a list of flag bytes.
func (d *decoder) flags() ([]byte, error) {
	for i, flags := range d.Rest() {
		if flags&moreFlags == 0 {
			list, _ := d.Bytes(i + 1)
			return append([]byte(nil), list...), d.Spend(0, flagsCost+len(list)-1)
		}
	}
	return nil, ErrShort
}

// more reads n values to the end of list.
func (d *decoder) more(list []any, n int) ([]any, error) {
	if err := d.room(n); err != nil {
		return nil, err
	}
	values, err := d.values(n)
	if err != nil || len(list) == 0 {
		return values, err
	}
	return append(list, values...), nil
}

func (e *encoder) object(t *Traits, values []any, dynamic []Property, depth int) error {
	switch {
	case t == nil && len(values) != 0,
		t != nil && len(values) != len(t.Members),
		t != nil && len(dynamic) != 0 && !t.Dynamic:
		return ErrObject
	}
	if err := e.class(t); err != nil {
		return err
	}
	if err := e.list(values, depth); err != nil {
		return err
	}
	if t != nil && !t.Dynamic {
		return nil
	}
	return e.properties(dynamic, depth)
}

// anonymous is what a nil *Traits stands for. It is never changed.
var anonymous = Traits{Dynamic: true}

// class writes t, nil being the anonymous dynamic class, or a reference to it.
func (e *encoder) class(t *Traits) error {
	if i, ok := e.traits.find(traits{of: t}); ok {
		e.uint29(i<<traitsShift | inlineObject)
		return nil
	}
	if t == nil {
		t = &anonymous
	}
	if len(t.Members) > maxMembers {
		return ErrTooLong
	}
	head := len(t.Members)<<memberShift | inlineTraits | inlineObject
	if t.Dynamic {
		head |= dynamicTraits
	}
	e.uint29(head)
	if err := e.string(t.Class); err != nil {
		return err
	}
	for _, name := range t.Members {
		if err := e.string(name); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) external(v *External, depth int) error {
	parts, known := externalParts(v.Class)
	if !known {
		return &ClassError{Class: v.Class}
	}
	if len(v.Flags) != parts {
		return ErrObject
	}
	if i, ok := e.traits.find(traits{external: v.Class}); ok {
		e.uint29(i<<traitsShift | inlineObject)
	} else {
		e.uint29(externalTraits | inlineTraits | inlineObject)
		if err := e.string(v.Class); err != nil {
			return err
		}
	}
	if parts == 0 {
		if len(v.Values) != 1 {
			return ErrObject
		}
		return e.list(v.Values, depth)
	}
	if n, ok := flaggedAll(v.Flags); !ok || n != len(v.Values) {
		return ErrObject
	}
	rest := v.Values
	for part, list := range v.Flags {
		e.out = append(e.out, list...)
		for i, flags := range list {
			n := flagged(flags, part, i)
			if err := e.list(rest[:n], depth); err != nil {
				return err
			}
			rest = rest[n:]
		}
	}
	return nil
}
