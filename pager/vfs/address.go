package vfs

import "unsafe"

// Contains says whether an address lies inside of b. The address is only compared, never turned
// into a pointer, so that it may be anything.
func Contains(b []byte, addr uintptr) bool {
	first := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	return addr-first < uintptr(len(b))
}
