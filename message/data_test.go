package message

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/internal/golden"
)

func TestDataVectors(t *testing.T) {
	want := map[string]*Data{
		"data.setDataFrame": {Values: []any{SetDataFrame, "onMetaData", amf0.ECMAArray{
			{Name: "width", Value: 1280.0},
			{Name: "height", Value: 720.0},
			{Name: "videocodecid", Value: 7.0},
			{Name: "audiocodecid", Value: 10.0},
		}}},
		"data.sampleaccess": {Values: []any{"|RtmpSampleAccess", true, true}},
	}
	for _, v := range golden.Vectors(t, "data.") {
		t.Run(v.Name, func(t *testing.T) {
			d, ok := want[v.Name]
			if !ok {
				t.Fatalf("no expectation for vector %v", v)
			}
			wantBothWays(t, TypeData, v.Bytes, d)
			amf3 := &Data{Values: d.Values, AMF3: true}
			wantBothWays(t, TypeDataAMF3, append([]byte{0}, v.Bytes...), amf3)
		})
	}
}

func TestData(t *testing.T) {
	tests := []struct {
		name     string
		typ      Type
		in       string
		want     *Data
		wantName string
	}{
		{"empty", TypeData, "", &Data{}, ""},
		{"empty, type 15", TypeDataAMF3, "", &Data{AMF3: true}, ""},
		{"only a selector", TypeDataAMF3, "00", &Data{AMF3: true}, ""},
		{"name alone", TypeData, "020004 6f6e4649", &Data{Values: []any{"onFI"}}, "onFI"},
		{"no name", TypeData, "0101", &Data{Values: []any{true}}, ""},
		{"type 15 without selector", TypeDataAMF3, "020004 6f6e4649 05",
			&Data{Values: []any{"onFI", nil}, AMF3: true}, "onFI"},
		{"array cut before its end marker", TypeData, "020004 6f6e4649 0800000009 0001 61 0101",
			&Data{Values: []any{"onFI", amf0.ECMAArray{{Name: "a", Value: true}}}}, "onFI"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &Message{Type: tt.typ, Payload: unhex(t, tt.in)}
			got, err := Parse(m)
			if err != nil {
				t.Fatalf("Parse(%+v) error = %v", m, err)
			}
			if diff := cmp.Diff(Body(tt.want), got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Parse(%+v) (-want +got):\n%s", m, diff)
			}
			if name := got.(*Data).Name(); name != tt.wantName {
				t.Errorf("Name() = %q, want %q", name, tt.wantName)
			}
		})
	}
}

func TestDataErrors(t *testing.T) {
	wantBodyError(t, TypeData, unhex(t, "020004 6f6e46"), amf0.ErrShort)
	wantBodyError(t, TypeDataAMF3, unhex(t, "00 020004 6f6e46"), amf0.ErrShort)
}
