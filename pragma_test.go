package rustlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/rustlite/rustlite"
)

// one runs a statement on a connection and returns its first row.
func one(t *testing.T, c *rustlite.Conn, sql string) (row []int64) {
	t.Helper()
	rows, err := c.Query(context.Background(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	if rows.Next() {
		for i := range rows.Row().Len() {
			row = append(row, rows.Row().Int64(i))
		}
	}
	if rows.Err() != nil {
		t.Fatalf("%s: %v", sql, rows.Err())
	}
	return row
}

// data_version changes with the commits of others, and with no others.
func TestDataVersion(t *testing.T) {
	ctx := context.Background()
	db, err := rustlite.Open(filepath.Join(t.TempDir(), "a.rldb"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var conns [2]*rustlite.Conn
	for i := range conns {
		if conns[i], err = db.Conn(ctx); err != nil {
			t.Fatal(err)
		}
		defer conns[i].Close()
	}
	version := func(i int) int64 { return one(t, conns[i], "PRAGMA data_version")[0] }
	before := [2]int64{version(0), version(1)}
	for _, sql := range []string{"CREATE TABLE t(a)", "INSERT INTO t VALUES (1)", "BEGIN; INSERT INTO t VALUES (2); COMMIT",
		"BEGIN; INSERT INTO t VALUES (3); ROLLBACK", "VACUUM", "UPDATE t SET a = 1 WHERE a = 7"} {
		if _, err := conns[0].Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if n := version(0); n != before[0] {
			t.Errorf("%s: the version of its own connection went from %d to %d", sql, before[0], n)
		}
	}
	if n := version(1); n == before[1] {
		t.Errorf("the version of the other connection is still %d", n)
	}
	before[1] = version(1)
	if n := version(1); n != before[1] {
		t.Errorf("the version went from %d to %d without a commit", before[1], n)
	}
}

// wal_checkpoint carries the log home, and says when a reader keeps it from that.
func TestWALCheckpoint(t *testing.T) {
	ctx := context.Background()
	db := open(t, filepath.Join(t.TempDir(), "a.rldb"), &rustlite.Options{NoBackground: true})
	c := conn(t, db)
	exec := func(sql string) {
		t.Helper()
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TABLE t(a); INSERT INTO t VALUES (zeroblob(100000))")
	if row := one(t, c, "PRAGMA wal_checkpoint"); row[0] != 0 || row[1] < 24 || row[1] != row[2] {
		t.Errorf("%v pages went home", row)
	}
	tx, err := db.Begin(ctx, &rustlite.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	exec("DELETE FROM t")
	if row := one(t, c, "PRAGMA wal_checkpoint(full)"); row[0] != 1 {
		t.Errorf("a reader holds the log, the checkpoint says %v", row)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if row := one(t, c, "PRAGMA wal_checkpoint(truncate)"); row[0] != 0 || row[1] != 0 || row[2] != 0 {
		t.Errorf("a truncating checkpoint says %v", row)
	}
	exec("BEGIN; INSERT INTO t VALUES (1)")
	if _, err := c.Exec(ctx, "PRAGMA wal_checkpoint"); !errors.Is(err, rustlite.ErrLocked) {
		t.Errorf("within a writing transaction: %v", err)
	}
	exec("ROLLBACK")
}

// max_page_count bounds the file.
func TestMaxPageCount(t *testing.T) {
	ctx := context.Background()
	db := open(t, ":memory:", nil)
	c := conn(t, db)
	if n := one(t, c, "PRAGMA max_page_count = 20")[0]; n != 20 {
		t.Fatalf("the bound is %d", n)
	}
	if _, err := c.Exec(ctx, "CREATE TABLE t(a); INSERT INTO t VALUES (zeroblob(50000))"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "INSERT INTO t VALUES (zeroblob(50000))"); !errors.Is(err, rustlite.ErrFull) {
		t.Fatalf("past the bound: %v", err)
	}
	if n := one(t, c, "PRAGMA max_page_count = 1")[0]; n < 13 || n >= 20 {
		t.Fatalf("the bound is %d", n)
	}
}
