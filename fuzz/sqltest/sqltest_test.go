package sqltest_test

import (
	"context"
	"flag"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/sqltest"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

// The corpus of this folder runs on RustLite under several configurations,
// each file in a fresh database; any file or folder given by -slt in memory, by
// batches and by rows. Every record must give what it says: neither the page
// size, nor the cache, nor the size of a batch changes an answer.

var slt = flag.String("slt", "", "a sqllogictest file or folder, relative to the module's root")

// config is a way to run a file.
type config struct {
	name string
	file string
	opts rustlite.Options
}

// families are the two families of opcodes.
var families = []config{
	{"batch", ":memory:", rustlite.Options{}},
	{"rows", ":memory:", rustlite.Options{BatchRows: -1}},
}

// configs add pages of the smallest and the largest size, batches of one row
// and of some rows, and a file that is read through a cache of ten pages.
var configs = append(families[:2:2],
	config{"1 KiB", ":memory:", rustlite.Options{PageSize: 1024, BatchRows: 1, Workers: 3, SplitRows: 1}},
	config{"64 KiB", ":memory:", rustlite.Options{PageSize: 65536, BatchRows: 1024, Workers: 2, SplitRows: 1}},
	config{"ten pages", "corpus.rldb", rustlite.Options{NoMap: true, CacheBytes: 10 * 4096, BatchRows: 7, SortBytesMax: 1000}},
)

func runFile(t *testing.T, path string, c config) {
	opts, engines := c.opts, []string{"sqlite", "rustlite"}
	if c.file != ":memory:" {
		opts.FS = memfs.New(1)
		engines = append(engines, "file") // Has a name, and no directories beside it.
	}
	if opts.PageSize != 0 {
		engines = append(engines, "pages") // Has another page size.
	}
	db, err := rustlite.Open(c.file, &opts)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	rep, err := sqltest.RunFile(sqltest.On(conn), path, engines...)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for _, f := range rep.Failures {
		t.Errorf("%s: %s", path, f)
	}
	if rep.Passed != rep.Records {
		t.Errorf("%s: %d of %d records passed", path, rep.Passed, rep.Records)
		return
	}
	t.Logf("%s: %d records", path, rep.Records)
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
		for _, c := range configs {
			t.Run(name+"/"+c.name, func(t *testing.T) { runFile(t, path, c) })
		}
	}
}

func TestSLT(t *testing.T) {
	if *slt == "" {
		return
	}
	root := filepath.Join("..", "..", *slt)
	for _, path := range files(t, root) {
		name, err := filepath.Rel(filepath.Dir(root), path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			t.Run(name+"/"+f.name, func(t *testing.T) { runFile(t, path, f) })
		}
	}
}
