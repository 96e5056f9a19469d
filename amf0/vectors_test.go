package amf0

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/internal/golden"
)

func TestVectors(t *testing.T) {
	at := DateOf(time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC))
	want := map[string]any{
		"amf0.number.0":        0.0,
		"amf0.number.1.5":      1.5,
		"amf0.number.neg":      -2.0,
		"amf0.number.nan":      math.NaN(),
		"amf0.number.inf":      math.Inf(1),
		"amf0.bool.true":       true,
		"amf0.bool.false":      false,
		"amf0.bool.nonone":     true,
		"amf0.string":          "live",
		"amf0.string.empty":    "",
		"amf0.string.utf8":     "h\u00e9llo \u2713",
		"amf0.longstring":      "abc",
		"amf0.null":            nil,
		"amf0.undefined":       Undefined{},
		"amf0.unsupported":     Unsupported{},
		"amf0.object":          Object{{Name: "app", Value: "live"}, {Name: "n", Value: 1.0}},
		"amf0.object.empty":    Object{},
		"amf0.object.nested":   Object{{Name: "a", Value: Object{{Name: "b", Value: StrictArray{1.0, nil}}}}},
		"amf0.object.emptykey": Object{{Name: "", Value: true}},
		"amf0.ecma":            ECMAArray{{Name: "duration", Value: 12.5}, {Name: "stereo", Value: true}},
		"amf0.ecma.count0":     ECMAArray{{Name: "x", Value: 1.0}},
		"amf0.strict":          StrictArray{"hvc1", "av01"},
		"amf0.strict.empty":    StrictArray{},
		"amf0.date":            at,
		"amf0.date.tz":         Date(0),
		"amf0.xml":             XML("<a/>"),
		"amf0.typed":           TypedObject{Class: "Pt", Object: Object{{Name: "x", Value: 1.0}}},
		"amf0.reference":       Object{{Name: "o", Value: Object{}}, {Name: "r", Value: Object{}}},
		"amf0.avmplus.int":     AMF3{int32(300)},
	}
	otherForm := map[string]string{ // what the encoder writes instead
		"amf0.bool.nonone": "\x01\x01",
		"amf0.longstring":  "\x02\x00\x03abc",
		"amf0.ecma.count0": "\x08\x00\x00\x00\x01\x00\x01x\x00\x3f\xf0\x00\x00\x00\x00\x00\x00\x00\x00\x09",
		"amf0.date.tz":     "\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"amf0.reference":   "\x03\x00\x01o\x03\x00\x00\x09\x00\x01r\x03\x00\x00\x09\x00\x00\x09",
	}
	for _, vector := range golden.Vectors(t, "amf0.") {
		t.Run(vector.Name, func(t *testing.T) {
			value, ok := want[vector.Name]
			if !ok {
				t.Fatalf("no value is written down for this vector: %s", vector.Meaning)
			}
			got, rest, err := Parse(vector.Bytes)
			if err != nil || len(rest) != 0 {
				t.Fatalf("Parse(%x) leaves %x, error = %v", vector.Bytes, rest, err)
			}
			if diff := cmp.Diff(value, got, cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("Parse(%x) (-want +got):\n%s", vector.Bytes, diff)
			}
			wire := string(vector.Bytes)
			if other, ok := otherForm[vector.Name]; ok {
				wire = other
			}
			if b, err := Append(nil, got); err != nil || string(b) != wire {
				t.Errorf("Append(%v) = %x, error %v, want %x", got, b, err, wire)
			}
		})
	}
}

// Whole bodies of messages come out as the bytes that they came from.
func TestMessageVectors(t *testing.T) {
	for _, vector := range golden.Vectors(t, "cmd.", "data.") {
		t.Run(vector.Name, func(t *testing.T) {
			body := vector.Bytes
			if strings.HasPrefix(vector.Name, "cmd.amf3.") {
				body = body[1:] // the format selector of type 17 messages
			}
			values, err := ParseAll(body)
			if err != nil {
				t.Fatalf("ParseAll(%x) error = %v", body, err)
			}
			if _, ok := values[0].(string); !ok {
				t.Errorf("ParseAll(%x)[0] = %v, want the name", body, values[0])
			}
			b, err := Append(nil, values...)
			if err != nil || !bytes.Equal(b, body) {
				t.Errorf("Append(ParseAll(%x)) = %x, error %v, want the same", body, b, err)
			}
		})
	}
}
