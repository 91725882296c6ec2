package fileformat

import (
	"encoding/binary"
	"math/bits"
)

// UvarintMax is the longest varint, in bytes.
const UvarintMax = 10

// AppendUvarint appends v to dst: 7 bits a byte, low bits first, the high bit says that more follow.
func AppendUvarint(dst []byte, v uint64) []byte { return binary.AppendUvarint(dst, v) }

// UvarintLen is the number of bytes that AppendUvarint writes for v.
func UvarintLen(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

// Uvarint reads a varint from the start of b and returns it with its length. The length is 0 when
// b ends too early, when the value passes 64 bits, or when it is not written in its shortest form.
func Uvarint(b []byte) (uint64, int) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	v, n := binary.Uvarint(b)
	if n <= 0 || b[n-1] == 0 {
		return 0, 0
	}
	return v, n
}
