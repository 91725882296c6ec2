package freelist

import (
	"fmt"

	"github.com/google/btree"

	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/invariant"
)

// PageNo is a page number.
type PageNo = fileformat.PageNo

// Extent is a run of N free pages from First on.
type Extent struct {
	First PageNo
	N     uint32
}

func (e Extent) end() PageNo { return e.First + PageNo(e.N) }

type change struct {
	ext   Extent
	freed bool // freed or taken
}

const degree = 32

// List is a set of free pages. The zero value is not usable; see New.
type List struct {
	byPlace  *btree.BTreeG[Extent]
	byLength *btree.BTreeG[Extent] // extents of two or more pages
	count    uint32
	journal  []change
}

// New makes an empty list.
func New() *List {
	return &List{
		byPlace: btree.NewG(degree, func(a, b Extent) bool { return a.First < b.First }),
		byLength: btree.NewG(degree, func(a, b Extent) bool {
			if a.N != b.N {
				return a.N < b.N
			}
			return a.First < b.First
		}),
	}
}

// Count is the number of free pages.
func (l *List) Count() uint32 { return l.count }

// Contains says whether a page is free.
func (l *List) Contains(no PageNo) bool {
	e, ok := l.before(no)
	return ok && no < e.end()
}

// Ascend calls f for every extent in order of place until f returns false.
func (l *List) Ascend(f func(Extent) bool) { l.byPlace.Ascend(f) }

// AscendRange calls f for the parts of extents inside [first, end).
func (l *List) AscendRange(first, end PageNo, f func(Extent)) {
	if e, ok := l.before(first); ok && e.First < first && e.end() > first {
		f(clip(e, first, end))
	}
	l.byPlace.AscendGreaterOrEqual(Extent{First: first}, func(e Extent) bool {
		if e.First >= end {
			return false
		}
		f(clip(e, first, end))
		return true
	})
}

func clip(e Extent, first, end PageNo) Extent {
	last := e.end()
	if last > end {
		last = end
	}
	if e.First < first {
		e.First = first
	}
	return Extent{First: e.First, N: uint32(last - e.First)}
}

// Free adds n pages from first on. It answers ErrCorrupt and changes nothing when one of them is
// free already.
func (l *List) Free(first PageNo, n int) error {
	if first == 0 || n <= 0 || int64(first)+int64(n) > int64(fileformat.PageNoMax)+1 {
		return fileformat.Corrupt(first, 0, fmt.Sprintf("%d pages to free", n))
	}
	e := Extent{First: first, N: uint32(n)}
	if no, ok := l.overlap(e); ok {
		return fileformat.Corrupt(no, 0, "page is free already")
	}
	l.add(e)
	l.journal = append(l.journal, change{ext: e, freed: true})
	return nil
}

// Take removes the lowest free page and gives it out; false when none is free.
func (l *List) Take() (PageNo, bool) {
	e, ok := l.byPlace.Min()
	if !ok {
		return 0, false
	}
	l.takeAt(Extent{First: e.First, N: 1})
	return e.First, true
}

// TakeRun removes n consecutive pages and gives out the first; false when there is no such run.
func (l *List) TakeRun(n int) (PageNo, bool) {
	if n == 1 {
		return l.Take()
	}
	var found Extent
	l.byLength.AscendGreaterOrEqual(Extent{N: uint32(n)}, func(e Extent) bool {
		found = e
		return false
	})
	if found.N == 0 {
		return 0, false
	}
	l.takeAt(Extent{First: found.First, N: uint32(n)})
	return found.First, true
}

// TakeAll removes every free page.
func (l *List) TakeAll() {
	for l.count > 0 {
		e, _ := l.byPlace.Min()
		l.takeAt(e)
	}
}

func (l *List) takeAt(e Extent) {
	l.remove(e)
	l.journal = append(l.journal, change{ext: e})
}

// Mark is the present place in the journal.
func (l *List) Mark() int { return len(l.journal) }

// RollbackTo undoes every change since the mark, newest first (L3), and calls touched for each.
func (l *List) RollbackTo(mark int, touched func(Extent)) {
	invariant.Check(mark >= 0 && mark <= len(l.journal), "L3: a mark lies inside the journal")
	for i := len(l.journal) - 1; i >= mark; i-- {
		c := l.journal[i]
		if c.freed {
			l.remove(c.ext)
		} else {
			l.add(c.ext)
		}
		if touched != nil {
			touched(c.ext)
		}
	}
	l.journal = l.journal[:mark]
}

// Forget empties the journal: what was done stays done.
func (l *List) Forget() {
	if cap(l.journal) > 1<<14 {
		l.journal = nil
	}
	l.journal = l.journal[:0]
}

// before gives the extent with the highest First that is not above no.
func (l *List) before(no PageNo) (Extent, bool) {
	var found Extent
	l.byPlace.DescendLessOrEqual(Extent{First: no}, func(e Extent) bool {
		found = e
		return false
	})
	return found, found.N > 0
}

// overlap gives a page of e that is free.
func (l *List) overlap(e Extent) (PageNo, bool) {
	last, ok := l.before(e.end() - 1)
	if !ok || last.end() <= e.First {
		return 0, false
	}
	return max(last.First, e.First), true
}

func (l *List) add(e Extent) {
	l.count += e.N
	if prev, ok := l.before(e.First); ok && prev.end() == e.First {
		l.drop(prev)
		e = Extent{First: prev.First, N: prev.N + e.N}
	}
	if next, ok := l.byPlace.Get(Extent{First: e.end()}); ok {
		l.drop(next)
		e.N += next.N
	}
	l.insert(e)
}

// remove takes e out of the extent that holds it whole.
func (l *List) remove(e Extent) {
	host, ok := l.before(e.First)
	invariant.Check(ok && e.end() <= host.end(), "L1: what is taken was free")
	l.drop(host)
	l.count -= e.N
	if host.First < e.First {
		l.insert(Extent{First: host.First, N: uint32(e.First - host.First)})
	}
	if e.end() < host.end() {
		l.insert(Extent{First: e.end(), N: uint32(host.end() - e.end())})
	}
}

func (l *List) insert(e Extent) {
	l.byPlace.ReplaceOrInsert(e)
	if e.N > 1 {
		l.byLength.ReplaceOrInsert(e)
	}
}

func (l *List) drop(e Extent) {
	l.byPlace.Delete(e)
	if e.N > 1 {
		l.byLength.Delete(e)
	}
}

// Check proves L1 and L2; pageCount bounds the pages.
func (l *List) Check(pageCount PageNo) error {
	var count uint32
	var long int
	last := PageNo(0)
	var err error
	l.byPlace.Ascend(func(e Extent) bool {
		switch {
		case e.N == 0 || e.First <= last && last != 0 || e.First == 0:
			err = fileformat.Corrupt(e.First, 0, "free extents overlap or touch")
		case e.end() > pageCount+1:
			err = fileformat.Corrupt(e.First, 0, "free extent passes the last page")
		case e.N > 1 && !l.byLength.Has(e):
			err = fileformat.Corrupt(e.First, 0, "free extent is not in the order by length")
		}
		if e.N > 1 {
			long++
		}
		last = e.end()
		count += e.N
		return err == nil
	})
	if err == nil && (count != l.count || long != l.byLength.Len()) {
		err = fileformat.Corrupt(0, 0, "free page count is wrong")
	}
	return err
}
