package golden

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
)

// Hex returns the bytes of the annotated hex file at path, which is relative to the package under test, as in
// "testdata/connect.hex". Hex digits may be spaced and broken into lines at will, between bytes; '#' starts a
// comment that runs to the end of the line. The result is owned.
func Hex(tb testing.TB, path string) []byte {
	tb.Helper()
	b, err := parseHex(read(tb, path))
	if err != nil {
		tb.Fatalf("golden: %s: %v", path, err)
	}
	return b
}

// A Flow is a run of bytes that one side of a connection sent without waiting for the other.
type Flow struct {
	Client bool // sent by the client, otherwise by the server
	Bytes  []byte
}

// Flows returns the recorded conversation in the file at path: annotated hex as for Hex, in which a line that
// begins with '>' starts a flow of the client and one that begins with '<' a flow of the server. The rest of
// such a line may be hex, or the words "client" and "server". The result is owned.
func Flows(tb testing.TB, path string) []Flow {
	tb.Helper()
	flows, err := parseFlows(read(tb, path))
	if err != nil {
		tb.Fatalf("golden: %s: %v", path, err)
	}
	return flows
}

func read(tb testing.TB, path string) string {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatalf("golden: %v", err)
	}
	return string(text)
}

func parseHex(text string) ([]byte, error) {
	var b []byte
	for i, line := range strings.Split(text, "\n") {
		var err error
		if b, err = appendLine(b, line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return b, nil
}

func parseFlows(text string) ([]Flow, error) {
	var flows []Flow
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, ">"); ok {
			flows = append(flows, Flow{Client: true})
			line = strings.TrimPrefix(strings.TrimSpace(rest), "client")
		} else if rest, ok := strings.CutPrefix(line, "<"); ok {
			flows = append(flows, Flow{Client: false})
			line = strings.TrimPrefix(strings.TrimSpace(rest), "server")
		}
		b, err := appendLine(nil, line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if len(b) == 0 {
			continue
		}
		if len(flows) == 0 {
			return nil, fmt.Errorf("line %d: bytes before the first '>' or '<'", i+1)
		}
		last := &flows[len(flows)-1]
		last.Bytes = append(last.Bytes, b...)
	}
	return flows, nil
}

// appendLine appends the bytes of one line of hex.
func appendLine(dst []byte, line string) ([]byte, error) {
	line, _, _ = strings.Cut(line, "#")
	return hex.AppendDecode(dst, []byte(strings.Join(strings.Fields(line), "")))
}
