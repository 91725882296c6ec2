package record

import (
	"encoding/binary"
	"math"

	"github.com/rustlite/rustlite/vm/value"
)

// A fix-up list is the payload of an index entry: for each column whose value
// the key does not give back, in ascending order,
//
//	uvarint column*2 + kind
//	kind 0: the column is the real of this integral value; twice in a row: -0.0
//	kind 1: uvarint length, then the text as it was spelled
//
// An empty payload, the usual one, means that the key says it all.

// AppendFixups appends the fix-ups of a key's values to dst.
func AppendFixups(dst []byte, vals []value.Value, cols []KeyColumn) []byte {
	for i := range vals {
		switch v := &vals[i]; v.Kind() {
		case value.Real:
			f := v.Real()
			if f >= -9223372036854775808.0 && f < 9223372036854775808.0 && float64(int64(f)) == f {
				dst = binary.AppendUvarint(dst, uint64(i)*2)
				if f == 0 && math.Signbit(f) {
					dst = binary.AppendUvarint(dst, uint64(i)*2)
				}
			}
		case value.Text:
			if !cols[i].Collation.IsBinary() && !cols[i].custom() {
				dst = binary.AppendUvarint(dst, uint64(i)*2+1)
				dst = binary.AppendUvarint(dst, uint64(v.Len()))
				dst = append(dst, v.Bytes()...)
			}
		}
	}
	return dst
}

// ApplyFixup corrects v, decoded from column i of a key, by the entry's
// payload.
func ApplyFixup(payload []byte, i int, v *value.Value) error {
	for len(payload) > 0 {
		h, n := binary.Uvarint(payload)
		if n <= 0 {
			return ErrMalformed
		}
		payload = payload[n:]
		col := int(h >> 1)
		switch {
		case col > i:
			return nil
		case h&1 == 0 && col < i:
		case h&1 == 0 && v.Kind() == value.Int:
			v.SetReal(float64(v.Int()))
		case h&1 == 0 && v.Kind() == value.Real && v.Real() == 0:
			v.SetReal(math.Copysign(0, -1))
		case h&1 == 1:
			l, n := binary.Uvarint(payload)
			if n <= 0 || l > uint64(len(payload)-n) {
				return ErrMalformed
			}
			if col == i {
				v.SetText(payload[n : n+int(l) : n+int(l)])
			}
			payload = payload[n+int(l):]
		}
	}
	return nil
}
