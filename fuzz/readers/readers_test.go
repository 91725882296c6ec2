package readers

// Accounts whose sum is constant, a version that every commit counts up, and rows that come and go
// in pages that split and merge.
//
//	go test -race ./fuzz/readers -seconds 60       (make readers SECONDS=60)

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"math/rand"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
)

var (
	secondsFlag = flag.Float64("seconds", 1, "how long the readers read")
	seedFlag    = flag.Int64("seed", 1, "seed of what they do")
)

const (
	accounts = 300
	total    = accounts * 1000
)

const schema = `
CREATE TABLE account (id INTEGER PRIMARY KEY, bal INTEGER NOT NULL, note TEXT);
CREATE INDEX account_bal ON account (bal, id);
CREATE TABLE version (v INTEGER);
CREATE TABLE event (v INTEGER, body BLOB);`

func TestReaders(t *testing.T) {
	for _, noMap := range []bool{false, true} {
		t.Run(fmt.Sprintf("nomap=%v", noMap), func(t *testing.T) {
			t.Parallel()
			runReaders(t, &rustlite.Options{NoMap: noMap, Sync: rustlite.SyncOff, PageSize: 1024, LogLimitBytes: 256 << 10})
		})
	}
}

type bank struct {
	db      *rustlite.DB
	commits atomic.Int64
	reads   atomic.Int64 // transactions of readers
	looks   atomic.Int64 // at one state
	rounds  atomic.Int64 // of the checkpointer
}

func runReaders(t *testing.T, o *rustlite.Options) {
	db, err := rustlite.Open(filepath.Join(t.TempDir(), "bank.rldb"), o)
	if err != nil {
		t.Fatal(err)
	}
	b := &bank{db: db}
	if err := b.prepare(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Duration(*secondsFlag*float64(time.Second)))
	defer stop()
	var wg sync.WaitGroup
	start := func(name string, f func(context.Context, *rand.Rand) error) {
		r := rand.New(rand.NewSource(*seedFlag + int64(len(name))))
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := f(ctx, r); err != nil && ctx.Err() == nil {
					t.Errorf("%s: %v", name, err)
					stop()
				}
			}
		})
	}
	for range 2 {
		start("writer", b.write)
	}
	start("checkpointer", b.checkpoint)
	for range 2 {
		start("short reader", func(ctx context.Context, r *rand.Rand) error { return b.read(ctx, 2+r.Intn(3)) })
	}
	start("long reader", func(ctx context.Context, r *rand.Rand) error { return b.read(ctx, 50+r.Intn(200)) })
	start("scanner", b.scan)
	wg.Wait()
	b.finish(t)
}

func (b *bank) prepare() error {
	ctx := context.Background()
	if _, err := b.db.Exec(ctx, schema); err != nil {
		return err
	}
	return b.db.Update(ctx, func(tx *rustlite.Tx) error {
		for i := range accounts {
			if _, err := tx.Exec(ctx, "INSERT INTO account VALUES (?, 1000, '')", i); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "INSERT INTO version VALUES (0)")
		return err
	})
}

// write moves money between a few accounts and leaves or clears events.
func (b *bank) write(_ context.Context, r *rand.Rand) error {
	ctx := context.Background() // A commit that has begun ends.
	err := b.db.Update(ctx, func(tx *rustlite.Tx) error {
		exec := func(sql string, args ...any) error {
			_, err := tx.Exec(ctx, sql, args...)
			return err
		}
		var errs []error
		for range 1 + r.Intn(5) {
			from, to, n := r.Intn(accounts), r.Intn(accounts), r.Intn(50)
			errs = append(errs,
				exec("UPDATE account SET bal = bal - ?, note = ? WHERE id = ?", n, fmt.Sprintf("%*d", r.Intn(40), n), from),
				exec("UPDATE account SET bal = bal + ? WHERE id = ?", n, to))
		}
		switch r.Intn(4) {
		case 0:
			errs = append(errs, exec("INSERT INTO event SELECT v, zeroblob(?) FROM version", r.Intn(5000)))
		case 1:
			errs = append(errs, exec("DELETE FROM event WHERE rowid % 3 = ?", r.Intn(3)))
		}
		return errors.Join(append(errs, exec("UPDATE version SET v = v + 1"))...)
	})
	if err == nil {
		b.commits.Add(1)
	}
	return err
}

func (b *bank) checkpoint(ctx context.Context, _ *rand.Rand) error {
	b.rounds.Add(1)
	return b.db.Checkpoint(ctx)
}

// look reads one state: the version and a checksum of everything.
func look(ctx context.Context, tx *rustlite.Tx) (version int64, sum uint32, err error) {
	h := crc32.NewIEEE()
	for row, err := range tx.All(ctx, "SELECT v FROM version") {
		if err != nil {
			return 0, 0, err
		}
		version = row.Int64(0)
	}
	var n, money int64
	for row, err := range tx.All(ctx, "SELECT id, bal, note FROM account") {
		if err != nil {
			return 0, 0, err
		}
		n++
		money += row.Int64(1)
		fmt.Fprintf(h, "%d %d %s ", row.Int64(0), row.Int64(1), row.Text(2))
	}
	if n != accounts || money != total {
		return 0, 0, fmt.Errorf("version %d: %d accounts with %d, want %d with %d", version, n, money, accounts, total)
	}
	for row, err := range tx.All(ctx, "SELECT sum(bal), count(*), min(bal) FROM account INDEXED BY account_bal WHERE bal >= -1000000") {
		if err != nil {
			return 0, 0, err
		}
		if row.Int64(0) != total || row.Int64(1) != accounts {
			return 0, 0, fmt.Errorf("version %d: the index has %d entries with %d", version, row.Int64(1), row.Int64(0))
		}
	}
	for row, err := range tx.All(ctx, "SELECT v, body FROM event ORDER BY rowid DESC") {
		if err != nil {
			return 0, 0, err
		}
		if row.Int64(0) >= version+1 {
			return 0, 0, fmt.Errorf("version %d shows an event of version %d", version, row.Int64(0))
		}
		fmt.Fprintf(h, "%d %d ", row.Int64(0), len(row.Bytes(1)))
	}
	return version, h.Sum32(), nil
}

// read looks at one state many times.
func (b *bank) read(ctx context.Context, times int) error {
	least := b.commits.Load()
	tx, err := b.db.Begin(ctx, &rustlite.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	b.reads.Add(1)
	var version int64
	var sum uint32
	for i := range times {
		v, s, err := look(ctx, tx)
		if err != nil {
			return err
		}
		b.looks.Add(1)
		switch {
		case v < least:
			return fmt.Errorf("version %d, although %d was committed before", v, least)
		case i > 0 && (v != version || s != sum):
			return fmt.Errorf("the state of version %d changed to version %d, checksum %08x to %08x", version, v, sum, s)
		}
		version, sum = v, s
	}
	return nil
}

// scan reads one SELECT slowly, outside of a transaction.
func (b *bank) scan(ctx context.Context, r *rand.Rand) error {
	rows, err := b.db.Query(ctx, "SELECT bal FROM account")
	if err != nil {
		return err
	}
	defer rows.Close()
	money, pause := int64(0), r.Intn(accounts)
	for i := 0; rows.Next(); i++ {
		money += rows.Row().Int64(0)
		if i == pause { // Others go on meanwhile.
			for seen := b.commits.Load(); b.commits.Load() < seen+5 && ctx.Err() == nil; {
				if err := b.read(ctx, 1); err != nil {
					return err
				}
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if money != total {
		return fmt.Errorf("a scan found %d, want %d", money, total)
	}
	return nil
}

func (b *bank) finish(t *testing.T) {
	ctx := context.Background()
	for row, err := range b.db.All(ctx, "SELECT v FROM version") {
		if err != nil || row.Int64(0) != b.commits.Load() {
			t.Errorf("version %v after %d commits: %v", row, b.commits.Load(), err)
		}
	}
	for row, err := range b.db.All(ctx, "PRAGMA integrity_check") {
		if err != nil || row.Text(0) != "ok" {
			t.Errorf("integrity_check: %v, %v", row.Text(0), err)
		}
	}
	if err := b.db.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("%d commits, %d checkpoints; %d reading transactions looked %d times at their state",
		b.commits.Load(), b.rounds.Load(), b.reads.Load(), b.looks.Load())
	if b.commits.Load() == 0 || b.looks.Load() == 0 {
		t.Error("nothing happened")
	}
}
