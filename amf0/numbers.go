package amf0

import (
	"encoding/binary"
	"math"
	"reflect"
)

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

const (
	numberRun  = 16    // numbers that share an allocation
	numberSize = 1 + 8 // bytes on the wire
)

// numbers reads the next elements of an array, which go to list, if the next numberRun of them are numbers, as in the
// tables of key frames in metadata. It returns how many of them are; with fewer than numberRun nothing is read.
func (d *decoder) numbers(list []any) (n int, err error) {
	rest := d.Rest()
	if len(list) < numberRun || len(rest) < numberRun*numberSize {
		return 0, nil
	}
	var run [numberRun]float64
	for i := range run {
		b := rest[i*numberSize : (i+1)*numberSize]
		if b[0] != markerNumber {
			return i, nil
		}
		run[i] = math.Float64frombits(binary.BigEndian.Uint64(b[1:]))
	}
	d.Bytes(numberRun * numberSize)
	if err := d.budget.Spend(numberRun, numberRun*numberCost); err != nil {
		return 0, err
	}
	values := reflect.ValueOf(run) // one allocation; the elements of an array in an any can be values where they are
	for i := range run {
		list[i] = values.Index(i).Interface()
	}
	return numberRun, nil
}
