package sqltest

import (
	"context"
	"errors"
	"os"

	"github.com/rustlite/rustlite"
)

// On is the engine that runs statements on a connection of RustLite.
func On(c *rustlite.Conn) Engine { return engine{c} }

type engine struct{ conn *rustlite.Conn }

func (e engine) Run(sql string) (out [][]Value, err error) {
	for sql != "" {
		var rows *rustlite.Rows
		if rows, sql, err = e.conn.QueryFirst(context.Background(), sql); err != nil || rows == nil {
			return out, err
		}
		out = nil
		for rows.Next() {
			row := rows.Row()
			vals := make([]Value, row.Len())
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

// intact is asked behind every file.
var intact = &Record{Kind: Query, SQL: "PRAGMA integrity_check", Types: "T", Want: []string{"ok"}}

// RunFile runs the records of a file that hold for any of the names. The
// error says that the file cannot be read, or that the database is not whole
// afterwards.
func RunFile(e Engine, path string, names ...string) (*Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := Parse(f, names...)
	if err != nil {
		return nil, err
	}
	rep := Run(e, records)
	if fail := runRecord(e, intact, nil); fail != nil {
		return nil, errors.New(fail.String())
	}
	return rep, nil
}
