package record

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/vm/value"
)

// Tags of a record's columns. A tag fixes the kind and, but for the two long
// ones, the size of the body.
const (
	tagNull     = 0
	tagInt      = 1  // 1..8: an integer in 1..8 bytes, two's complement.
	tagReal     = 9  // A real in 8 bytes.
	tagSmall    = 10 // 10..25: the integers 0..15, no body.
	tagSmallMax = 25
	tagRealInt  = 26 // 26..29: a real with an integral value, as an integer in 1..4 bytes.
	tagText     = 64 // 64..191: a text of 0..127 bytes.
	tagTextLong = 192
	tagBlobLong = 193
	tagBlob     = 194 // 194..255: a blob of 0..61 bytes.
)

// ErrMalformed is returned for bytes that are no record or no key.
var ErrMalformed = errors.New("malformed record")

// bodySize is the size of the body by tag; the long tags' is in the lengths.
// Unassigned tags have size badSize.
var bodySize = func() (t [256]uint8) {
	const unassigned = badSize
	for i := range t {
		t[i] = unassigned
	}
	t[tagNull], t[tagReal] = 0, 8
	for i := 1; i <= 8; i++ {
		t[i] = uint8(i)
	}
	for i := tagSmall; i <= tagSmallMax; i++ {
		t[i] = 0
	}
	for i := 0; i < 4; i++ {
		t[tagRealInt+i] = uint8(i + 1)
	}
	for i := tagText; i < tagTextLong; i++ {
		t[i] = uint8(i - tagText)
	}
	t[tagTextLong], t[tagBlobLong] = longSize, longSize
	for i := tagBlob; i < 256; i++ {
		t[i] = uint8(i - tagBlob)
	}
	return t
}()

const (
	badSize  = 255
	longSize = 254

	// recordBytesMax bounds where a body may begin or end, but for short columns behind a long one.
	recordBytesMax = 1<<31 - 1 - fileformat.RecordColumnsMax*127
)

// intBytes returns how many bytes hold i in two's complement.
func intBytes(i int64) int {
	u := uint64(i ^ i>>63)
	n := 1
	for u >= 1<<7 {
		u >>= 8
		n++
	}
	return n
}

// AppendRecord appends the record of vals to dst.
func AppendRecord(dst []byte, vals []value.Value) []byte {
	longs := 0
	for i := range vals {
		if isLong(&vals[i]) {
			longs += uvarintSize(uint64(vals[i].Len()))
		}
	}
	head := uint64(len(vals)) * 2
	if longs > 0 {
		dst = binary.AppendUvarint(dst, head|1)
		dst = binary.AppendUvarint(dst, uint64(longs))
	} else {
		dst = binary.AppendUvarint(dst, head)
	}
	tags := len(dst)
	for range vals {
		dst = append(dst, 0)
	}
	if longs > 0 {
		for i := range vals {
			if isLong(&vals[i]) {
				dst = binary.AppendUvarint(dst, uint64(vals[i].Len()))
			}
		}
	}
	for i := range vals {
		var tag byte
		dst, tag = appendBody(dst, &vals[i])
		dst[tags+i] = tag
	}
	return dst
}

// isLong reports whether the length of v stands before the bodies.
func isLong(v *value.Value) bool {
	n := v.Len()
	return n > 61 && v.Kind() >= value.Text && (n > 127 || v.Kind() == value.Blob)
}

// appendBody appends what a record has of v beside its tag, and its length where that is long.
func appendBody(dst []byte, v *value.Value) ([]byte, byte) {
	switch v.Kind() {
	case value.Null:
		return dst, tagNull
	case value.Int:
		n := v.Int()
		if uint64(n) <= tagSmallMax-tagSmall {
			return dst, tagSmall + byte(n)
		}
		size := intBytes(n)
		return appendInt(dst, n, size), byte(size)
	case value.Real:
		f := v.Real()
		if n := int32(f); float64(n) == f && (n != 0 || !math.Signbit(f)) {
			size := intBytes(int64(n))
			return appendInt(dst, int64(n), size), byte(tagRealInt + size - 1)
		}
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f)), tagReal
	case value.Text:
		if n := v.Len(); n <= 127 {
			return append(dst, v.Bytes()...), byte(tagText + n)
		}
		return append(dst, v.Bytes()...), tagTextLong
	default:
		if n := v.Len(); n <= 61 {
			return append(dst, v.Bytes()...), byte(tagBlob + n)
		}
		return append(dst, v.Bytes()...), tagBlobLong
	}
}

func appendInt(dst []byte, n int64, size int) []byte {
	return binary.LittleEndian.AppendUint64(dst, uint64(n))[:len(dst)+size]
}

func uvarintSize(u uint64) int {
	n := 1
	for u >= 0x80 {
		u >>= 7
		n++
	}
	return n
}

// Row reads the columns of one record. It walks the tags only as far as the
// highest column asked for and remembers where bodies start, so that asking
// again costs a lookup. The zero Row is an empty record; Reset gives it bytes.
// A Row is for one goroutine; it reuses its memory.
type Row struct {
	data    []byte
	tags    int // Offset of the first tag.
	n       int // Columns in the record.
	walked  int // Columns whose bodies are known.
	longPos int // Offset of the next unread length.
	longEnd int
	next    int // Offset of the next unwalked body.
	offs    []uint32
	lens    []uint32
	word    uint64 // The first 8 bytes: a one-byte head and up to 7 tags.
	quick   int    // How many columns word is enough for.
}

// Reset lets r read data, which is borrowed until the next Reset.
func (r *Row) Reset(data []byte) error {
	r.walked, r.quick = 0, 0
	r.data = data
	if len(data) == 0 {
		r.n = 0
		return nil
	}
	// One-byte head: up to 63 columns, no long value. The common case.
	if h := data[0]; h < 0x80 && h&1 == 0 {
		r.n = int(h >> 1)
		r.tags = 1
		r.longPos, r.longEnd = 0, 0
		r.next = 1 + r.n
		if len(data) >= 9 && r.next <= len(data) {
			r.word = binary.LittleEndian.Uint64(data)
			r.quick = min(r.n, 7)
			if cap(r.offs) >= r.n {
				return nil
			}
		}
	} else if err := r.resetSlow(); err != nil {
		r.n = 0
		return err
	}
	if r.next > len(data) {
		r.n = 0
		return ErrMalformed
	}
	if cap(r.offs) < r.n {
		r.offs = make([]uint32, r.n+8)
		r.lens = make([]uint32, r.n+8)
	}
	return nil
}

func (r *Row) resetSlow() error {
	h, k := binary.Uvarint(r.data)
	if k <= 0 || h>>1 > uint64(len(r.data)) {
		return ErrMalformed
	}
	r.n = int(h >> 1)
	if r.n > fileformat.RecordColumnsMax {
		return ErrMalformed
	}
	var longs uint64
	if h&1 != 0 {
		l, kl := binary.Uvarint(r.data[k:])
		if kl <= 0 || l > uint64(len(r.data)) {
			return ErrMalformed
		}
		longs, k = l, k+kl
	}
	r.tags = k
	r.longPos = k + r.n
	r.longEnd = r.longPos + int(longs)
	r.next = r.longEnd
	return nil
}

// Len returns the number of columns in the record.
func (r *Row) Len() int { return r.n }

// Need returns how many bytes of the record's start are needed to read
// column i; readers of overflowing payloads ask before Column. It is at most
// total, the length of the whole record. r must have been Reset with the
// local head, which must hold all tags (else the whole record is needed).
func (r *Row) Need(i, total int) int {
	if i >= r.n {
		return 0
	}
	if i >= r.walked && r.walkHead(i) != nil {
		return total
	}
	return int(r.offs[i]) + int(r.lens[i])
}

// Column reads column i into v, borrowing from the record. A column beyond
// the record's end gives ok = false and leaves v alone.
func (r *Row) Column(i int, v *value.Value) (ok bool, err error) {
	data := r.data
	if i < r.quick {
		// Adding up the sizes of a few tags is cheaper than keeping them.
		word, off := r.word, 1+r.n
		all := uint8(0)
		for range i {
			word >>= 8
			size := bodySize[uint8(word)]
			all |= size
			off += int(size)
		}
		tag := uint8(word >> 8)
		n := int(bodySize[tag])
		if all >= 128 || n >= 128 || off+n > len(data) {
			return false, ErrMalformed
		}
		return true, decodeBody(data, tag, off, n, v)
	}
	if i >= r.walked {
		if i >= r.n {
			return false, nil
		}
		if err := r.walkHead(i); err != nil {
			return false, err
		}
	}
	off, n := int(r.offs[i]), int(r.lens[i])
	if off+n > len(data) {
		return false, ErrMalformed
	}
	return true, decodeBody(data, data[r.tags+i], off, n, v)
}

// walkHead finds the bodies of columns up to and with i, or changes nothing: who asks again behind an
// error gets it again.
func (r *Row) walkHead(i int) error {
	next, longPos := r.next, r.longPos
	offs, lens := r.offs[:cap(r.offs)], r.lens[:cap(r.lens)]
	for k := r.walked; k <= i; k++ {
		size := int(bodySize[r.data[r.tags+k]])
		if size >= longSize {
			if size == badSize {
				return ErrMalformed
			}
			if longPos >= r.longEnd || r.longEnd > len(r.data) {
				return ErrMalformed
			}
			u, n := binary.Uvarint(r.data[longPos:r.longEnd])
			// Offsets stay below 2^31, with room for all short columns, also on 32-bit systems.
			if n <= 0 || u > uint64(max(0, recordBytesMax-next)) {
				return ErrMalformed
			}
			longPos += n
			size = int(u)
		}
		offs[k], lens[k] = uint32(next), uint32(size)
		next += size
	}
	r.next, r.longPos, r.walked = next, longPos, i+1
	return nil
}

func decodeBody(data []byte, tag byte, off, n int, v *value.Value) error {
	switch {
	case tag == tagNull:
		v.SetNull()
	case tag < tagReal:
		v.SetInt(loadInt(data, off, n))
	case tag == tagReal:
		v.SetReal(math.Float64frombits(binary.LittleEndian.Uint64(data[off:])))
	case tag <= tagSmallMax:
		v.SetInt(int64(tag - tagSmall))
	case tag < tagRealInt+4:
		v.SetReal(float64(loadInt(data, off, n)))
	case tag <= tagTextLong:
		v.SetText(data[off : off+n : off+n])
	default:
		v.SetBlob(data[off : off+n : off+n])
	}
	return nil
}

// loadInt reads an n-byte integer. A payload that lies in a page has slack
// behind it (the page's trailer), so the load is usually 8 bytes wide.
func loadInt(data []byte, off, n int) int64 {
	if off+8 <= cap(data) {
		u := binary.LittleEndian.Uint64(data[off : off+8 : off+8])
		shift := uint(64 - 8*n)
		return int64(u<<shift) >> (shift & 63)
	}
	shift := uint(64 - 8*n)
	if end := off + n; end >= 8 {
		// Without slack behind: the 8 bytes up to the body's end.
		return int64(binary.LittleEndian.Uint64(data[end-8:end])) >> (shift & 63)
	}
	var u uint64
	for k := n - 1; k >= 0; k-- {
		u = u<<8 | uint64(data[off+k])
	}
	return int64(u<<shift) >> (shift & 63)
}

// Decode reads all columns of a record into vals (grown as needed).
func Decode(data []byte, vals []value.Value) ([]value.Value, error) {
	var r Row
	if err := r.Reset(data); err != nil {
		return nil, err
	}
	vals = vals[:0]
	for i := 0; i < r.n; i++ {
		var v value.Value
		if _, err := r.Column(i, &v); err != nil {
			return nil, err
		}
		vals = append(vals, v)
	}
	return vals, nil
}
