package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	_ "github.com/mattn/go-sqlite3"
	_ "github.com/rustlite/rustlite"
	_ "modernc.org/sqlite"
)

// rival is one database under test.
type rival struct {
	name, driver string
	dsn          func(path string) string
	pragmas      []string
}

var rivals = []rival{
	{"rustlite", "rustlite", func(p string) string { return p }, []string{"PRAGMA synchronous=NORMAL"}},
	{"mattn", "sqlite3", func(p string) string {
		return "file:" + p + "?_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000&_cache_size=-262144"
	}, nil},
	{"modernc", "sqlite", func(p string) string {
		return "file:" + p + "?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(5000)&_pragma=cache_size(-262144)"
	}, nil},
}

// work is one workload. It returns an answer that all rivals must agree on,
// and over how many operations its time is to be divided.
type work struct {
	name string
	run  func(ctx context.Context, db *sql.DB, rows int) (answer string, ops int, err error)
}

var works = []work{
	{"insert, one transaction", insertRows},
	{"scan through database/sql", scanRows},
	{"lookup by row id", lookupRowid},
	{"lookup by index", lookupIndex},
	{"sum with a filter", sumFilter},
	{"commit of one row", commitOne},
}

func main() {
	rows := flag.Int("rows", 1_000_000, "rows of the table")
	rounds := flag.Int("rounds", 5, "rounds; the median counts")
	only := flag.String("only", "", "run only the rival of this name")
	dir := flag.String("dir", "", "folder for the files (default: a temporary one)")
	flag.Parse()
	if err := run(*rows, *rounds, *only, *dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(rows, rounds int, only, dir string) error {
	if dir == "" {
		tmp, err := os.MkdirTemp("", "rustlite-bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	times := map[string]map[string][]float64{}
	sizes := map[string]int64{}
	for round := range rounds {
		answers := map[string]string{}
		for i := range rivals {
			// Another one begins each round.
			r := &rivals[(i+round)%len(rivals)]
			if only != "" && r.name != only {
				continue
			}
			path := filepath.Join(dir, fmt.Sprintf("%s-%d.db", r.name, round))
			if err := runRival(r, path, rows, times, answers); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			if st, err := os.Stat(path); err == nil {
				sizes[r.name] = st.Size()
			}
			for _, f := range []string{path, path + "-wal", path + "-shm"} {
				os.Remove(f)
			}
		}
	}
	print(times, sizes, only)
	return nil
}

func runRival(r *rival, path string, rows int, times map[string]map[string][]float64, answers map[string]string) error {
	ctx := context.Background()
	db, err := sql.Open(r.driver, r.dsn(path))
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, p := range r.pragmas {
		if _, err := db.ExecContext(ctx, p); err != nil {
			return err
		}
	}
	if times[r.name] == nil {
		times[r.name] = map[string][]float64{}
	}
	for _, w := range works {
		start := time.Now()
		answer, ops, err := w.run(ctx, db, rows)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		times[r.name][w.name] = append(times[r.name][w.name], float64(time.Since(start).Nanoseconds())/float64(ops))
		if old, ok := answers[w.name]; ok && old != answer {
			return fmt.Errorf("%s: answer %s, another rival gave %s", w.name, answer, old)
		}
		answers[w.name] = answer
		peaks = append(peaks, peak{r.name + ", " + w.name, peakMB()})
	}
	return nil
}

// peaks notes the peak resident memory of the process after each work; it
// means something when one rival runs alone (-only).
var peaks []peak

type peak struct {
	name string
	mb   float64
}

func peakMB() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Maxrss) / 1e3
}

func insertRows(ctx context.Context, db *sql.DB, rows int) (string, int, error) {
	for _, s := range []string{
		"CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c REAL)", "CREATE INDEX ta ON t(a)",
	} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return "", 1, err
		}
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return "", 1, err
	}
	defer tx.Rollback()
	stmt, err := tx.PrepareContext(ctx, "INSERT INTO t VALUES (?, ?, ?, ?)")
	if err != nil {
		return "", 1, err
	}
	defer stmt.Close()
	x := uint64(1)
	for i := range rows {
		x = x*6364136223846793005 + 1442695040888963407
		if _, err := stmt.ExecContext(ctx, i+1, int64(x>>40)%int64(rows), fmt.Sprintf("name %08d", x>>38), float64(i)/4); err != nil {
			return "", 1, err
		}
	}
	return "", rows, tx.Commit()
}

func scanRows(ctx context.Context, db *sql.DB, rows int) (string, int, error) {
	r, err := db.QueryContext(ctx, "SELECT id, a, b, c FROM t")
	if err != nil {
		return "", 1, err
	}
	defer r.Close()
	var id, a, sum int64
	var b string
	var c, total float64
	for r.Next() {
		if err := r.Scan(&id, &a, &b, &c); err != nil {
			return "", 1, err
		}
		sum += id + a + int64(len(b))
		total += c
	}
	return fmt.Sprint(sum, total), rows, r.Err()
}

const lookups = 100_000

func lookup(ctx context.Context, db *sql.DB, rows int, query string) (string, int, error) {
	stmt, err := db.PrepareContext(ctx, query)
	if err != nil {
		return "", 1, err
	}
	defer stmt.Close()
	var sum, v int64
	x := uint64(7)
	for range lookups {
		x = x*6364136223846793005 + 1442695040888963407
		err := stmt.QueryRowContext(ctx, int64(x>>33)%int64(rows)+1).Scan(&v)
		if err != nil && err != sql.ErrNoRows {
			return "", 1, err
		}
		if err == nil {
			sum += v
		}
	}
	return fmt.Sprint(sum), lookups, nil
}

func lookupRowid(ctx context.Context, db *sql.DB, rows int) (string, int, error) {
	return lookup(ctx, db, rows, "SELECT a FROM t WHERE id = ?")
}

func lookupIndex(ctx context.Context, db *sql.DB, rows int) (string, int, error) {
	return lookup(ctx, db, rows, "SELECT id FROM t WHERE a = ? ORDER BY id LIMIT 1")
}

func sumFilter(ctx context.Context, db *sql.DB, rows int) (string, int, error) {
	var sum float64
	var n int64
	var err error
	const times = 5
	for range times {
		err = db.QueryRowContext(ctx, "SELECT sum(c), count(*) FROM t WHERE a > ? AND c < ?", rows/4, float64(rows)/5).Scan(&sum, &n)
	}
	return fmt.Sprint(sum, n), rows * times, err
}

const commits = 20_000

func commitOne(ctx context.Context, db *sql.DB, rows int) (string, int, error) {
	stmt, err := db.PrepareContext(ctx, "INSERT INTO t(a, b, c) VALUES (?, ?, ?)")
	if err != nil {
		return "", 1, err
	}
	defer stmt.Close()
	for i := range commits {
		if _, err := stmt.ExecContext(ctx, i, "one row", 0.5); err != nil {
			return "", 1, err
		}
	}
	var n int
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM t").Scan(&n)
	return fmt.Sprint(n), commits, err
}

func print(times map[string]map[string][]float64, sizes map[string]int64, only string) {
	fmt.Println("| work | " + strings.Join([]string{"rustlite", "mattn", "modernc", "mattn / rustlite"}, " | ") + " |")
	fmt.Println("|---|---|---|---|---|")
	for _, w := range works {
		cells := []string{w.name}
		for _, r := range rivals {
			cells = append(cells, spread(times[r.name][w.name]))
		}
		ratio := "-"
		if ours, theirs := times["rustlite"][w.name], times["mattn"][w.name]; len(ours) > 0 && len(theirs) > 0 {
			ratio = fmt.Sprintf("%.2f", median(theirs)/median(ours))
		}
		fmt.Println("| " + strings.Join(append(cells, ratio), " | ") + " |")
	}
	for _, r := range rivals {
		if sizes[r.name] > 0 {
			fmt.Printf("file of %s: %.1f MB\n", r.name, float64(sizes[r.name])/1e6)
		}
	}
	for _, p := range peaks {
		if only != "" {
			fmt.Printf("peak resident memory after %s: %.1f MB\n", p.name, p.mb)
		}
	}
}

func median(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	return s[len(s)/2]
}

// spread shows the median in ns an operation, and the least and the most.
func spread(list []float64) string {
	if len(list) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f ns (%.0f-%.0f)", median(list), slices.Min(list), slices.Max(list))
}
