package ledger

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/rustlite/rustlite"
)

// Keep is the number of commits whose rows stay: older ones are deleted.
const Keep = 40

const schema = `
CREATE TABLE IF NOT EXISTS commits (k INTEGER PRIMARY KEY, sum INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS rows (k INTEGER NOT NULL, i INTEGER NOT NULL, name TEXT NOT NULL, body BLOB, UNIQUE (k, i));
CREATE INDEX IF NOT EXISTS rows_name ON rows (name DESC, k);`

// Prepare makes the tables of a new database.
func Prepare(ctx context.Context, db *rustlite.DB) error {
	_, err := db.Exec(ctx, schema)
	return err
}

// rowsOf is how many rows commit k has; some commits are large.
func rowsOf(k int64) int64 {
	if k%17 == 0 {
		return 60
	}
	return 1 + k%7
}

func nameOf(k, i int64) string { return fmt.Sprintf("name %d of %d", i*7919%100, k) }

// bodyOf is now and then longer than a page.
func bodyOf(k, i int64) []byte {
	n := (k*31 + i*17) % 200
	if (k+i)%23 == 0 {
		n += 9000
	}
	b := make([]byte, n)
	x := uint32(k*1000003 + i)
	for j := range b {
		x = x*1664525 + 1013904223
		b[j] = byte(x >> 24)
	}
	return b
}

func sumOf(k int64) int64 {
	h := crc32.NewIEEE()
	for i := range rowsOf(k) {
		fmt.Fprintf(h, "%d %s ", i, nameOf(k, i))
		_, _ = h.Write(bodyOf(k, i))
	}
	return int64(h.Sum32())
}

// Commit makes the next commit and returns its number once it is acknowledged.
func Commit(ctx context.Context, db *rustlite.DB) (k int64, err error) {
	err = db.Update(ctx, func(tx *rustlite.Tx) error {
		last, err := newest(ctx, tx)
		if err != nil {
			return err
		}
		k = last + 1
		for i := range rowsOf(k) {
			if _, err := tx.Exec(ctx, "INSERT INTO rows VALUES (?, ?, ?, ?)", k, i, nameOf(k, i), bodyOf(k, i)); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, "DELETE FROM rows WHERE k <= ?", k-Keep); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO commits VALUES (?, ?)", k, sumOf(k))
		return err
	})
	return k, err
}

func newest(ctx context.Context, tx *rustlite.Tx) (k int64, err error) {
	for row, err := range tx.All(ctx, "SELECT max(k) FROM commits") {
		if err != nil {
			return 0, err
		}
		k = row.Int64(0)
	}
	return k, nil
}

// Verify reads everything and returns the highest commit; an error says what is not as it must be.
func Verify(ctx context.Context, db *rustlite.DB) (last int64, err error) {
	tx, err := db.Begin(ctx, &rustlite.TxOptions{ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	tables := int64(0)
	for row, err := range tx.All(ctx, "SELECT count(*) FROM sqlite_schema") {
		if err != nil {
			return 0, err
		}
		tables = row.Int64(0)
	}
	if tables == 0 {
		return 0, integrity(ctx, tx) // Killed before the tables were there.
	}
	for row, err := range tx.All(ctx, "SELECT k, sum FROM commits ORDER BY k") {
		if err != nil {
			return last, err
		}
		last++
		if row.Int64(0) != last || row.Int64(1) != sumOf(last) {
			return last, fmt.Errorf("commit %d stands where %d belongs, sum %d", row.Int64(0), last, row.Int64(1))
		}
	}
	k, i := max(last-Keep+1, 1), int64(0)
	for row, err := range tx.All(ctx, "SELECT k, i, name, body FROM rows ORDER BY k, i") {
		if err != nil {
			return last, err
		}
		if row.Int64(0) != k || row.Int64(1) != i || row.Text(2) != nameOf(k, i) || string(row.Bytes(3)) != string(bodyOf(k, i)) {
			return last, fmt.Errorf("row %d of commit %d stands where row %d of commit %d belongs, the last being %d",
				row.Int64(1), row.Int64(0), i, k, last)
		}
		if i++; i == rowsOf(k) {
			k, i = k+1, 0
		}
	}
	if k != last+1 {
		return last, fmt.Errorf("the rows end at row %d of commit %d of %d", i, k, last)
	}
	return last, integrity(ctx, tx)
}

func integrity(ctx context.Context, tx *rustlite.Tx) error {
	var found []string
	for row, err := range tx.All(ctx, "PRAGMA integrity_check") {
		if err != nil {
			return err
		}
		found = append(found, row.Text(0))
	}
	if len(found) != 1 || found[0] != "ok" {
		return errors.New("integrity_check: " + strings.Join(found, "\n"))
	}
	return nil
}
