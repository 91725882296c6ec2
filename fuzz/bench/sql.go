package main

import (
	"database/sql"
	"fmt"
	"slices"

	_ "github.com/mattn/go-sqlite3"
	_ "github.com/rustlite/rustlite"
	_ "modernc.org/sqlite"
)

// The engines that are reached through database/sql. A Conn is a *sql.Conn, so
// that goroutines do not share one by way of the pool.

// sqlOpener makes the opener of a driver; source is its data source name, for
// the path and the level of durability.
func sqlOpener(driver, source string) func(path, level string) (DB, error) {
	return func(path, level string) (DB, error) {
		db, err := sql.Open(driver, fmt.Sprintf(source, path, level))
		return &sqlDB{db}, err
	}
}

type sqlDB struct{ *sql.DB }

func (db *sqlDB) Conn() (Conn, error) {
	c, err := db.DB.Conn(background)
	return &sqlConn{c}, err
}

// loadRows is how many rows a transaction of Load has: no engine needs to hold
// more in memory.
const loadRows = 1_000_000

func (db *sqlDB) Load(table string, columns, rows int, row func(i int, values []any)) error {
	return loadByInsert(db, table, columns, rows, row)
}

// loadByInsert loads a table by a prepared INSERT.
func loadByInsert(db DB, table string, columns, rows int, row func(i int, values []any)) error {
	c, err := db.Conn()
	if err != nil {
		return err
	}
	defer c.Close()
	values := make([]any, columns)
	for from := 0; from < rows; from += loadRows {
		err := inTx(c, insertInto(table, columns), func(s Stmt) error {
			for i := from; i < min(from+loadRows, rows); i++ {
				row(i, values)
				if err := s.Exec(values...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

type sqlConn struct{ *sql.Conn }

func (c *sqlConn) Exec(query string, args ...any) error {
	_, err := c.ExecContext(background, query, args...)
	return err
}

func (c *sqlConn) Prepare(query, kinds string) (Stmt, error) {
	return newSQLStmt(c.PrepareContext(background, query))(kinds)
}

func (c *sqlConn) Begin() (Tx, error) {
	tx, err := c.BeginTx(background, nil)
	return &sqlTx{tx}, err
}

type sqlTx struct{ *sql.Tx }

func (tx *sqlTx) Prepare(query, kinds string) (Stmt, error) {
	return newSQLStmt(tx.PrepareContext(background, query))(kinds)
}

// sqlStmt has the places that rows are scanned into, and those that they are
// read from: mostly the same.
type sqlStmt struct {
	*sql.Stmt
	dest, columns []any
}

func newSQLStmt(s *sql.Stmt, err error) func(kinds string) (Stmt, error) {
	return func(kinds string) (Stmt, error) {
		st := &sqlStmt{Stmt: s}
		for _, k := range kinds {
			switch k {
			case 'i':
				st.columns = append(st.columns, new(int64))
			case 'f':
				st.columns = append(st.columns, new(float64))
			case 't':
				st.columns = append(st.columns, new(string))
			}
		}
		st.dest = slices.Clone(st.columns)
		return st, err
	}
}

func (s *sqlStmt) Exec(args ...any) error {
	_, err := s.ExecContext(background, args...)
	return err
}

func (s *sqlStmt) Query(a *Answer, args ...any) error {
	rows, err := s.QueryContext(background, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(s.dest...); err != nil {
			return err
		}
		for _, d := range s.columns {
			switch v := d.(type) {
			case *int64:
				a.Int(*v)
			case *float64:
				a.Float(*v)
			case *string:
				a.Text(*v)
			}
		}
		a.EndRow()
	}
	return rows.Err()
}
