//go:build unix && !linux

package vfs

import "os"

const canMapWritable = false

// syncFile is os.File.Sync, which asks for a full sync on darwin.
func syncFile(f *os.File) error { return f.Sync() }

func reserve(*os.File, int64, int64) (bool, error) { return false, nil }

func populate([]byte) bool { return false }
