// Package cheatsheet runs every row of the server's side of docs/cheatsheet.md, the Go with
// our server and the JavaScript with the official one, and looks at what official clients
// receive. There is one file of each language for each table.
package cheatsheet

import (
	"context"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/leak"
	"github.com/go-socketio/socketio/interop/internal/doctable"
)

func TestMain(m *testing.M) { leak.Main(m) }

// patience is for what never happens if all is well.
const patience = time.Minute

// row is a row of a table. What comes of it must be the same for its Go and for its
// JavaScript.
type row struct {
	what string
	// run is its Go. The JavaScript stands in a program, under the same name.
	run func() error
	// then is what the clients do, and what is awaited, after that. It may be nil.
	then func(a *audience)
	// heard is what the clients report: see [report.String].
	heard string
	// told is what the servers note: see [ours.tell].
	told string
}

// checkTable tries the rows of a table. Its Go is in file, and uses the servers p; its
// JavaScript is in program.
func checkTable(t *testing.T, heading string, p *ours, file, program string, rows []row) {
	const page = "../../../docs/cheatsheet.md"
	javaScript, golang := doctable.Open(t, page, heading, 1, program), doctable.Open(t, page, heading, 2, file)
	p.rows = make(map[string]func() error)
	for _, r := range rows {
		javaScript.Try(r.what)
		golang.Try(r.what)
		p.rows[r.what] = r.run
	}
	t.Run("our server", func(t *testing.T) { watchAll(t, p.audience, rows) })
	t.Run("official server", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		watchAll(t, newAudience(t, ctx, newOfficial(t, ctx, program)), rows)
	})
}

func watchAll(t *testing.T, a *audience, rows []row) {
	a.t = t
	for _, r := range rows {
		a.watch(r)
	}
}
