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
	class     uint8
}

// How a body becomes the bits of a lane.
const (
	laneOther uint8 = iota
	laneLoad
	laneLow
	lanePlace
)

var laneTags = func() (t [256]laneTag) {
	for i := range t {
		x := &t[i]
		x.size = bodySize[i]
		x.shift = 64 - 8*min(x.size, 8)
		switch {
		case i == tagNull:
			x.kind, x.class = LaneNull, laneLoad
		case i < tagReal:
			x.kind, x.class, x.mask = LaneInt, laneLoad, -1
		case i == tagReal:
			x.kind, x.class, x.mask = LaneReal, laneLoad, -1
		case i <= tagSmallMax:
			x.kind, x.class, x.add = LaneInt, laneLoad, int64(i-tagSmall)
		case i < tagRealInt+4:
			x.kind = LaneReal
		case i >= tagText && i <= tagTextLong:
			x.kind, x.class = LaneText, lanePlace
		case i >= tagBlobLong:
			x.kind, x.class = LaneBlob, lanePlace
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
	read := fast
	if i > fastMax {
		read = walk
	}
	for done := 0; done < len(sel); {
		n, k := read(rows, sel[done:], i, bits[done:], kinds[done:])
		done += n
		seen |= k
		if done < len(sel) {
			k, err := l.slow(rows[sel[done]], i, &bits[done])
			if err != nil {
				return 0, err
			}
			kinds[done] = k
			seen |= k
			done++
		}
	}
	return seen, nil
}

// shape is where and how column i is read in all records that begin with the
// same head and the same tags up to that column's own.
type shape struct {
	want  uint64 // Head and tags, under the mask of the column.
	at    int    // The 8 bytes that are loaded begin here; they end with the body.
	end   int
	shift uint8
	up    uint8 // Shift of a body that ends within the first 8 bytes.
	kind  uint8
	class uint8
	mask  int64
	add   int64
}

// fastMax is the last column whose tag stands in the first 8 bytes of a record.
const fastMax = 6

// walk reads a column behind fastMax as fast does, by the tags of each record.
func walk(rows [][]byte, sel []int32, i int, bits []int64, kinds []uint8) (n int, seen uint8) {
	bits, kinds = bits[:len(sel)], kinds[:len(sel)]
	for j, at := range sel {
		b := rows[at]
		if len(b) == 0 || b[0]&0x81 != 0 {
			return j, seen
		}
		off := 1 + int(b[0]>>1)
		if off <= i+1 || off > len(b) {
			return j, seen
		}
		tags := b[1 : 2+i]
		all := uint8(0) // Sizes of valid tags are below 128 here.
		for _, tag := range tags[:i] {
			size := bodySize[tag]
			all |= size
			off += int(size)
		}
		t := &laneTags[tags[i]]
		end := off + int(t.size)
		if (all|t.size)&0x80 != 0 || t.class == laneOther || end > len(b) {
			return j, seen
		}
		kinds[j] = t.kind
		seen |= t.kind
		if t.class == lanePlace {
			bits[j] = int64(off)<<32 | int64(t.size)
		} else { // More than 8 bytes of head stand before the end of the body.
			bits[j] = t.add + int64(binary.LittleEndian.Uint64(b[end-8:]))>>(t.shift&63)&t.mask
		}
	}
	return len(sel), seen
}

// fast reads the column until it meets a record that is short, malformed or
// has long values; it returns how many it has read. Records usually have the
// shape of the one before, or one of the few that a column has.
func fast(rows [][]byte, sel []int32, i int, bits []int64, kinds []uint8) (n int, seen uint8) {
	bits, kinds = bits[:len(sel)], kinds[:len(sel)]
	prefix := ^uint64(0) >> uint(8*(fastMax-i))
	s := shape{want: ^uint64(0)} // No record begins so.
	for j, at := range sel {
		b := rows[at]
		if len(b) < 9 {
			return j, seen
		}
		if word := binary.LittleEndian.Uint64(b) & prefix; word != s.want {
			if !s.set(word, i) {
				return j, seen
			}
			seen |= s.kind
		}
		if s.end > len(b) {
			return j, seen
		}
		kinds[j] = s.kind
		x := s.add
		switch s.class {
		case laneLoad:
			x += int64(binary.LittleEndian.Uint64(b[s.at:])) >> (s.shift & 63) & s.mask
		case laneLow:
			x += int64(binary.LittleEndian.Uint64(b)<<(s.up&63)) >> (s.shift & 63)
		}
		bits[j] = x
	}
	return len(sel), seen
}

// set makes s the shape of records that begin with word; false for one that
// is left to slow.
func (s *shape) set(word uint64, i int) bool {
	s.want = word
	n := int(uint8(word) >> 1)
	if word&0x81 != 0 || i >= n {
		s.want = ^uint64(0)
		return false
	}
	off := 1 + n
	all := uint8(0) // Sizes of valid tags are below 128 here.
	for range i {
		word >>= 8
		size := bodySize[uint8(word)]
		all |= size
		off += int(size)
	}
	t := &laneTags[uint8(word>>8)]
	s.end = off + int(t.size)
	s.at, s.shift, s.mask, s.add, s.kind, s.class = s.end-8, t.shift, t.mask, t.add, t.kind, t.class
	switch {
	case t.class == lanePlace:
		s.add = int64(off)<<32 | int64(t.size)
	case t.mask == 0:
		s.at, s.shift = 0, 0 // No body.
	case s.at < 0:
		s.class, s.up = laneLow, uint8(-8*s.at)
	}
	if (all|t.size)&0x80 != 0 || t.class == laneOther {
		s.want = ^uint64(0)
		return false
	}
	return true
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
