package rustlite

import (
	"database/sql"
	"database/sql/driver"
	"reflect"
	"time"

	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// Named returns an argument for the parameter :name, @name or $name.
func Named(name string, v any) sql.NamedArg { return sql.Named(name, v) }

// arguments are what the caller gave for the parameters: values in order, and
// values by name.
type arguments struct {
	list  []value.Value
	next  int
	named map[string]value.Value
	free  bool // Parameters without an argument are NULL.
	spare bool // Arguments that no statement takes are no error.
	// last is true for the statement that must use up the list.
	last bool
}

// arguments takes the caller's arguments. The result is the connection's own
// and holds until the next call.
func (c *Conn) arguments(args []any) (*arguments, error) {
	a := c.clearArguments()
	for _, x := range args {
		name := ""
		if n, ok := x.(sql.NamedArg); ok {
			name, x = n.Name, n.Value
		}
		if err := a.add(name, x); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// driverArguments takes the arguments of database/sql. Those that are left
// over are no error: the other drivers of SQLite let them pass.
func (c *Conn) driverArguments(args []driver.NamedValue) (*arguments, error) {
	a := c.clearArguments()
	a.spare = true
	for i := range args {
		if err := a.add(args[i].Name, args[i].Value); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (c *Conn) clearArguments() *arguments {
	a := &c.args
	clear(a.list)
	a.list, a.next, a.named = a.list[:0], 0, nil
	a.free, a.spare, a.last = false, false, false
	return a
}

func (a *arguments) add(name string, x any) error {
	v, err := toValue(x)
	if err != nil {
		return err
	}
	if name == "" {
		a.list = append(a.list, v)
		return nil
	}
	if a.named == nil {
		a.named = map[string]value.Value{}
	}
	a.named[name] = v
	return nil
}

func (a *arguments) mark() int    { return a.next }
func (a *arguments) reset(to int) { a.next = to }

// check refuses arguments that no statement has taken.
func (a *arguments) check() error {
	if a.last && !a.spare && a.next < len(a.list) {
		return newError(ErrRange, "%d arguments left over", len(a.list)-a.next)
	}
	return nil
}

// take appends the values of a statement's parameters to dst. A parameter
// with a name takes the argument of that name, else the next one in order.
func (a *arguments) take(dst []value.Value, params []vm.Param) ([]value.Value, error) {
	first := a.next
	for i, p := range params {
		if len(p.Name) > 1 && a.named != nil {
			if v, ok := a.named[p.Name[1:]]; ok {
				dst = append(dst, v)
				continue
			}
		}
		k := first + i
		if len(a.named) > 0 {
			k = a.next
		}
		if k >= len(a.list) && a.free {
			dst = append(dst, value.Value{})
			continue
		}
		if k >= len(a.list) {
			return nil, newError(ErrRange, "not enough args to execute query: want %d got %d", len(params), len(a.list)-first+len(a.named))
		}
		dst = append(dst, a.list[k])
		a.next = k + 1
	}
	return dst, nil
}

// callValuer asks x for its value; a nil pointer stands for NULL.
func callValuer(x driver.Valuer) (any, error) {
	if rv := reflect.ValueOf(x); rv.Kind() == reflect.Pointer && rv.IsNil() {
		return nil, nil
	}
	return x.Value()
}

// timeFormat is how a time.Time is stored.
const timeFormat = "2006-01-02 15:04:05.999999999-07:00"

// pointersMax bounds how far pointers and driver.Valuers of an argument lead.
const pointersMax = 16

// toValue turns a Go value into an SQL one.
func toValue(x any) (value.Value, error) { return toValueWithin(x, pointersMax) }

func toValueWithin(x any, steps int) (value.Value, error) {
	if steps == 0 {
		return value.Value{}, newError(ErrMismatch, "the argument of type %T leads to itself", x)
	}
	switch x := x.(type) {
	case nil:
		return value.Value{}, nil
	case int64:
		return value.FromInt(x), nil
	case int:
		return value.FromInt(int64(x)), nil
	case string:
		return value.FromString(x), nil
	case []byte:
		if x == nil {
			return value.Value{}, nil
		}
		return value.FromBlob(x), nil
	case float64:
		return value.FromReal(x), nil
	case bool:
		return value.FromBool(x), nil
	case time.Time:
		return value.FromString(x.Format(timeFormat)), nil
	case driver.Valuer:
		v, err := callValuer(x)
		if err != nil {
			return value.Value{}, err
		}
		return toValueWithin(v, steps-1)
	}
	rv := reflect.ValueOf(x)
	switch rv.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return value.FromInt(rv.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		u := rv.Uint()
		if u > 1<<63-1 {
			return value.Value{}, newError(ErrRange, "%d is too large for an integer", u)
		}
		return value.FromInt(int64(u)), nil
	case reflect.Float32, reflect.Float64:
		return value.FromReal(rv.Float()), nil
	case reflect.Bool:
		return value.FromBool(rv.Bool()), nil
	case reflect.String:
		return value.FromString(rv.String()), nil
	case reflect.Pointer:
		if rv.IsNil() {
			return value.Value{}, nil
		}
		return toValueWithin(rv.Elem().Interface(), steps-1)
	case reflect.Slice:
		if rv.Type().Elem().Kind() == reflect.Uint8 {
			return value.FromBlob(rv.Bytes()), nil
		}
	}
	return value.Value{}, newError(ErrMismatch, "unsupported type %T of an argument", x)
}
