//go:build go1.27

package rustlite

import (
	"database/sql"
	"database/sql/driver"

	"github.com/rustlite/rustlite/vm/value"
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

// assign copies column i of the row into a variable of the very type that the
// value has; for all others, and NULL, it reports false.
func (r *sqlRows) assign(i int, dest any) bool {
	v := &r.rows.row.vals[i]
	if r.shapes[i] != shapePlain {
		return false
	}
	switch d := dest.(type) {
	case *int64:
		if v.Kind() == value.Int {
			*d = v.Int()
			return true
		}
	case *int:
		if v.Kind() == value.Int && int64(int(v.Int())) == v.Int() {
			*d = int(v.Int())
			return true
		}
	case *float64:
		if v.Kind() == value.Real {
			*d = v.Real()
			return true
		}
	case *string:
		if v.Kind() == value.Text {
			*d = r.conn.conn.boxes.Text(v.Bytes())
			return true
		}
	case *[]byte:
		if v.Kind() >= value.Text {
			*d = append([]byte{}, v.Bytes()...)
			return true
		}
	}
	return false
}
