package rustlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rustlite/rustlite"
)

// A file that another program cuts while it is open gives an error to the
// statements that need the lost pages, and never ends the program.
func TestCutFile(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "cut.rldb")
	fill := func() *rustlite.DB {
		db, err := rustlite.Open(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := fill()
	if _, err := db.Exec(ctx, "CREATE TABLE t(a, b)"); err != nil {
		t.Fatal(err)
	}
	err := db.Update(ctx, func(tx *rustlite.Tx) error {
		for i := range 2000 {
			if _, err := tx.Exec(ctx, "INSERT INTO t VALUES (?, ?)", i, strings.Repeat("x", 500)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = fill()
	defer db.Close()
	if err := os.Truncate(path, 3*4096); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		rows, err := db.Query(ctx, "SELECT sum(length(b)), max(a) FROM t WHERE a % 2 = 0")
		if err == nil {
			for rows.Next() {
			}
			err = rows.Close()
		}
		if err == nil {
			t.Fatal("no error from a file that lost its pages")
		}
		if !errors.Is(err, rustlite.ErrIO) && !errors.Is(err, rustlite.ErrCorrupt) {
			t.Errorf("%v", err)
		}
	}
}
