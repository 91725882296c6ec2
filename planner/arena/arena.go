package arena

import "unsafe"

// Values of the first chunk, and bytes of the largest that is kept for the next
// statement.
const (
	chunkFirst = 16
	bytesKept  = 64 << 10
)

// Of is an arena of values of one type.
type Of[T any] struct {
	chunk []T // What of the chunk in use is given out; older ones have no room.
}

// New returns a zero value.
func (a *Of[T]) New() *T {
	return &a.take(1)[0]
}

// Slice returns n zero values. Appending to them moves them elsewhere.
func (a *Of[T]) Slice(n int) []T {
	return a.take(n)
}

func (a *Of[T]) take(n int) []T {
	at := len(a.chunk)
	if at+n > cap(a.chunk) {
		a.chunk, at = make([]T, 0, max(chunkFirst, 2*cap(a.chunk), n)), 0
	}
	a.chunk = a.chunk[:at+n]
	return a.chunk[at : at+n : at+n]
}

// Reset takes back all that was given out: nobody may hold on to it.
func (a *Of[T]) Reset() {
	if uintptr(cap(a.chunk))*unsafe.Sizeof(*new(T)) > bytesKept {
		a.chunk = nil
		return
	}
	clear(a.chunk)
	a.chunk = a.chunk[:0]
}
