package main

import (
	"fmt"
	"slices"
	"strings"
)

// DB is an open database as workloads see it.
type DB interface {
	// Conn opens a connection for one goroutine.
	Conn() (Conn, error)
	// Load fills a table with rows in the way that is quickest; row sets the
	// columns of row i.
	Load(table string, columns, rows int, row func(i int, values []any)) error
	Close() error
}

// Conn is a connection; outside of a transaction every statement is one of
// its own.
type Conn interface {
	// Exec runs statements.
	Exec(sql string, args ...any) error
	// Prepare compiles a statement; kinds has a letter for each column of its
	// result: i integer, f float, t text. None of them may be NULL.
	Prepare(sql, kinds string) (Stmt, error)
	Begin() (Tx, error)
	Close() error
}

// Tx is a transaction.
type Tx interface {
	Prepare(sql, kinds string) (Stmt, error)
	Commit() error
}

// Stmt is a prepared statement.
type Stmt interface {
	Exec(args ...any) error
	// Query runs the statement and folds its rows into a.
	Query(a *Answer, args ...any) error
	Close() error
}

// engine is a way into a database.
type engine struct {
	name     string
	format   string // Of its files; engines of one format share them.
	open     func(path, level string) (DB, error)
	analytic bool // It takes part in analytic work alone.
}

const (
	formatRustLite = "rustlite"
	formatSQLite   = "sqlite"
)

// reference names the engines to whose better figure all others are compared.
var reference = []string{"mattn", "mattn-nomutex"}

var engines = append([]engine{
	{name: "rustlite", format: formatRustLite, open: sqlOpener("rustlite", "%s?_synchronous=%s&_busy_timeout=30000")},
	{name: "native", format: formatRustLite, open: openNative},
	{name: "mattn", format: formatSQLite, open: sqlOpener("sqlite3", mattnSource)},
	{name: "mattn-nomutex", format: formatSQLite, open: sqlOpener("sqlite3", mattnSource+"&_mutex=no")},
	{name: "modernc", format: formatSQLite, open: sqlOpener("sqlite", moderncSource)},
}, duckEngines...)

const (
	mattnSource   = "file:%s?_journal_mode=WAL&_synchronous=%s&_busy_timeout=30000&_cache_size=-262144"
	moderncSource = "file:%s?_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)&_pragma=synchronous(%s)" +
		"&_pragma=cache_size(-262144)&_pragma=mmap_size(0)"
)

// engineNamed finds an engine.
func engineNamed(name string) (*engine, error) {
	i := slices.IndexFunc(engines, func(e engine) bool { return e.name == name })
	if i < 0 {
		return nil, fmt.Errorf("no engine %q; there are %s", name, strings.Join(engineNames(), ", "))
	}
	return &engines[i], nil
}

func engineNames() []string {
	var names []string
	for _, e := range engines {
		names = append(names, e.name)
	}
	return names
}
