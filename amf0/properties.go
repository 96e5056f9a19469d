package amf0

import "github.com/gortmp/rtmp/internal/wire"

// ParseProperties reads names and values up to the end of b, without a marker in front and an end marker behind: the
// form that changes of a shared object have. Errors are those of Parse.
func ParseProperties(b []byte) (Object, error) {
	d := decoder{Scanner: wire.NewScanner(b, len(b)), budget: Limits{}.Budget(len(b))}
	o, err := d.properties()
	if err != nil {
		return nil, err
	}
	if d.Len() > 0 {
		return nil, &MarkerError{Version: 0, Marker: markerObjectEnd, Offset: d.Pos() - 1}
	}
	return o, nil
}
