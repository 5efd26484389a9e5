// Package proxies holds no code: its tests send the official client through nginx and haproxy, which
// run with the configurations of docs/deployment.md.
package proxies
