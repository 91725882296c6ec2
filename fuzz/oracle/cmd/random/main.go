// Command random runs random statements on the reference and on RustLite and
// compares rows, errors and the content of the tables.
//
//	random [-seconds N] [-seed S] [-n N]
//
// A schema of three tables with indexes and a view is filled with values of
// all kinds; then queries with joins, subqueries, grouping and compounds run
// between changes. Rows are compared as sets, with 1 and 1.0 and the case of
// letters taken as equal, because which of several equal values stands for a
// group is nobody's promise. The first difference ends the run with status 1
// and the command that replays it.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"
	"github.com/rustlite/rustlite"
)

func main() {
	seconds := flag.Int("seconds", 10, "stop after so many seconds")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the first round")
	n := flag.Int("n", 2000, "statements of a round")
	flag.Parse()
	end := time.Now().Add(time.Duration(*seconds) * time.Second)
	total := 0
	for s := *seed; ; s++ {
		run, difference, err := round(s, *n, end)
		total += run
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if difference != "" {
			fmt.Printf("%s\nreplay: go run ./cmd/random -seed %d -n %d -seconds 600\n", difference, s, *n)
			os.Exit(1)
		}
		if time.Now().After(end) {
			fmt.Printf("%d statements, no difference (seeds %d to %d)\n", total, *seed, s)
			return
		}
	}
}

// pair runs a statement on both sides.
type pair struct {
	ref  *sqlite3.SQLiteConn
	ours *rustlite.Conn
}

func newPair() (*pair, func(), error) {
	c, err := (&sqlite3.SQLiteDriver{}).Open(":memory:")
	if err != nil {
		return nil, nil, err
	}
	db, err := rustlite.Open(":memory:", nil)
	if err != nil {
		return nil, nil, err
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, nil, err
	}
	ref := c.(*sqlite3.SQLiteConn)
	return &pair{ref, conn}, func() { ref.Close(); conn.Close(); db.Close() }, nil
}

var schema = []string{
	"CREATE TABLE t1(a INT, b TEXT, c REAL)",
	"CREATE TABLE t2(a, d TEXT COLLATE NOCASE, e NUMERIC, UNIQUE(a, d))",
	"CREATE TABLE t3(id INTEGER PRIMARY KEY, f BLOB, g INT NOT NULL)",
	"CREATE INDEX t1a ON t1(a, b DESC)",
	"CREATE INDEX t1c ON t1(c)",
	"CREATE INDEX t2d ON t2(d)",
	"CREATE INDEX t3g ON t3(g DESC, f)",
	"CREATE VIEW v1 AS SELECT a, b || 'x' AS x FROM t1 WHERE a IS NOT NULL",
}

// round runs one seed. It returns a description of the first difference.
func round(seed uint64, n int, end time.Time) (int, string, error) {
	p, closeBoth, err := newPair()
	if err != nil {
		return 0, "", err
	}
	defer closeBoth()
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
	var setup []string
	setup = append(setup, schema...)
	for range 25 {
		setup = append(setup,
			"INSERT INTO t1 VALUES ("+g.literal()+", "+g.literal()+", "+g.literal()+")",
			"INSERT OR IGNORE INTO t2 VALUES ("+g.literal()+", "+g.literal()+", "+g.literal()+")",
			"INSERT OR IGNORE INTO t3(f, g) VALUES ("+g.literal()+", "+g.pick("1", "2", "3", "0", "'x'", "7.5")+")")
	}
	for _, s := range setup {
		if d := p.compare(s); d != "" {
			return 0, d, nil
		}
	}
	for i := range n {
		if i%50 == 0 && time.Now().After(end) {
			return i, "", nil
		}
		s := g.statement()
		if d := p.compare(s); d != "" {
			return i, fmt.Sprintf("statement %d: %s", i, d), nil
		}
		if !strings.HasPrefix(s, "SELECT") {
			for _, q := range []string{"SELECT rowid, * FROM t1", "SELECT rowid, * FROM t2", "SELECT * FROM t3"} {
				if d := p.compare(q); d != "" {
					return i, fmt.Sprintf("content after statement %d, %s\n%s", i, s, d), nil
				}
			}
		}
	}
	rows, err := p.oursRows("PRAGMA integrity_check")
	if err != nil || len(rows) != 1 || rows[0] != `"ok"|` {
		return n, fmt.Sprintf("integrity_check: %v %v", rows, err), nil
	}
	return n, "", nil
}

// compare runs one statement on both sides and describes a difference.
func (p *pair) compare(sql string) string {
	theirs, refErr := p.refRows(sql)
	own, ownErr := p.oursRows(sql)
	switch {
	case refErr != nil && ownErr != nil:
		return ""
	case refErr != nil || ownErr != nil:
		return fmt.Sprintf("%s\nreference: %v\nours: %v", sql, refErr, ownErr)
	}
	if strings.Join(theirs, "\n") == strings.Join(own, "\n") {
		return ""
	}
	count := map[string]int{}
	for _, r := range theirs {
		count[r]++
	}
	for _, r := range own {
		count[r]--
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nreference %d rows, ours %d rows\n", sql, len(theirs), len(own))
	for _, r := range append(theirs, own...) {
		if c := count[r]; c != 0 {
			fmt.Fprintf(&b, "%+d %s\n", -c, r)
			count[r] = 0
		}
	}
	return b.String()
}

// normal makes rows comparable as a set.
func normal(rows []string) []string {
	for i, r := range rows {
		rows[i] = strings.ToLower(r)
	}
	sort.Strings(rows)
	return rows
}
