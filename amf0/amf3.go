package amf0

// plain returns v, with a number from AMF3 as a float64.
func plain(v any) any {
	if m, ok := v.(AMF3); ok {
		v = m.Value
	}
	if i, ok := v.(int32); ok {
		return float64(i)
	}
	return v
}

func fromAMF3(v any) (Object, bool) { return nil, false }
