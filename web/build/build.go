package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// bundle is one file for users: what goes in and how it is written.
type bundle struct {
	entry    string
	out      string
	format   api.Format
	minify   bool
	external []string // imports that the browser resolves
}

var bundles = []bundle{
	{entry: "src/global.ts", out: "dist/socket.io.js", format: api.FormatIIFE},
	{entry: "src/global.ts", out: "dist/socket.io.min.js", format: api.FormatIIFE, minify: true},
	{entry: "src/index.ts", out: "dist/socket.io.esm.min.js", format: api.FormatESModule, minify: true},
	{entry: "src/global-msgpack.ts", out: "dist/socket.io.msgpack.min.js", format: api.FormatIIFE, minify: true},
}

// page is the script of the chat example, which lies elsewhere and imports the client from the server.
var page = bundle{
	entry: "../examples/chat/page/chat.ts", out: "../examples/chat/page/chat.js", format: api.FormatESModule,
	external: []string{"/socket.io/socket.io.esm.min.js"},
}

// output is a built file, its path relative to the web folder.
type output struct {
	path     string
	contents []byte
}

// buildAll bundles the sources of the given folder and returns the files in a fixed order.
func buildAll(web string) ([]output, error) {
	var all []output
	for _, b := range bundles {
		files, err := b.build(web)
		if err != nil {
			return nil, fmt.Errorf("build %s: %w", b.out, err)
		}
		all = append(all, files...)
	}
	return all, nil
}

func (b bundle) build(web string) ([]output, error) {
	options := api.BuildOptions{
		AbsWorkingDir: web,
		EntryPoints:   []string{b.entry},
		Outfile:       b.out,
		Bundle:        true,
		Format:        b.format,
		Target:        api.ES2020,
		Platform:      api.PlatformBrowser,
		Charset:       api.CharsetUTF8,
		LegalComments: api.LegalCommentsNone,
		Sourcemap:     api.SourceMapLinked,
		TsconfigRaw:   `{"compilerOptions": {"useDefineForClassFields": false, "alwaysStrict": true}}`,
		LogLevel:      api.LogLevelSilent,
		External:      b.external,
		Banner:        map[string]string{"js": "/*! Socket.IO client for Go servers, MIT licence */"},
	}
	if b.external != nil { // an example: its reader has the sources at hand
		options.Sourcemap = api.SourceMapNone
		options.Banner = map[string]string{"js": "// Made from " + filepath.Base(b.entry) + " by go generate ./web."}
		options.Target = api.ES2022
	}
	if b.minify {
		options.MinifySyntax = true
		options.MinifyWhitespace = true
		options.MinifyIdentifiers = true
		// Our convention: a name that ends in an underscore is private to the bundle.
		options.MangleProps = `[a-z]_$`
	}
	result := api.Build(options)
	if len(result.Errors)+len(result.Warnings) > 0 {
		messages := append(result.Errors, result.Warnings...)
		text := api.FormatMessages(messages, api.FormatMessagesOptions{})
		return nil, errors.New(string(bytes.Join(toBytes(text), nil)))
	}
	var files []output
	for _, f := range result.OutputFiles {
		rel, err := filepath.Rel(web, f.Path)
		if err != nil {
			return nil, err
		}
		files = append(files, output{path: filepath.ToSlash(rel), contents: f.Contents})
	}
	return files, nil
}

func toBytes(lines []string) [][]byte {
	out := make([][]byte, len(lines))
	for i, line := range lines {
		out[i] = []byte(line)
	}
	return out
}

// gzippedSize is what a browser downloads.
func gzippedSize(data []byte) int {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		panic(err) // The level is a constant of the package itself.
	}
	_, _ = w.Write(data) // A bytes.Buffer does not fail.
	_ = w.Close()
	return buf.Len()
}

// writeAll writes the files below the given folder.
func writeAll(web string, files []output) error {
	for _, f := range files {
		name := filepath.Join(web, filepath.FromSlash(f.path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, f.contents, 0o644); err != nil {
			return err
		}
	}
	return nil
}
