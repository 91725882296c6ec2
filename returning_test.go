package rustlite_test

import (
	"context"
	"testing"

	"github.com/rustlite/rustlite"
)

// Goal: RETURNING goes through every way of running a statement. Method: the same INSERT, UPDATE and DELETE by
// Query, QueryRow, Exec and the driver; rows that nobody reads are changed all the same, and counted.

func TestReturningNative(t *testing.T) {
	db, err := rustlite.Open(":memory:", nil)
	must(t, err)
	defer db.Close()
	ctx := context.Background()
	_, err = db.Exec(ctx, "CREATE TABLE t(id INTEGER PRIMARY KEY, a)")
	must(t, err)
	rows, err := db.Query(ctx, "INSERT INTO t(a) VALUES (?), (?), (?) RETURNING id, a AS name", "x", "y", "z")
	must(t, err)
	if got := rows.Columns(); len(got) != 2 || got[0] != "id" || got[1] != "name" {
		t.Errorf("columns %v", got)
	}
	if !rows.Next() {
		t.Fatal("no row", rows.Err())
	}
	must(t, rows.Close()) // Two rows are left unread.
	count := func() (n int) {
		t.Helper()
		for row, err := range db.All(ctx, "SELECT count(*) FROM t") {
			must(t, err)
			must(t, row.Scan(&n))
		}
		return n
	}
	if n := count(); n != 3 {
		t.Errorf("%d rows after a query that was closed early", n)
	}
	res, err := db.Exec(ctx, "UPDATE t SET a = a || '!' WHERE id > 1 RETURNING a")
	must(t, err)
	if res.RowsAffected != 2 {
		t.Errorf("%d rows affected", res.RowsAffected)
	}
	_, err = db.Exec(ctx, "DELETE FROM t RETURNING abs(-9223372036854775807 - id)")
	if err == nil {
		t.Error("an expression of RETURNING did not fail")
	}
	if n := count(); n != 3 {
		t.Errorf("%d rows after a DELETE that failed", n)
	}
}

func TestReturningDriver(t *testing.T) {
	db := openSQL(t)
	_, err := db.Exec("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT UNIQUE, n INT DEFAULT 1)")
	must(t, err)
	for want := 1; want <= 3; want++ {
		var id, n int
		must(t, db.QueryRow("INSERT INTO t(a) VALUES (?) ON CONFLICT(a) DO UPDATE SET n = n + 1 RETURNING id, n", "k").Scan(&id, &n))
		if id != 1 || n != want {
			t.Errorf("id %d, n %d; want 1, %d", id, n, want)
		}
	}
	tx, err := db.Begin()
	must(t, err)
	rows, err := tx.Query("DELETE FROM t RETURNING a, n")
	must(t, err)
	types, err := rows.ColumnTypes()
	must(t, err)
	if len(types) != 2 || types[0].DatabaseTypeName() != "TEXT" || types[1].Name() != "n" {
		t.Errorf("column types %v", types)
	}
	must(t, rows.Close())
	must(t, tx.Rollback())
	var n int
	must(t, db.QueryRow("SELECT count(*) FROM t").Scan(&n))
	if n != 1 {
		t.Errorf("%d rows after the rollback", n)
	}
}
