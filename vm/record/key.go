package record

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/rustlite/rustlite/vm/value"
)

// KeyColumn says how one column of a key sorts.
type KeyColumn struct {
	Collation *value.Collation // nil: BINARY
	Desc      bool
	// BigNull sorts NULL as the largest value (NULLS LAST ascending, NULLS
	// FIRST descending). Only sorters use it.
	BigNull bool
}

// First bytes of a key's columns. All lie in [0x02, 0xEE], also inverted
// (descending columns store invBase - tag), so that the marks below can tell
// "the same column goes on" from "a new column starts".
const (
	keyNull     = 0x02
	keyNegInf   = 0x05
	keyNegBig   = 0x06 // A real below -2^63, 8 bytes.
	keyNeg8     = 0x08 // 0x08..0x0f: below -16, in 8..1 bytes.
	keySmall    = 0x10 // 0x10..0x8f: the integers -16..111.
	keySmallMin = -16
	keySmallMax = 111
	keyPos1     = 0x90 // 0x90..0x97: above 111, in 1..8 bytes.
	keyPosBig   = 0x98 // A real of 2^63 or more, 8 bytes.
	keyPosInf   = 0x99
	keyText     = 0xA0
	keyBlob     = 0xA8
	keyNullLast = 0xE0
	invBase     = 0xF0

	// keyIntEnd ends a number without fraction in a descending column.
	keyIntEnd = 0xF4
	// keyFrac follows the integral part of a number with a fraction; in a
	// descending column it is inverted to 0x07, below keyIntEnd.
	keyFrac     = 0xF8
	keyFracDesc = 0x07

	// KeySuccessor, appended to a key prefix, makes a bound that sorts behind
	// every key with that prefix and before every greater one (R3).
	KeySuccessor = 0xF7
)

// AppendKeyValue appends one column of a key to dst. Text is replaced by the
// sort key of the column's collation.
func AppendKeyValue(dst []byte, v *value.Value, c KeyColumn) []byte {
	if !c.Desc {
		return appendAsc(dst, v, c)
	}
	start := len(dst)
	dst = appendAsc(dst, v, c)
	b := dst[start:]
	switch v.Kind() {
	case value.Null:
		b[0] = invBase - b[0]
	case value.Int, value.Real:
		// The fraction mark, when there is one, sits behind the integral part.
		end := numberEnd(b)
		hasFrac := end < len(b)
		b[0] = invBase - b[0]
		for i := 1; i < len(b); i++ {
			b[i] = ^b[i]
		}
		if !hasFrac {
			dst = append(dst, keyIntEnd)
		}
	default:
		b[0] = invBase - b[0]
		for i := 1; i < len(b); i++ {
			b[i] = ^b[i]
		}
		dst = append(dst, 0xFE) // The end is FF FE, an inverted escaped zero FF 00.
	}
	return dst
}

// AppendKey appends the key of vals, column by column.
func AppendKey(dst []byte, vals []value.Value, cols []KeyColumn) []byte {
	for i := range vals {
		dst = AppendKeyValue(dst, &vals[i], cols[i])
	}
	return dst
}

func appendAsc(dst []byte, v *value.Value, c KeyColumn) []byte {
	switch v.Kind() {
	case value.Null:
		if c.BigNull {
			return append(dst, keyNullLast)
		}
		return append(dst, keyNull)
	case value.Int:
		return AppendKeyInt(dst, v.Int())
	case value.Real:
		return appendKeyReal(dst, v.Real())
	case value.Text:
		dst = append(dst, keyText)
		if c.Collation.IsBinary() || c.custom() {
			return appendEscaped(dst, v.Bytes())
		}
		var buf [64]byte
		return appendEscaped(dst, c.Collation.AppendKey(buf[:0], v.Bytes()))
	default:
		return appendEscaped(append(dst, keyBlob), v.Bytes())
	}
}

// AppendKeyInt appends an ascending integer column, such as the row id that
// ends an index key.
func AppendKeyInt(dst []byte, i int64) []byte {
	if i >= keySmallMin && i <= keySmallMax {
		return append(dst, byte(keySmall+(i-keySmallMin)))
	}
	// Eight bytes are written, and those behind the number given up again: cheaper than to copy n.
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b := dst[at : at+9]
	if i > 0 {
		u := uint64(i - (keySmallMax + 1))
		n := (bits.Len64(u|1) + 7) >> 3
		b[0] = byte(keyPos1 + n - 1)
		binary.BigEndian.PutUint64(b[1:], u<<((64-8*n)&63))
		return dst[:at+1+n]
	}
	u := uint64((keySmallMin - 1) - i)
	n := (bits.Len64(u|1) + 7) >> 3
	b[0] = byte(keyNeg8 + 8 - n)
	binary.BigEndian.PutUint64(b[1:], ^u<<((64-8*n)&63))
	return dst[:at+1+n]
}

func appendKeyReal(dst []byte, f float64) []byte {
	switch {
	case f >= 9223372036854775808.0:
		if f > math.MaxFloat64 {
			return append(dst, keyPosInf)
		}
		return binary.BigEndian.AppendUint64(append(dst, keyPosBig), math.Float64bits(f))
	case f < -9223372036854775808.0:
		if f < -math.MaxFloat64 {
			return append(dst, keyNegInf)
		}
		return binary.BigEndian.AppendUint64(append(dst, keyNegBig), ^math.Float64bits(f))
	}
	fl := math.Floor(f)
	i := int64(fl)
	dst = AppendKeyInt(dst, i)
	if f == fl {
		return dst
	}
	if i == -1 {
		// 1 + f rounds for tiny f; the inverted magnitude keeps the order.
		return appendChunks(append(dst, keyFrac), ^math.Float64bits(f)&^(1<<63))
	}
	// Exact: both lie within a factor of two or i is small against 2^53.
	return appendChunks(append(dst, keyFrac), math.Float64bits(f-fl))
}

// appendChunks writes a 63-bit number seven bits a byte, highest first, with
// a low "more" bit; trailing zero chunks are left out, which keeps the order.
func appendChunks(dst []byte, u uint64) []byte {
	u <<= 1
	for {
		c := byte(u>>57) << 1
		u <<= 7
		if u == 0 {
			return append(dst, c)
		}
		dst = append(dst, c|1)
	}
}

func appendEscaped(dst, s []byte) []byte {
	for {
		k := bytes.IndexByte(s, 0)
		if k < 0 {
			break
		}
		dst = append(dst, s[:k+1]...)
		dst = append(dst, 0xFF)
		s = s[k+1:]
	}
	dst = append(dst, s...)
	return append(dst, 0)
}

// numberEnd returns the length of the integral part of an ascending number.
func numberEnd(b []byte) int {
	switch t := b[0]; {
	case t >= keySmall && t < keyPos1:
		return 1
	case t >= keyPos1 && t < keyPosBig:
		return int(t-keyPos1) + 2
	case t >= keyNeg8 && t < keySmall:
		return 8 - int(t-keyNeg8) + 1
	case t == keyPosBig || t == keyNegBig:
		return 9
	default:
		return 1
	}
}

// ComparePrefix compares key with bound, a key of fewer or as many columns:
// 0 when key starts with exactly the bound's columns.
func ComparePrefix(key, bound []byte) int {
	if len(key) < len(bound) {
		return bytes.Compare(key, bound)
	}
	if c := bytes.Compare(key[:len(bound)], bound); c != 0 {
		return c
	}
	if len(key) > len(bound) && key[len(bound)] > KeySuccessor {
		return 1 // The last column goes on: a fraction, or an escaped zero.
	}
	return 0
}
