// Command slt runs sqllogictest files on the reference and on RustLite, each in
// a fresh database in memory, and compares the time that they take.
//
//	go run ./cmd/slt [-slowest N] FILE-OR-FOLDER...
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/oracle"
	"github.com/rustlite/rustlite/fuzz/sqltest"
	"github.com/rustlite/rustlite/vm/value"
)

// timing is what one file took.
type timing struct {
	path            string
	records         int
	reference, ours time.Duration
}

func main() {
	slowest := flag.Int("slowest", 5, "show so many files for which we take longest")
	flag.Parse()
	var list []timing
	for _, root := range flag.Args() {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".test") {
				return err
			}
			t, err := both(path)
			list = append(list, t)
			return err
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	total := timing{path: "all"}
	for _, t := range list {
		total.records += t.records
		total.reference += t.reference
		total.ours += t.ours
	}
	slices.SortFunc(list, func(a, b timing) int { return cmp.Compare(b.ours-b.reference, a.ours-a.reference) })
	for _, t := range append(list[:min(*slowest, len(list))], total) {
		fmt.Printf("%s: %d records, reference %v, ours %v: %.2f\n", t.path, t.records, t.reference.Round(time.Millisecond), t.ours.Round(time.Millisecond), t.ours.Seconds()/t.reference.Seconds())
	}
}

func both(path string) (t timing, err error) {
	t.path = path
	ref, err := oracle.Open(":memory:")
	if err != nil {
		return t, err
	}
	defer ref.Close()
	if t.reference, t.records, err = run(engine{ref}, path, "sqlite"); err != nil {
		return t, err
	}
	db, err := rustlite.Open(":memory:", nil)
	if err != nil {
		return t, err
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		return t, err
	}
	defer conn.Close()
	t.ours, _, err = run(sqltest.On(conn), path, "sqlite", "rustlite")
	return t, err
}

func run(e sqltest.Engine, path string, names ...string) (time.Duration, int, error) {
	begin := time.Now()
	rep, err := sqltest.RunFile(e, path, names...)
	took := time.Since(begin)
	if err == nil && rep.Passed < rep.Records {
		err = fmt.Errorf("%s: %d of %d records pass: %v", path, rep.Passed, rep.Records, rep.Failures[0])
	}
	if err != nil {
		return 0, 0, err
	}
	return took, rep.Records, nil
}

// engine runs statements on the reference.
type engine struct{ conn *oracle.Conn }

// coded is an error of the reference as sqltest asks for it.
type coded struct{ err *oracle.Error }

func (c coded) Error() string     { return c.err.Text }
func (c coded) ExtendedCode() int { return c.err.Extended }

func (e engine) Run(sql string) (out [][]sqltest.Value, err error) {
	for sql != "" {
		var s *oracle.Stmt
		s, sql, err = e.conn.Prepare(sql)
		if err == nil && s != nil {
			out = nil
			err = s.Run(func(row []value.Value) error {
				vals := make([]sqltest.Value, len(row))
				for i := range row {
					vals[i] = oracle.Any(&row[i])
				}
				out = append(out, vals)
				return nil
			})
			s.Close()
		}
		var o *oracle.Error
		if errors.As(err, &o) {
			err = coded{o}
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}
