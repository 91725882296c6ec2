package value

import (
	"math"
	"unsafe"
)

// Kind is the storage class of a Value. Its order is the order in which
// values of different classes sort, integers and reals being one class.
type Kind uint8

// The storage classes.
const (
	Null Kind = iota
	Int
	Real
	Text
	Blob
)

// String returns the name that SQL's typeof() gives the class.
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Int:
		return "integer"
	case Real:
		return "real"
	case Text:
		return "text"
	default:
		return "blob"
	}
}

// Value is one SQL datum. The zero Value is NULL. Text and blobs borrow their
// bytes (V3).
//
// Hot paths set the fields one by one through the Set methods: a store of the
// whole struct costs a bulk write barrier while the collector marks.
type Value struct {
	ptr  unsafe.Pointer // Text, Blob: first byte, or nil when empty.
	num  uint64         // Int, Real: the 64 bits. Text, Blob: length in bytes.
	kind Kind
	sub  uint8 // Subtype of a function result (json marks its texts).
}

// FromInt returns an integer.
func FromInt(i int64) Value { return Value{num: uint64(i), kind: Int} }

// FromReal returns a real, or NULL for NaN (V2).
func FromReal(f float64) Value {
	var v Value
	v.SetReal(f)
	return v
}

// FromBool returns 1 or 0.
func FromBool(b bool) Value {
	if b {
		return FromInt(1)
	}
	return FromInt(0)
}

// FromString returns a text that borrows the bytes of s.
func FromString(s string) Value {
	return Value{ptr: unsafe.Pointer(unsafe.StringData(s)), num: uint64(len(s)), kind: Text}
}

// FromText returns a text that borrows b.
func FromText(b []byte) Value {
	return Value{ptr: unsafe.Pointer(unsafe.SliceData(b)), num: uint64(len(b)), kind: Text}
}

// FromBlob returns a blob that borrows b.
func FromBlob(b []byte) Value {
	return Value{ptr: unsafe.Pointer(unsafe.SliceData(b)), num: uint64(len(b)), kind: Blob}
}

// Kind returns the storage class.
func (v *Value) Kind() Kind { return v.kind }

// IsNull reports whether v is NULL.
func (v *Value) IsNull() bool { return v.kind == Null }

// IsNumber reports whether v is an integer or a real.
func (v *Value) IsNumber() bool { return v.kind == Int || v.kind == Real }

// Int returns the integer's value; only for Kind Int.
func (v *Value) Int() int64 { return int64(v.num) }

// Real returns the real's value; only for Kind Real.
func (v *Value) Real() float64 { return math.Float64frombits(v.num) }

// Len returns the length in bytes of a text or blob.
func (v *Value) Len() int { return int(v.num) }

// Bytes returns the borrowed bytes of a text or blob.
func (v *Value) Bytes() []byte {
	// Safe: ptr and num were taken from one slice or string in a constructor,
	// and the pointer keeps that memory alive. unsafe.Slice(nil, 0) is nil.
	return unsafe.Slice((*byte)(v.ptr), int(v.num))
}

// Str returns the bytes of a text or blob as a string that borrows them.
func (v *Value) Str() string {
	// Safe as in Bytes; the string must not outlive or see a change of the
	// bytes, which is what borrowing means.
	return unsafe.String((*byte)(v.ptr), int(v.num))
}

// Subtype returns the mark that a function set on its result, 0 for none.
func (v *Value) Subtype() uint8 { return v.sub }

// SetSubtype marks v; any Set method clears the mark.
func (v *Value) SetSubtype(s uint8) { v.sub = s }

// SetNull makes v NULL.
func (v *Value) SetNull() { v.kind, v.sub = Null, 0 }

// SetInt makes v an integer. The pointer is left alone: it may keep some
// bytes alive a little longer, and costs no write barrier.
func (v *Value) SetInt(i int64) { v.num, v.kind, v.sub = uint64(i), Int, 0 }

// SetBool makes v 1 or 0.
func (v *Value) SetBool(b bool) {
	v.num, v.kind, v.sub = 0, Int, 0
	if b {
		v.num = 1
	}
}

// SetReal makes v a real, or NULL for NaN (V2).
func (v *Value) SetReal(f float64) {
	v.num, v.kind, v.sub = math.Float64bits(f), Real, 0
	if f != f {
		v.kind = Null
	}
}

// SetText makes v a text that borrows b.
func (v *Value) SetText(b []byte) {
	v.ptr, v.num, v.kind, v.sub = unsafe.Pointer(unsafe.SliceData(b)), uint64(len(b)), Text, 0
}

// SetString makes v a text that borrows s.
func (v *Value) SetString(s string) {
	v.ptr, v.num, v.kind, v.sub = unsafe.Pointer(unsafe.StringData(s)), uint64(len(s)), Text, 0
}

// SetBlob makes v a blob that borrows b.
func (v *Value) SetBlob(b []byte) {
	v.ptr, v.num, v.kind, v.sub = unsafe.Pointer(unsafe.SliceData(b)), uint64(len(b)), Blob, 0
}

// Set makes v the same as w, borrowing the same bytes.
func (v *Value) Set(w *Value) {
	if w.kind >= Text {
		v.ptr = w.ptr
	}
	v.num, v.kind, v.sub = w.num, w.kind, w.sub
}

// Own returns a copy of v whose bytes are its own.
func (v *Value) Own() Value {
	w := *v
	if v.kind >= Text {
		b := append([]byte(nil), v.Bytes()...)
		w.ptr = unsafe.Pointer(unsafe.SliceData(b))
	}
	return w
}

// BytesOf is how many bytes the texts and blobs among vals borrow.
func BytesOf(vals []Value) int {
	n := 0
	for i := range vals {
		if vals[i].kind >= Text {
			n += int(vals[i].num)
		}
	}
	return n
}

// OwnAll makes dst the values of src, with their n bytes (BytesOf) in buf, and
// returns both. What they were before is reused.
func OwnAll(dst, src []Value, buf []byte, n int) ([]Value, []byte) {
	if n > cap(buf) {
		buf = make([]byte, n, n+n/4)
	}
	if cap(dst) < len(src) {
		dst = make([]Value, len(src))
	}
	dst, buf = dst[:len(src)], buf[:0]
	for i := range src {
		// Field by field, and a pointer only where it changes: no write barriers for numbers.
		v, w := &dst[i], &src[i]
		v.num, v.kind, v.sub = w.num, w.kind, w.sub
		if w.kind >= Text {
			at := len(buf)
			buf = append(buf, w.Bytes()...)
			if p := unsafe.Pointer(unsafe.SliceData(buf[at:])); v.ptr != p {
				v.ptr = p
			}
		}
	}
	return dst, buf
}

// OwnInto copies the bytes of v into buf (grown as needed, reused from its
// start), lets v borrow that copy, and returns the buffer.
func (v *Value) OwnInto(buf []byte) []byte {
	if v.kind < Text {
		return buf
	}
	buf = append(buf[:0], v.Bytes()...)
	v.ptr = unsafe.Pointer(unsafe.SliceData(buf))
	return buf
}
