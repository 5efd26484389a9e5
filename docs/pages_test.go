package docs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// translated are the pages that there are in Chinese too.
var translated = []string{"../README", "guide"}

var (
	anyFence = regexp.MustCompile("(?ms)^```[a-z]*\n.*?^```")
	inline   = regexp.MustCompile("`[^`\n]+`")
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^(#+) (.*)$`)
	comment  = regexp.MustCompile(`(?m)(^|\s+)(//|#) .*$`)
)

// A link to a file or to a heading leads somewhere.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Glob("../*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range slices.Concat(top, pages) {
		text := inline.ReplaceAllString(anyFence.ReplaceAllString(read(t, page), ""), "")
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), path)
			}
			if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s links to %s, which does not exist", page, path)
			} else if anchor != "" && !slices.Contains(anchors(read(t, target)), anchor) {
				t.Errorf("%s links to %s, which has no heading %q", page, m[1], anchor)
			}
		}
	}
}

// The tests that a page names are there.
func TestNamedTestsExist(t *testing.T) {
	exists := make(map[string]bool)
	declaration := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if err == nil && strings.HasSuffix(path, "_test.go") {
			for _, m := range declaration.FindAllStringSubmatch(read(t, path), -1) {
				exists[m[1]] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\bTest[A-Z]\w*`)
	for _, page := range append(pages, "../ARCHITECTURE.md") {
		for _, code := range inline.FindAllString(read(t, page), -1) {
			for _, name := range named.FindAllString(code, -1) {
				if !exists[name] {
					t.Errorf("%s names %s, which does not exist", page, name)
				}
			}
		}
	}
}

// The Chinese pages have the same sections and the same code as the English ones.
func TestTranslationsAreInStep(t *testing.T) {
	for _, name := range translated {
		english, chinese := read(t, name+".md"), read(t, name+".zh-CN.md")
		a, b := code(english), code(chinese)
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || a[i] != b[i] {
				t.Errorf("%s: the code of block %d, comments aside, is not the same in both languages", name, i+1)
				break
			}
		}
		if a, b := outline(english), outline(chinese); !slices.Equal(a, b) {
			t.Errorf("%s: the English page has the sections %q, the Chinese one %q", name, a, b)
		}
	}
}

// code returns the blocks of code of a page without comments.
func code(text string) []string {
	blocks := anyFence.FindAllString(text, -1)
	for i, block := range blocks {
		blocks[i] = comment.ReplaceAllString(block, "")
	}
	return blocks
}

// outline returns for each section its level, and how many items and rows it has.
func outline(text string) []string {
	text = anyFence.ReplaceAllString(text, "")
	starts := heading.FindAllStringSubmatchIndex(text, -1)
	var sections []string
	for i, m := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		shape := text[m[2]:m[3]]
		for line := range strings.Lines(text[m[1]:end]) {
			if strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "|") {
				shape += line[:1]
			}
		}
		sections = append(sections, shape)
	}
	return sections
}

// anchors returns the names of a page's headings, as they stand in links.
func anchors(text string) []string {
	var names []string
	for _, m := range heading.FindAllStringSubmatch(anyFence.ReplaceAllString(text, ""), -1) {
		names = append(names, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[2]))
	}
	return names
}

func read(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
