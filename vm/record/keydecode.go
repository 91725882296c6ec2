package record

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/rustlite/rustlite/vm/value"
)

// DecodeKeyValue reads the first column of b into v and returns the rest.
// Integral reals come back as integers and texts as their sort keys: the
// entry's fix-ups know better. Texts alias b when they hold no zero byte.
func DecodeKeyValue(b []byte, c KeyColumn, v *value.Value) ([]byte, error) {
	n, err := keyColumnEnd(b, c.Desc)
	if err != nil {
		return nil, err
	}
	col, rest := b[:n], b[n:]
	if !c.Desc {
		return rest, decodeAsc(col, v)
	}
	if t := invBase - col[0]; t == keyText || t == keyBlob {
		inv := appendInverse(make([]byte, 0, n), col)
		return rest, decodeAsc(inv[:n-1], v) // Without the end that only descending columns carry.
	}
	var room [numberBytesMax]byte
	inv := appendInverse(room[:0], col)
	if t := inv[0]; t != keyNull && t != keyNullLast && inv[n-1] == ^byte(keyIntEnd) && numberEnd(inv) == n-1 {
		inv = inv[:n-1]
	}
	return rest, decodeNumber(inv, v)
}

// numberBytesMax is room for a number: its tag, 8 bytes, a fraction of nine, and the ends.
const numberBytesMax = 24

// appendInverse turns a descending column round.
func appendInverse(dst, col []byte) []byte {
	dst = append(dst, invBase-col[0])
	for _, x := range col[1:] {
		dst = append(dst, ^x)
	}
	return dst
}

// SkipKeyValue returns b behind its first column.
func SkipKeyValue(b []byte, c KeyColumn) ([]byte, error) {
	n, err := keyColumnEnd(b, c.Desc)
	if err != nil {
		return nil, err
	}
	return b[n:], nil
}

// keyColumnEnd returns the length of the first column of b.
func keyColumnEnd(b []byte, desc bool) (int, error) {
	if len(b) == 0 {
		return 0, ErrMalformed
	}
	t := b[0]
	zero, more, frac := byte(0), byte(0xFF), byte(keyFrac)
	if desc {
		t = invBase - t
		zero, more, frac = 0xFF, 0x00, keyFracDesc
	}
	n := 1
	switch {
	case t == keyNull || t == keyNullLast:
		return 1, nil
	case t == keyText || t == keyBlob:
		for {
			k := bytes.IndexByte(b[n:], zero)
			if k < 0 {
				return 0, ErrMalformed
			}
			n += k + 1
			if n < len(b) && b[n] == more {
				n++
				continue
			}
			if desc {
				n++ // The second byte of the end, FE.
			}
			if n > len(b) {
				return 0, ErrMalformed
			}
			return n, nil
		}
	case t >= keySmall && t < keyPos1, t == keyPosInf, t == keyNegInf:
	case t >= keyPos1 && t < keyPosBig:
		n = int(t-keyPos1) + 2
	case t >= keyNeg8 && t < keySmall:
		n = 8 - int(t-keyNeg8) + 1
	case t == keyPosBig || t == keyNegBig:
		n = 9
	default:
		return 0, ErrMalformed
	}
	if n < len(b) && b[n] == frac {
		for n++; ; n++ {
			if n >= len(b) {
				return 0, ErrMalformed
			}
			c := b[n]
			if desc {
				c = ^c
			}
			if c&1 == 0 {
				return n + 1, nil
			}
		}
	}
	if desc {
		n++
	}
	if n > len(b) {
		return 0, ErrMalformed
	}
	return n, nil
}

// decodeAsc decodes one whole ascending column whose length was checked.
func decodeAsc(b []byte, v *value.Value) error {
	switch b[0] {
	case keyText:
		v.SetText(unescape(b[1 : len(b)-1]))
	case keyBlob:
		v.SetBlob(unescape(b[1 : len(b)-1]))
	default:
		return decodeNumber(b, v)
	}
	return nil
}

// decodeNumber decodes a number or NULL, of which v keeps no byte.
func decodeNumber(b []byte, v *value.Value) error {
	switch t := b[0]; {
	case t == keyNull || t == keyNullLast:
		v.SetNull()
		return nil
	case t == keyPosInf:
		v.SetReal(math.Inf(1))
		return nil
	case t == keyNegInf:
		v.SetReal(math.Inf(-1))
		return nil
	case t == keyPosBig:
		v.SetReal(math.Float64frombits(binary.BigEndian.Uint64(b[1:])))
		return nil
	case t == keyNegBig:
		v.SetReal(math.Float64frombits(^binary.BigEndian.Uint64(b[1:])))
		return nil
	}
	n := numberEnd(b)
	i := decodeKeyInt(b[:n])
	if n == len(b) {
		v.SetInt(i)
		return nil
	}
	var u uint64
	shift := uint(57)
	for _, c := range b[n+1:] {
		u |= uint64(c>>1) << shift
		if shift < 7 {
			// Nine chunks hold 63 bits; more is no key of ours.
			if c&1 != 0 {
				return ErrMalformed
			}
			break
		}
		shift -= 7
	}
	u >>= 1
	if i == -1 {
		v.SetReal(math.Float64frombits(^u | 1<<63))
		return nil
	}
	v.SetReal(float64(i) + math.Float64frombits(u))
	return nil
}

// KeyInt reads an integer at the beginning of b, an ascending column; not ok for anything else.
func KeyInt(b []byte) (i int64, ok bool) {
	if len(b) == 0 || b[0] < keyNeg8 || b[0] >= keyPosBig {
		return 0, false
	}
	n := numberEnd(b)
	if n > len(b) || n < len(b) && b[n] == keyFrac {
		return 0, false
	}
	return decodeKeyInt(b[:n]), true
}

func decodeKeyInt(b []byte) int64 {
	switch t := b[0]; {
	case t >= keySmall && t < keyPos1:
		return int64(t) - keySmall + keySmallMin
	case t >= keyPos1:
		var u uint64
		for _, c := range b[1:] {
			u = u<<8 | uint64(c)
		}
		return int64(u) + keySmallMax + 1
	default:
		u := ^uint64(0)
		for _, c := range b[1:] {
			u = u<<8 | uint64(c)
		}
		return keySmallMin - 1 - int64(^u)
	}
}

func unescape(b []byte) []byte {
	k := bytes.IndexByte(b, 0)
	if k < 0 {
		return b[:len(b):len(b)]
	}
	out := make([]byte, 0, len(b))
	for k >= 0 {
		out = append(out, b[:k+1]...)
		b = b[min(k+2, len(b)):]
		k = bytes.IndexByte(b, 0)
	}
	return append(out, b...)
}

// KeyRowID reads an ascending integer column, the row id behind the other
// columns of an index key.
func KeyRowID(b []byte) (int64, error) {
	n, err := keyColumnEnd(b, false)
	if err != nil || n != len(b) || b[0] < keyNeg8 || b[0] >= keyPosBig || numberEnd(b) != n {
		return 0, ErrMalformed
	}
	return decodeKeyInt(b), nil
}
