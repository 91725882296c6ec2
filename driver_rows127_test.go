//go:build go1.27

package rustlite_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"reflect"
	"testing"
	"time"
)

// TestScanColumn scans values of every kind into variables of many types by ScanColumn, and compares with what
// database/sql makes of the value that Next gives.
func TestScanColumn(t *testing.T) {
	db := openSQL(t)
	_, err := db.Exec(`CREATE TABLE t(a, b BOOLEAN, c DATETIME, d INTEGER);
		INSERT INTO t VALUES (1, 1, '2024-05-06 07:08:09', 9223372036854775807), (2.5, 0, 1700000000, -1), ('text', NULL, 'x', 'y'),
		('', 'z', '', ''), (NULL, 2, NULL, NULL), (x'0001', x'', x'01', x''), ('12', 1.5, 0.5, 3.0), (300, 300, 300, 300)`)
	if err != nil {
		t.Fatal(err)
	}
	const query = "SELECT a, b, c, d FROM t"
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var values [][]driver.Value
	err = conn.Raw(func(c any) error {
		rows, err := c.(driver.QueryerContext).QueryContext(context.Background(), query, nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		for {
			row := make([]driver.Value, 4)
			if rows.Next(row) != nil {
				return nil
			}
			values = append(values, row)
		}
	})
	if err != nil || len(values) != 8 {
		t.Fatal(len(values), err)
	}
	makers := []func() any{
		func() any { return new(int64) }, func() any { return new(int) }, func() any { return new(int8) }, func() any { return new(uint8) },
		func() any { return new(float64) }, func() any { return new(float32) }, func() any { return new(string) }, func() any { return new([]byte) },
		func() any { return new(bool) }, func() any { return new(time.Time) }, func() any { return new(any) },
		func() any { return new(*int64) }, func() any { return new(sql.NullInt64) }, func() any { return new(sql.NullString) }, func() any { return 5 },
	}
	for column := range 4 {
		for _, make := range makers {
			rows, err := conn.QueryContext(t.Context(), query)
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; rows.Next(); i++ {
				got, want := make(), make()
				dest := []any{new(any), new(any), new(any), new(any)}
				dest[column] = got
				err := rows.Scan(dest...)
				wantErr := sql.ConvertAssign(driver.ScanContext{}, want, values[i][column])
				if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
					t.Errorf("%#v into %T: %#v, %v; wanted %#v, %v", values[i][column], got, reflect.Indirect(reflect.ValueOf(got)), err,
						reflect.Indirect(reflect.ValueOf(want)), wantErr)
				}
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
