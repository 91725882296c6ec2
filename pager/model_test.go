package pager

// The pager against a map of pages: random writes, allocations, frees, savepoints, rollbacks,
// meta changes and commits, with readers held open over them and checked at random moments. One
// seed replays a run:
//
//	go test ./pager -run TestModel -seed N

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand"
	"testing"

	"github.com/rustlite/rustlite/pager/fileformat"
)

var seedFlag = flag.Int64("seed", 1, "seed of the random tests")

type modelState struct {
	pages map[PageNo]uint64 // content of each allocated page
	meta  Meta
	count PageNo
}

func (m *modelState) clone() *modelState {
	c := &modelState{pages: make(map[PageNo]uint64, len(m.pages)), meta: m.meta, count: m.count}
	for k, v := range m.pages {
		c.pages[k] = v
	}
	return c
}

// fillPage writes a content that is recognised whole: the number at three places. A page's counter stays.
func fillPage(page []byte, v uint64) {
	binary.LittleEndian.PutUint64(page[8:], v)
	binary.LittleEndian.PutUint64(page[len(page)/2:], v*7)
	binary.LittleEndian.PutUint64(page[len(page)-24:], ^v)
}

// pageValue is the content of a page, its counter in the upper half.
func pageValue(page []byte) (uint64, error) {
	v, counter := binary.LittleEndian.Uint64(page[8:]), binary.LittleEndian.Uint64(page[fileformat.PageCounterOffset:])
	if v == 0 && binary.LittleEndian.Uint64(page[len(page)-24:]) == 0 {
		return counter << 32, nil // zeroed
	}
	if binary.LittleEndian.Uint64(page[len(page)/2:]) != v*7 || binary.LittleEndian.Uint64(page[len(page)-24:]) != ^v {
		return 0, fmt.Errorf("page is torn: %x", v)
	}
	return v | counter<<32, nil
}

func checkModel(tx *Tx, m *modelState) error {
	if tx.PageCount() != m.count {
		return fmt.Errorf("page count %d, want %d", tx.PageCount(), m.count)
	}
	if tx.Meta() != m.meta {
		return fmt.Errorf("meta %v, want %v", tx.Meta(), m.meta)
	}
	for no, want := range m.pages {
		page, err := tx.Page(no)
		if err != nil {
			return fmt.Errorf("page %d: %w", no, err)
		}
		got, err := pageValue(page)
		if err != nil {
			return fmt.Errorf("page %d: %w", no, err)
		}
		if got != want {
			return fmt.Errorf("page %d holds %x, want %x", no, got, want)
		}
	}
	return nil
}

// checkPartition proves that every page is either in the model, or free, or a trunk.
func checkPartition(tx *Tx, m *modelState) error {
	free, trunks, err := tx.FreeList()
	if err != nil {
		return err
	}
	used := map[PageNo]string{1: "header"}
	for _, no := range trunks {
		used[no] = "trunk"
	}
	for no := range m.pages {
		if used[no] != "" {
			return fmt.Errorf("page %d is in use and %s", no, used[no])
		}
		used[no] = "in use"
		if err := tx.Verify(no); err != nil {
			return err
		}
	}
	for no := PageNo(1); no <= tx.PageCount(); no++ {
		if free.Contains(no) == (used[no] != "") {
			return fmt.Errorf("page %d: free is %v, used as %q", no, free.Contains(no), used[no])
		}
	}
	return nil
}

type modelRun struct {
	level   SyncLevel // of the transactions
	t       *testing.T
	r       *rand.Rand
	p       *Pager
	state   *modelState
	next    uint64
	readers []heldReader
	// beforeCommit hears of a state that is about to be committed.
	beforeCommit func(*modelState)
}

type heldReader struct {
	tx    *Tx
	state *modelState
}

func newModelRun(t *testing.T, p *Pager, seed int64) *modelRun {
	return &modelRun{
		t: t, r: rand.New(rand.NewSource(seed)), p: p,
		state: &modelState{pages: map[PageNo]uint64{}, count: 1},
	}
}

func (m *modelRun) anyPage(s *modelState) (PageNo, bool) {
	if len(s.pages) == 0 {
		return 0, false
	}
	for range 20 {
		no := PageNo(2 + m.r.Intn(int(s.count)))
		if _, ok := s.pages[no]; ok {
			return no, true
		}
	}
	return 0, false
}

// transaction runs one random writing transaction; it leaves m.state as it committed.
func (m *modelRun) transaction(ops int) error {
	tx, err := m.p.BeginWrite(context.Background())
	if err != nil {
		return err
	}
	tx.SetSync(m.level)
	defer tx.Rollback()
	type point struct {
		sp    Savepoint
		state *modelState
	}
	var points []point
	old, s := m.state, m.state.clone()
	var before *Tx // Of a transaction that begins empty.
	if m.r.Intn(10) == 0 {
		if before, err = tx.Before(); err != nil {
			return err
		}
		if err := tx.Empty(); err != nil {
			before.Rollback()
			return err
		}
		s.pages, s.count = map[PageNo]uint64{}, 1
		defer func() {
			if n := len(m.readers); 0 < n && n < 8 { // Held beside others, which somebody ends.
				m.readers = append(m.readers, heldReader{before, old})
			} else {
				before.Rollback()
			}
		}()
	}
	for range ops {
		if m.r.Intn(4) == 0 {
			if err := tx.Spill(); err != nil {
				return err
			}
		}
		switch k := m.r.Intn(100); {
		case k < 45:
			no, ok := m.anyPage(s)
			if !ok {
				continue
			}
			write, counts := tx.Write, m.r.Intn(3) == 0
			if counts {
				write = tx.WriteCounter
			}
			before := tx.Stamp(no)
			page, err := write(no)
			if err != nil {
				return err
			}
			if tx.Stamp(no) == before {
				m.t.Fatalf("the stamp of page %d did not change", no)
			}
			m.next++
			if counts {
				binary.LittleEndian.PutUint64(page[fileformat.PageCounterOffset:], m.next)
				s.pages[no] = s.pages[no]&(1<<32-1) | m.next<<32
			} else {
				fillPage(page, m.next)
				s.pages[no] = s.pages[no]&^(1<<32-1) | m.next
			}
		case k < 65:
			n := 1
			if m.r.Intn(5) == 0 {
				n = 1 + m.r.Intn(6)
			}
			first, err := tx.AllocateRun(n)
			if err != nil {
				return err
			}
			for i := range n {
				no := first + PageNo(i)
				if _, ok := s.pages[no]; ok {
					m.t.Fatalf("page %d was allocated twice", no)
				}
				page, err := tx.Page(no)
				if err != nil {
					return err
				}
				for _, b := range page[:len(page)-16] {
					if b != 0 {
						m.t.Fatalf("allocated page %d is not zeroed", no)
					}
				}
				s.pages[no] = 0
			}
			s.count = tx.PageCount()
		case k < 75:
			if no, ok := m.anyPage(s); ok {
				if err := tx.Free(no); err != nil {
					return err
				}
				delete(s.pages, no)
			}
		case k < 80:
			s.meta.SchemaCookie++
			s.meta.UserVersion = int32(m.r.Intn(100)) - 50
			if err := tx.SetMeta(s.meta); err != nil {
				return err
			}
		case k < 88:
			points = append(points, point{tx.Savepoint(), s.clone()})
		case k < 94 && len(points) > 0:
			i := m.r.Intn(len(points))
			if err := tx.RollbackTo(points[i].sp); err != nil {
				return err
			}
			s = points[i].state.clone()
			points = points[:i+1]
			if err := checkModel(tx, s); err != nil {
				return fmt.Errorf("after rolling back: %w", err)
			}
		case len(points) > 0:
			i := m.r.Intn(len(points))
			tx.Release(points[i].sp)
			points = points[:i]
		}
	}
	if err := checkModel(tx, s); err != nil {
		return fmt.Errorf("before the commit: %w", err)
	}
	if err := tx.Spill(); err != nil { // What was spilled before has just been read.
		return err
	}
	if before != nil {
		if err := checkModel(before, old); err != nil {
			return fmt.Errorf("the snapshot before an emptied transaction: %w", err)
		}
	}
	if m.r.Intn(6) == 0 {
		return nil
	}
	if m.beforeCommit != nil {
		m.beforeCommit(s)
	}
	if err := tx.Commit(context.Background()); err != nil {
		return err
	}
	m.state = s
	m.state.count = m.p.pub.Load().pageCount // Trunk pages may have come.
	return nil
}

func (m *modelRun) step() {
	switch k := m.r.Intn(12); {
	case k < 6:
		if err := m.transaction(1 + m.r.Intn(30)); err != nil {
			m.t.Fatal(err)
		}
	case k < 9:
		if len(m.readers) < 8 {
			tx, err := m.p.BeginRead()
			if err != nil {
				m.t.Fatal(err)
			}
			m.readers = append(m.readers, heldReader{tx, m.state})
		}
	case k < 11:
		if len(m.readers) > 0 {
			h := m.readers[m.r.Intn(len(m.readers))]
			if err := checkModel(h.tx, h.state); err != nil {
				m.t.Fatalf("held reader at commit %d: %v", h.tx.CommitNo(), err)
			}
		}
	default:
		if len(m.readers) > 0 {
			i := m.r.Intn(len(m.readers))
			m.readers[i].tx.Rollback()
			m.readers = append(m.readers[:i], m.readers[i+1:]...)
		}
	}
}

func (m *modelRun) endReaders() {
	for _, h := range m.readers {
		if err := checkModel(h.tx, h.state); err != nil {
			m.t.Fatalf("held reader at commit %d: %v", h.tx.CommitNo(), err)
		}
		h.tx.Rollback()
		h.tx.Rollback()
	}
	m.readers = nil
}

func TestModelMemory(t *testing.T) {
	for _, size := range []int{1024, 4096} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Logf("replay: go test ./pager -run %s -seed %d", t.Name(), *seedFlag)
			p, err := OpenMemory(&Options{PageSize: size})
			if err != nil {
				t.Fatal(err)
			}
			m := newModelRun(t, p, *seedFlag)
			for range 600 {
				m.step()
			}
			m.endReaders()
			if err := m.transaction(3); err != nil {
				t.Fatal(err)
			}
			checkNow(t, p, m.state)
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
