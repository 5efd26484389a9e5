// Package web holds the browser client as built files, and serves them.
//
// The sources are TypeScript, in the folder src. After a change there run npm ci once, then go generate.
package web

import "embed"

//go:generate go run -C build .
//go:generate npm run --silent types

//go:embed dist/*.js dist/*.js.map
var dist embed.FS

// Files returns the names of the built files, in alphabetical order: the bundles and their source
// maps, as they are served next to the Socket.IO path.
func Files() []string {
	entries, err := dist.ReadDir("dist")
	if err != nil {
		return nil // The folder is part of the program: it cannot be missing.
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}

// File returns the bytes of a built file, such as "socket.io.min.js", and whether there is one of
// that name. The caller owns the copy.
func File(name string) ([]byte, bool) {
	data, err := dist.ReadFile("dist/" + name)
	return data, err == nil
}
