package rtmp_test

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const modulePath = "github.com/gortmp/rtmp"

// importGraph says which packages of this module each package may import. Widening it is a change of its own.
// Packages that only tests and programs use (examples, internal/interop) may import anything and are not in it.
var importGraph = map[string][]string{
	"internal/wire":   {},
	"internal/golden": {},
	"amf3":            {"internal/wire"},
	"amf0":            {"internal/wire", "amf3"},
	"media":           {"internal/wire", "amf0"},
	"message":         {"internal/wire", "amf0"},
	"handshake":       {"internal/wire"},
	"chunk":           {"internal/wire", "message"},
	"flv":             {"internal/wire", "message", "media"},
	"session":         {"chunk", "message", "amf0"},
	".":               {"session", "handshake", "chunk", "message", "amf0"},
	"relay":           {".", "message", "media", "amf0"},
	"rtmptest":        {".", "message", "media"},
}

// wirePackages are those below the root: bytes and values, no system.
var wirePackages = []string{"internal/wire", "amf3", "amf0", "media", "message", "handshake", "chunk", "flv", "session"}

// external is what packages may import from other modules, apart from tests.
var external = map[string][]string{
	".": {"github.com/pkg/errors"},
}

func TestImportGraph(t *testing.T) {
	for _, dir := range packageDirs(t) {
		allowed, ok := importGraph[dir]
		if !ok {
			t.Errorf("package %s is not in the table", dir)
			continue
		}
		for _, imported := range importsOf(t, dir) {
			inner, isOurs := strings.CutPrefix(imported+"/", modulePath+"/")
			switch inner = path.Clean(inner); {
			case isOurs && !slices.Contains(allowed, inner):
				t.Errorf("package %s imports %s, which the table does not allow", dir, inner)
			case !isOurs && strings.Contains(imported, ".") && !slices.Contains(external[dir], imported):
				t.Errorf("package %s imports %s from another module", dir, imported)
			}
		}
	}
}

func TestWirePackagesKnowNoSystem(t *testing.T) {
	banned := []string{"net", "net/http", "crypto/tls", "os", "log", "log/slog"}
	for _, dir := range wirePackages {
		for _, imported := range importsOf(t, dir) {
			if slices.Contains(banned, imported) {
				t.Errorf("package %s imports %s", dir, imported)
			}
		}
	}
}

// A wire package may speak of time, but what time it is must be an argument.
func TestWirePackagesKnowNoClock(t *testing.T) {
	clock := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}
	for _, dir := range wirePackages {
		p, err := build.ImportDir(filepath.FromSlash(dir), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range p.GoFiles {
			files := token.NewFileSet()
			f, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clock, sel.Sel.Name) {
					t.Errorf("%v: package %s uses time.%s", files.Position(n.Pos()), dir, sel.Sel.Name)
				}
				return true
			})
		}
	}
}

// The root module stays small: what needs more lives in a nested module.
func TestRootModuleRequires(t *testing.T) {
	b, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"github.com/google/go-cmp", "github.com/pkg/errors", "golang.org/x/net"}
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) < 2 || !strings.HasPrefix(fields[1], "v") || strings.Contains(line, "// indirect") {
			continue
		}
		if !slices.Contains(allowed, fields[0]) {
			t.Errorf("go.mod requires %s", fields[0])
		}
	}
}

// packageDirs returns the directories of this module with a package that users import, "." for the root.
func packageDirs(t *testing.T) []string {
	t.Helper()
	seen := make(map[string]bool)
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
				seen[path.Dir(name)] = true
			}
			return nil
		}
		base := path.Base(name)
		_, statErr := os.Stat(filepath.Join(filepath.FromSlash(name), "go.mod"))
		nested := statErr == nil && name != "."
		hidden := name != "." && (base[0] == '.' || base[0] == '_' || base == "testdata")
		if nested || hidden || name == "examples" || name == "internal/interop" {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for dir := range seen {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	return dirs
}

// importsOf returns what the files of the package in dir import, tests excluded.
func importsOf(t *testing.T, dir string) []string {
	t.Helper()
	p, err := build.ImportDir(filepath.FromSlash(dir), 0)
	if err != nil {
		t.Fatalf("package in %s: %v", dir, err)
	}
	return p.Imports
}
