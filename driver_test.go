package rustlite_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
)

// Goal: database/sql works over the driver. Method: its everyday calls on one database in memory that several
// connections share.

func openSQL(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("rustlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestDriverConnections(t *testing.T) {
	db := openSQL(t)
	_, err := db.Exec("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)")
	must(t, err)
	var conns []*sql.Conn
	for range 3 {
		c, err := db.Conn(ctx)
		must(t, err)
		defer c.Close()
		conns = append(conns, c)
		_, err = c.ExecContext(ctx, "INSERT INTO t(b) VALUES (?)", "x")
		must(t, err)
	}
	for _, c := range conns {
		var n int
		must(t, c.QueryRowContext(ctx, "SELECT count(*) FROM t").Scan(&n))
		if n != 3 {
			t.Errorf("a connection sees %d rows", n)
		}
	}
	must(t, db.Ping())
}

func TestDriverTx(t *testing.T) {
	db := openSQL(t)
	_, err := db.Exec("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)")
	must(t, err)
	tx, err := db.Begin()
	must(t, err)
	res, err := tx.Exec("INSERT INTO t(b) VALUES (:b), (@b)", sql.Named("b", "x"))
	must(t, err)
	id, _ := res.LastInsertId()
	n, _ := res.RowsAffected()
	if id != 2 || n != 2 {
		t.Error(id, n)
	}
	var count int
	must(t, db.QueryRow("SELECT count(*) FROM t").Scan(&count))
	if count != 0 {
		t.Error("an open transaction is seen")
	}
	must(t, tx.Rollback())
	tx, err = db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	must(t, err)
	_, err = tx.Exec("INSERT INTO t(b) VALUES (1)")
	wantCode(t, err, rustlite.ErrReadOnly)
	must(t, tx.Commit())
	if _, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelLinearizable}); err == nil {
		t.Error("more than serializable was promised")
	}
	tx, err = db.Begin()
	must(t, err)
	st, err := tx.Prepare("INSERT INTO t(b) VALUES (?)")
	must(t, err)
	for range 3 {
		_, err := st.Exec("y")
		must(t, err)
	}
	must(t, tx.Commit())
	must(t, db.QueryRow("SELECT count(*) FROM t").Scan(&count))
	if count != 3 {
		t.Error(count)
	}
}

func TestDriverStatements(t *testing.T) {
	db := openSQL(t)
	_, err := db.Exec("CREATE TABLE t(a INTEGER PRIMARY KEY, b VARCHAR(20), c TIMESTAMP, d BLOB); INSERT INTO t(b) VALUES (?); INSERT INTO t(b) VALUES (?)", "x", "y")
	must(t, err)
	st, err := db.Prepare("SELECT b FROM t WHERE a = ?1 AND ?1 > 0")
	must(t, err)
	defer st.Close()
	var b string
	must(t, st.QueryRow(2).Scan(&b))
	if b != "y" {
		t.Error(b)
	}
	if err := st.QueryRow(3).Scan(&b); !errors.Is(err, sql.ErrNoRows) {
		t.Error(err)
	}
	if _, err := st.Query(); err == nil {
		t.Error("no argument was enough")
	}
	if _, err := st.Query(1, 2); err == nil {
		t.Error("two arguments were not too many")
	}
	at := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	_, err = db.Exec("UPDATE t SET c = ?, d = ? WHERE a = 1", at, []byte{0, 1})
	must(t, err)
	rows, err := db.Query("SELECT a, b, c, d, a + 1 FROM t WHERE a = 1")
	must(t, err)
	types, err := rows.ColumnTypes()
	must(t, err)
	for i, name := range []string{"INTEGER", "VARCHAR", "TIMESTAMP", "BLOB", ""} {
		if got := types[i].DatabaseTypeName(); got != name && got != name+"(20)" {
			t.Errorf("type of column %d is %q", i, got)
		}
	}
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	var (
		a, next int
		when    any
		d       []byte
	)
	must(t, rows.Scan(&a, &b, &when, &d, &next))
	if a != 1 || next != 2 || string(d) != "\x00\x01" || when == nil {
		t.Error(a, b, when, d, next)
	}
	must(t, rows.Close())
	var null sql.NullString
	must(t, db.QueryRow("SELECT NULL").Scan(&null))
	if null.Valid {
		t.Error("NULL is valid")
	}
	_, err = db.Exec("INSERT INTO t(a) VALUES (1)")
	wantCode(t, err, rustlite.ErrConstraintPrimaryKey)
}

func TestDriverContext(t *testing.T) {
	db := openSQL(t)
	_, err := db.Exec("CREATE TABLE t(a INT)")
	must(t, err)
	for range 1000 {
		_, err := db.Exec("INSERT INTO t VALUES (1)")
		must(t, err)
	}
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	start := time.Now()
	var n int
	err = db.QueryRowContext(short, long).Scan(&n)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 500*time.Millisecond {
		t.Error(err, time.Since(start))
	}
	must(t, db.QueryRow("SELECT count(*) FROM t").Scan(&n))
	if n != 1000 {
		t.Error(n)
	}
}
