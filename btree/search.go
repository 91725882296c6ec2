package btree

import (
	"encoding/binary"
	"slices"
	"unsafe"
)

// The search below reads the key array of a page through an unsafe pointer, because the bounds
// checks cost a third of a search in the cache.
//
// Proof: k points at the key array of a view that parse accepted, so k..k+kw*n lies inside the page
// (B1: end of the arrays <= start of the cells <= end of the page). Every index handed to load32 and
// load64 is in [0, n): each function says why. The loads go through encoding/binary over an array
// pointer, so they are correct for any alignment and byte order.

func load32(k unsafe.Pointer, i int) uint32 {
	return binary.LittleEndian.Uint32((*[4]byte)(unsafe.Add(k, 4*i))[:])
}

func load64(k unsafe.Pointer, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(k, 8*i))[:])
}

// fixupMax is how far a wrong guess walks before binary search takes over.
const fixupMax = 6

// searchInt is the first slot whose key is not less than key, and whether it is equal.
func (v *view) searchInt(key int64) (int, bool) {
	n := v.n
	if n == 0 {
		return 0, false
	}
	if key < int64(v.base) {
		return 0, false
	}
	d := uint64(key) - v.base
	k := unsafe.Pointer(&v.p[v.k])
	if v.kw == 4 {
		if d > 1<<32-1 {
			return n, false
		}
		i := lower32(k, n, uint32(d))
		return i, i < n && load32(k, i) == uint32(d)
	}
	i := lower64(k, n, d)
	return i, i < n && load64(k, i) == d
}

// lower32 is the lower bound of d in the n >= 1 ascending elements at k: by the guess that keys are
// dense, then by interpolation with a short walk, then by binary search.
func lower32(k unsafe.Pointer, n int, d uint32) int {
	first, last := load32(k, 0), load32(k, n-1) // n >= 1
	if d <= first {
		return 0
	}
	if d > last {
		return n
	}
	// From here on first < d <= last, so n >= 2 and the answer is in [1, n-1].
	g := uint64(d - first)
	if g < uint64(n) && load32(k, int(g)) == d { // g < n
		return int(g)
	}
	// d-first <= last-first, so i <= n-1.
	i := int(g * uint64(n-1) / uint64(last-first))
	lo, hi := 1, n-1
	if load32(k, i) < d {
		// The answer is behind i, and at n-1 at the latest: the walk stops there.
		for end := min(i+fixupMax, n-1); i < end; {
			i++
			if load32(k, i) >= d {
				return i
			}
		}
		lo = i + 1
	} else {
		// Element 0 is less than d: the walk stops at 1.
		for end := max(i-fixupMax, 1); i > end; i-- {
			if load32(k, i-1) < d {
				return i
			}
		}
		if i <= 1 {
			return 1
		}
		hi = i
	}
	for lo < hi { // 1 <= lo <= m < hi <= n-1
		m := int(uint(lo+hi) >> 1)
		if load32(k, m) < d {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// lower64 is lower32 over 8-byte elements.
func lower64(k unsafe.Pointer, n int, d uint64) int {
	first, last := load64(k, 0), load64(k, n-1)
	if d <= first {
		return 0
	}
	if d > last {
		return n
	}
	g, span := d-first, last-first
	// The product of a float64 quotient in [0, 1] and n-1 is at most n-1.
	i := int(float64(g) / float64(span) * float64(n-1))
	lo, hi := 1, n-1
	if load64(k, i) < d {
		for end := min(i+fixupMax, n-1); i < end; {
			i++
			if load64(k, i) >= d {
				return i
			}
		}
		lo = i + 1
	} else {
		for end := max(i-fixupMax, 1); i > end; i-- {
			if load64(k, i-1) < d {
				return i
			}
		}
		if i <= 1 {
			return 1
		}
		hi = i
	}
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if load64(k, m) < d {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// batchInts appends n >= 1 keys from entry from on, from+n <= v.n, and checks that they ascend (B2).
func (v *view) batchInts(b *Batch, from, n int) error {
	b.IntKeys = slices.Grow(b.IntKeys, n)
	keys := b.IntKeys[len(b.IntKeys):][:n]
	b.IntKeys = b.IntKeys[:len(b.IntKeys)+n]
	if v.kw == 4 {
		// Deltas span 32 bits: the sign of a difference is right, and where they ascend, keys turn
		// round at most once.
		k := unsafe.Pointer(&v.p[v.k])
		base := int64(v.base)
		prev, rises := base+int64(load32(k, from))-1, int64(-1)
		for i := range keys {
			key := base + int64(load32(k, from+i)) // from+i < v.n
			keys[i] = key
			rises &= prev - key
			prev = key
		}
		if rises < 0 && keys[0] <= prev {
			return nil
		}
	}
	for i := range keys {
		keys[i] = v.intKey(from + i)
		if i > 0 && keys[i] <= keys[i-1] {
			return v.disorder(from + i)
		}
	}
	return nil
}

// headsOf finds the range of heads equal to h: entries before lo have smaller heads, those from hi
// on have larger ones. hi is -1 when the head behind the range is smaller: the page is damaged.
func (v *view) headsOf(h uint32) (lo, hi int) {
	if v.n == 0 {
		return 0, 0
	}
	k := unsafe.Pointer(&v.p[v.k])
	n := v.n
	lo, hi = 0, n
	for lo < hi { // 0 <= lo <= m < hi <= n
		m := int(uint(lo+hi) >> 1)
		if load32(k, m) < h {
			lo = m + 1
		} else {
			hi = m
		}
	}
	hi = lo
	if hi == n || load32(k, hi) != h {
		return lo, hi
	}
	// Mostly the range is short; a page of equal heads must not be walked.
	for step := 1; ; step *= 2 {
		if hi+step >= n {
			hi = headsEnd(k, hi+1, n, h)
			break
		}
		if load32(k, hi+step) != h { // hi+step < n
			hi = headsEnd(k, hi+1, hi+step, h)
			break
		}
		hi += step
	}
	if hi < n && load32(k, hi) < h {
		hi = -1
	}
	return lo, hi
}

// headsEnd is the first index in [lo, hi] whose head is not h; heads before lo are at most h.
func headsEnd(k unsafe.Pointer, lo, hi int, h uint32) int {
	for lo < hi { // lo <= m < hi <= n
		m := int(uint(lo+hi) >> 1)
		if load32(k, m) <= h {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// headOf is the head of a key's bytes after the prefix: its first four bytes, zeros behind a short one.
func headOf(rest []byte) uint32 {
	if len(rest) >= 4 {
		return binary.BigEndian.Uint32(rest)
	}
	var h uint32
	for i, b := range rest {
		h |= uint32(b) << (24 - 8*i)
	}
	return h
}
