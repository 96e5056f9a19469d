package amf0

import "math"

// smallNumbers holds the whole numbers from 0 to 255 as values, ready made: most numbers in commands are among them, and
// making an any of a float64 costs an allocation.
var smallNumbers = func() (table [256]any) {
	for i := range table {
		table[i] = float64(i)
	}
	return table
}()

// numberValue returns f as a value.
func numberValue(f float64) any {
	if i := uint8(f); float64(i) == f && !math.Signbit(f) { // no conversion that is out of range compares equal
		return smallNumbers[i]
	}
	return f
}
