package rustlite_test

import (
	"fmt"
	"testing"

	"github.com/rustlite/rustlite"
)

// Where many rows of a table go or change, the entries that its indexes lose are told by their row ids (IdxRow).
// TestManyRowsChange makes the same statements on a table with indexes and on one without, and asks the
// check and each index what is there.
func TestManyRowsChange(t *testing.T) {
	const rows = 20_000
	for name, id := range map[string]string{
		"dense": "n", "with gaps": "n * 70001", "from below zero": "n * 3 - 30000", "over all": "(n - 10000) * 900000000000000",
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, ":memory:", &rustlite.Options{})
			for _, table := range []string{"t", "u"} {
				exec(t, db, "CREATE TABLE "+table+"(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL)")
				exec(t, db, fmt.Sprintf("WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n < %d) INSERT INTO %s "+
					"SELECT %s, CASE WHEN n %% 50 THEN n * 7919 %% 30011 END, CASE WHEN n %% 3 THEN 'name ' || n * 31 %% 9973 || CASE WHEN n %% 9 THEN '' ELSE ' that goes on' END END, n / 7.0 FROM c", rows, table, id))
			}
			indexes := []string{"ta ON t(a)", "tb ON t(b COLLATE NOCASE DESC, a)", "tp ON t(a) WHERE c < 1000", "te ON t(a + 1, b)", "tc ON t(c, id)"}
			for _, x := range indexes {
				exec(t, db, "CREATE INDEX "+x)
			}
			for _, change := range []string{
				"DELETE FROM %s WHERE id %% 7 = 0", "UPDATE %s SET a = a + 1, c = c - 300 WHERE a %% 3 = 0", "UPDATE %s SET b = b || '!' WHERE a %% 2",
				"DELETE FROM %s WHERE a > 20000", "UPDATE %s SET a = a WHERE c > 10", "DELETE FROM %s WHERE b IS NULL OR c < 500", "DELETE FROM %s",
			} {
				for _, table := range []string{"t", "u"} {
					exec(t, db, fmt.Sprintf(change, table))
				}
				if got := show(db, "PRAGMA integrity_check"); got != show(db, "SELECT 'ok'") {
					t.Fatalf("%s: %s", change, got)
				}
				want := show(db, "SELECT count(*), sum(a), sum(c), sum(length(b)) FROM u")
				for x, index := range []string{"ta", "tb", "tc"} {
					where := []string{"a IS NULL OR a > -1e9", "b IS NULL OR b > ''", "c > -1e9"}[x]
					if got := show(db, "SELECT count(*), sum(a), sum(c), sum(length(b)) FROM t INDEXED BY "+index+" WHERE "+where); got != want {
						t.Errorf("%s: by %s %s, want %s", change, index, got, want)
					}
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
