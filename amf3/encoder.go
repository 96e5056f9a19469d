package amf3

import "fmt"

// AppendDepth encodes values with at most depth levels.
func AppendDepth(dst []byte, depth int, values ...any) ([]byte, error) {
	return dst, &TypeError{Version: 3, Type: fmt.Sprintf("%T", values)}
}
