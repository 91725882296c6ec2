package pager

// Single promises of the pager, one a test.

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/pager/vfs/errfs"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

func begin(t testing.TB, p *Pager) *Tx {
	t.Helper()
	tx, err := p.BeginWrite(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

func TestUpgrade(t *testing.T) {
	p, _ := OpenMemory(nil)
	old, _ := p.BeginRead()
	put(t, p, 2, 1)
	if err := p.Upgrade(ctx, old); !errors.Is(err, ErrBusySnapshot) {
		t.Fatalf("an old snapshot was upgraded: %v", err)
	}
	old.Rollback()
	tx, _ := p.BeginRead()
	if _, err := tx.Write(2); !errors.Is(err, ErrReadOnly) {
		t.Fatalf("a reader writes: %v", err)
	}
	if err := p.Upgrade(ctx, tx); err != nil {
		t.Fatal(err)
	}
	page, err := tx.Write(2)
	if err != nil {
		t.Fatal(err)
	}
	fillPage(page, 5)
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if got := get(t, p, 2); got != 5 {
		t.Fatalf("page 2 holds %d", got)
	}
	if _, err := tx.Page(2); !errors.Is(err, ErrTxDone) {
		t.Fatalf("a transaction that is over reads: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestFirstPageIsTwo(t *testing.T) {
	p, _ := OpenMemory(nil)
	tx := begin(t, p)
	if no, page, err := tx.Allocate(); no != 2 || len(page) != 4096 || err != nil {
		t.Fatalf("the first page allocated is %d, %v", no, err)
	}
	tx.Rollback()
	tx = begin(t, p)
	if no, _, _ := tx.Allocate(); no != 2 {
		t.Fatalf("after a rollback the first page allocated is %d", no)
	}
	tx.Rollback()
}

// Waiting is first come first served, and ends with the context or the busy timeout.
func TestTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := OpenMemory(&Options{FS: memfs.New(1), BusyTimeout: time.Minute})
		tx := begin(t, p)
		order := make(chan int, 3)
		for i := range 3 {
			go func() {
				time.Sleep(time.Duration(i+1) * time.Second)
				tx, err := p.BeginWrite(ctx)
				if err != nil {
					t.Error(err)
				}
				order <- i
				tx.Rollback()
			}()
		}
		time.Sleep(5 * time.Second)
		short, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if _, err := p.BeginWrite(short); errors.Is(err, ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wait ended by its context: %v", err)
		}
		tx.Rollback()
		for want := range 3 {
			if got := <-order; got != want {
				t.Errorf("turn %d went to %d", want, got)
			}
		}
		tx = begin(t, p)
		start := time.Now()
		if _, err := p.BeginWrite(ctx); !errors.Is(err, ErrBusy) || time.Since(start) != time.Minute {
			t.Errorf("the busy timeout: %v after %v", err, time.Since(start))
		}
		tx.Rollback()
		tx = begin(t, p)
		if err := p.BeginWriteIn(ctx, new(Tx), 0); !errors.Is(err, ErrBusy) {
			t.Errorf("no waiting: %v", err)
		}
		tx.Rollback()
	})
}

// A full disk found while space is reserved fails that commit alone (K2).
func TestFullDiskFailsOneCommit(t *testing.T) {
	fs := memfs.New(1)
	o := smallOptions(fs, 4096)
	p := mustOpen(t, "/db", o)
	put(t, p, 2, 1)
	fs.SetSpace(300 << 10)
	tx := begin(t, p)
	if _, err := tx.AllocateRun(200); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(ctx); !errors.Is(err, ErrFull) || errors.Is(err, ErrFailed) {
		t.Fatalf("a commit on a full disk: %v", err)
	}
	put(t, p, 2, 2)
	if got := get(t, p, 2); got != 2 {
		t.Fatalf("page 2 holds %d", got)
	}
	if n := p.Stats().PageCount; n != 2 {
		t.Fatalf("%d pages", n)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

// Where the disk has no room for a step of the log, a commit takes what it needs; and a disk without
// room for the lock file is no reason not to open.
func TestNearlyFullDisk(t *testing.T) {
	fs := memfs.New(1)
	o := smallOptions(fs, 4096)
	p := mustOpen(t, "/db", o)
	const space = 300 << 10
	fs.SetSpace(space)
	var err error
	for v := uint64(1); err == nil; v++ {
		tx := begin(t, p)
		no, page, aerr := tx.Allocate()
		if aerr != nil {
			t.Fatal(aerr)
		}
		fillPage(page, v)
		if err = tx.Commit(ctx); err == nil {
			if got := get(t, p, no); got != v {
				t.Fatalf("page %d holds %d", no, got)
			}
		}
	}
	if !errors.Is(err, ErrFull) || errors.Is(err, ErrFailed) {
		t.Fatal(err)
	}
	if used := p.disk.log.bytes.Load(); used < space-(32<<10) {
		t.Errorf("the disk counts as full with %d bytes of log in %d bytes", used, space)
	}
	fs.SetSpace(0)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	fs.SetSpace(1)
	p = mustOpen(t, "/db", o)
	if got := get(t, p, 2); got != 1 {
		t.Errorf("page 2 holds %d", got)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

// After a failed sync the pager takes no writes, readers go on, and the next open is whole (K2).
func TestFailedSyncIsFinal(t *testing.T) {
	fs := errfs.New(memfs.New(1))
	o := smallOptions(fs, 4096)
	p := mustOpen(t, "/db", o)
	put(t, p, 2, 1)
	held, _ := p.BeginRead()
	fs.SetPlan(errfs.Plan{Kinds: errfs.Sync, N: 1})
	tx := begin(t, p)
	page, _ := tx.Write(2)
	fillPage(page, 2)
	if err := tx.Commit(ctx); !errors.Is(err, ErrFailed) || !errors.Is(err, errfs.ErrInjected) {
		t.Fatalf("commit with a failing sync: %v", err)
	}
	if _, err := p.BeginWrite(ctx); !errors.Is(err, ErrFailed) {
		t.Fatalf("a write after that: %v", err)
	}
	if got := get(t, p, 2); got != 1 {
		t.Fatalf("a reader sees %d", got)
	}
	held.Rollback()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = mustOpen(t, "/db", o)
	if got := get(t, p, 2); got != 1 && got != 2 {
		t.Fatalf("after reopening: %d", got)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCloseWantsTransactionsEnded(t *testing.T) {
	p := mustOpen(t, "/db", smallOptions(memfs.New(1), 4096))
	tx, _ := p.BeginRead()
	if err := p.Close(); !errors.Is(err, ErrBusy) {
		t.Fatalf("close under a reader: %v", err)
	}
	tx.Rollback()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.BeginRead(); !errors.Is(err, ErrClosed) {
		t.Fatalf("begin after close: %v", err)
	}
}

// The file's lock is polled until the busy timeout; then the error names the holder.
func TestFileLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := memfs.New(1)
		o := smallOptions(fs, 4096)
		o.BusyTimeout = 3 * time.Second
		p := mustOpen(t, "/db", o)
		start := time.Now()
		_, err := Open(ctx, "/db", o)
		if !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "held by process 1000") {
			t.Errorf("second open: %v", err)
		}
		if waited := time.Since(start); waited < 3*time.Second || waited > 4*time.Second {
			t.Errorf("waited %v", waited)
		}
		go func() {
			time.Sleep(time.Second)
			p.Close()
		}()
		p2, err := Open(ctx, "/db", o)
		if err != nil {
			t.Fatal(err)
		}
		if err := p2.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestMustExist(t *testing.T) {
	o := smallOptions(memfs.New(1), 4096)
	o.MustExist = true
	if _, err := Open(ctx, "/none", o); !errors.Is(err, ErrCantOpen) || !errors.Is(err, vfs.ErrNotExist) {
		t.Fatal(err)
	}
	o.MustExist, o.ReadOnly = false, true
	if _, err := Open(ctx, "/none", o); !errors.Is(err, ErrCantOpen) {
		t.Fatal(err)
	}
}

// A checkpoint held back by a reader keeps the reader's state, and goes on when it has ended.
func TestOldReaderHoldsTheCheckpointBack(t *testing.T) {
	for _, noMap := range []bool{false, true} {
		o := smallOptions(memfs.New(1), 1024)
		o.NoMap = noMap
		p := mustOpen(t, "/db", o)
		put(t, p, 9, 1)
		put(t, p, 2, 1)
		if _, err := p.Checkpoint(ctx); err != nil {
			t.Fatal(err)
		}
		tx, _ := p.BeginRead()
		for v := uint64(2); v < 30; v++ {
			put(t, p, 2, v)
			res, err := p.Checkpoint(ctx)
			if err != nil || !res.HeldBack && res.Commit > tx.CommitNo() {
				t.Fatalf("%+v, %v", res, err)
			}
		}
		page, err := tx.Page(2)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := pageValue(page); v != 1 || err != nil {
			t.Fatalf("the old reader sees %d, %v", v, err)
		}
		if p.NeedsCheckpoint() {
			t.Fatal("work is announced that cannot be done")
		}
		for len(p.Work()) > 0 {
			<-p.Work()
		}
		tx.Rollback()
		if !p.NeedsCheckpoint() || len(p.Work()) == 0 {
			t.Fatal("the end of the reader announces no work")
		}
		if res, err := p.Checkpoint(ctx); err != nil || res.Commit < 28 {
			t.Fatalf("%+v, %v", res, err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Versions that nobody sees are dropped, also while an older reader lives (P3).
func TestVersionsAreDropped(t *testing.T) {
	p, _ := OpenMemory(&Options{PageSize: 1024})
	put(t, p, 2, 1)
	old, _ := p.BeginRead()
	for v := range uint64(1000) {
		put(t, p, 2, v)
	}
	count := 0
	for f := p.table.head(2); f != 0; f = frameNo(p.arena.meta(f).prev.Load()) {
		count++
	}
	if count != 2 {
		t.Fatalf("%d versions for two snapshots", count)
	}
	old.Rollback()
	put(t, p, 2, 5)
	if p.arena.meta(p.table.head(2)).prev.Load() != 0 {
		t.Fatal("the old version outlives its reader")
	}
}

// A database that was emptied and filled again has a file of its new size, as soon as no reader
// wants the old one; the pages that went leave the memory too (P7).
func TestEmptiedFileShrinks(t *testing.T) {
	const many = 600
	empty := func(t *testing.T, p *Pager) {
		tx := begin(t, p)
		if err := tx.Empty(); err != nil {
			t.Fatal(err)
		}
		no, page, err := tx.Allocate()
		if err != nil || no != 2 {
			t.Fatalf("the first page of an empty database is %d, %v", no, err)
		}
		fillPage(page, 77)
		if err := tx.Commit(ctx); err != nil {
			t.Fatal(err)
		}
	}
	holdsOld := func(t *testing.T, old *Tx) {
		page, err := old.Page(many)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := pageValue(page); v != 5 || err != nil {
			t.Fatalf("the old reader sees %d, %v", v, err)
		}
	}
	for _, noMap := range []bool{false, true} {
		fs := memfs.New(1)
		o := smallOptions(fs, 1024)
		o.NoMap = noMap
		p := mustOpen(t, "/db", o)
		size := func(want int64) {
			t.Helper()
			if _, err := p.Checkpoint(ctx); err != nil {
				t.Fatal(err)
			}
			if got, err := p.disk.main.Size(); got != want*1024 || err != nil {
				t.Fatalf("the file has %d bytes, want %d, %v", got, want*1024, err)
			}
		}
		put(t, p, many, 5)
		size(many)
		old, _ := p.BeginRead()
		empty(t, p)
		size(many)
		holdsOld(t, old)
		old.Rollback()
		if !p.NeedsCheckpoint() {
			t.Fatal("the end of the reader announces no work")
		}
		size(2)
		put(t, p, many, 6) // The pages come again.
		size(many)
		if v := get(t, p, many); v != 6 {
			t.Fatalf("a page that came again holds %d", v)
		}
		empty(t, p)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		p = mustOpen(t, "/db", o)
		size(2)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	p, _ := OpenMemory(&Options{PageSize: 1024})
	put(t, p, many, 5)
	old, _ := p.BeginRead()
	empty(t, p)
	holdsOld(t, old)
	old.Rollback()
	for range many {
		put(t, p, 2, 1)
	}
	for no := PageNo(3); no <= many; no++ {
		if p.table.head(no) != 0 {
			t.Fatalf("page %d is in memory, the database has 2", no)
		}
	}
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	p, _ := OpenMemory(nil)
	put(t, p, 40, 1)
	tx := begin(t, p)
	defer tx.Rollback()
	tx.Write(7)
	if n := testing.AllocsPerRun(100, func() {
		tx.Write(7)
		tx.Page(7)
		tx.Page(8)
		tx.Stamp(7)
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func TestPageCountMax(t *testing.T) {
	const most = 20
	p, err := OpenMemory(&Options{PageCountMax: most})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	tx := begin(t, p)
	defer tx.Rollback()
	for tx.PageCount() < most {
		if _, _, err := tx.Allocate(); err != nil {
			t.Fatalf("%d pages: %v", tx.PageCount(), err)
		}
	}
	if _, _, err := tx.Allocate(); !errors.Is(err, ErrFull) || tx.PageCount() != most {
		t.Errorf("%d pages: %v", tx.PageCount(), err)
	}
}

// waits is a Pending that notes what it is asked for.
type waits struct {
	err  error
	seen []string
}

func (w *waits) Settle(PageNo) error { w.seen = append(w.seen, "settle"); return w.err }
func (w *waits) Drop()               { w.seen = append(w.seen, "drop") }
func (w *waits) Mark()               { w.seen = append(w.seen, "mark") }
func (w *waits) Unmark()             { w.seen = append(w.seen, "unmark") }
func (w *waits) Back()               { w.seen = append(w.seen, "back") }
func (w *waits) DropNew()            { w.seen = append(w.seen, "dropnew") }
func (w *waits) End()                { w.seen = append(w.seen, "end") }

// What is pending is settled before a savepoint and a commit, dropped by rollbacks, and a transaction
// whose pending changes are lost does not commit.
func TestPending(t *testing.T) {
	lost := errors.New("lost")
	for _, c := range []struct {
		err  error
		run  func(tx *Tx) error
		want string
		ok   bool
	}{
		{nil, func(tx *Tx) error { return tx.Commit(ctx) }, "settle end", true},
		{nil, func(tx *Tx) error { tx.Rollback(); return nil }, "drop end", true},
		{nil, func(tx *Tx) error {
			sp := tx.Savepoint()
			err := tx.RollbackTo(sp)
			return errors.Join(err, tx.Commit(ctx))
		}, "settle drop settle end", true},
		{nil, func(tx *Tx) error {
			sp := tx.StatementSavepoint()
			err := tx.RollbackTo(sp)
			tx.Release(sp)
			return errors.Join(err, tx.Commit(ctx))
		}, "mark back unmark settle end", true},
		{nil, func(tx *Tx) error {
			tx.StatementSavepoint()
			inner := tx.StatementSavepoint()
			err := tx.RollbackTo(inner)
			tx.Release(inner)
			return errors.Join(err, tx.Commit(ctx))
		}, "mark settle dropnew settle unmark end", true},
		{nil, func(tx *Tx) error {
			outer := tx.Savepoint()
			tx.StatementSavepoint()
			err := tx.RollbackTo(outer)
			return errors.Join(err, tx.Commit(ctx))
		}, "settle mark drop settle end", true},
		{lost, func(tx *Tx) error { return tx.Commit(ctx) }, "settle drop end", false},
		{lost, func(tx *Tx) error { tx.Savepoint(); return tx.Commit(ctx) }, "settle drop end", false},
	} {
		p, _ := OpenMemory(nil)
		put(t, p, 2, 1)
		tx := begin(t, p)
		page, err := tx.Write(2)
		if err != nil {
			t.Fatal(err)
		}
		fillPage(page, 7)
		w := &waits{err: c.err}
		tx.SetPending(w)
		if err := c.run(tx); !errors.Is(err, c.err) || (err == nil) != c.ok {
			t.Errorf("%s: %v", c.want, err)
		}
		if got := strings.Join(w.seen, " "); got != c.want {
			t.Errorf("asked for %s, not %s", got, c.want)
		}
		if got := get(t, p, 2); got == 7 && !c.ok {
			t.Errorf("%s: page 2 was committed", c.want)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A checkpoint may reach a commit whose header nobody has any more, while an older one is still there:
// a reader of the older one kept it when the next commit was published, and has ended since. The page
// count of that commit is not the older one's.
func TestCheckpointBetweenVersions(t *testing.T) {
	for _, noMap := range []bool{false, true} {
		o := smallOptions(memfs.New(1), 1024)
		o.NoMap = noMap
		p := mustOpen(t, "/db", o)
		put(t, p, 17, 1)
		reader, err := p.BeginRead()
		if err != nil {
			t.Fatal(err)
		}
		put(t, p, 20, 2)
		between := p.pub.Load().commit
		put(t, p, 25, 3)
		reader.Rollback()
		if err := p.SyncLog(); err != nil {
			t.Fatal(err)
		}
		p.disk.ckpt.Lock()
		_, err = p.carryHome(ctx, []PageNo{1, 17, 18, 19, 20}, between)
		p.disk.ckpt.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		tx, err := p.BeginRead()
		if err != nil {
			t.Fatal(err)
		}
		for no, want := range map[PageNo]uint64{17: 1, 18: 0, 19: 0, 20: 2, 25: 3} {
			page, err := tx.Page(no)
			if err != nil {
				t.Fatalf("nomap=%v: %v", noMap, err)
			}
			if got, err := pageValue(page); got != want || err != nil {
				t.Errorf("nomap=%v: page %d holds %d, want %d (%v)", noMap, no, got, want, err)
			}
		}
		tx.Rollback()
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Those that overtake a waiter for the turn end: with three that take it again at once, a fourth has its
// hundred turns.
func TestOvertaken(t *testing.T) {
	p, err := OpenMemory(&Options{BusyTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var ended atomic.Bool
	var others sync.WaitGroup
	for range 3 {
		others.Go(func() {
			for !ended.Load() {
				tx, err := p.BeginWrite(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				tx.Rollback()
			}
		})
	}
	for range 100 {
		begin(t, p).Rollback()
		short, cancel := context.WithTimeout(ctx, 20*time.Microsecond) // Gives up at any moment.
		if tx, err := p.BeginWrite(short); err == nil {
			tx.Rollback()
		}
		cancel()
	}
	ended.Store(true)
	others.Wait()
}
