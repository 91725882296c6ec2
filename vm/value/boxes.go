package value

import "unsafe"

// Boxes makes interfaces of values, for those who read rows through
// interfaces: the values lie in slabs, so that an interface does not cost an
// allocation of its own. A slab lives as long as any interface into it, which
// is why slabs are small and hold small texts only. The zero Boxes is ready; it
// is for one goroutine at a time, its interfaces are for any. A nil one makes
// values that share nothing.
type Boxes struct {
	ints  []int64
	reals []float64
	texts []string
	bytes []byte // Of the texts.
}

const (
	// slabLen is how many values share a slab.
	slabLen = 64
	// slabTextMax is the longest text that shares its bytes' slab with others,
	// slabBytes the size of such a slab.
	slabTextMax = 32
	slabBytes   = 512
	// boxTextMax is the longest text whose header lies in a slab: the texts of a
	// slab live as long as each other.
	boxTextMax = 256
)

// box is the memory of an interface without methods, in gc's layout: its type
// and a pointer to its value. A value in a slab is written once, before the
// interface to it exists, as the language's own boxes are; the pointer into the
// slab keeps it alive.
type box struct {
	kind unsafe.Pointer
	data unsafe.Pointer
}

// boxed is an interface of like's type whose value lies at data.
func boxed(like any, data unsafe.Pointer) any {
	(*box)(unsafe.Pointer(&like)).data = data
	return like
}

// Any is the value as nil, int64, float64, string or []byte, with bytes of its
// own.
func (b *Boxes) Any(v *Value) any {
	switch v.kind {
	case Int:
		if i := v.Int(); uint64(i) >= 256 && b != nil { // Those below have boxes in the runtime.
			return b.integer(i)
		}
		return v.Int()
	case Real:
		if b == nil {
			return v.Real()
		}
		return b.real(v.Real())
	case Text:
		if n := v.Len(); 0 < n && n <= boxTextMax && b != nil {
			return b.text(v.Bytes())
		}
		return string(v.Bytes())
	case Blob:
		return append([]byte{}, v.Bytes()...)
	default:
		return nil
	}
}

func (b *Boxes) integer(i int64) any {
	if len(b.ints) == cap(b.ints) {
		b.ints = make([]int64, 0, slabLen)
	}
	b.ints = append(b.ints, i)
	return boxed(int64(0), unsafe.Pointer(&b.ints[len(b.ints)-1]))
}

func (b *Boxes) real(f float64) any {
	if len(b.reals) == cap(b.reals) {
		b.reals = make([]float64, 0, slabLen)
	}
	b.reals = append(b.reals, f)
	return boxed(float64(0), unsafe.Pointer(&b.reals[len(b.reals)-1]))
}

func (b *Boxes) text(z []byte) any {
	if len(b.texts) == cap(b.texts) {
		b.texts = make([]string, 0, slabLen)
	}
	b.texts = append(b.texts, b.Text(z))
	return boxed("", unsafe.Pointer(&b.texts[len(b.texts)-1]))
}

// Text is a string of its own with the bytes of z. Small ones lie in slabs.
func (b *Boxes) Text(z []byte) string {
	if len(z) > slabTextMax || len(z) == 0 || b == nil {
		return string(z)
	}
	if cap(b.bytes)-len(b.bytes) < len(z) {
		b.bytes = make([]byte, 0, slabBytes)
	}
	at := len(b.bytes)
	b.bytes = append(b.bytes, z...)
	return unsafe.String(&b.bytes[at], len(z)) // Never written again.
}
