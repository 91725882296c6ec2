package main

import (
	"github.com/rustlite/rustlite"
)

// RustLite's own API: prepared statements, rows by typed columns.

func openNative(path, level string) (DB, error) {
	levels := map[string]rustlite.SyncLevel{"FULL": rustlite.SyncFull, "NORMAL": rustlite.SyncNormal, "OFF": rustlite.SyncOff}
	db, err := rustlite.Open(path, &rustlite.Options{Sync: levels[level]})
	return &nativeDB{db}, err
}

type nativeDB struct{ *rustlite.DB }

func (db *nativeDB) Load(table string, columns, rows int, row func(i int, values []any)) error {
	return loadByInsert(db, table, columns, rows, row)
}

// Conn gives the database itself: its statements are for any goroutine.
func (db *nativeDB) Conn() (Conn, error) { return nativeConn{db.DB}, nil }

type nativeConn struct{ db *rustlite.DB }

func (c nativeConn) Close() error { return nil }

func (c nativeConn) Exec(sql string, args ...any) error {
	_, err := c.db.Exec(background, sql, args...)
	return err
}

func (c nativeConn) Prepare(sql, kinds string) (Stmt, error) {
	s, err := c.db.Prepare(background, sql)
	return &nativeStmt{s, kinds}, err
}

func (c nativeConn) Begin() (Tx, error) {
	tx, err := c.db.Begin(background, nil)
	return nativeTx{tx}, err
}

type nativeTx struct{ tx *rustlite.Tx }

func (t nativeTx) Commit() error { return t.tx.Commit(background) }

func (t nativeTx) Prepare(sql, kinds string) (Stmt, error) {
	s, err := t.tx.Prepare(background, sql)
	return &nativeStmt{s, kinds}, err
}

type nativeStmt struct {
	*rustlite.Stmt
	kinds string
}

func (s *nativeStmt) Exec(args ...any) error {
	_, err := s.Stmt.Exec(background, args...)
	return err
}

func (s *nativeStmt) Query(a *Answer, args ...any) error {
	rows, err := s.Stmt.Query(background, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		for i := range len(s.kinds) {
			switch s.kinds[i] {
			case 'i':
				a.Int(rows.Int64(i))
			case 'f':
				a.Float(rows.Float64(i))
			case 't':
				a.Text(rows.Text(i))
			}
		}
		a.EndRow()
	}
	return rows.Err()
}
