package golden

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestVectors(t *testing.T) {
	seen := make(map[string]bool)
	for _, v := range Vectors(t) {
		if seen[v.Name] {
			t.Errorf("vector %s is there twice", v.Name)
		}
		seen[v.Name] = true
		if v.Meaning == "" {
			t.Errorf("vector %s has no meaning", v.Name)
		}
	}

	for _, v := range Vectors(t, "so.", "msg.") {
		seen[v.Name] = false
	}
	if seen["so.use"] || seen["msg.aggregate"] || !seen["cmd.play"] {
		t.Errorf("Vectors by prefix gave the wrong ones: so.use %t, msg.aggregate %t, cmd.play %t",
			!seen["so.use"], !seen["msg.aggregate"], !seen["cmd.play"])
	}
}

func TestVector(t *testing.T) {
	want := Fixture{
		Name:    "cmd.createStream",
		Meaning: "createStream, transaction 4",
		Bytes:   []byte("\x02\x00\x0ccreateStream\x00\x40\x10\x00\x00\x00\x00\x00\x00\x05"),
	}
	got := Vector(t, "cmd.createStream")
	opts := []cmp.Option{cmpopts.IgnoreFields(Fixture{}, "Checked"), cmpopts.EquateEmpty()}
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		t.Errorf("Vector(cmd.createStream) (-want +got):\n%s", diff)
	}

	agg := Vector(t, "msg.aggregate")
	if diff := cmp.Diff([]uint32{5000, 5020}, agg.Timestamps); diff != "" {
		t.Errorf("timestamps of msg.aggregate (-want +got):\n%s", diff)
	}
	if agg.CarrierTimestamp != 5000 {
		t.Errorf("carrier timestamp of msg.aggregate = %d, want 5000", agg.CarrierTimestamp)
	}

	got.Bytes[0] = 0xFF // owned: the next caller must not see it
	if again := Vector(t, "cmd.createStream"); again.Bytes[0] != 0x02 {
		t.Error("a changed fixture changed the table")
	}
}

func TestHex(t *testing.T) {
	want := []byte{0x02, 0x00, 0x0c, 0xab, 0xcd}
	if diff := cmp.Diff(want, Hex(t, "testdata/example.hex")); diff != "" {
		t.Errorf("Hex(example.hex) (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"0", "02 0\n1", "xx", "02 > 03"} {
		if b, err := parseHex(bad); err == nil {
			t.Errorf("parseHex(%q) = %x, want an error", bad, b)
		}
	}
}

func TestFlows(t *testing.T) {
	want := []Flow{
		{Client: true, Bytes: []byte{0x03, 0x01, 0x02}},
		{Client: false, Bytes: []byte{0x03}},
		{Client: true, Bytes: []byte{0xff, 0xee}},
	}
	if diff := cmp.Diff(want, Flows(t, "testdata/example-flows.hex")); diff != "" {
		t.Errorf("Flows(example-flows.hex) (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"03", "> 0", "> sever 03"} {
		if f, err := parseFlows(bad); err == nil {
			t.Errorf("parseFlows(%q) = %v, want an error", bad, f)
		}
	}
}
