package btree

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/rustlite/rustlite/pager"
)

// Check walks the whole tree and returns everything that is wrong with it: order of keys, fences,
// prefixes and heads, levels, the entry count, cells that overlap, overflow runs, pages met twice.
// visit, if not nil, is called once for every page of the tree, overflow pages included; where it
// answers false the check ends there.
func Check(tx *pager.Tx, root pager.PageNo, kind Kind, cmp Compare, visit func(pager.PageNo) bool) []error {
	k := &checker{visit: visit, seen: make(map[pager.PageNo]bool)}
	if err := k.c.Open(tx, root, kind, cmp); err != nil {
		return []error{err}
	}
	b := bounds{lo: math.MinInt64, hi: math.MaxInt64, low: fence{no: true}, high: fence{no: true}}
	k.page(root, -1, &b)
	if k.ended {
		return nil
	}
	if n, err := Count(tx, root); err != nil {
		k.add(err)
	} else if n != k.entries && len(k.errs) == 0 {
		k.fault(root, offCount, fmt.Sprintf("entry count says %d, there are %d", n, k.entries))
	}
	return k.errs
}

// checkErrsMax ends a check of a badly damaged tree.
const checkErrsMax = 100

type checker struct {
	c       Cursor
	visit   func(pager.PageNo) bool
	ended   bool // visit wanted no more.
	seen    map[pager.PageNo]bool
	errs    []error
	entries int64
	last    []byte // byte trees: the key before
	hasLast bool
}

// bounds is the range a page must keep to: for integers inclusive, for byte keys with whole
// separators in the fences.
type bounds struct {
	lo, hi    int64
	low, high fence
}

func (k *checker) add(err error) {
	if len(k.errs) < checkErrsMax {
		k.errs = append(k.errs, err)
	}
}

func (k *checker) fault(no pager.PageNo, off int64, what string) { k.add(corrupt(no, off, what)) }

// meet notes a page and reports whether it is the first time.
func (k *checker) meet(no, from pager.PageNo) bool {
	if k.seen[no] {
		k.fault(from, 0, fmt.Sprintf("page %d is used twice", no))
		return false
	}
	k.seen[no] = true
	if k.visit != nil && !k.visit(no) {
		k.ended = true
	}
	return true
}

// page checks page no and everything below it.
func (k *checker) page(no pager.PageNo, level int, b *bounds) {
	if k.ended || len(k.errs) >= checkErrsMax || !k.meet(no, no) {
		return
	}
	p, err := k.c.tx.Page(no)
	if err != nil {
		k.add(err)
		return
	}
	v := view{no: no}
	switch {
	case !v.parse(p):
		k.add(corruptHeader(no, p))
		return
	case v.ints() != (k.c.kind == IntKey):
		k.fault(no, offKind, "page of the other kind of tree")
		return
	case level >= 0 && int(v.level) != level, int(v.level) >= maxDepth:
		k.fault(no, offLevel, "level does not follow from the page above")
		return
	case v.n == 0 && (level >= 0 || !v.leaf()):
		k.fault(no, offN, "page without entries")
		return
	case level >= 0 && le64(p[offCount:]) != 0:
		k.fault(no, offCount, "entry count in a page that is no root")
	case v.plain() != (k.c.cmp != nil) && v.n > 0:
		k.fault(no, offFlags, "tree and check disagree about the compare hook")
		return
	}
	if v.hasCells() && !k.cells(&v) {
		return
	}
	if v.ints() {
		k.intPage(&v, b)
	} else {
		k.bytePage(&v, b)
	}
}

// cells checks that the cells fill the cell area without overlap, garbage aside, and their runs.
func (k *checker) cells(v *view) bool {
	type extent struct{ off, end int }
	es := make([]extent, v.n)
	used := 0
	for i := range es {
		size, err := v.cellSize(i)
		if err != nil {
			k.add(err)
			return false
		}
		off := v.offset(i)
		es[i] = extent{off, off + size}
		used += size
	}
	slices.SortFunc(es, func(a, b extent) int { return a.off - b.off })
	for i := 1; i < len(es); i++ {
		if es[i].off < es[i-1].end {
			k.fault(v.no, int64(es[i].off), "cells overlap")
			return false
		}
	}
	if v.usable-v.start != used+v.garbage() {
		k.fault(v.no, offGarbage, "wrong number of free bytes")
	}
	for i := range v.n {
		k.runs(v, i)
	}
	return true
}

// runs checks the overflow pages of cell i.
func (k *checker) runs(v *view, i int) {
	b := v.cell(i)
	if !v.ints() {
		x, _ := decodeBlob(b, v.kw)
		if x.run != 0 {
			k.run(v.no, x.run, x.total-v.kw-len(x.local))
		}
		if !v.leaf() {
			return
		}
		b = b[x.size:]
	}
	if x, _ := decodeBlob(b, 0); x.run != 0 {
		k.run(v.no, x.run, x.total-len(x.local))
	}
}

func (k *checker) run(from, run pager.PageNo, n int) {
	r := newRunReader(k.c.tx, run, n)
	for {
		no, b, err := r.page()
		if err != nil {
			k.add(err)
			return
		}
		if b == nil || !k.meet(no, from) {
			return
		}
	}
}

// intPage checks an integer page.
func (k *checker) intPage(v *view, b *bounds) {
	for i := range v.n {
		key := v.intKey(i)
		switch {
		case i > 0 && v.delta(i) <= v.delta(i-1):
			k.fault(v.no, int64(v.k+v.kw*i), "keys out of order")
			return
		case key < b.lo || key > b.hi:
			k.fault(v.no, int64(v.k+v.kw*i), fmt.Sprintf("key %d outside %d..%d", key, b.lo, b.hi))
			return
		}
	}
	if v.leaf() {
		k.entries += int64(v.n)
		return
	}
	for j := range v.n + 1 {
		below := bounds{lo: b.lo, hi: b.hi}
		if j > 0 {
			below.lo = v.intKey(j - 1)
		}
		if j < v.n {
			below.hi = v.intKey(j) - 1
		}
		k.page(v.child(j), int(v.level)-1, &below)
	}
}

// bytePage checks a byte page.
func (k *checker) bytePage(v *view, b *bounds) {
	if !k.fences(v, b) {
		return
	}
	var seps [2][]byte
	below := bounds{low: b.low}
	for i := range v.n {
		key, err := k.c.appendKey(seps[i&1][:0], v, i)
		if err != nil {
			k.add(err)
			return
		}
		seps[i&1] = key
		if !k.inside(v, i, key, b) {
			return
		}
		if v.leaf() {
			k.entries++
			if k.hasLast && k.compare(k.last, key) >= 0 {
				k.fault(v.no, int64(v.offset(i)), "keys out of order")
				return
			}
			k.last, k.hasLast = append(k.last[:0], key...), true
			continue
		}
		if i > 0 && k.compare(seps[(i+1)&1], key) >= 0 {
			k.fault(v.no, int64(v.offset(i)), "separators out of order")
			return
		}
		below.high = fence{b: key}
		k.page(v.child(i), int(v.level)-1, &below)
		below.low = below.high
	}
	if !v.leaf() {
		below.high = b.high
		k.page(v.child(v.n), int(v.level)-1, &below)
	}
}

// inside checks key i against the page's bounds and its stored head.
func (k *checker) inside(v *view, i int, key []byte, b *bounds) bool {
	at := int64(v.offset(i))
	if !b.low.no && k.compare(key, b.low.b) < 0 || !b.high.no && k.compare(key, b.high.b) >= 0 {
		k.fault(v.no, at, "key outside the range that the page above gives")
		return false
	}
	if v.kw > 0 && headOf(key[v.pre:]) != v.head(i) {
		k.fault(v.no, int64(v.k+4*i), "head does not agree with the key")
		return false
	}
	return true
}

// fences compares the page's fences with the separators above (B4).
func (k *checker) fences(v *view, b *bounds) bool {
	high := append(bytes.Clone(v.prefix()), v.highRest()...)
	for _, f := range []struct {
		want    fence
		got     []byte
		no, cut uint8
		off     int64
		what    string
	}{
		{b.low, v.lowFence(), flagNoLow, flagLowCut, offLow, "low"},
		{b.high, high, flagNoHigh, flagHighCut, offHigh, "high"},
	} {
		ok := f.want.no == (v.flags&f.no != 0)
		if ok && !f.want.no {
			cut := v.flags&f.cut != 0
			ok = cut == (len(f.want.b) > k.c.sizes.fence) &&
				bytes.Equal(f.got, f.want.b[:min(len(f.want.b), k.c.sizes.fence)])
		}
		if !ok {
			k.fault(v.no, f.off, f.what+" fence is not the separator of the page above")
			return false
		}
	}
	if v.flags&flagNoHigh != 0 && v.high > 0 || v.flags&flagNoLow != 0 && v.pre+v.low > 0 {
		k.fault(v.no, offHigh, "a fence that should not be")
		return false
	}
	return true
}

func (k *checker) compare(a, b []byte) int {
	if k.c.cmp != nil {
		return k.c.cmp(a, b)
	}
	return bytes.Compare(a, b)
}
