package btree

import (
	"bytes"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// Overflow pages hold the part of a payload or key that does not fit its cell. They come in runs of
// consecutive pages; one run follows another when there are several. Only the first page of a run
// knows the run's length and its successor, the others know their first page and their place, so
// that a stray page number is noticed (B8).
const (
	ovfKind        = 0  // u8
	ovfFirst       = 1  // u8, 1 = first page of a run
	ovfUsed        = 2  // u16, bytes of content in this page
	ovfLen         = 4  // u32, first page: pages in the run; others: number of the first page
	ovfNext        = 8  // u32, first page: first page of the next run, 0 = none
	ovfIndex       = 12 // u32, place in the run, 0 = first
	overflowHeader = 16
)

// runPagesMax bounds a run, so that a huge value does not need one huge hole. Readers take any length.
const runPagesMax = 1 << 14

// writeOverflow stores data in fresh overflow pages and returns the first.
func writeOverflow(tx *pager.Tx, data []byte, runMax int) (pager.PageNo, error) {
	room := tx.PageSize() - fileformat.PageTrailerSize - overflowHeader
	var first, prev pager.PageNo
	for len(data) > 0 {
		n := min((len(data)+room-1)/room, runMax)
		no, err := tx.AllocateRun(n)
		if err != nil {
			return 0, err
		}
		for i := 0; i < n; i++ {
			p, err := tx.Write(no + pager.PageNo(i))
			if err != nil {
				return 0, err
			}
			used := min(len(data), room)
			p[ovfKind], p[ovfFirst] = byte(fileformat.KindOverflow), 0
			put16(p[ovfUsed:], used)
			put32(p[ovfLen:], uint32(no))
			put32(p[ovfNext:], 0)
			put32(p[ovfIndex:], uint32(i))
			if i == 0 {
				p[ovfFirst] = 1
				put32(p[ovfLen:], uint32(n))
			}
			copy(p[overflowHeader:], data[:used])
			data = data[used:]
		}
		if first == 0 {
			first = no
		} else {
			p, err := tx.Write(prev)
			if err != nil {
				return 0, err
			}
			put32(p[ovfNext:], uint32(no))
		}
		prev = no
	}
	return first, nil
}

// runReader walks the pages of a chain of overflow runs. It ends because every page must bring at
// least one of the bytes that are still missing.
type runReader struct {
	tx    *pager.Tx
	first pager.PageNo // of the current run
	index uint32       // of the next page
	len   uint32       // of the current run
	next  pager.PageNo // run after this one
	left  int          // bytes still to come
}

func newRunReader(tx *pager.Tx, run pager.PageNo, total int) runReader {
	return runReader{tx: tx, next: run, left: total}
}

// page returns the next page's number and content; nil content at the end.
func (r *runReader) page() (pager.PageNo, []byte, error) {
	if r.left == 0 {
		if r.index != r.len || r.next != 0 {
			return 0, nil, corrupt(r.first, ovfLen, "overflow run is longer than its value")
		}
		return 0, nil, nil
	}
	if r.index == r.len {
		r.first, r.index, r.len = r.next, 0, 0
		if r.first == 0 {
			return 0, nil, corrupt(0, ovfNext, "overflow run ends before its value")
		}
	}
	no := r.first + pager.PageNo(r.index)
	if no < r.first {
		return 0, nil, corrupt(r.first, ovfLen, "overflow run leaves the file")
	}
	p, err := r.tx.Page(no)
	if err != nil {
		return 0, nil, err
	}
	room := len(p) - fileformat.PageTrailerSize - overflowHeader
	if fileformat.Kind(p[ovfKind]) != fileformat.KindOverflow {
		return 0, nil, corrupt(no, ovfKind, "not an overflow page")
	}
	if le32(p[ovfIndex:]) != r.index || (p[ovfFirst] == 1) != (r.index == 0) {
		return 0, nil, corrupt(no, ovfIndex, "overflow page is not the one its run expects")
	}
	if r.index == 0 {
		r.len, r.next = le32(p[ovfLen:]), pager.PageNo(le32(p[ovfNext:]))
		if r.len == 0 || int64(r.len) > int64(r.left+room-1)/int64(room) {
			return 0, nil, corrupt(no, ovfLen, "overflow run has a wrong length")
		}
	} else if pager.PageNo(le32(p[ovfLen:])) != r.first {
		return 0, nil, corrupt(no, ovfLen, "overflow page belongs to another run")
	}
	used := le16(p[ovfUsed:])
	if used != min(room, r.left) {
		return 0, nil, corrupt(no, ovfUsed, "overflow page is filled wrongly")
	}
	r.index++
	r.left -= used
	return no, p[overflowHeader : overflowHeader+used], nil
}

// appendOverflow appends the n bytes of the chain that begins at run.
func appendOverflow(dst []byte, tx *pager.Tx, run pager.PageNo, n int) ([]byte, error) {
	// A chain that a damaged cell makes up would ask for memory that the file cannot fill.
	if int64(n) > int64(tx.PageCount())*int64(tx.PageSize()) {
		return dst, corrupt(run, 0, "value is longer than the file")
	}
	r := newRunReader(tx, run, n)
	for {
		_, b, err := r.page()
		if err != nil || b == nil {
			return dst, err
		}
		dst = append(dst, b...)
	}
}

// compareOverflow compares the n bytes of a chain with key.
func compareOverflow(tx *pager.Tx, run pager.PageNo, n int, key []byte) (int, error) {
	r := newRunReader(tx, run, n)
	for {
		_, b, err := r.page()
		if err != nil {
			return 0, err
		}
		if b == nil {
			if len(key) > 0 {
				return -1, nil
			}
			return 0, nil
		}
		if len(key) < len(b) {
			if c := bytes.Compare(b[:len(key)], key); c != 0 {
				return c, nil
			}
			return 1, nil
		}
		if c := bytes.Compare(b, key[:len(b)]); c != 0 {
			return c, nil
		}
		key = key[len(b):]
	}
}

// freeOverflow gives the pages of a chain of n bytes back. The whole chain is read before any of it
// is freed: a damaged chain frees nothing.
func freeOverflow(tx *pager.Tx, run pager.PageNo, n int) error {
	type span struct {
		no  pager.PageNo
		len uint32
	}
	var few [4]span
	spans := few[:0]
	r := newRunReader(tx, run, n)
	for {
		no, b, err := r.page()
		if err != nil {
			return err
		}
		if b == nil {
			break
		}
		if no == r.first {
			spans = append(spans, span{no, r.len})
		}
	}
	for _, s := range spans {
		if err := tx.FreeRun(s.no, int(s.len)); err != nil {
			return err
		}
	}
	return nil
}
