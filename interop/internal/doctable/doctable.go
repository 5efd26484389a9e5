// Package doctable holds tests to the tables of the documentation: every row is tried,
// and what is tried is what the row shows.
package doctable

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Table is a table whose rows are tried one after the other.
type Table struct {
	t     testing.TB
	rows  []row
	tried int
}

type row struct {
	what string
	code []string
}

var (
	ruler = regexp.MustCompile(`^\|[-|]+\|$`)
	span  = regexp.MustCompile("`[^`]+`")
)

// Open reads the table below a heading of a page. The code in one of its columns, counted
// from 0, has to stand in the file with the test: after the first column of its row, in
// quotation marks, and before that of the next. When the test ends all rows must have
// been tried.
func Open(t testing.TB, page, heading string, column int, file string) *Table {
	t.Helper()
	table := &Table{t: t}
	for _, cells := range cells(t, page, heading) {
		r := row{what: cells[0]}
		for _, code := range span.FindAllString(cells[column], -1) {
			r.code = append(r.code, strings.Trim(code, "`"))
		}
		table.rows = append(table.rows, r)
	}
	table.compare(file)
	t.Cleanup(func() {
		for _, r := range table.rows[table.tried:] {
			t.Errorf("not tried: %s", r.what)
		}
	})
	return table
}

// Try says which row is tried next.
func (table *Table) Try(what string) {
	table.t.Helper()
	if table.tried == len(table.rows) || table.rows[table.tried].what != what {
		table.t.Fatalf("the table has no row %q here", what)
	}
	table.tried++
}

// cells returns the cells of the table's body.
func cells(t testing.TB, page, heading string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	from := slices.Index(lines, "## "+heading)
	if from < 0 {
		t.Fatalf("%s has no heading %q", page, heading)
	}
	body := slices.IndexFunc(lines[from:], ruler.MatchString)
	if body < 0 {
		t.Fatalf("%s has no table below %q", page, heading)
	}
	for _, line := range lines[from+body+1:] {
		if !strings.HasPrefix(line, "| ") {
			break
		}
		rows = append(rows, strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |"), " | "))
	}
	return rows
}

// compare looks for the code of the rows.
func (table *Table) compare(file string) {
	table.t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		table.t.Fatal(err)
	}
	rest := string(source)
	for i, r := range table.rows {
		_, after, found := strings.Cut(rest, `"`+r.what+`"`)
		if !found {
			table.t.Errorf("%s has no case %q, or not in its place", file, r.what)
			continue
		}
		rest = after
		passage := after
		if i+1 < len(table.rows) {
			passage, _, _ = strings.Cut(after, `"`+table.rows[i+1].what+`"`)
		}
		for _, code := range r.code {
			if !strings.Contains(passage, code) {
				table.t.Errorf("%s: the case %q does not have %s", file, r.what, code)
			}
		}
	}
}
