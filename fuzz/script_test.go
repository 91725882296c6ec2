package fuzz

import (
	"encoding/binary"
	"math"

	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// script is fuzz input read as instructions. At its end it gives zeros, so every input means
// something.
type script []byte

func (s *script) byte() byte {
	if len(*s) == 0 {
		return 0
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return b
}

func (s *script) bytes(n int) []byte {
	n = min(n, len(*s))
	b := (*s)[:n]
	*s = (*s)[n:]
	return b
}

func (s *script) uint16() int { return int(s.byte()) | int(s.byte())<<8 }

func (s *script) uint64() uint64 {
	var b [8]byte
	copy(b[:], s.bytes(8))
	return binary.LittleEndian.Uint64(b[:])
}

// below is a number from 0 to n-1.
func (s *script) below(n int) int {
	return int(uint32(s.uint16())|uint32(s.byte())<<16) % max(n, 1)
}

// value is any SQL value; small ones and neighbours of powers of two come often.
func (s *script) value() value.Value {
	switch k := s.byte(); k % 8 {
	case 0:
		return value.Value{}
	case 1:
		return value.FromInt(int64(int8(s.byte())))
	case 2:
		return value.FromInt(1<<(s.byte()%64) + int64(int8(s.byte())))
	case 3:
		return value.FromInt(int64(s.uint64()))
	case 4:
		return value.FromReal(float64(int8(s.byte())) / 4)
	case 5:
		return value.FromReal(math.Float64frombits(s.uint64()))
	case 6:
		return value.FromText(s.bytes(int(s.byte())))
	default:
		return value.FromBlob(s.bytes(int(s.byte())))
	}
}

// columns says how the columns of a key sort.
func (s *script) columns(n int) []record.KeyColumn {
	cols := make([]record.KeyColumn, n)
	for i := range cols {
		k := s.byte()
		cols[i].Desc = k&1 != 0
		cols[i].Collation = []*value.Collation{nil, value.Binary, value.NoCase, value.RTrim}[k>>1&3]
	}
	return cols
}

// damage changes some bytes: single ones, bits, runs, sectors that a disk forgot or put elsewhere.
func (s *script) damage(b []byte) {
	for range 64 {
		if len(*s) == 0 || len(b) == 0 {
			return
		}
		kind, at := s.byte(), s.below(len(b))
		switch kind % 5 {
		case 0:
			b[at] = s.byte()
		case 1:
			b[at] ^= 1 << (s.byte() % 8)
		case 2:
			copy(b[at:], s.bytes(int(s.byte()%32)))
		case 3:
			clear(b[at&^511 : min(at&^511+512, len(b))])
		default:
			from := s.below(len(b)) &^ 511
			piece := append([]byte(nil), b[from:min(from+512, len(b))]...)
			copy(b[at&^511:], piece)
		}
	}
}

// same is equality bit by bit, but for the sign of zero, which keys do not keep.
func same(a, b *value.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case value.Null:
		return true
	case value.Int:
		return a.Int() == b.Int()
	case value.Real:
		return math.Float64bits(a.Real()) == math.Float64bits(b.Real())
	default:
		return string(a.Bytes()) == string(b.Bytes())
	}
}
