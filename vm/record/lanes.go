package record

import (
	"encoding/binary"
	"math"

	"github.com/rustlite/rustlite/vm/value"
)

// Lane kinds: what one lane of a vector holds, as bits, so that the kinds of
// many lanes can be joined.
const (
	LaneNull uint8 = 1 << iota
	LaneInt
	LaneReal
	LaneText
	LaneBlob
)

// laneTag is what reading a column by its tag needs, without branches for
// NULL, integers and 8-byte reals: load 8 bytes, shift the body's to the
// right with their sign, mask, add.
type laneTag struct {
	mask, add int64
	shift     uint8
	size      uint8
	kind      uint8
	plain     bool
}

var laneTags = func() (t [256]laneTag) {
	for i := range t {
		x := &t[i]
		x.size = bodySize[i]
		x.shift = 64 - 8*min(x.size, 8)
		switch {
		case i == tagNull:
			x.kind, x.plain = LaneNull, true
		case i < tagReal:
			x.kind, x.plain, x.mask = LaneInt, true, -1
		case i == tagReal:
			x.kind, x.plain, x.mask = LaneReal, true, -1
		case i <= tagSmallMax:
			x.kind, x.plain, x.add = LaneInt, true, int64(i-tagSmall)
		case i < tagRealInt+4:
			x.kind = LaneReal
		case i >= tagText && i <= tagTextLong:
			x.kind = LaneText
		case i >= tagBlobLong:
			x.kind = LaneBlob
		}
	}
	return t
}()

// Lanes reads one column of many records. Its memory is reused.
type Lanes struct {
	row Row // For the records that the fast path leaves.
}

// Column reads column i of the records rows[sel[0]], rows[sel[1]], ... into
// bits and kinds, which have room for len(sel) lanes: integers as they are,
// reals as their bits, texts and blobs as offset<<32|length within their
// record, NULL, also for a column beyond the record's end, as 0. It returns
// the union of the kinds.
func (l *Lanes) Column(rows [][]byte, sel []int32, i int, bits []int64, kinds []uint8) (seen uint8, err error) {
	bits, kinds = bits[:len(sel)], kinds[:len(sel)]
	for j, at := range sel {
		b := rows[at]
		if len(b) < 9 || b[0]&0x81 != 0 {
			k, err := l.slow(b, i, &bits[j])
			if err != nil {
				return 0, err
			}
			kinds[j] = k
			seen |= k
			continue
		}
		// One-byte head, no long values.
		n := int(b[0] >> 1)
		if i >= n {
			bits[j], kinds[j] = 0, LaneNull
			seen |= LaneNull
			continue
		}
		off := 1 + n
		if off > len(b) {
			return 0, ErrMalformed
		}
		var all uint8 // Sizes of valid tags are below 128 here.
		for _, tag := range b[1 : 1+i] {
			s := bodySize[tag]
			all |= s
			off += int(s)
		}
		t := &laneTags[b[1+i]]
		end := off + int(t.size)
		if (all|t.size)&0x80 != 0 || end > len(b) {
			return 0, ErrMalformed
		}
		kinds[j] = t.kind
		seen |= t.kind
		switch {
		case !t.plain:
			if t.kind == LaneReal {
				bits[j] = int64(math.Float64bits(float64(loadInt(b, off, int(t.size)))))
			} else {
				bits[j] = int64(off)<<32 | int64(t.size)
			}
		case off+8 <= len(b):
			bits[j] = int64(binary.LittleEndian.Uint64(b[off:])<<(t.shift&63))>>(t.shift&63)&t.mask + t.add
		default:
			// len(b) is at least 9: the 8 bytes up to the body's end.
			bits[j] = int64(binary.LittleEndian.Uint64(b[max(end, 8)-8:])<<uint(8*max(8-end, 0)))>>(t.shift&63)&t.mask + t.add
		}
	}
	return seen, nil
}

// slow reads a column of a short record, or of one with long values.
func (l *Lanes) slow(b []byte, i int, bits *int64) (uint8, error) {
	*bits = 0
	if err := l.row.Reset(b); err != nil {
		return 0, err
	}
	var v value.Value
	ok, err := l.row.Column(i, &v)
	if !ok || err != nil {
		return LaneNull, err
	}
	switch v.Kind() {
	case value.Int:
		*bits = v.Int()
		return LaneInt, nil
	case value.Real:
		*bits = int64(math.Float64bits(v.Real()))
		return LaneReal, nil
	case value.Text, value.Blob:
		*bits = int64(l.row.offs[i])<<32 | int64(l.row.lens[i])
		if v.Kind() == value.Text {
			return LaneText, nil
		}
		return LaneBlob, nil
	}
	return LaneNull, nil
}
