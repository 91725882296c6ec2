package rustlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
)

// Goal: what the corpus cannot say of foreign keys: the API's transactions,
// settings of connections, sets of many rows.

// A commit that leaves children without parents fails; by SQL the transaction
// stays open, by the API it is over.
func TestForeignKeyCommit(t *testing.T) {
	ctx := context.Background()
	db := openAt(t, filepath.Join(t.TempDir(), "keys.rldb"))
	c := conn(t, db)
	run(t, c, "PRAGMA foreign_keys = 1", "CREATE TABLE p(id INTEGER PRIMARY KEY)",
		"CREATE TABLE d(p REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
	run(t, c, "BEGIN", "INSERT INTO d VALUES(1)")
	refused(t, c, "COMMIT", "FOREIGN KEY constraint failed", rustlite.ErrConstraintForeignKey)
	run(t, c, "INSERT INTO p VALUES(1)", "COMMIT")
	tx, err := c.Begin(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "INSERT INTO d VALUES(2)"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(ctx); err == nil || err.Error() != "FOREIGN KEY constraint failed" {
		t.Errorf("commit: %v", err)
	}
	run(t, c, "BEGIN", "COMMIT")
	wantText(t, c, "SELECT group_concat(p) FROM d", "1")
}

// The setting is the connection's: others compile other programs, and a data
// source name may ask for it.
func TestForeignKeySetting(t *testing.T) {
	db := openAt(t, ":memory:")
	a, b := conn(t, db), conn(t, db)
	run(t, a, "CREATE TABLE p(id INTEGER PRIMARY KEY)", "CREATE TABLE c(p REFERENCES p)")
	run(t, b, "PRAGMA foreign_keys = 1")
	run(t, a, "INSERT INTO c VALUES(7)")
	refused(t, b, "INSERT INTO c VALUES(7)", "FOREIGN KEY constraint failed", rustlite.ErrConstraintForeignKey)
	for _, key := range []string{"_fk=1", "_foreign_keys=on", "_pragma=foreign_keys(1)"} {
		driver, err := sql.Open("rustlite", "file::memory:?"+key)
		if err != nil {
			t.Fatal(err)
		}
		var on int
		if err := driver.QueryRow("PRAGMA foreign_keys").Scan(&on); err != nil || on != 1 {
			t.Errorf("%s: %d, %v", key, on, err)
		}
		if err := driver.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Deleting parents takes time in proportion to the rows where the children's
// key has an index.
func TestForeignKeyManyRows(t *testing.T) {
	took := func(n int) time.Duration {
		c := conn(t, openAt(t, ":memory:"))
		run(t, c, "PRAGMA foreign_keys = 1", "CREATE TABLE p(id INTEGER PRIMARY KEY)",
			"CREATE TABLE c(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE)", "CREATE INDEX cp ON c(p)",
			"CREATE TABLE g(c INTEGER REFERENCES c ON DELETE SET NULL)", "CREATE INDEX gc ON g(c)")
		begin := time.Now()
		run(t, c, fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO p SELECT i FROM n", n),
			"INSERT INTO c SELECT id, id FROM p", "INSERT INTO g SELECT id FROM c WHERE id % 10 = 0",
			"UPDATE p SET id = -id", "DELETE FROM p")
		wantText(t, c, "SELECT ((SELECT count(*) FROM p) + (SELECT count(*) FROM c)) || ' ' || (SELECT count(*) FROM g WHERE c IS NULL)", fmt.Sprint("0 ", n/10))
		return time.Since(begin)
	}
	const n, times = 2000, 10
	if few, many := took(n), took(times*n); many > 4*times*few {
		t.Errorf("%v for %d rows, %v for %d times as many", few, n, many, times)
	}
}
