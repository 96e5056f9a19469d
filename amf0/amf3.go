package amf0

import "github.com/gortmp/rtmp/amf3"

// plain returns what v is in AMF0: v itself, or what a value of AMF3 that holds no others corresponds to. Containers of
// AMF3 come back in an AMF3.
func plain(v any) any {
	if m, ok := v.(AMF3); ok {
		return plain3(m.Value)
	}
	return v
}

func plain3(v any) any {
	switch v := v.(type) {
	case nil, bool, float64, string, Undefined, Date:
		return v
	case int32:
		return float64(v)
	case amf3.XML:
		return XML(v)
	case amf3.XMLDocument:
		return XML(v)
	}
	return AMF3{v}
}

// fromAMF3 returns the properties of v if it is an object, a wrapper of one, or an array with names.
func fromAMF3(v any) (Object, bool) {
	switch v := v.(type) {
	case *amf3.Object:
		if v == nil {
			return nil, false
		}
		o := make(Object, 0, len(v.Values)+len(v.Dynamic))
		if v.Traits != nil {
			for i, member := range v.Values[:min(len(v.Values), len(v.Traits.Members))] {
				o = append(o, Property{Name: v.Traits.Members[i], Value: plain3(member)})
			}
		}
		return appendPlain(o, v.Dynamic), true
	case *amf3.Array:
		if v == nil || len(v.Dense) > 0 {
			return nil, false
		}
		return appendPlain(make(Object, 0, len(v.Assoc)), v.Assoc), true
	case *amf3.External:
		if v != nil && len(v.Flags) == 0 && len(v.Values) == 1 {
			return fromAMF3(v.Values[0])
		}
	}
	return nil, false
}

func appendPlain(o Object, properties []amf3.Property) Object {
	for _, p := range properties {
		o = append(o, Property{Name: p.Name, Value: plain3(p.Value)})
	}
	return o
}
