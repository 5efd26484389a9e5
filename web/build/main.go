// Command build bundles the browser client: go generate in the web folder runs it.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	folder := flag.String("web", "..", "the folder that holds src and dist")
	flag.Parse()
	if err := run(*folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string) error {
	web, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	files, err := buildAll(web)
	if err != nil {
		return err
	}
	script, err := page.build(web)
	if err != nil {
		return fmt.Errorf("build %s: %w", page.out, err)
	}
	files = append(files, script...)
	if err := writeAll(web, files); err != nil {
		return err
	}
	for _, f := range files {
		if strings.HasSuffix(f.path, ".js") {
			fmt.Printf("%-28s %6d bytes, %6d gzipped\n", f.path, len(f.contents), gzippedSize(f.contents))
		}
	}
	return nil
}
