package sim

// The fault loop (S2). A workload runs with the n-th operation of a kind failing, once or for ever,
// for n = 1, 2, 3 ... until a run meets no fault. The workload stops at nothing: it goes on with the
// next step whatever the last one answered, and opens the database again when it must.
//
//	go test ./fuzz/sim -run TestFaults -seed N

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/pager/vfs/errfs"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

// sortBytes makes every sort of more than some rows spill.
const sortBytes = 256

func TestFaults(t *testing.T) {
	kinds := []errfs.Kind{
		errfs.Read, errfs.Write, errfs.Sync, errfs.Truncate, errfs.Reserve, errfs.Lock,
		errfs.Open, errfs.Remove, errfs.Map, errfs.List, errfs.Size, errfs.All,
	}
	for _, noMap := range []bool{false, true} {
		if noMap && testing.Short() {
			continue
		}
		for _, kind := range kinds {
			for _, forever := range []bool{false, true} {
				name := fmt.Sprintf("%v/forever=%v/nomap=%v", kind, forever, noMap)
				if kind == errfs.All {
					name = fmt.Sprintf("any/forever=%v/nomap=%v", forever, noMap)
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					fired := faultLoop(t, kind, forever, noMap, nil)
					// Other seeds may never truncate; without maps there is no fault of a map.
					if fired == 0 && (kind != errfs.Truncate || *seedFlag == 1) && (kind != errfs.Map || !noMap) {
						t.Fatal("no fault was ever injected")
					}
					t.Logf("%d runs with a fault", fired)
				})
			}
		}
		t.Run(fmt.Sprintf("disk full/nomap=%v", noMap), func(t *testing.T) {
			t.Parallel()
			if faultLoop(t, errfs.Write|errfs.Truncate|errfs.Reserve, true, noMap, vfs.ErrNoSpace) == 0 {
				t.Fatal("no fault was ever injected")
			}
		})
	}
}

// faultLoop returns the number of runs that met a fault.
func faultLoop(t *testing.T, kind errfs.Kind, forever, noMap bool, as error) int {
	// A database with something in it that was not closed: there is something to recover.
	base := memfs.New(*seedFlag)
	o := rustlite.Options{FS: base, PageSize: 1024, NoMap: noMap, LogLimitBytes: 8 << 10, SortBytesMax: sortBytes}
	first := New(dbPath, *seedFlag, o)
	for range 25 {
		if err := first.Step(ctx); err != nil {
			t.Fatal(err)
		}
	}
	crashed := base.Crash(memfs.KeepAll, 1)
	begin := first.Possible
	if err := first.Close(ctx); err != nil {
		t.Fatal(err)
	}
	for n := 1; ; n++ {
		faults := errfs.New(crashed.Crash(memfs.KeepAll, 1))
		var told log
		o.FS, o.Logger = faults, slog.New(&told)
		w := New(dbPath, *seedFlag+1, o)
		w.Possible = begin
		if kind == errfs.Reserve {
			w.BigBytes = 1300 << 10 // Space is reserved for batches that are larger than the log's step.
		}
		faults.SetPlan(errfs.Plan{Kinds: kind, N: n, Forever: forever, Err: as})
		what := fmt.Sprintf("%v number %d, forever=%v, nomap=%v\nreplay: go test ./fuzz/sim -run TestFaults -seed %d", kind, n, forever, noMap, *seedFlag)
		var surfaced []error
		for step := range 24 {
			err := w.Step(ctx)
			if err == nil {
				continue
			}
			surfaced = append(surfaced, err)
			if bad := unexcused(err, as); bad != nil {
				t.Fatalf("%s\nstep %d: %v", what, step, bad)
			}
		}
		if err := w.Close(ctx); err != nil {
			surfaced = append(surfaced, err)
			if bad := unexcused(err, as); bad != nil {
				t.Fatalf("%s\nclose: %v", what, bad)
			}
		}
		hit := faults.Fired()
		faults.SetPlan(errfs.Plan{})
		if hit == 0 {
			if len(surfaced) > 0 {
				t.Fatalf("%s\nerrors without a fault: %v", what, surfaced)
			}
			return n - 1
		}
		if len(surfaced) == 0 && !told.failed {
			t.Fatalf("%s\nthe fault was swallowed", what)
		}
		if err := reopened(w, o); err != nil {
			t.Fatalf("%s\nafter reopening: %v\nsurfaced: %v", what, err, surfaced)
		}
	}
}

// log hears what is logged instead of returned: that a checkpoint behind a VACUUM that stands failed.
type log struct{ failed bool }

func (*log) Enabled(_ context.Context, level slog.Level) bool { return level == slog.LevelError }
func (l *log) WithAttrs([]slog.Attr) slog.Handler             { return l }
func (l *log) WithGroup(string) slog.Handler                  { return l }

// Handle takes one line of the log.
func (l *log) Handle(_ context.Context, r slog.Record) error {
	l.failed = l.failed || r.Message == "checkpoint failed"
	return nil
}

// unexcused says what is wrong with an error under injected faults: all but the fault itself, the
// failed state that it leaves behind, and the code that belongs to them.
func unexcused(err, as error) error {
	if errors.Is(err, ErrWrong) {
		return err
	}
	for _, e := range flatten(err) {
		if !errors.Is(e, errfs.ErrInjected) && !errors.Is(e, pager.ErrFailed) {
			return fmt.Errorf("surfaced as %w", e)
		}
		var own *rustlite.Error
		if !errors.As(e, &own) {
			return fmt.Errorf("no *rustlite.Error: %w", e)
		}
		switch rustlite.Code(own.Code()) {
		case rustlite.ErrIO, rustlite.ErrCantOpen:
		case rustlite.ErrFull:
			if as == nil {
				return fmt.Errorf("code %d: %w", own.Code(), e)
			}
		default:
			return fmt.Errorf("code %d: %w", own.Code(), e)
		}
	}
	return nil
}

// flatten takes the joined errors of a workload's step apart.
func flatten(err error) []error {
	e, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, x := range e.Unwrap() {
		all = append(all, flatten(x)...)
	}
	return all
}

// reopened compares what a run with faults left with the states that it may have left.
func reopened(w *Workload, o rustlite.Options) error {
	o.NoBackground = true
	db, err := rustlite.Open(dbPath, &o)
	if err != nil {
		return err
	}
	s, err := Read(ctx, db)
	if err == nil {
		err = w.Settle(s)
	}
	if err == nil {
		err = Integrity(ctx, db)
	}
	if err == nil {
		_, err = db.Exec(ctx, "PRAGMA user_version = 77")
	}
	return errors.Join(err, db.Close())
}

// A disk that is full fails the commits that need more of it, and no others; once there is space the
// same database goes on.
func TestDiskFull(t *testing.T) {
	refused, step := 0, int64(1<<10)
	if testing.Short() {
		step = 5 << 10
	}
	for space := int64(8 << 10); ; space += step {
		fs := memfs.New(*seedFlag)
		o := rustlite.Options{FS: fs, PageSize: 1024, LogLimitBytes: 8 << 10, SortBytesMax: sortBytes}
		w := New(dbPath, *seedFlag, o)
		fs.SetSpace(space)
		errs := 0
		for range 60 {
			if err := w.Step(ctx); err != nil {
				errs++
				if !errors.Is(err, rustlite.ErrFull) && !errors.Is(err, rustlite.ErrCantOpen) || errors.Is(err, ErrWrong) {
					t.Fatalf("%d bytes of space: %v", space, err)
				}
			}
		}
		refused += errs
		fs.SetSpace(0)
		for w.DB == nil {
			if err := w.Open(ctx); err != nil {
				t.Fatalf("%d bytes of space, then enough: %v", space, err)
			}
		}
		if err := w.Transaction(ctx); err != nil {
			t.Fatalf("%d bytes of space, then enough: %v", space, err)
		}
		if err := Integrity(ctx, w.DB); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(ctx); err != nil {
			t.Fatal(err)
		}
		if errs == 0 {
			break
		}
	}
	if refused == 0 {
		t.Fatal("the disk was never full")
	}
}
