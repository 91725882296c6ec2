package btree

import (
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// Create makes an empty tree and returns its root.
func Create(tx *pager.Tx, kind Kind) (pager.PageNo, error) {
	no, _, err := tx.Allocate()
	if err != nil {
		return 0, err
	}
	return no, CreateAt(tx, no, kind)
}

// CreateAt makes the allocated page no the root of an empty tree.
func CreateAt(tx *pager.Tx, no pager.PageNo, kind Kind) error {
	p, err := tx.Write(no)
	if err != nil {
		return err
	}
	clear(p[:len(p)-fileformat.PageTrailerSize])
	switch kind {
	case IntKey:
		format(p, fileformat.KindIntLeaf, 0, 0)
	case ByteKey:
		format(p, fileformat.KindByteLeaf, 0, flagNoLow|flagNoHigh)
	default:
		return ErrKind
	}
	return nil
}

// settle brings what waits for the tree at root (pager.Pending) into its pages.
func settle(tx *pager.Tx, root pager.PageNo) error {
	if p := tx.Pending(); p != nil {
		return p.Settle(root)
	}
	return nil
}

// Count is the number of entries of the tree. It is kept, not counted.
func Count(tx *pager.Tx, root pager.PageNo) (int64, error) {
	if err := settle(tx, root); err != nil {
		return 0, err
	}
	p, err := tx.Page(root)
	if err != nil {
		return 0, err
	}
	v := view{no: root}
	if !v.parse(p) {
		return 0, corruptHeader(root, p)
	}
	n := int64(le64(p[offCount:]))
	if n < 0 || v.leaf() && n != int64(v.n) {
		return 0, corrupt(root, offCount, "entry count is wrong")
	}
	return n, nil
}

// Drop gives all pages of the tree back, the root too.
func Drop(tx *pager.Tx, root pager.PageNo) error {
	if err := settle(tx, root); err != nil {
		return err
	}
	if err := freeBelow(tx, root, -1); err != nil {
		return err
	}
	return tx.Free(root)
}

// Clear removes all entries; the root stays.
func Clear(tx *pager.Tx, root pager.PageNo) error {
	if err := settle(tx, root); err != nil {
		return err
	}
	p, err := tx.Page(root)
	if err != nil {
		return err
	}
	kind := ByteKey
	if k := fileformat.Kind(p[offKind]); k == fileformat.KindIntLeaf || k == fileformat.KindIntInterior {
		kind = IntKey
	}
	if err := freeBelow(tx, root, -1); err != nil {
		return err
	}
	return CreateAt(tx, root, kind)
}

// freeBelow frees everything that hangs on page no: children and overflow pages. level is what the
// page above expects, -1 at the root; as it falls with each step, the walk ends.
func freeBelow(tx *pager.Tx, no pager.PageNo, level int) error {
	p, err := tx.Page(no)
	if err != nil {
		return err
	}
	v := view{no: no}
	if !v.parse(p) {
		return corruptHeader(no, p)
	}
	if level >= 0 && int(v.level) != level || int(v.level) >= maxDepth {
		return corrupt(no, offLevel, "level does not follow from the page above")
	}
	for i := range v.n {
		if err := freeCell(tx, &v, i); err != nil {
			return err
		}
	}
	if v.leaf() {
		return nil
	}
	for j := range v.n + 1 {
		child := v.child(j)
		if err := freeBelow(tx, child, int(v.level)-1); err != nil {
			return err
		}
		if err := tx.Free(child); err != nil {
			return err
		}
	}
	return nil
}

// noRuns reports of most cells of a leaf that have no overflow pages, by the bytes that begin their blobs.
func noRuns(b []byte, skip int, ints bool) bool {
	at := 0
	if !ints && len(b) > 0 && b[0] < 128 {
		at = 1 + max(int(b[0])-skip, 0)
	} else if !ints {
		return false
	}
	return at < len(b) && b[at] < 128
}

// freeCell frees the overflow pages of entry i.
func freeCell(tx *pager.Tx, v *view, i int) error {
	if !v.hasCells() {
		return nil
	}
	b := v.cell(i)
	if v.leaf() && noRuns(b, v.kw, v.ints()) {
		return nil
	}
	if !v.ints() {
		k, ok := decodeBlob(b, v.kw)
		if !ok {
			return v.badCell(i)
		}
		if k.run != 0 {
			if err := freeOverflow(tx, k.run, k.total-v.kw-len(k.local)); err != nil {
				return err
			}
		}
		if !v.leaf() {
			return nil
		}
		b = b[k.size:]
	}
	x, ok := decodeBlob(b, 0)
	if !ok {
		return v.badCell(i)
	}
	if x.run == 0 {
		return nil
	}
	return freeOverflow(tx, x.run, x.total-len(x.local))
}
