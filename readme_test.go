package rtmp_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The README shows nothing that is not compiled: its programs are those of the examples.
func TestReadmeShowsTheExamples(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(readme), "```go\n")[1:]
	examples := []string{"publish/examples/file", "publish/examples/encoder", "examples/relay", "examples/record"}
	if len(blocks) != len(examples) {
		t.Fatalf("README.md has %d programs, want %d", len(blocks), len(examples))
	}
	for i, name := range examples {
		source, err := os.ReadFile(name + "/main.go")
		if err != nil {
			t.Fatal(err)
		}
		_, want, _ := strings.Cut(string(source), "package main\n")
		_, got, _ := strings.Cut(blocks[i], "package main\n")
		got, _, _ = strings.Cut(got, "```")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s differs from README.md (-want +got):\n%s", name, diff)
		}
	}
}
