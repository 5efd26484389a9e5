package main

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What is committed is what the sources say; otherwise somebody forgot go generate.
func TestDistIsFresh(t *testing.T) {
	web, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	files, err := buildAll(web)
	if err != nil {
		t.Fatal(err)
	}
	script, err := page.build(web)
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, script...)
	built := make(map[string]bool)
	for _, f := range files {
		built[f.path] = true
		committed, err := os.ReadFile(filepath.Join(web, f.path))
		if err != nil {
			t.Errorf("%v: run go generate", err)
		} else if !bytes.Equal(committed, f.contents) {
			t.Errorf("%s differs from its sources: run go generate", f.path)
		}
	}
	left, err := filepath.Glob(filepath.Join(web, "dist", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range left {
		if !built["dist/"+filepath.Base(name)] {
			t.Errorf("%s is not made from the sources any more", name)
		}
	}
}

// Wherever the sources lie, the result is the same.
func TestBuildDoesNotDependOnTheFolder(t *testing.T) {
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	if err := os.CopyFS(filepath.Join(elsewhere, "src"), os.DirFS(filepath.Join(here, "src"))); err != nil {
		t.Fatal(err)
	}
	want, err := buildAll(here)
	if err != nil {
		t.Fatal(err)
	}
	got, err := buildAll(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range got {
		if f.path != want[i].path || !bytes.Equal(f.contents, want[i].contents) {
			t.Errorf("%s differs", f.path)
		}
		if strings.Contains(string(f.contents), elsewhere) {
			t.Errorf("%s names a folder of this machine", f.path)
		}
	}
}

// The promise of the documentation, with the official client's 14.8 KiB in mind.
func TestSize(t *testing.T) {
	const limit = 8704 // 8.5 KiB
	limits := map[string]int{"dist/socket.io.msgpack.min.js": 10 << 10}
	web, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	files, err := buildAll(web)
	if err != nil {
		t.Fatal(err)
	}
	private := regexp.MustCompile(`[.{,][a-zA-Z]+_[,:=(]`)
	for _, f := range files {
		if !strings.HasSuffix(f.path, ".min.js") {
			continue
		}
		limit := cmp.Or(limits[f.path], limit)
		if size := gzippedSize(f.contents); size > limit {
			t.Errorf("%s: %d bytes gzipped, more than %d", f.path, size, limit)
		}
		if name := private.Find(f.contents); name != nil {
			t.Errorf("%s: the private name %q was not shortened", f.path, name)
		}
	}
}
