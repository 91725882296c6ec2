package rustlite_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/rustlite/rustlite"
)

// Goal: a collation given as a Go function orders and equates everywhere where a built-in one does, on disk too.
// Method: one that looks at the length first, in every clause and in indexes; the answers are worked out in Go.

func byLength(a, b string) int {
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}

func TestCollation(t *testing.T) {
	path := t.TempDir() + "/c.rldb"
	db, err := rustlite.Open(path, nil)
	must(t, err)
	_, err = db.Exec(ctx, "CREATE TABLE t(a TEXT COLLATE bylength)")
	wantCode(t, err, 257)
	must(t, db.CreateCollation("ByLength", byLength))
	_, err = db.Exec(ctx, `CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT COLLATE bylength, b TEXT);
		CREATE INDEX ta ON t(a DESC, b);
		INSERT INTO t(a, b) VALUES ('ccc','x'),('B','y'),('aa','z'),('b','w'),('A','v'),('dddd','u'),(NULL,'n'),('AA','t'),('','e')`)
	must(t, err)
	for query, want := range map[string]string{
		"SELECT a FROM t WHERE a IS NOT NULL ORDER BY a, id":                                                 " A B b aa AA ccc dddd",
		"SELECT a FROM t WHERE a IS NOT NULL ORDER BY a DESC, b":                                             "dddd ccc AA aa b B A ",
		"SELECT a FROM t WHERE a = 'AA' ORDER BY id":                                                         "aa AA",
		"SELECT a FROM t WHERE a > 'zz' ORDER BY a":                                                          "ccc dddd",
		"SELECT a FROM t WHERE a BETWEEN 'b' AND 'aa' ORDER BY a, id":                                        "B b aa AA",
		"SELECT count(*) FROM (SELECT DISTINCT a FROM t)":                                                    "7",
		"SELECT group_concat(n, ' ') FROM (SELECT count(*) AS n FROM t WHERE a <> '' GROUP BY a ORDER BY a)": "1 2 2 1 1",
		"SELECT max(a) || min(a) FROM t":                                                                     "dddd",
		"SELECT b FROM t WHERE b COLLATE bylength = 'X'":                                                     "x",
		"SELECT a FROM t WHERE a IN ('Ccc', 'b') ORDER BY id":                                                "ccc B b",
		"SELECT a FROM t INTERSECT SELECT 'CCC'":                                                             "ccc",
		"SELECT x.a FROM t x JOIN t y ON x.a = y.a AND x.id < y.id ORDER BY x.id":                            "B aa",
		"PRAGMA integrity_check":                                                                             "ok",
	} {
		if got := texts(t, db, query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	_, err = db.Exec(ctx, "CREATE UNIQUE INDEX tu ON t(a)")
	wantCode(t, err, rustlite.ErrConstraintUnique)
	// Many keys, split pages, deletes; the index and the table must agree, and the order be the function's.
	_, err = db.Exec(ctx, "DELETE FROM t")
	must(t, err)
	rng := rand.New(rand.NewSource(1))
	var all []string
	must(t, db.Update(ctx, func(tx *rustlite.Tx) error {
		for i := range 3000 {
			s := strings.Repeat(string(rune('a'+rng.Intn(26))), rng.Intn(30)) + fmt.Sprint(rng.Intn(50))
			if _, err := tx.Exec(ctx, "INSERT INTO t(a, b) VALUES (?, ?)", s, i); err != nil {
				return err
			}
			all = append(all, s)
		}
		_, err := tx.Exec(ctx, "DELETE FROM t WHERE id % 3 = 0")
		return err
	}))
	var left []string
	for i, s := range all {
		if (i+1)%3 != 0 {
			left = append(left, s)
		}
	}
	slices.SortStableFunc(left, byLength)
	if got := texts(t, db, "SELECT a FROM t ORDER BY a, id"); got != strings.Join(left, " ") {
		t.Error("another order than the function's")
	}
	must(t, db.Close())

	// The file opens without the function; what needs it says so, the rest works.
	db, err = rustlite.Open(path, nil)
	must(t, err)
	defer db.Close()
	if got := texts(t, db, "SELECT count(*) FROM t"); got != fmt.Sprint(len(left)) {
		t.Error(got)
	}
	for _, query := range []string{"SELECT a FROM t ORDER BY a", "INSERT INTO t(a) VALUES ('x')", "SELECT 1 FROM t WHERE a = 'x'", "PRAGMA integrity_check"} {
		_, err := db.Query(context.Background(), query)
		wantCode(t, err, 257)
	}
	must(t, db.CreateCollation("bylength", byLength))
	if got := texts(t, db, "SELECT a FROM t INDEXED BY ta ORDER BY a DESC"); len(strings.Fields(got)) != len(left) {
		t.Error(got)
	}
	if got := texts(t, db, "PRAGMA integrity_check"); got != "ok" {
		t.Error(got)
	}
	wantCode(t, db.CreateCollation("NoCase", byLength), rustlite.ErrMisuse)
	// A function that panics orders as bytes do.
	must(t, db.CreateCollation("bad", func(a, b string) int { panic(a) }))
	if got := texts(t, db, "SELECT column1 FROM (VALUES('b'), ('a')) ORDER BY 1 COLLATE bad"); got != "a b" {
		t.Error(got)
	}
}
