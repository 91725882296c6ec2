package rustlite

import (
	"fmt"
	"reflect"
	"sync/atomic"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// Function is a function of the user's for SQL. One of Scalar and Aggregate is
// set, or it is ErrMisuse, as a name of no or more than 255 bytes is. An error
// that the function returns, or its panic, ends the statement.
type Function struct {
	// Args is the number of arguments, at most 1000; -1 for any number.
	Args int
	// Pure says that the result depends on the arguments alone, so that
	// indexes may hold it and constant calls are made once.
	Pure bool
	// Scalar computes the result of one call; args is a row of the arguments,
	// borrowed for the call. The result is anything that is good as an
	// argument of Exec.
	Scalar func(args *Row) (any, error)
	// Aggregate makes the state of one group.
	Aggregate func() Aggregator
}

// Aggregator is the state of an aggregate function over one group.
type Aggregator interface {
	// Step takes the arguments of one row, borrowed for the call.
	Step(args *Row) error
	// Done returns the result; it is the last call.
	Done() (any, error)
}

// functionSet is the functions that a connection knows: immutable, and part
// of what a program is compiled for.
type functionSet struct {
	registry *fn.Registry
	id       uint64 // 0 for the built-in ones.
}

var functionSets atomic.Uint64

// with returns the set with f in it.
func (s *functionSet) with(f *fn.Func) *functionSet {
	return &functionSet{registry: s.registry.With(f), id: functionSets.Add(1)}
}

// CreateFunction makes a function known to the statements of db under a name,
// in place of one with the same name and number of arguments. Connections that
// were lent before do not know it.
func (db *DB) CreateFunction(name string, f Function) error {
	made, err := f.make(name)
	if err != nil {
		return err
	}
	for {
		old := db.functions.Load()
		if db.functions.CompareAndSwap(old, old.with(made)) {
			return nil
		}
	}
}

// CreateFunction makes a function known to the connection alone, before one of
// the same name that the DB has.
func (c *Conn) CreateFunction(name string, f Function) error {
	if c.closed {
		return errConnClosed
	}
	made, err := f.make(name)
	if err != nil {
		return err
	}
	c.register(made)
	return nil
}

func (c *Conn) register(f *fn.Func) { c.functions, c.settings.ownFunctions = c.functions.with(f), true }

// argumentsMax is the most arguments of a function, as SQLite's.
const argumentsMax = 1000

// functionNameMax is the longest name of a function in bytes, as SQLite's.
const functionNameMax = 255

func (f Function) make(name string) (*fn.Func, error) {
	switch {
	case name == "" || len(name) > functionNameMax || f.Args < -1 || f.Args > argumentsMax,
		(f.Scalar == nil) == (f.Aggregate == nil):
		return nil, newError(ErrMisuse, "%s", ErrMisuse)
	}
	made := &fn.Func{Name: value.Lower(name), NArg: f.Args, UserData: f}
	if f.Pure {
		made.Flags |= fn.Deterministic
	}
	if f.Aggregate != nil {
		made.Flags |= fn.Aggregate
		made.NewAggregate = func() fn.Accumulator { return &userAggregate{create: f.Aggregate} }
		return made, nil
	}
	made.Scalar = func(_ *fn.Context, args []value.Value, out *value.Value) (err error) {
		defer recovered(&err)
		result, err := f.Scalar(&Row{vals: args})
		if err != nil {
			return err
		}
		return setResult(out, result)
	}
	return made, nil
}

// recovered makes an error of a panic in a function of the user's, so that it
// ends the statement and not the program.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic in a function: %v", p)
	}
}

func setResult(out *value.Value, result any) error {
	v, err := toValue(result)
	if err != nil {
		return err
	}
	out.Set(&v)
	return nil
}

// userAggregate runs an Aggregator as the machine knows aggregates.
type userAggregate struct {
	create func() Aggregator
	state  Aggregator // nil before the first row.
}

// Step takes one row.
func (a *userAggregate) Step(_ *fn.Context, args []value.Value) (err error) {
	defer recovered(&err)
	if a.state == nil {
		a.state = a.create()
	}
	return a.state.Step(&Row{vals: args})
}

// Final gives the result; a group without rows has a state too.
func (a *userAggregate) Final(_ *fn.Context, out *value.Value) (err error) {
	defer recovered(&err)
	if a.state == nil {
		a.state = a.create()
	}
	result, err := a.state.Done()
	if err != nil {
		return err
	}
	return setResult(out, result)
}

// Reset forgets the group.
func (a *userAggregate) Reset() { a.state = nil }

// RegisterFunc makes a Go function known to the connection. It takes integers,
// floats, bool, string, []byte or any, the last of them perhaps variadic, and
// returns one of these, and perhaps an error. pure says that the result
// depends on the arguments alone.
func (c *DriverConn) RegisterFunc(name string, impl any, pure bool) error {
	f := reflect.ValueOf(impl)
	if f.Kind() != reflect.Func {
		return newError(ErrMisuse, "not a function: %T", impl)
	}
	in, err := newConverter(f.Type(), 0)
	if err == nil {
		err = checkResults(f.Type(), 1)
	}
	if err != nil {
		return err
	}
	return c.conn.CreateFunction(name, Function{Args: in.count(), Pure: pure, Scalar: func(args *Row) (any, error) {
		list, err := in.arguments(args.vals)
		if err != nil {
			return nil, err
		}
		return results(f.Call(list))
	}})
}

// RegisterAggregator makes an aggregate function known to the connection. impl
// is a function without arguments that returns the state of a group, and
// perhaps an error. The state has a method Step with the arguments of one row,
// which may return an error, and a method Done, which returns the result, and
// perhaps an error; their types are those of RegisterFunc.
func (c *DriverConn) RegisterAggregator(name string, impl any, pure bool) error {
	create := reflect.ValueOf(impl)
	if create.Kind() != reflect.Func || create.Type().NumIn() != 0 {
		return newError(ErrMisuse, "not a function without arguments: %T", impl)
	}
	t := create.Type()
	if t.NumOut() < 1 || t.NumOut() > 2 || t.NumOut() == 2 && !isError(t.Out(1)) {
		return newError(ErrMisuse, "the constructor must return the state, and perhaps an error")
	}
	state, skip := t.Out(0), 1
	switch state.Kind() {
	case reflect.Interface:
		skip = 0 // The methods of an interface have no receiver in front.
	case reflect.Pointer:
	default:
		return newError(ErrMisuse, "the constructor must return a pointer or an interface")
	}
	step, ok := state.MethodByName("Step")
	if !ok || step.Type.NumOut() > 1 || step.Type.NumOut() == 1 && !isError(step.Type.Out(0)) {
		return newError(ErrMisuse, "%s has no method Step that returns nothing or an error", state)
	}
	done, ok := state.MethodByName("Done")
	if !ok || done.Type.NumIn() != skip {
		return newError(ErrMisuse, "%s has no method Done without arguments", state)
	}
	in, err := newConverter(step.Type, skip)
	if err == nil {
		err = checkResults(done.Type, 1)
	}
	if err != nil {
		return err
	}
	return c.conn.CreateFunction(name, Function{Args: in.count(), Pure: pure, Aggregate: func() Aggregator {
		out := create.Call(nil)
		if len(out) == 2 && !out[1].IsNil() {
			return failedAggregate{out[1].Interface().(error)}
		}
		return &reflected{state: out[0], in: in}
	}})
}

// failedAggregate is the state of a group whose constructor failed.
type failedAggregate struct{ err error }

func (a failedAggregate) Step(*Row) error    { return a.err }
func (a failedAggregate) Done() (any, error) { return nil, a.err }

// reflected is an Aggregator made of a state with methods of any types.
type reflected struct {
	state reflect.Value
	in    *converter
}

// Step calls the state's method.
func (r *reflected) Step(args *Row) error {
	list, err := r.in.arguments(args.vals)
	if err != nil {
		return err
	}
	out := r.state.MethodByName("Step").Call(list)
	if len(out) == 1 && !out[0].IsNil() {
		return out[0].Interface().(error)
	}
	return nil
}

// Done calls the state's method.
func (r *reflected) Done() (any, error) { return results(r.state.MethodByName("Done").Call(nil)) }

func isError(t reflect.Type) bool { return t.Implements(reflect.TypeFor[error]()) }

// checkResults checks the types that a function returns: a value, and perhaps
// an error behind it.
func checkResults(f reflect.Type, values int) error {
	n := f.NumOut()
	if n < values || n > values+1 || n == values+1 && !isError(f.Out(values)) {
		return newError(ErrMisuse, "a function returns a value, and perhaps an error")
	}
	switch t := f.Out(0); t.Kind() {
	case reflect.Interface:
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 {
			return newError(ErrMisuse, "unsupported result type %s", t)
		}
	default:
		if !isPlain(t.Kind()) {
			return newError(ErrMisuse, "unsupported result type %s", t)
		}
	}
	return nil
}

// isPlain reports whether values of the kind are SQL values.
func isPlain(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Float64 && k != reflect.Uintptr || k == reflect.String
}

// results splits what a function returned. An empty blob is NULL and an
// unsigned integer one of 64 bits with the same bits, as users of other drivers
// know it.
func results(out []reflect.Value) (any, error) {
	if len(out) == 2 && !out[1].IsNil() {
		return nil, out[1].Interface().(error)
	}
	v := out[0]
	if v.Kind() == reflect.Interface {
		if v.IsNil() {
			return nil, nil
		}
		v = v.Elem()
	}
	if _, failed := v.Interface().(error); failed {
		return nil, nil
	}
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 && v.Len() == 0 {
		return nil, nil
	}
	if v.CanUint() {
		return int64(v.Uint()), nil
	}
	return v.Interface(), nil
}

// converter turns the values of a call into arguments of a Go function.
type converter struct {
	types    []reflect.Type
	variadic reflect.Type // Of the arguments behind types; nil for none.
}

// newConverter describes the arguments of f behind its first skip ones.
func newConverter(f reflect.Type, skip int) (*converter, error) {
	c := &converter{}
	for i := skip; i < f.NumIn(); i++ {
		t := f.In(i)
		if f.IsVariadic() && i == f.NumIn()-1 {
			t = t.Elem()
			c.variadic = t
		} else {
			c.types = append(c.types, t)
		}
		switch {
		case isPlain(t.Kind()):
		case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		default:
			return nil, newError(ErrMisuse, "unsupported argument type %s", t)
		}
	}
	return c, nil
}

// count is the number of arguments, -1 for any.
func (c *converter) count() int {
	if c.variadic != nil {
		return -1
	}
	return len(c.types)
}

func (c *converter) arguments(vals []value.Value) ([]reflect.Value, error) {
	if len(vals) < len(c.types) {
		return nil, fmt.Errorf("function requires at least %d arguments", len(c.types))
	}
	list := make([]reflect.Value, len(vals))
	for i := range vals {
		t := c.variadic
		if i < len(c.types) {
			t = c.types[i]
		}
		var err error
		if list[i], err = argument(&vals[i], t); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// argument converts one value. Classes are not converted into one another:
// the function says by its types what it takes.
func argument(v *value.Value, t reflect.Type) (reflect.Value, error) {
	k := t.Kind()
	switch {
	case k == reflect.Interface:
		x := (&Row{vals: []value.Value{*v}}).Any(0)
		if x == nil {
			x = []byte(nil)
		}
		return reflect.ValueOf(x), nil
	case k == reflect.Float32 || k == reflect.Float64:
		if v.Kind() != value.Real {
			return reflect.Value{}, fmt.Errorf("argument must be a FLOAT")
		}
		return reflect.ValueOf(v.Real()).Convert(t), nil
	case k == reflect.String || k == reflect.Slice:
		if v.Kind() != value.Text && v.Kind() != value.Blob {
			return reflect.Value{}, fmt.Errorf("argument must be BLOB or TEXT")
		}
		if k == reflect.String {
			return reflect.ValueOf(string(v.Bytes())).Convert(t), nil
		}
		return reflect.ValueOf(append([]byte{}, v.Bytes()...)).Convert(t), nil
	case v.Kind() != value.Int:
		return reflect.Value{}, fmt.Errorf("argument must be an INTEGER")
	case k == reflect.Bool:
		return reflect.ValueOf(v.Int() != 0).Convert(t), nil
	default:
		return reflect.ValueOf(v.Int()).Convert(t), nil
	}
}
