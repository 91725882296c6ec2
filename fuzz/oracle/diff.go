package oracle

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// LengthMax is the limit of texts during comparison: small, so that results
// beyond it cost little.
const LengthMax = 100_000

// Case is one expression over constants. Op names a row of the tables of
// operations; "f" with a function's name is a call.
type Case struct {
	Family string
	Op     string
	Args   []value.Value
}

// Result is what one side answers.
type Result struct {
	Value value.Value
	Err   string // "CODE: text", or empty.
}

func (r Result) String() string {
	if r.Err != "" {
		return "error " + r.Err
	}
	return Show(&r.Value)
}

// same compares exactly: class, bits, bytes.
func (r Result) same(o Result) bool { return r.Err == o.Err && r.String() == o.String() }

// Differ compares our side with the reference.
type Differ struct {
	conn     *Conn
	stmts    map[string]*Stmt
	registry *fn.Registry
	ctx      fn.Context
	aux      map[string]*any
}

// NewDiffer opens a reference of its own.
func NewDiffer() (*Differ, error) {
	c, err := Open(":memory:")
	if err != nil {
		return nil, err
	}
	c.LimitLength(LengthMax)
	d := &Differ{conn: c, stmts: map[string]*Stmt{}, registry: fn.Builtin(), aux: map[string]*any{}}
	d.ctx = fn.Context{LengthMax: LengthMax, Now: time.Unix(1_700_000_000, 0), Local: time.Local}
	s, _, err := c.Prepare("CREATE TABLE aff(i INTEGER, n NUMERIC, r REAL, t TEXT, b BLOB, f)")
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return d, s.Run(nil)
}

// Close frees the reference.
func (d *Differ) Close() {
	for _, s := range d.stmts {
		s.Close()
	}
	d.conn.Close()
}

// Check runs a case on both sides.
func (d *Differ) Check(c Case) (reference, ours Result) {
	return d.Reference(c), d.Ours(c)
}

// Reference runs a case on the reference.
func (d *Differ) Reference(c Case) (r Result) {
	sql := c.sql(parameters(len(c.Args)))
	s := d.stmts[sql]
	if s == nil {
		var err error
		if s, _, err = d.conn.Prepare(sql); err != nil {
			return failed(err)
		}
		d.stmts[sql] = s
	}
	row, err := s.One(c.Args)
	if err != nil {
		return failed(err)
	}
	if len(row) > 0 {
		r.Value = row[0]
	}
	return r
}

func failed(err error) Result {
	code := 1
	var ref *Error
	var own interface{ Code() int }
	switch {
	case errors.As(err, &ref):
		code = ref.Extended
	case errors.As(err, &own):
		code = own.Code()
	}
	return Result{Err: fmt.Sprintf("%d: %s", code, err)}
}

func parameters(n int) []string {
	p := make([]string, n)
	for i := range p {
		p[i] = fmt.Sprintf("?%d", i+1)
	}
	return p
}

// SQL returns the case as a statement for people and for cmd/oracle.
func (c Case) SQL() string {
	lits := make([]string, len(c.Args))
	for i := range c.Args {
		lits[i] = Literal(&c.Args[i])
	}
	return c.sql(lits)
}

func (c Case) sql(args []string) string {
	if o, ok := operations[c.Op]; ok {
		return o.sql(args)
	}
	return "SELECT " + c.Op + "(" + strings.Join(args, ",") + ")"
}

// Ours runs a case on our side.
func (d *Differ) Ours(c Case) (r Result) {
	args := make([]value.Value, len(c.Args))
	for i := range args {
		args[i] = c.Args[i].Own() // So that a write to them is seen.
	}
	if o, ok := operations[c.Op]; ok {
		if err := o.ours(d, args, &r.Value); err != nil {
			return failed(err)
		}
		return r
	}
	f, known := d.registry.Lookup(c.Op, len(args))
	switch {
	case f == nil && known:
		return failed(fmt.Errorf("wrong number of arguments to function %s()", c.Op))
	case f == nil:
		return failed(fmt.Errorf("no such function: %s", c.Op))
	}
	aux := d.aux[c.Op]
	if aux == nil {
		aux = new(any)
		d.aux[c.Op] = aux
	}
	d.ctx.Aux = aux
	if f.Flags&fn.Inline != 0 {
		inlined(f.Name, args, &r.Value)
		return r
	}
	if err := f.Scalar(&d.ctx, args, &r.Value); err != nil {
		return failed(err)
	}
	for i := range args {
		if Show(&args[i]) != Show(&c.Args[i]) {
			return Result{Err: fmt.Sprintf("argument %d was changed", i)}
		}
	}
	r.Value = r.Value.Own()
	return r
}

// inlined does what the planner compiles.
func inlined(name string, args []value.Value, out *value.Value) {
	switch name {
	case "coalesce", "ifnull":
		for i := range args {
			if !args[i].IsNull() {
				*out = args[i]
				return
			}
		}
	case "iif", "if":
		for i := 0; i+1 < len(args); i += 2 {
			if args[i].Truth() == value.True {
				*out = args[i+1]
				return
			}
		}
		if len(args)%2 == 1 {
			*out = args[len(args)-1]
		}
	default:
		*out = args[0]
	}
}

// Shrink makes the arguments of a case that differs simpler while it differs.
func (d *Differ) Shrink(c Case) Case {
	for again := true; again; {
		again = false
		for i := range c.Args {
			for _, v := range simpler(c.Args[i]) {
				t := c
				t.Args = append([]value.Value(nil), c.Args...)
				t.Args[i] = v
				if a, b := d.Check(t); !a.same(b) {
					c, again = t, true
					break
				}
			}
		}
	}
	return c
}

func simpler(v value.Value) []value.Value {
	var out []value.Value
	switch v.Kind() {
	case value.Null:
		return nil
	case value.Int:
		i := v.Int()
		if i != 0 {
			out = append(out, value.FromInt(0), value.FromInt(i/2), value.FromInt(i/10))
		}
		if i > 0 {
			out = append(out, value.FromInt(i-1))
		}
	case value.Real:
		f := v.Real()
		if f != float64(int64(f)) {
			out = append(out, value.FromReal(float64(int64(f))))
		}
	default:
		b := v.Bytes()
		mk := value.FromText
		if v.Kind() == value.Blob {
			mk = value.FromBlob
			out = append(out, value.FromText(b))
		}
		if n := len(b); n > 0 {
			if n > 1 {
				out = append(out, mk(b[:n/2]), mk(b[n/2:]))
			}
			for i := range min(n, 200) {
				out = append(out, mk(append(append([]byte(nil), b[:i]...), b[i+1:]...)))
			}
		}
	}
	return append(out, value.Value{})
}

// Random makes case number i of a run with a seed; the same two numbers give
// the same case.
func Random(family string, seed, i uint64) Case {
	g := &generator{rand.New(rand.NewPCG(seed, i))}
	c := families[family](g)
	c.Family = family
	return c
}

// Same reports whether both sides agree.
func Same(a, b Result) bool { return a.same(b) }
