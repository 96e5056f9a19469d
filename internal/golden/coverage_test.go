package golden

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// unsupported are the vectors of what this module does not do: encrypted RTMP, and the logins that were invented for
// single servers.
var unsupported = []string{"rtmpe.", "auth."}

// TestEveryVectorIsUsed looks into the tests of the whole module for each vector: for its name, or for a call of
// Vectors with the front of it. Seeds of fuzz targets and inputs of benchmarks do not count, because what is made of
// them is compared with nothing.
func TestEveryVectorIsUsed(t *testing.T) {
	names, prefixes := usedVectors(t, "../..")
	if len(names) == 0 || len(prefixes) == 0 {
		t.Fatal("no test uses any vector")
	}
	beginsWith := func(name string, prefixes []string) bool {
		for _, p := range prefixes {
			if strings.HasPrefix(name, p) {
				return true
			}
		}
		return false
	}
	for _, v := range Vectors(t) {
		used := names[v.Name] || beginsWith(v.Name, prefixes)
		if none := beginsWith(v.Name, unsupported); used == none {
			t.Errorf("vector %v: used is %t, unsupported is %t, want one of them", v, used, none)
		}
	}
}

// usedVectors returns all strings in the tests below root, and those that are arguments of golden.Vectors. The tests
// of this package itself, fuzz targets and benchmarks are left out.
func usedVectors(t *testing.T, root string) (names map[string]bool, prefixes []string) {
	t.Helper()
	self, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	names = make(map[string]bool)
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if abs, err := filepath.Abs(path); err != nil || abs == self {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && !compares(f) {
				continue
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Vectors" {
						for _, arg := range n.Args {
							if text, ok := literal(arg); ok {
								prefixes = append(prefixes, text)
							}
						}
					}
				case *ast.BasicLit:
					if text, ok := literal(n); ok {
						names[text] = true
					}
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names, prefixes
}

// compares reports whether f may be part of a test, and not of a fuzz target or a benchmark.
func compares(f *ast.FuncDecl) bool {
	if strings.HasPrefix(f.Name.Name, "Fuzz") || strings.HasPrefix(f.Name.Name, "Benchmark") {
		return false
	}
	for _, p := range f.Type.Params.List { // helpers of those
		if star, ok := p.Type.(*ast.StarExpr); ok {
			if s, ok := star.X.(*ast.SelectorExpr); ok && (s.Sel.Name == "F" || s.Sel.Name == "B") {
				return false
			}
		}
	}
	return true
}

// literal returns the value of e if it is a string as it stands in the source.
func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}
