//go:build go1.27

package rustlite

import (
	"database/sql"
	"database/sql/driver"
)

// From Go 1.27 on, database/sql lets the rows copy a column straight into the
// caller's variable, without a value in an interface between them.

var _ driver.RowsColumnScanner = (*sqlRows)(nil)

// NextRow shows the next row.
func (r *sqlRows) NextRow() error { return r.advance() }

// ScanColumn copies a column of the row into dest.
func (r *sqlRows) ScanColumn(c driver.ScanContext, i int, dest any) error {
	if r.assign(i, dest) {
		return nil
	}
	return sql.ConvertAssign(c, dest, r.value(i))
}
