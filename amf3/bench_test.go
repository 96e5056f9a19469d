package amf3

import "testing"

// A list of objects of one class, as a remote call returns it.
func benchmarkValue() any {
	traits := &Traits{Class: "Room", Members: []string{"name", "users", "open", "since", "topic"}}
	rooms := new(Array)
	for i := range 50 {
		rooms.Dense = append(rooms.Dense, &Object{Traits: traits,
			Values: []any{"room", int32(i), true, Date(i), "a topic of some length"}})
	}
	return rooms
}

func BenchmarkAppend(b *testing.B) {
	v := benchmarkValue()
	buf, err := Append(nil, v)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		if buf, err = Append(buf[:0], v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	in, err := Append(nil, benchmarkValue())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Parse(in); err != nil {
			b.Fatal(err)
		}
	}
}
