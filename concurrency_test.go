package rustlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rustlite/rustlite"
)

// Goal: who waits for the writer's turn gets it in order of arrival, waits as long as was said and no
// longer, and nothing that a program leaves open holds it, or a goroutine, for ever. Method: bubbles
// with a clock of their own, in which "blocked" is a fact and a wait takes exactly its time.

// memory is a database whose goroutines are the test's alone.
func memory(t *testing.T, busy time.Duration) *rustlite.DB {
	t.Helper()
	return open(t, ":memory:", &rustlite.Options{BusyTimeout: busy, NoBackground: true})
}

// A hundred writers that wait are served first come first served, each way of becoming the writer
// alike, and those that give up leave no gap.
func TestWritersInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := memory(t, 0)
		exec(t, db, "CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
		holder := begin(t, db, &rustlite.TxOptions{Immediate: true})
		within, stop := context.WithTimeout(ctx, time.Hour)
		defer stop()
		var gaveUp atomic.Int32
		var wanted []int64
		for n := range int64(100) {
			const insert = "INSERT INTO t(n) VALUES (?)"
			write := func() error { _, err := db.Exec(within, insert, n); return err }
			switch n % 4 {
			case 1:
				write = func() error {
					return db.Update(within, func(tx *rustlite.Tx) error { _, err := tx.Exec(within, insert, n); return err })
				}
			case 2: // A plain BEGIN that has read nothing takes the newest state.
				write = func() error {
					tx := begin(t, db, nil)
					defer tx.Rollback()
					if _, err := tx.Exec(within, insert, n); err != nil {
						return err
					}
					return tx.Commit(within)
				}
			case 3:
				write = func() error {
					short, cancel := context.WithTimeout(ctx, time.Minute)
					defer cancel()
					if _, err := db.Exec(short, insert, n); !errors.Is(err, context.DeadlineExceeded) {
						return fmt.Errorf("writer %d should have given up: %v", n, err)
					}
					gaveUp.Add(1)
					return nil
				}
			}
			if n%4 != 3 {
				wanted = append(wanted, n)
			}
			go func() {
				if err := write(); err != nil {
					t.Error(n, err)
				}
			}()
			synctest.Wait() // It waits now, or the test would.
		}
		time.Sleep(30 * time.Minute) // Far longer than the default of the busy timeout.
		if err := holder.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		var got []int64
		for row, err := range db.All(ctx, "SELECT n FROM t ORDER BY id") {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, row.Int64(0))
		}
		if fmt.Sprint(got) != fmt.Sprint(wanted) || gaveUp.Load() != 25 {
			t.Errorf("order %d, want %d; %d gave up", got, wanted, gaveUp.Load())
		}
	})
}

// A wait ends with the context or with the busy timeout, at its time; the default of the timeout does
// not cut short what a deadline allows.
func TestWaitEnds(t *testing.T) {
	const second = time.Second
	for _, c := range []struct {
		name                   string
		option, pragma, within time.Duration // Of the context; 0: none was given.
		cancel                 time.Duration
		want                   time.Duration
		err                    error
	}{
		{name: "default", want: 5 * second, err: rustlite.ErrBusy},
		{name: "option", option: 2 * second, want: 2 * second, err: rustlite.ErrBusy},
		{name: "no wait", option: -1, err: rustlite.ErrBusy},
		{name: "pragma", pragma: 7 * second, want: 7 * second, err: rustlite.ErrBusy},
		{name: "default and a long deadline", within: 60 * second, want: 60 * second, err: context.DeadlineExceeded},
		{name: "default and a short deadline", within: second, want: second, err: context.DeadlineExceeded},
		{name: "option and a long deadline", option: 2 * second, within: 60 * second, want: 2 * second, err: rustlite.ErrBusy},
		{name: "option and a short deadline", option: 20 * second, within: second, want: second, err: context.DeadlineExceeded},
		{name: "pragma and a long deadline", pragma: 5 * second, within: 60 * second, want: 5 * second, err: rustlite.ErrBusy},
		{name: "pragma and a short deadline", pragma: 5 * second, within: second, want: second, err: context.DeadlineExceeded},
		{name: "cancelled", within: 60 * second, cancel: 3 * second, want: 3 * second, err: context.Canceled},
	} {
		for _, sql := range []string{"INSERT INTO t VALUES (1)", "BEGIN IMMEDIATE", "CREATE TABLE u(a)", "VACUUM", "upgrade"} {
			synctest.Test(t, func(t *testing.T) {
				db := memory(t, c.option)
				exec(t, db, "CREATE TABLE t(a)")
				own := conn(t, db)
				if c.pragma != 0 {
					exec(t, own, fmt.Sprintf("PRAGMA busy_timeout = %d", c.pragma/time.Millisecond))
				}
				if sql == "upgrade" {
					exec(t, own, "BEGIN; SELECT * FROM t")
					sql = "INSERT INTO t VALUES (1)"
				}
				holder := begin(t, db, &rustlite.TxOptions{Immediate: true})
				defer holder.Rollback()
				within, stop := context.WithCancel(ctx)
				defer stop()
				if c.within != 0 {
					within, stop = context.WithTimeout(ctx, c.within)
					defer stop()
				}
				if c.cancel != 0 {
					time.AfterFunc(c.cancel, stop)
				}
				from := time.Now()
				_, err := own.Exec(within, sql)
				if took := time.Since(from); took != c.want || !errors.Is(err, c.err) {
					t.Errorf("%s: %s ended after %s with %v, want after %s with %v", c.name, sql, took, err, c.want, c.err)
				}
				if c.err != rustlite.ErrBusy {
					wantCode(t, err, rustlite.ErrInterrupt)
				}
				// The connection goes on, and the turn is nobody's.
				holder.Rollback()
				exec(t, own, "INSERT INTO t VALUES (2)")
			})
		}
	}
}

// 517 is for a transaction that read, saw another commit, and then writes; for no other.
func TestOneTrueConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := memory(t, 0)
		exec(t, db, "CREATE TABLE t(a); INSERT INTO t VALUES (0)")
		for _, other := range []bool{false, true} { // Another commits between its read and its write.
			for _, reads := range []bool{false, true} {
				for _, waits := range []bool{false, true} { // The other commits while it waits.
					tx := begin(t, db, nil)
					if reads {
						query(t, tx, "SELECT count(*) FROM t")
					}
					writer := begin(t, db, &rustlite.TxOptions{Immediate: true})
					if other {
						exec(t, writer, "UPDATE t SET a = a + 1")
					}
					ended := make(chan struct{})
					end := func() {
						if err := writer.Commit(ctx); err != nil {
							t.Error(err)
						}
						close(ended)
					}
					if waits {
						time.AfterFunc(time.Second, end)
					} else {
						end()
					}
					_, err := tx.Exec(ctx, "INSERT INTO t VALUES (1)")
					var got *rustlite.Error
					if conflict := errors.As(err, &got) && got.ExtendedCode() == 517; conflict != (other && reads) || err != nil && !conflict {
						t.Errorf("another commit %v, read %v, waited %v: %v", other, reads, waits, err)
					}
					if err == nil {
						err = tx.Commit(ctx)
					} else {
						err = tx.Rollback()
					}
					if err != nil {
						t.Error(err)
					}
					<-ended
				}
			}
		}
	})
}

// Queries within queries on a pool of one connection wait for what cannot come until their context
// ends; the rows outside go on.
func TestPoolOfOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := sql.Open("rustlite", filepath.Join(t.TempDir(), "a.rldb"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		if _, err := db.Exec("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)"); err != nil {
			t.Fatal(err)
		}
		rows, err := db.Query("SELECT a FROM t")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			within, stop := context.WithTimeout(ctx, time.Second)
			if _, err := db.ExecContext(within, "INSERT INTO t VALUES (4)"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("within the rows: %v", err)
			}
			stop()
			n++
		}
		if err := rows.Close(); err != nil || n != 3 {
			t.Errorf("%d rows, %v", n, err)
		}
		// In a transaction there is one connection, and any number of rows and changes on it.
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		outer, err := tx.Query("SELECT a FROM t ORDER BY a")
		if err != nil {
			t.Fatal(err)
		}
		for outer.Next() {
			var a, sum int
			if err := outer.Scan(&a); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec("UPDATE t SET a = a + 10 WHERE a = ?", a); err != nil {
				t.Fatal(err)
			}
			if err := tx.QueryRow("SELECT sum(a) FROM t").Scan(&sum); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(outer.Err(), tx.Commit()); err != nil {
			t.Fatal(err)
		}
		var sum int
		if err := db.QueryRow("SELECT sum(a) FROM t").Scan(&sum); err != nil || sum != 36 {
			t.Errorf("sum %d, %v", sum, err)
		}
	})
}

// A transaction whose context ends is rolled back, and lets the next writer in, wherever it was.
func TestCancelledTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := sql.Open("rustlite", filepath.Join(t.TempDir(), "a.rldb")+"?_txlock=immediate")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("CREATE TABLE t(a)"); err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{"", "INSERT INTO t VALUES (1)", "SELECT 1", "CREATE TABLE u(a)"} {
			within, stop := context.WithTimeout(ctx, time.Second)
			tx, err := db.BeginTx(within, nil)
			if err != nil {
				t.Fatal(err)
			}
			if sql != "" {
				rows, err := tx.Query(sql)
				if err != nil {
					t.Fatal(err)
				}
				rows.Next() // And they stay open.
			}
			next, cancel := context.WithTimeout(ctx, time.Minute)
			if _, err := db.ExecContext(next, "INSERT INTO t VALUES (2)"); err != nil {
				t.Errorf("after %q was left open: %v", sql, err)
			}
			cancel()
			if err := tx.Commit(); err == nil {
				t.Errorf("%q was committed after the end of its context", sql)
			}
			stop()
		}
		var n, sum int
		if err := db.QueryRow("SELECT count(*), sum(a) FROM t").Scan(&n, &sum); err != nil || n != 4 || sum != 8 {
			t.Errorf("%d rows with %d, %v", n, sum, err)
		}
	})
}

// Whatever is left open, no goroutine outlives the close of the database.
func TestNoGoroutinesLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	for i := range 20 {
		name := filepath.Join(t.TempDir(), "a.rldb")
		if i%2 == 0 {
			name = fmt.Sprintf("file:left%d?mode=memory&cache=shared", i)
		}
		db, err := sql.Open("rustlite", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)"); err != nil {
			t.Fatal(err)
		}
		rows, err := db.Query("SELECT a FROM t")
		if err != nil {
			t.Fatal(err)
		}
		rows.Next()
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec("INSERT INTO t VALUES (3)"); err != nil {
			t.Fatal(err)
		}
		ended, cancel := context.WithCancel(ctx)
		time.AfterFunc(time.Millisecond, cancel)
		if _, err := db.ExecContext(ended, "INSERT INTO t VALUES (4)"); err == nil {
			t.Error("two writers")
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		_, _ = rows.Close(), tx.Rollback()
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	buf := make([]byte, 1<<16)
	t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
}
