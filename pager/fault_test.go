package pager

// The fault loop: a workload runs with the n-th operation of a kind failing, once or for ever, for
// n = 1, 2, 3 ... until a run meets no fault. Every fault must surface as an error of some call;
// afterwards the same pager still reads its snapshot, and the file, opened again without faults,
// shows the state before or after the call that failed, and never anything else.

import (
	"errors"
	"fmt"
	"testing"

	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/pager/vfs/errfs"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

type faultRun struct {
	*modelRun
	faults   *errfs.FS
	surfaced []error
	possible []*modelState // what a reopening may show
}

func (f *faultRun) saw(err error) bool {
	if err != nil {
		f.surfaced = append(f.surfaced, err)
	}
	return err != nil
}

// workload stops at nothing: each call is made whatever the one before answered.
func (f *faultRun) workload(o *Options) {
	p, err := Open(ctx, "/db", o)
	if f.saw(err) {
		return
	}
	f.p = p
	tx, err := p.BeginRead()
	if err != nil {
		f.t.Fatal(err)
	}
	held := heldReader{tx, f.state}
	for i := range 14 {
		f.level = SyncLevel(i % 3)
		var attempt *modelState
		f.beforeCommit = func(s *modelState) { attempt = s }
		before := p.pub.Load().commit
		err := f.transaction(6)
		switch {
		case err == nil:
			f.possible = []*modelState{f.state}
		case errors.Is(err, ErrFailed):
			if attempt != nil {
				f.possible = append(f.possible, attempt)
			}
		default:
			if p.pub.Load().commit != before {
				f.t.Fatalf("a commit that answered %v was published", err)
			}
		}
		f.saw(err)
		if p.isFailed.Load() && !errors.Is(p.SyncLog(), ErrFailed) {
			f.t.Fatal("a failed pager syncs")
		}
		if i%4 == 3 {
			_, err := p.Checkpoint(ctx)
			f.saw(err)
		}
		if i == 7 {
			f.saw(p.SyncLog())
		}
		if i == 9 {
			f.saw(tolerant(checkModel(held.tx, held.state)))
			held.tx.Rollback()
			if held.tx, err = p.BeginRead(); err != nil {
				f.t.Fatal(err)
			}
			held.state = f.state
		}
	}
	f.saw(tolerant(checkModel(held.tx, held.state)))
	held.tx.Rollback()
	f.saw(p.Close())
}

// tolerant lets injected faults through and makes a test failure of all else.
func tolerant(err error) error {
	if err != nil && !errors.Is(err, errfs.ErrInjected) {
		panic(err)
	}
	return err
}

func TestFaults(t *testing.T) {
	kinds := []errfs.Kind{
		errfs.Read, errfs.Write, errfs.Sync, errfs.Truncate, errfs.Reserve, errfs.Lock,
		errfs.Open, errfs.Remove, errfs.Map, errfs.List, errfs.Size, errfs.All,
	}
	for _, noMap := range []bool{false, true} {
		for _, kind := range kinds {
			for _, forever := range []bool{false, true} {
				t.Run(fmt.Sprintf("%v/forever=%v/nomap=%v", kind, forever, noMap), func(t *testing.T) {
					fired := faultLoop(t, kind, forever, noMap, nil)
					if fired == 0 && kind != errfs.Map && kind != errfs.Truncate && kind != errfs.Reserve {
						t.Fatal("no fault was ever injected")
					}
				})
			}
		}
		t.Run(fmt.Sprintf("disk full/nomap=%v", noMap), func(t *testing.T) {
			if faultLoop(t, errfs.Write|errfs.Truncate|errfs.Reserve, true, noMap, vfs.ErrNoSpace) == 0 {
				t.Fatal("no fault was ever injected")
			}
		})
	}
}

func faultLoop(t *testing.T, kind errfs.Kind, forever, noMap bool, as error) int {
	fired := 0
	for n := 1; ; n++ {
		inner := memfs.New(*seedFlag)
		// A database with something in it, so that there is something to read and to recover.
		o := smallOptions(inner, 1024)
		o.NoMap, o.LogLimitBytes = noMap, 5<<10
		m := newModelRun(t, mustOpen(t, "/db", o), *seedFlag)
		for range 4 {
			if err := m.transaction(8); err != nil {
				t.Fatal(err)
			}
		}
		faults := errfs.New(inner.Crash(memfs.KeepAll, 1))
		o.FS = faults
		f := &faultRun{modelRun: m, faults: faults, possible: []*modelState{m.state}}
		faults.SetPlan(errfs.Plan{Kinds: kind, N: n, Forever: forever, Err: as})
		what := fmt.Sprintf("%v number %d, forever=%v", kind, n, forever)
		f.workload(o)
		hit := faults.Fired()
		faults.SetPlan(errfs.Plan{})
		if hit == 0 {
			if len(f.surfaced) > 0 {
				t.Fatalf("%s: errors without a fault: %v", what, f.surfaced)
			}
			return fired
		}
		fired++
		if len(f.surfaced) == 0 {
			t.Fatalf("%s: the fault was swallowed", what)
		}
		for _, err := range f.surfaced {
			if !errors.Is(err, errfs.ErrInjected) && !errors.Is(err, ErrFailed) {
				t.Fatalf("%s: surfaced as %v", what, err)
			}
		}
		p, err := Open(ctx, "/db", o)
		if err != nil {
			t.Fatalf("%s: reopen: %v (after %v)", what, err, f.surfaced)
		}
		tx, err := p.BeginRead()
		if err != nil {
			t.Fatal(err)
		}
		var errs []error
		for _, s := range f.possible {
			got := *s
			if tx.PageCount() >= s.count { // Trunk pages may have come.
				got.count = tx.PageCount()
			}
			err := checkModel(tx, &got)
			if err == nil {
				errs = nil
				break
			}
			errs = append(errs, err)
		}
		if errs != nil {
			t.Fatalf("%s: after reopening: %v (%d possible states; surfaced %v)", what, errs, len(f.possible), f.surfaced)
		}
		tx.Rollback()
		if err := p.Close(); err != nil {
			t.Fatalf("%s: close: %v", what, err)
		}
	}
}
