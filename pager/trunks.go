package pager

import (
	"slices"

	"github.com/rustlite/rustlite/freelist"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// trunkRef is one trunk page of the free list and the range it covers.
type trunkRef struct {
	index int // covers the pages from index*span on
	page  PageNo
}

// touchTrunk notes that the free pages of a range changed.
func (w *writer) touchTrunk(e freelist.Extent) {
	if w.span == 0 {
		return // An in-memory database keeps no trunks.
	}
	for i := int(e.First) / w.span; i <= int(e.First+PageNo(e.N)-1)/w.span; i++ {
		w.trunkDirty[i] = true
	}
}

// writeTrunks brings the trunk pages in line with the free list, as part of the commit (P5). A
// range without a trunk gets one when its first page becomes free. The new trunk's page is itself
// taken from the free list, which may touch another range; trunks are never taken away, so the
// loop ends.
func (tx *Tx) writeTrunks() ([]trunkRef, error) {
	w := &tx.p.w
	trunks := slices.Clone(w.trunks)
	for len(w.trunkDirty) > 0 {
		lowest := -1
		for i := range w.trunkDirty {
			if lowest < 0 || i < lowest {
				lowest = i
			}
		}
		delete(w.trunkDirty, lowest)
		at, found := slices.BinarySearchFunc(trunks, lowest, func(t trunkRef, i int) int { return t.index - i })
		if !found {
			first := PageNo(lowest * w.span)
			any := false
			w.free.AscendRange(first, first+PageNo(w.span), func(freelist.Extent) { any = true })
			if !any {
				continue
			}
			no, page, err := tx.Allocate()
			if err != nil {
				return nil, err
			}
			fileformat.PutTrunk(page, fileformat.Trunk{Next: tx.cur.trunk, First: first})
			tx.cur.trunk = no
			trunks = slices.Insert(trunks, at, trunkRef{index: lowest, page: no})
			w.trunkDirty[lowest] = true // To be filled, also when it took its own page from this range.
			continue
		}
		if err := tx.fillTrunk(trunks[at]); err != nil {
			return nil, err
		}
	}
	tx.cur.freeCount = w.free.Count()
	return trunks, nil
}

func (tx *Tx) fillTrunk(ref trunkRef) error {
	old, err := tx.Page(ref.page)
	if err != nil {
		return err
	}
	t, err := fileformat.DecodeTrunk(old, ref.page)
	if err != nil {
		return tx.p.named(err)
	}
	page, err := tx.Write(ref.page)
	if err != nil {
		return err
	}
	bits := page[fileformat.TrunkBitsOffset:fileformat.UsableSize(len(page))]
	t.Count = tx.p.w.free.FillBitmap(bits, t.First)
	fileformat.PutTrunk(page, t)
	return nil
}

func sortTrunks(trunks []trunkRef) {
	slices.SortFunc(trunks, func(a, b trunkRef) int { return a.index - b.index })
}
