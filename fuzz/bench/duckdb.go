//go:build duckdb

package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math/big"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// DuckDB, for analytic work alone. It is reached as every driver is; only
// names of types, the loading of rows and the reading of its wide integers
// are its own.
var duckdbTypes = strings.NewReplacer("INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY", "INTEGER", "BIGINT", "REAL", "DOUBLE")

var duckEngines = []engine{{name: "duckdb", format: "duckdb", analytic: true, open: func(path, _ string) (DB, error) {
	db, err := sql.Open("duckdb", path)
	return &duckDB{sqlDB{db}}, err
}}}

type duckDB struct{ sqlDB }

func (db *duckDB) Conn() (Conn, error) {
	c, err := db.DB.Conn(context.Background())
	return &duckConn{sqlConn{c}}, err
}

func (db *duckDB) Load(table string, columns, rows int, row func(i int, values []any)) error {
	c, err := db.DB.Conn(context.Background())
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(dc any) error {
		a, err := duckdb.NewAppenderFromConn(dc.(driver.Conn), "", table)
		if err != nil {
			return err
		}
		values := make([]any, columns)
		line := make([]driver.Value, columns)
		for i := range rows {
			row(i, values)
			for j, v := range values {
				if n, ok := v.(int); ok {
					v = int64(n)
				}
				line[j] = v
			}
			if err := a.AppendRow(line...); err != nil {
				return err
			}
		}
		return a.Close()
	})
}

type duckConn struct{ sqlConn }

func (c *duckConn) Exec(query string, args ...any) error {
	return c.sqlConn.Exec(duckdbTypes.Replace(query), args...)
}

func (c *duckConn) Prepare(query, kinds string) (Stmt, error) {
	s, err := c.sqlConn.Prepare(query, kinds)
	if err != nil {
		return nil, err
	}
	st := s.(*sqlStmt)
	for i, d := range st.dest {
		if p, ok := d.(*int64); ok {
			st.dest[i] = &wideInt{p}
		}
	}
	return st, nil
}

// wideInt reads an integer of any width: sums are of 128 bits.
type wideInt struct{ to *int64 }

func (w *wideInt) Scan(v any) error {
	switch v := v.(type) {
	case int64:
		*w.to = v
	case int32:
		*w.to = int64(v)
	case *big.Int:
		*w.to = v.Int64()
	case float64:
		*w.to = int64(v)
	default:
		return fmt.Errorf("an integer column has %T", v)
	}
	return nil
}
