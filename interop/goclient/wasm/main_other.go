//go:build !js

// This program is for GOOS=js only.
package main

func main() {}
