package pager

import (
	"fmt"
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
	for i := int(e.First) / w.span; i <= int(e.First+PageNo(e.N)-1)/w.span; i++ {
		w.trunkDirty[i] = true
	}
}

// trunks are the trunk pages that the writer began with.
func (tx *Tx) trunks() []trunkRef {
	if tx.emptied {
		return nil
	}
	return tx.p.w.trunks
}

// writeTrunks brings the trunk pages in line with the free list, as part of the commit (P5). A
// range without a trunk gets one when its first page becomes free. The new trunk's page is itself
// taken from the free list, which may touch another range; trunks are never taken away, so the
// loop ends.
func (tx *Tx) writeTrunks() ([]trunkRef, error) {
	w := &tx.p.w
	trunks := slices.Clone(tx.trunks())
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
			holds := false
			w.free.AscendRange(first, first+PageNo(w.span), func(freelist.Extent) { holds = true })
			if !holds {
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

// readTrunks reads the free list of the snapshot from its trunks.
func (tx *Tx) readTrunks() (*freelist.List, []trunkRef, error) {
	p, st := tx.p, tx.snap
	free := freelist.New()
	var trunks []trunkRef
	for no := st.trunk; no != 0; {
		if int64(len(trunks)) > int64(st.pageCount)/int64(p.w.span) {
			return nil, nil, p.corrupt(no, fileformat.TrunkNextOffset, "the free list has more trunks than the database has room for")
		}
		page, err := tx.Page(no)
		if err != nil {
			return nil, nil, err
		}
		t, err := fileformat.DecodeTrunk(page, no)
		if err != nil {
			return nil, nil, p.named(err)
		}
		n, err := free.LoadBitmap(t.Bits, t.First)
		if err != nil {
			return nil, nil, p.named(err)
		}
		if n != t.Count {
			return nil, nil, p.corrupt(no, fileformat.TrunkCountOffset,
				fmt.Sprintf("trunk counts %d free pages and has %d", t.Count, n))
		}
		trunks = append(trunks, trunkRef{index: int(t.First) / p.w.span, page: no})
		no = t.Next
	}
	slices.SortFunc(trunks, func(a, b trunkRef) int { return a.index - b.index })
	if free.Count() != st.freeCount {
		return nil, nil, p.corrupt(1, fileformat.HeaderFreeCountOffset,
			fmt.Sprintf("header counts %d free pages, the trunks have %d", st.freeCount, free.Count()))
	}
	return free, trunks, p.named(free.Check(st.pageCount))
}

// FreeList gives the free pages of the snapshot and the pages that hold the list itself, for
// checks: every other page from 2 on belongs to a tree. For a writer it is the present list,
// which must not be changed.
func (tx *Tx) FreeList() (*freelist.List, []PageNo, error) {
	if tx.done {
		return nil, nil, ErrTxDone
	}
	var free *freelist.List
	var refs []trunkRef
	if tx.writable {
		free, refs = tx.p.w.free, tx.trunks()
	} else {
		var err error
		if free, refs, err = tx.readTrunks(); err != nil {
			return nil, nil, err
		}
	}
	pages := make([]PageNo, len(refs))
	for i, r := range refs {
		pages[i] = r.page
	}
	return free, pages, nil
}

// Verify reads a page that is not free and proves its checksum, also when that was done before.
// Private pages have none yet, and not all versions in memory.
func (tx *Tx) Verify(no PageNo) error {
	p := tx.p
	page, err := tx.Page(no)
	if err != nil || tx.Stamp(no) != 0 || p.memory {
		return err
	}
	if f := p.version(p.table.head(no), tx.snap.commit); f != 0 && p.arena.meta(f).unsealed {
		return nil
	}
	if !fileformat.VerifyPage(page, no) {
		return p.badSum(page, no)
	}
	return nil
}
