package rustlite

import (
	"database/sql"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// Kind is the storage class of a value.
type Kind uint8

// The storage classes.
const (
	Null Kind = iota
	Integer
	Real
	Text
	Blob
)

// String returns the name that SQL's typeof() gives.
func (k Kind) String() string { return value.Kind(k).String() }

// Row is one row. Accessors take the number of a column from 0 and convert as
// CAST does; a column number out of range gives the zero value.
type Row struct {
	vals  []value.Value
	cols  []vm.Column
	boxes *value.Boxes // Of the connection.
}

func (r *Row) at(i int) *value.Value {
	if i < 0 || i >= len(r.vals) {
		return &value.Value{}
	}
	return &r.vals[i]
}

// Len returns the number of columns.
func (r *Row) Len() int { return len(r.cols) }

// Columns returns the names of the columns.
func (r *Row) Columns() []string {
	names := make([]string, len(r.cols))
	for i, c := range r.cols {
		names[i] = c.Name
	}
	return names
}

// Int64 returns column i as an integer; 0 for NULL.
func (r *Row) Int64(i int) int64 { return r.at(i).AsInt() }

// Float64 returns column i as a float; 0 for NULL.
func (r *Row) Float64(i int) float64 { return r.at(i).AsReal() }

// Text returns column i as a string of its own; "" for NULL.
func (r *Row) Text(i int) string {
	v := r.at(i)
	if v.Kind() != value.Text {
		return string(v.TextBytes())
	}
	return r.boxes.Text(v.Bytes())
}

// Bytes returns a copy of column i as bytes; nil for NULL.
func (r *Row) Bytes(i int) []byte {
	v := r.at(i)
	if v.IsNull() {
		return nil
	}
	return append([]byte{}, v.TextBytes()...)
}

// Raw returns the bytes of column i without a copy: borrowed until the next
// row, and not to be changed.
func (r *Row) Raw(i int) []byte { return r.at(i).TextBytes() }

// Bool reports whether column i is a number other than 0.
func (r *Row) Bool(i int) bool { return r.at(i).Truth() == value.True }

// IsNull reports whether column i is NULL.
func (r *Row) IsNull(i int) bool { return r.at(i).IsNull() }

// Kind returns the storage class of column i.
func (r *Row) Kind(i int) Kind { return Kind(r.at(i).Kind()) }

// timeLayouts are the forms in which times are read, the most exact first.
var timeLayouts = []string{
	"2006-01-02 15:04:05.999999999-07:00",
	"2006-01-02T15:04:05.999999999-07:00",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04",
	"2006-01-02T15:04",
	"2006-01-02",
}

// Time returns column i as a time: text in SQLite's forms, with or without a
// zone, or an integer of seconds since 1970. The zero Time when it is neither.
func (r *Row) Time(i int) time.Time {
	t, _ := asTime(r.at(i))
	return t
}

func asTime(v *value.Value) (time.Time, bool) {
	switch v.Kind() {
	case value.Int:
		return time.Unix(v.Int(), 0).UTC(), true
	case value.Text:
		s := strings.TrimSuffix(v.Str(), "Z")
		for _, layout := range timeLayouts {
			// Not time.Parse, whose zones depend on the place of the program.
			if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// Any returns column i as nil, int64, float64, string or []byte (a copy).
func (r *Row) Any(i int) any {
	if v := r.at(i); !v.IsNull() {
		return r.boxes.Any(v)
	}
	return nil
}

// Scan copies the columns into dest: pointers to integers, floats, bool,
// string, []byte, time.Time, any, pointers to such pointers (nil for NULL),
// and what implements sql.Scanner. NULL into a plain type is an error.
func (r *Row) Scan(dest ...any) error {
	if r.vals == nil {
		return errNoRow
	}
	if len(dest) != len(r.vals) {
		return newError(ErrRange, "%d columns, %d destinations", len(r.vals), len(dest))
	}
	for i, d := range dest {
		if err := r.scan(i, d); err != nil {
			return newError(ErrMismatch, "column %d (%s): %s", i, r.cols[i].Name, err)
		}
	}
	return nil
}

func (r *Row) scan(i int, dest any) error {
	v := r.at(i)
	if rv := reflect.ValueOf(dest); rv.Kind() == reflect.Pointer && rv.IsNil() {
		return fmt.Errorf("%T is nil", dest)
	}
	switch d := dest.(type) {
	case *any:
		*d = r.Any(i)
		return nil
	case *[]byte:
		*d = r.Bytes(i)
		return nil
	case sql.Scanner:
		return d.Scan(r.Any(i))
	}
	if v.IsNull() {
		rv := reflect.ValueOf(dest)
		if rv.Kind() == reflect.Pointer && !rv.IsNil() && rv.Elem().Kind() == reflect.Pointer {
			rv.Elem().SetZero()
			return nil
		}
		return fmt.Errorf("NULL into %T", dest)
	}
	switch d := dest.(type) {
	case *string:
		*d = r.Text(i)
	case *int64:
		*d = r.Int64(i)
	case *int:
		*d = int(r.Int64(i))
	case *float64:
		*d = r.Float64(i)
	case *bool:
		*d = r.Bool(i)
	case *time.Time:
		t, ok := asTime(v)
		if !ok {
			return fmt.Errorf("%q is no time", r.Text(i))
		}
		*d = t
	default:
		return r.scanReflect(i, dest)
	}
	return nil
}

// scanReflect serves the other integers and floats, named types, and pointers
// to pointers.
func (r *Row) scanReflect(i int, dest any) error {
	rv := reflect.ValueOf(dest)
	if rv.Kind() != reflect.Pointer || rv.IsNil() {
		return fmt.Errorf("%T is no pointer", dest)
	}
	switch e := rv.Elem(); e.Kind() {
	case reflect.Pointer:
		p := reflect.New(e.Type().Elem())
		if err := r.scan(i, p.Interface()); err != nil {
			return err
		}
		e.Set(p)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := r.Int64(i)
		if e.OverflowInt(n) {
			return fmt.Errorf("%d overflows %s", n, e.Type())
		}
		e.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n := r.Int64(i)
		if n < 0 || e.OverflowUint(uint64(n)) {
			return fmt.Errorf("%d overflows %s", n, e.Type())
		}
		e.SetUint(uint64(n))
	case reflect.Float32, reflect.Float64:
		e.SetFloat(r.Float64(i))
	case reflect.Bool:
		e.SetBool(r.Bool(i))
	case reflect.String:
		e.SetString(r.Text(i))
	default:
		return fmt.Errorf("%T cannot hold a value", dest)
	}
	return nil
}
