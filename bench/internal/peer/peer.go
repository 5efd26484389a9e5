// Package peer prepares, starts and stops the servers that are measured.
package peer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Peer is a server program.
type Peer struct {
	Name    string
	Command []string
	// Version says what is measured, for the report.
	Version string
	// Env is its environment besides what every server gets.
	Env []string
}

// The names of the bundled servers.
const (
	Node  = "node"
	Bun   = "bun"
	Floor = "floor"
	Ours  = "ours"
	// OursGOGC400 is the same with the garbage collector that the deployment guide
	// recommends to whoever has the memory.
	OursGOGC400 = "ours-gogc400"
)

// Bundled are the names of the servers that come with the benchmark.
var Bundled = []string{Node, Bun, Floor, Ours, OursGOGC400}

// Preparer builds and installs bundled servers.
type Preparer struct {
	// Module is the directory of the benchmark's module.
	Module string
	// Work is a directory for programs.
	Work string
}

// Module finds the directory of the benchmark's module from the current one.
func Module(ctx context.Context) (string, error) {
	directory, err := output(ctx, "", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/go-socketio/socketio/bench")
	if err != nil {
		return "", fmt.Errorf("looking for the module of the benchmark: %w", err)
	}
	return directory, nil
}

// Prepare makes the bundled server with the given name ready to run.
func (p Preparer) Prepare(ctx context.Context, name string) (Peer, error) {
	peer, err := p.prepare(ctx, name)
	if err != nil {
		return Peer{}, fmt.Errorf("preparing the server %s: %w", name, err)
	}
	return peer, nil
}

func (p Preparer) prepare(ctx context.Context, name string) (Peer, error) {
	switch name {
	case Floor, Ours:
		return p.build(ctx, name)
	case OursGOGC400:
		same, err := p.build(ctx, Ours)
		same.Name, same.Env = name, []string{"GOGC=400"}
		same.Version += ", GOGC=400"
		return same, err
	case Node, Bun:
		if err := p.install(ctx); err != nil {
			return Peer{}, err
		}
		if name == Node {
			return p.node(ctx)
		}
		return p.bun(ctx)
	}
	return Peer{}, fmt.Errorf("unknown; there are %s", strings.Join(Bundled, ", "))
}

func (p Preparer) build(ctx context.Context, name string) (Peer, error) {
	program := filepath.Join(p.Work, name)
	// The module is complete, whether or not a workspace includes it.
	if _, err := output(ctx, p.Module, "env", "GOWORK=off", "go", "build", "-o", program, "./servers/"+name); err != nil {
		return Peer{}, err
	}
	version := runtime.Version()
	if name == Ours {
		commit, err := output(ctx, p.Module, "git", "describe", "--always", "--dirty", "--", ".")
		if err != nil {
			commit, err = output(ctx, p.Module, "git", "rev-parse", "--short", "HEAD")
		}
		if err == nil {
			version = "commit " + commit + ", " + version
		}
	}
	return Peer{Name: name, Command: []string{program}, Version: version}, nil
}

func (p Preparer) scripts() string { return filepath.Join(p.Module, "servers", "js") }

// install fetches the packages of the JavaScript servers, unless they are there.
func (p Preparer) install(ctx context.Context) error {
	lock, err := os.Stat(filepath.Join(p.scripts(), "package-lock.json"))
	if err != nil {
		return err
	}
	installed, err := os.Stat(filepath.Join(p.scripts(), "node_modules", ".package-lock.json"))
	if err == nil && !installed.ModTime().Before(lock.ModTime()) {
		return nil
	}
	_, err = output(ctx, p.scripts(), "npm", "ci", "--ignore-scripts")
	return err
}

func (p Preparer) node(ctx context.Context) (Peer, error) {
	version, err := output(ctx, p.scripts(), "node", "--version")
	if err != nil {
		return Peer{}, err
	}
	library, err := output(ctx, p.scripts(), "node", "-p", `require("socket.io/package.json").version`)
	if err != nil {
		return Peer{}, err
	}
	return Peer{Name: Node, Command: []string{"node", "--expose-gc", filepath.Join(p.scripts(), "node.js")},
		Version: "socket.io " + library + ", Node " + strings.TrimPrefix(version, "v")}, nil
}

// bun uses the program inside of the platform's package, which needs no install script.
func (p Preparer) bun(ctx context.Context) (Peer, error) {
	programs, err := filepath.Glob(filepath.Join(p.scripts(), "node_modules", "@oven", "bun-linux-*", "bin", "bun"))
	if err != nil {
		return Peer{}, err
	}
	if len(programs) == 0 {
		return Peer{}, errors.New("npm has no Bun for this machine")
	}
	version, err := output(ctx, p.scripts(), programs[0], "--version")
	if err != nil {
		return Peer{}, err
	}
	engine, err := output(ctx, p.scripts(), programs[0], "-p", `require("@socket.io/bun-engine/package.json").version`)
	if err != nil {
		return Peer{}, err
	}
	return Peer{Name: Bun, Command: []string{programs[0], filepath.Join(p.scripts(), "bun.js")},
		Version: "@socket.io/bun-engine " + engine + ", Bun " + version}, nil
}

// Custom is a server given on the command line, as name=command.
func Custom(definition string) (Peer, error) {
	name, command, ok := strings.Cut(definition, "=")
	fields := strings.Fields(command)
	if !ok || name == "" || len(fields) == 0 {
		return Peer{}, fmt.Errorf("%q is not of the form name=command", definition)
	}
	return Peer{Name: name, Command: fields, Version: command}, nil
}

// output runs a program and returns what it prints. Its errors have what the program
// complained of.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
