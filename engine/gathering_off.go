//go:build nogathering

package engine

const gathering = false
