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
// NULL, integers and 8-byte reals: load 8 bytes, shift the body's up and down
// again with their sign, mask, add.
type laneTag struct {
	size      uint64 // Of the body; laneFar for what the fast path leaves.
	mask, add int64
	shift     uint8
	kind      uint8
	place     bool // A text or blob.
}

const (
	// laneFar is a size that no record has; sums with it stay beyond all records.
	laneFar = 1 << 40
	// laneInteger marks lanes, while they are read, that hold an integer in the place of its real.
	laneInteger = 0x80
)

var (
	laneTags  [256]laneTag
	laneSizes [256]uint64 // The sizes of laneTags.
)

// The tables of tags.
var _ = func() struct{} {
	for i := range laneTags {
		t := &laneTags[i]
		t.size = uint64(bodySize[i])
		t.shift = uint8(64 - 8*min(t.size, 8))
		switch {
		case t.size >= longSize:
			t.size = laneFar
		case i == tagNull:
			t.kind = LaneNull
		case i < tagReal:
			t.kind, t.mask = LaneInt, -1
		case i == tagReal:
			t.kind, t.mask = LaneReal, -1
		case i <= tagSmallMax:
			t.kind, t.add = LaneInt, int64(i-tagSmall)
		case i < tagRealInt+4:
			t.kind, t.mask = LaneReal|laneInteger, -1
		case i < tagTextLong:
			t.kind, t.place = LaneText, true
		default:
			t.kind, t.place = LaneBlob, true
		}
		laneSizes[i] = t.size
	}
	return struct{}{}
}()

// Lanes reads columns of many records, one column after the other. Its memory is reused.
type Lanes struct {
	rows [][]byte
	// To where each record has been walked: offset<<8 | column of the body that begins there, 0 for not at
	// all. The 63 short columns that the fast path knows end early.
	walked []uint32
	row    Row // For the records that the fast path leaves.
}

// Reset lets l read rows, which are borrowed until the next Reset.
func (l *Lanes) Reset(rows [][]byte) {
	l.rows = rows
	if cap(l.walked) < len(rows) {
		l.walked = make([]uint32, len(rows), max(2*len(rows), 128))
		return
	}
	l.walked = l.walked[:len(rows)]
	clear(l.walked)
}

// Column reads column i of the records number sel[0], sel[1], ... into bits and kinds, which have room
// for len(sel) lanes: integers as they are, reals as their bits, texts and blobs as offset<<32|length
// within their record, NULL, also for a column beyond the record's end, as 0. It returns the union of
// the kinds. It is fastest for columns in their order.
func (l *Lanes) Column(sel []int32, i int, bits []int64, kinds []uint8) (seen uint8, err error) {
	for done := 0; done < len(sel); {
		n, k := l.walk(sel[done:], i, bits[done:], kinds[done:])
		done += n
		seen |= k
		if done < len(sel) {
			k, err := l.slow(l.rows[sel[done]], i, &bits[done])
			if err != nil {
				return 0, err
			}
			kinds[done] = k
			seen |= k
			done++
		}
	}
	if seen&laneInteger != 0 {
		seen &^= laneInteger
		asReals(bits[:len(sel)], kinds[:len(sel)])
	}
	return seen, nil
}

// asReals makes reals of integers in their place.
func asReals(bits []int64, kinds []uint8) {
	kinds = kinds[:len(bits)]
	for i, x := range bits {
		k := kinds[i]
		bits[i] = x ^ (x^int64(math.Float64bits(float64(x))))&-int64(k>>7)
		kinds[i] = k &^ laneInteger
	}
}

// walk reads the column until it meets a record that is short, malformed or has long values; it returns
// how many it has read. It takes up the walk through each record where the column before has left it.
func (l *Lanes) walk(sel []int32, i int, bits []int64, kinds []uint8) (n int, seen uint8) {
	rows, walked := l.rows, l.walked[:len(l.rows)]
	bits, kinds = bits[:len(sel)], kinds[:len(sel)]
	for j, at := range sel {
		b := rows[at]
		if len(b) < i+2 || b[0]&0x81 != 0 || int(b[0]>>1) <= i {
			return j, seen
		}
		from, off := int(walked[at]&0xff), uint64(walked[at]>>8)
		if off == 0 || from > i {
			from, off = 0, 1+uint64(b[0]>>1)
		}
		tags := b[1+from : 2+i]
		for _, tag := range tags[:len(tags)-1] {
			off += laneSizes[tag]
		}
		t := &laneTags[tags[len(tags)-1]]
		end := off + t.size
		if end > uint64(len(b)) || off+8 > uint64(cap(b)) {
			return j, seen
		}
		walked[at] = uint32(end<<8) | uint32(i+1)
		kinds[j] = t.kind
		seen |= t.kind
		if t.place {
			bits[j] = int64(off<<32 | t.size)
		} else {
			word := binary.LittleEndian.Uint64(b[off : off+8 : off+8])
			bits[j] = t.add + int64(word<<(t.shift&63))>>(t.shift&63)&t.mask
		}
	}
	return len(sel), seen
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
		l.row.Need(i, len(b)) // Column may know the place without keeping it.
		*bits = int64(l.row.offs[i])<<32 | int64(l.row.lens[i])
		if v.Kind() == value.Text {
			return LaneText, nil
		}
		return LaneBlob, nil
	}
	return LaneNull, nil
}
