//go:build !nogathering

package engine

// gathering is whether Session.Hold has an effect. With the build tag nogathering it
// has none: tests run both ways, and measurements show what it brings.
const gathering = true
