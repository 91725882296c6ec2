// Package house keeps the house in order: its tests fail when a room imports
// one above it (layers.txt), when a room has no doc.go, when a generated file
// is stale, and when the public API changes without its golden.
package house
