//go:build !race

package vfs

import (
	"fmt"

	"github.com/edsrzf/mmap-go"
)

// AllocMemory gives n zeroed bytes outside of the Go heap, so that the garbage collector has
// nothing to scan. Give them back with FreeMemory.
func AllocMemory(n int) ([]byte, error) {
	m, err := mmap.MapRegion(nil, n, anonymousProt, mmap.ANON, 0)
	if err != nil {
		return nil, fmt.Errorf("anonymous map of %d bytes: %w", n, err)
	}
	return m, nil
}

// FreeMemory gives memory of AllocMemory back.
func FreeMemory(b []byte) error {
	m := mmap.MMap(b)
	return m.Unmap()
}
