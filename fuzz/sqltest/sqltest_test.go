package sqltest_test

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/sqltest"
)

// The corpus of this folder, and any file or folder given by -slt, runs on
// RustLite: each file in a fresh database in memory, by batches and by rows.
// Every record must give what it says.

var slt = flag.String("slt", "", "a sqllogictest file or folder, relative to the module's root")

// engine runs statements on one connection.
type engine struct{ conn *rustlite.Conn }

func (e engine) Run(sql string) (out [][]sqltest.Value, err error) {
	for sql != "" {
		var rows *rustlite.Rows
		if rows, sql, err = e.conn.QueryFirst(context.Background(), sql); err != nil || rows == nil {
			return out, err
		}
		out = nil
		for rows.Next() {
			row := rows.Row()
			vals := make([]sqltest.Value, row.Len())
			for i := range vals {
				vals[i] = row.Any(i)
			}
			out = append(out, vals)
		}
		if err = rows.Close(); err != nil {
			return out, err
		}
	}
	return out, nil
}

func runFile(t *testing.T, path string, opts *rustlite.Options) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := sqltest.Parse(f, "sqlite", "rustlite")
	if err != nil {
		t.Fatal(err)
	}
	db, err := rustlite.Open(":memory:", opts)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	rep := sqltest.Run(engine{conn}, records)
	for _, f := range rep.Failures {
		t.Errorf("%s: %s", path, f)
	}
	if rep.Passed != rep.Records {
		t.Errorf("%s: %d of %d records passed", path, rep.Passed, rep.Records)
	} else {
		t.Logf("%s: %d records", path, rep.Records)
	}
	rows, err := conn.Query(context.Background(), "PRAGMA integrity_check")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if s := rows.Row().Text(0); s != "ok" {
			t.Errorf("%s: integrity_check: %s", path, s)
		}
	}
}

func files(t *testing.T, root string) []string {
	var list []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (strings.HasSuffix(p, ".test") || p == root) {
			list = append(list, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestCorpus(t *testing.T) {
	list := files(t, "testdata")
	if len(list) == 0 {
		t.Fatal("no files in testdata")
	}
	for _, path := range list {
		name := strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".test")
		t.Run(name+"/batch", func(t *testing.T) { runFile(t, path, nil) })
		t.Run(name+"/rows", func(t *testing.T) { runFile(t, path, &rustlite.Options{NoBatch: true}) })
	}
}

func TestSLT(t *testing.T) {
	if *slt == "" {
		return
	}
	for _, path := range files(t, filepath.Join("..", "..", *slt)) {
		t.Run(filepath.Base(path), func(t *testing.T) { runFile(t, path, nil) })
	}
}
