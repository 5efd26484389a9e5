package proxies

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var fence = regexp.MustCompile("(?ms)^```(?:nginx|haproxy)\n# (.*?)\n(.*?)^```")

// documented returns the configuration in docs/deployment.md that begins with the
// given comment.
func documented(t *testing.T, comment string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/deployment.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range fence.FindAllStringSubmatch(string(page), -1) {
		if m[1] == comment {
			return m[2]
		}
	}
	t.Fatalf("docs/deployment.md has no configuration that begins with %q", comment)
	return ""
}

// replace replaces text that must be there, once. Pairs are what is, and what it
// becomes.
func replace(t *testing.T, config string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if n := strings.Count(config, pairs[i]); n != 1 {
			t.Fatalf("the documented configuration has %q %d times, not once:\n%s", pairs[i], n, config)
		}
		config = strings.Replace(config, pairs[i], pairs[i+1], 1)
	}
	return config
}

// section replaces a block of a configuration, from a line that begins with first
// to the next line that is last, by another.
func section(t *testing.T, config, first, last, by string) string {
	t.Helper()
	start := strings.Index(config, first)
	if start < 0 {
		t.Fatalf("no %q in the documented configuration", first)
	}
	end := strings.Index(config[start:], last)
	if end < 0 {
		t.Fatalf("no %q after %q in the documented configuration", last, first)
	}
	return config[:start] + by + config[start+end+len(last):]
}
