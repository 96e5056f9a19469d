package amf0

// ParseProperties reads names and values up to the end of b, without a marker in front and an end marker behind: the
// form that changes of a shared object have. Errors are those of Parse.
func ParseProperties(b []byte) (Object, error) {
	d := decoder{in: b, budget: Limits{}.Budget(len(b))}
	o, err := d.properties()
	if err != nil {
		return nil, err
	}
	if d.pos < len(b) {
		return nil, &MarkerError{Version: 0, Marker: markerObjectEnd, Offset: d.pos - 1}
	}
	return o, nil
}
