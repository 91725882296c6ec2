package pager

// Readers beside writers and a checkpointer, for the race detector. Every commit writes its own
// number into all pages, so a reader that sees two numbers has seen two commits. memfs keeps the
// maps of its files up to date byte by byte, so a page that goes home while somebody reads it
// through the map is a data race that the detector reports (C2).
//
//	go test -race ./pager -run TestReaders -readers-time 1m

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

var readersTime = flag.Duration("readers-time", 700*time.Millisecond, "duration of TestReaders, each configuration")

func TestReaders(t *testing.T) {
	for _, noMap := range []bool{false, true} {
		t.Run(fmt.Sprintf("nomap=%v", noMap), func(t *testing.T) {
			o := smallOptions(memfs.New(1), 1024)
			o.NoMap, o.LogLimitBytes, o.BusyTimeout = noMap, 96<<10, time.Minute
			p := mustOpen(t, "/db", o)
			readersBesideWriters(t, p)
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
	t.Run("memory", func(t *testing.T) {
		p, err := OpenMemory(&Options{PageSize: 1024, BusyTimeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		readersBesideWriters(t, p)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func readersBesideWriters(t *testing.T, p *Pager) {
	const pages = 24
	put(t, p, 1+pages, 0)
	var stop atomic.Bool
	var wg sync.WaitGroup
	var commits, reads atomic.Int64
	fail := func(format string, args ...any) {
		t.Errorf(format, args...)
		stop.Store(true)
	}
	run := func(f func(r *rand.Rand) error) {
		seed := commits.Load() + rand.Int63()
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := rand.New(rand.NewSource(seed))
			for !stop.Load() {
				if err := f(r); err != nil {
					fail("%v", err)
					return
				}
			}
		}()
	}
	write := func(r *rand.Rand) error {
		tx, err := p.BeginWrite(context.Background())
		if err != nil {
			return err
		}
		defer tx.Rollback()
		v := uint64(tx.CommitNo()) + 1
		for no := PageNo(2); no < 2+pages; no++ {
			page, err := tx.Write(no)
			if err != nil {
				return err
			}
			fillPage(page, v)
		}
		if r.Intn(3) == 0 { // Pages come and go beside them.
			no, page, err := tx.Allocate()
			if err != nil {
				return err
			}
			fillPage(page, v)
			if r.Intn(2) == 0 {
				if err := tx.Free(no); err != nil {
					return err
				}
			}
		}
		tx.SetSync(SyncLevel(r.Intn(3)))
		commits.Add(1)
		return tx.Commit(context.Background())
	}
	read := func(r *rand.Rand) error {
		tx, err := p.BeginRead()
		if err != nil {
			return err
		}
		defer tx.Rollback()
		var want uint64
		for range 1 + r.Intn(4) {
			for no := PageNo(2); no < 2+pages; no++ {
				page, err := tx.Page(no)
				if err != nil {
					return err
				}
				v, err := pageValue(page)
				if err != nil {
					return fmt.Errorf("page %d at commit %d: %w", no, tx.CommitNo(), err)
				}
				if want == 0 {
					want = v
				}
				if v != want {
					return fmt.Errorf("page %d at commit %d: value %d beside %d", no, tx.CommitNo(), v, want)
				}
			}
		}
		reads.Add(1)
		return nil
	}
	write(rand.New(rand.NewSource(1)))
	run(write)
	run(write)
	run(read)
	run(read)
	run(read)
	run(func(*rand.Rand) error {
		if _, err := p.Checkpoint(context.Background()); err != nil && !errors.Is(err, ErrClosed) {
			return err
		}
		return p.SyncLog()
	})
	time.Sleep(*readersTime)
	stop.Store(true)
	wg.Wait()
	t.Logf("%d commits, %d reads, %+v", commits.Load(), reads.Load(), p.Stats())
}
