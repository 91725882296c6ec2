package readers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
)

// Everything at once, as a program does it that database/sql serves: transfers, sums, changes of the
// schema, attached files, VACUUM, Go functions, and contexts that end anywhere. Money is never made
// nor lost, errors are those that can be, and afterwards nothing is left.
//
//	go test -race ./fuzz/readers -run TestChaos -seconds 30

func TestChaos(t *testing.T) {
	for name, source := range map[string]string{ // Half of the time each.
		"file":   filepath.Join(t.TempDir(), "chaos.rldb") + "?_synchronous=off&_foreign_keys=1",
		"memory": "file:chaos?mode=memory&cache=shared",
	} {
		t.Run(name, func(t *testing.T) { runChaos(t, source) })
	}
}

func init() {
	sql.Register("chaos", &rustlite.Driver{ConnectHook: func(c *rustlite.DriverConn) error {
		return errors.Join(
			c.RegisterFunc("slowly", func(n int64) int64 { runtime.Gosched(); return n }, true),
			c.RegisterFunc("fails", func(n int64) (int64, error) { return 0, fmt.Errorf("failed at %d", n) }, false),
			c.RegisterCollation("backwards", func(a, b string) int {
				switch {
				case a < b:
					return 1
				case a > b:
					return -1
				}
				return 0
			}))
	}})
}

type chaos struct {
	db    *sql.DB
	other string // A file to attach.
	done  map[string]*atomic.Int64
	ended atomic.Int64 // Cut short by a context.
}

const chaosAccounts, chaosTotal = 50, 50 * 100

func runChaos(t *testing.T, source string) {
	before := runtime.NumGoroutine()
	db, err := sql.Open("chaos", source)
	if err != nil {
		t.Fatal(err)
	}
	c := &chaos{db: db, other: filepath.Join(t.TempDir(), "other.rldb"), done: map[string]*atomic.Int64{}}
	if _, err := db.Exec(`
		CREATE TABLE account (id INTEGER PRIMARY KEY, bal INTEGER NOT NULL, name TEXT COLLATE backwards UNIQUE);
		CREATE TABLE history (account REFERENCES account ON DELETE CASCADE, bal);
		CREATE TRIGGER moved AFTER UPDATE OF bal ON account BEGIN
			INSERT INTO history VALUES (new.id, new.bal);
			DELETE FROM history WHERE rowid <= (SELECT max(rowid) FROM history) - 500;
		END;
		WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i LIMIT ?1) INSERT INTO account SELECT n, 100, 'name ' || n FROM i`,
		chaosAccounts); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Duration(*secondsFlag/2*float64(time.Second)))
	defer stop()
	var wg sync.WaitGroup
	for name, f := range map[string]func(context.Context, *rand.Rand) error{
		"transfer": c.transfer, "batch": c.transfer, "upgrade": c.upgrade, "sum": c.sum, "slow sum": c.sum, "schema": c.schema,
		"attach": c.attach, "vacuum": c.vacuum, "scan": c.scan, "function": c.function,
	} {
		n := new(atomic.Int64)
		c.done[name] = n
		r := rand.New(rand.NewSource(*seedFlag + int64(len(name))))
		wg.Go(func() {
			for ctx.Err() == nil {
				// Most have all the time they want; some are cut short anywhere.
				within, cancel := context.WithTimeout(context.Background(), time.Minute)
				if r.Intn(4) == 0 {
					cancel()
					within, cancel = context.WithTimeout(context.Background(), time.Duration(r.Intn(3000))*time.Microsecond)
				}
				err := f(within, r)
				switch {
				case err == nil:
					n.Add(1)
				case within.Err() != nil && (errors.Is(err, within.Err()) || errors.Is(err, sql.ErrTxDone)):
					c.ended.Add(1)
				default:
					t.Errorf("%s: %v", name, err)
					stop()
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if err := c.sum(context.Background(), rand.New(rand.NewSource(1))); err != nil {
		t.Error(err)
	}
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity_check: %s, %v", verdict, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	for name, n := range c.done {
		t.Logf("%s: %d", name, n.Load())
		if n.Load() == 0 {
			t.Errorf("%s never came to its end", name)
		}
	}
	t.Logf("%d ended by their context", c.ended.Load())
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 200 {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// within runs f in a transaction.
func (c *chaos) within(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func move(ctx context.Context, tx *sql.Tx, r *rand.Rand) error {
	n, from, to := r.Intn(20), 1+r.Intn(chaosAccounts), 1+r.Intn(chaosAccounts)
	if _, err := tx.ExecContext(ctx, "UPDATE account SET bal = bal - ? WHERE id = ?", n, from); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE account SET bal = bal + ? WHERE id = ?", n, to)
	return err
}

// transfer moves money; it has read nothing before, so it never meets a conflict.
func (c *chaos) transfer(ctx context.Context, r *rand.Rand) error {
	return c.within(ctx, func(tx *sql.Tx) error {
		for range 1 + r.Intn(3) {
			if err := move(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// upgrade reads, then writes, which is a conflict when another was faster: as a
// rule, where writers stand in line.
func (c *chaos) upgrade(ctx context.Context, r *rand.Rand) error {
	for {
		err := c.within(ctx, func(tx *sql.Tx) error {
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT bal FROM account WHERE id = 1").Scan(&n); err != nil {
				return err
			}
			runtime.Gosched()
			return move(ctx, tx, r)
		})
		if !errors.Is(err, rustlite.ErrBusySnapshot) || r.Intn(4) == 0 {
			return ignore(err, rustlite.ErrBusySnapshot)
		}
	}
}

func ignore(err, target error) error {
	if errors.Is(err, target) {
		return nil
	}
	return err
}

// sum looks at all money, twice in one state.
func (c *chaos) sum(ctx context.Context, r *rand.Rand) error {
	return c.within(ctx, func(tx *sql.Tx) error {
		for range 1 + r.Intn(3) {
			var n, byIndex int64
			if err := tx.QueryRowContext(ctx, "SELECT sum(slowly(bal)), (SELECT count(*) FROM account WHERE name > 'name 999') FROM account").
				Scan(&n, &byIndex); err != nil {
				return err
			}
			if n != chaosTotal || byIndex != chaosAccounts {
				return fmt.Errorf("%d in the accounts, %d by the index", n, byIndex)
			}
		}
		return nil
	})
}

// schema makes and drops objects, some of them not for long.
func (c *chaos) schema(ctx context.Context, r *rand.Rand) error {
	name := fmt.Sprintf("t%d", r.Intn(3))
	return c.within(ctx, func(tx *sql.Tx) error {
		for _, sql := range []string{
			"CREATE TABLE IF NOT EXISTS " + name + "(a, b REFERENCES account)",
			"CREATE INDEX IF NOT EXISTS " + name + "i ON " + name + "(a)",
			"CREATE VIEW IF NOT EXISTS " + name + "v AS SELECT a, bal FROM account JOIN " + name + " ON b = id",
			"INSERT INTO " + name + " SELECT name, id FROM account LIMIT 5",
			"ALTER TABLE " + name + " ADD COLUMN c DEFAULT 7",
			"SELECT count(*) FROM " + name + "v",
			"DROP VIEW " + name + "v; DROP TABLE " + name,
		} {
			if _, err := tx.ExecContext(ctx, sql); err != nil {
				return err
			}
		}
		if r.Intn(2) == 0 {
			_, err := tx.ExecContext(ctx, "CREATE INDEX IF NOT EXISTS bals ON account(bal); DROP INDEX bals")
			return err
		}
		return nil
	})
}

// attach copies the accounts into a file that the connection attaches.
func (c *chaos) attach(ctx context.Context, _ *rand.Rand) error {
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "ATTACH ? AS other", c.other); err != nil {
		return err
	}
	defer func() {
		// Where a context ended, database/sql may still be about to roll back.
		_, _ = conn.ExecContext(context.Background(), "ROLLBACK")
		if _, err := conn.ExecContext(context.Background(), "DETACH other"); err != nil {
			panic(err)
		}
	}()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, sql := range []string{
		"CREATE TABLE IF NOT EXISTS other.copy(id PRIMARY KEY, bal)",
		"DELETE FROM other.copy",
		"INSERT INTO other.copy SELECT id, bal FROM main.account",
	} {
		if _, err := tx.ExecContext(ctx, sql); err != nil {
			return err
		}
	}
	var n int64
	if err := tx.QueryRowContext(ctx, "SELECT sum(bal) FROM other.copy").Scan(&n); err != nil {
		return err
	}
	if n != chaosTotal {
		return fmt.Errorf("%d in the copy", n)
	}
	return tx.Commit()
}

// vacuum rebuilds the file now and then.
func (c *chaos) vacuum(ctx context.Context, r *rand.Rand) error {
	time.Sleep(time.Duration(r.Intn(20)) * time.Millisecond)
	sql := "VACUUM"
	if r.Intn(3) == 0 {
		sql = "PRAGMA wal_checkpoint"
	}
	_, err := c.db.ExecContext(ctx, sql)
	return err
}

// scan reads rows slowly, and leaves some unread.
func (c *chaos) scan(ctx context.Context, r *rand.Rand) error {
	rows, err := c.db.QueryContext(ctx, "SELECT a.bal, h.bal FROM account a LEFT JOIN history h ON h.account = a.id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for range r.Intn(600) {
		if !rows.Next() {
			break
		}
	}
	return rows.Err()
}

// function calls one that fails in the middle of a change, which leaves no trace.
func (c *chaos) function(ctx context.Context, _ *rand.Rand) error {
	_, err := c.db.ExecContext(ctx, "UPDATE account SET bal = CASE WHEN id > 30 THEN fails(id) ELSE 0 END")
	if err == nil {
		return errors.New("the function did not fail")
	}
	if ctx.Err() == nil && err.Error() != "failed at 31" {
		return err
	}
	return ctx.Err()
}
