// Package docs holds no code: its test compiles the Go code of the documentation.
package docs

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// packages are the packages that fragments may use without importing them, by
// the name under which they do.
var packages = map[string]string{
	"client":   "github.com/go-socketio/socketio/client",
	"cluster":  "github.com/go-socketio/socketio/cluster",
	"context":  "context",
	"engine":   "github.com/go-socketio/socketio/engine",
	"errors":   "errors",
	"event":    "github.com/go-socketio/socketio/event",
	"fmt":      "fmt",
	"frame":    "github.com/go-socketio/socketio/engine/frame",
	"http":     "net/http",
	"httptest": "net/http/httptest",
	"json":     "encoding/json",
	"log":      "log",
	"msgpack":  "github.com/go-socketio/socketio/packet/msgpack",
	"netip":    "net/netip",
	"os":       "os",
	"packet":   "github.com/go-socketio/socketio/packet",
	"regexp":   "regexp",
	"signal":   "os/signal",
	"slog":     "log/slog",
	"socketio": "github.com/go-socketio/socketio",
	"strings":  "strings",
	"sync":     "sync",
	"syscall":  "syscall",
	"atomic":   "sync/atomic",
	"time":     "time",
	"tls":      "crypto/tls",
	"url":      "net/url",
}

// context is what fragments may refer to without declaring it.
const declared = `
var (
	ctx    context.Context
	srv    *socketio.Server
	ns     *socketio.Namespace
	s      *socketio.Socket
	args   socketio.Args
	err    error
)
`

var fence = regexp.MustCompile("(?ms)^```go\n(.*?)^```")

func TestSnippetsCompile(t *testing.T) {
	files, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Glob("../*.md")
	if err != nil {
		t.Fatal(err)
	}
	imports := exportData(t)
	n := 0
	for _, file := range slices.Concat(top, files) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fence.FindAllSubmatchIndex(text, -1) {
			line := 1 + bytes.Count(text[:m[2]], []byte("\n"))
			n++
			if err := check(string(text[m[2]:m[3]]), imports); err != nil {
				t.Errorf("%s:%d: %v", filepath.Base(file), line, err)
			}
		}
	}
	if n == 0 {
		t.Error("the documentation has no Go code at all: is the test looking in the wrong place?")
	}
}

// exportData returns an importer for the packages that this module and its
// documentation use.
func exportData(t *testing.T) types.Importer {
	args := []string{"list", "-e", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "../..."}
	for _, path := range packages {
		args = append(args, path)
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	exports := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no package %s", path)
		}
		return os.Open(exports[path])
	})
}

// check type-checks one snippet: a whole file, declarations, or statements.
func check(code string, imports types.Importer) error {
	fset := token.NewFileSet()
	for _, source := range []string{
		code,
		"package p\n" + code,
		"package p\nfunc _() {\n" + code + "\n}\n",
	} {
		file, err := parser.ParseFile(fset, "snippet.go", source, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		return typeCheck(fset, file, strings.HasPrefix(strings.TrimSpace(code), "package "), imports)
	}
	_, err := parser.ParseFile(fset, "snippet.go", "package p\nfunc _() {\n"+code+"\n}\n", 0)
	return fmt.Errorf("not Go: %w", err)
}

func typeCheck(fset *token.FileSet, file *ast.File, whole bool, imports types.Importer) error {
	files := []*ast.File{file}
	if !whole {
		context, err := parser.ParseFile(fset, "context.go",
			"package p\nimport (\n\"context\"\nsocketio \"github.com/go-socketio/socketio\"\n)\n"+declared, 0)
		if err != nil {
			return err
		}
		files = append(files, context)
		addImports(file)
	}
	var first error
	conf := types.Config{Importer: imports, Error: func(err error) {
		// A fragment does not use everything that it shows.
		if msg := err.Error(); !whole && (strings.Contains(msg, "declared and not used") || strings.Contains(msg, "is not used")) {
			return
		}
		if first == nil {
			first = err
		}
	}}
	conf.Check("p", fset, files, nil) // reports to Error
	return first
}

// addImports adds an import for each package that a fragment names.
func addImports(file *ast.File) {
	imported := make(map[string]bool)
	for _, spec := range file.Imports {
		imported[filepath.Base(strings.Trim(spec.Path.Value, `"`))] = true
	}
	var specs []ast.Spec
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		name, ok := selector.X.(*ast.Ident)
		if !ok || imported[name.Name] || packages[name.Name] == "" {
			return true
		}
		imported[name.Name] = true
		specs = append(specs, &ast.ImportSpec{
			Name: ast.NewIdent(name.Name),
			Path: &ast.BasicLit{Kind: token.STRING, Value: `"` + packages[name.Name] + `"`},
		})
		return true
	})
	if len(specs) > 0 {
		file.Decls = append([]ast.Decl{&ast.GenDecl{Tok: token.IMPORT, Specs: specs}}, file.Decls...)
	}
}
