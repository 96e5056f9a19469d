package message

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/amf3"
	"github.com/gortmp/rtmp/internal/golden"
)

func TestCommandVectors(t *testing.T) {
	want := map[string]*Command{
		"cmd.connect.minimal": {Name: "connect", TransactionID: 1, Object: amf0.Object{
			{Name: "app", Value: "live"},
			{Name: "flashVer", Value: "FMLE/3.0 (compatible; FMSc/1.0)"},
			{Name: "tcUrl", Value: "rtmp://127.0.0.1/live"},
		}},
		"cmd.connect.ertmp": {Name: "connect", TransactionID: 1, Object: amf0.Object{
			{Name: "app", Value: "live"},
			{Name: "tcUrl", Value: "rtmp://127.0.0.1/live"},
			{Name: "fourCcList", Value: amf0.StrictArray{"av01", "hvc1", "Opus"}},
			{Name: "videoFourCcInfoMap", Value: amf0.Object{{Name: "*", Value: 4.0}, {Name: "vp09", Value: 3.0}}},
			{Name: "audioFourCcInfoMap", Value: amf0.Object{{Name: "Opus", Value: 7.0}}},
			{Name: "capsEx", Value: 15.0},
			{Name: "objectEncoding", Value: 0.0},
		}},
		"cmd.connect.result": {
			Name:          "_result",
			TransactionID: 1,
			Object:        amf0.Object{{Name: "fmsVer", Value: "FMS/3,0,1,123"}, {Name: "capabilities", Value: 31.0}},
			Args: []any{amf0.Object{
				{Name: "level", Value: "status"},
				{Name: "code", Value: "NetConnection.Connect.Success"},
				{Name: "description", Value: "Connection succeeded."},
				{Name: "objectEncoding", Value: 0.0},
			}},
		},
		"cmd.createStream":        {Name: "createStream", TransactionID: 4},
		"cmd.createStream.result": {Name: "_result", TransactionID: 4, Args: []any{1.0}},
		"cmd.publish":             {Name: "publish", TransactionID: 5, Args: []any{"cam1", "live"}},
		"cmd.play":                {Name: "play", Args: []any{"cam1", -2000.0}},
		"cmd.onStatus.publish.start": {Name: "onStatus", Args: []any{amf0.Object{
			{Name: "level", Value: "status"},
			{Name: "code", Value: "NetStream.Publish.Start"},
			{Name: "description", Value: "Started publishing stream."},
		}}},
		"cmd.reconnect": {Name: "onStatus", Args: []any{amf0.Object{
			{Name: "level", Value: "status"},
			{Name: "code", Value: "NetConnection.Connect.ReconnectRequest"},
			{Name: "description", Value: "server update"},
			{Name: "tcUrl", Value: "rtmp://b.example.net/live"},
		}}},
		"cmd.amf3.createStream": {Name: "createStream", TransactionID: 2, AMF3: true},
		"cmd.amf3.arg": {
			Name:          "call",
			TransactionID: 3,
			Args: []any{amf0.AMF3{Value: &amf3.Object{
				Dynamic: []amf3.Property{{Name: "x", Value: int32(5)}},
			}}},
			AMF3: true,
		},
	}
	for _, v := range golden.Vectors(t, "cmd.") {
		t.Run(v.Name, func(t *testing.T) {
			c, ok := want[v.Name]
			if !ok {
				t.Fatalf("no expectation for vector %v", v)
			}
			wantBothWays(t, c.MessageType(), v.Bytes, c)
		})
	}
}

// What is missing at the end of a command is zero.
func TestCommandShort(t *testing.T) {
	tests := []struct {
		name string
		typ  Type
		in   string
		want *Command
	}{
		{"name", TypeCommand, "020004 74657374", &Command{Name: "test"}},
		{"name and transaction", TypeCommand, "020004 74657374 00 4010000000000000",
			&Command{Name: "test", TransactionID: 4}},
		{"name without selector, type 17", TypeCommandAMF3, "020004 74657374 00 4010000000000000 06",
			&Command{Name: "test", TransactionID: 4, Object: amf0.Undefined{}, AMF3: true}},
		{"long string as name", TypeCommand, "0c00000004 74657374", &Command{Name: "test"}},
		{"empty name", TypeCommand, "020000", &Command{}},
		{"object cut before its end marker", TypeCommand, "020004 74657374 00 4010000000000000 03 0001 61 05",
			&Command{Name: "test", TransactionID: 4, Object: amf0.Object{{Name: "a"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &Message{Type: tt.typ, Payload: unhex(t, tt.in)}
			got, err := Parse(m)
			if err != nil {
				t.Fatalf("Parse(%+v) error = %v", m, err)
			}
			if diff := cmp.Diff(Body(tt.want), got); diff != "" {
				t.Errorf("Parse(%+v) (-want +got):\n%s", m, diff)
			}
		})
	}
}

func TestCommandErrors(t *testing.T) {
	tests := []struct {
		name string
		typ  Type
		in   string
		err  error
	}{
		{"empty", TypeCommand, "", ErrNotCommand},
		{"empty, type 17", TypeCommandAMF3, "", ErrNotCommand},
		{"only a selector", TypeCommandAMF3, "00", ErrNotCommand},
		{"name is null", TypeCommand, "05 00 4010000000000000", ErrNotCommand},
		{"transaction is a string", TypeCommand, "020004 74657374 020001 34", ErrNotCommand},
		{"transaction is null", TypeCommand, "020004 74657374 05", ErrNotCommand},
		{"name cut", TypeCommand, "020004 746573", amf0.ErrShort},
		{"transaction cut", TypeCommand, "020004 74657374 00 40100000000000", amf0.ErrShort},
		{"selector on type 20", TypeCommand, "00 020004 74657374", amf0.ErrShort},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantBodyError(t, tt.typ, unhex(t, tt.in), tt.err) })
	}

	t.Run("unknown marker", func(t *testing.T) {
		payload := unhex(t, "020004 74657374 00 4010000000000000 05 7f")
		_, err := Parse(&Message{Type: TypeCommand, Payload: payload})
		var marker *amf0.MarkerError
		if !errors.As(err, &marker) {
			t.Fatalf("Parse(%x) error = %v, want a *amf0.MarkerError", payload, err)
		}
	})
}

func TestCommandAppendErrors(t *testing.T) {
	type unwritable struct{}
	for _, body := range []Body{
		&Command{Name: "test", Object: unwritable{}},
		&Command{Name: "test", Args: []any{nil, unwritable{}}},
		&Data{Values: []any{"name", unwritable{}}},
	} {
		dst := []byte("kept")
		got, err := body.AppendPayload(dst)
		var typ *amf0.TypeError
		if !errors.As(err, &typ) {
			t.Errorf("AppendPayload of %+v: error = %v, want a *amf0.TypeError", body, err)
		}
		if string(got) != "kept" {
			t.Errorf("AppendPayload of %+v returned %q with its error, want the input", body, got)
		}
	}
	if m, err := New(1, 0, &Command{Name: string(make([]byte, 1<<24))}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("New with a name of 16 MiB = %v, %v, want ErrTooLarge", m, err)
	}
}
