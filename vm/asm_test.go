package vm_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/fuzz/datadriven"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Goal: the meaning of every opcode, by programs written as text. Commands of
// the .test files:
//
//	tree NAME int|byte       makes a tree; its root is $NAME in programs
//	rows NAME                a line per row: row id, then the columns
//	run [statement]          runs a program; the output is its rows, or the error
//	                         with its code and action. Arguments of the command
//	                         are parameters of the program.
//	begin, commit, rollback
//	explain                  prints the program's EXPLAIN
//
// A line of a program is "label: Opcode P1 P2 P3 P4 P5"; missing operands are
// 0 (P4: -1). Operands are numbers, labels, $ROOT, and as P4 also "text" or
// 12.5, x'00', key(B,-NOCASE,N.B), rec(key...) for a key with records,
// upper/1 (a function), error(code,text), coll(NOCASE); as P5 flags joined
// by "|".

// asm builds one program.
type asm struct {
	roots  map[string]pager.PageNo
	labels map[string]int32
	p      *vm.Program
}

var opByName = func() map[string]vm.Op {
	m := map[string]vm.Op{}
	for op := vm.Op(0); op.String() != "?"; op++ {
		m[op.String()] = op
	}
	return m
}()

var flagByName = map[string]uint16{
	"null": vm.CmpJumpIfNull, "store": vm.CmpStore, "nulleq": vm.CmpNullEq,
	"text": uint16(value.AffText), "num": uint16(value.AffNumeric),
	"count": vm.InsertCount, "lastid": vm.InsertLastID,
	"default": vm.ColumnDefault, "own": vm.ColumnOwn, "keep": 1,
}

// fields splits a line at spaces outside of quotes and parentheses.
func fields(s string) []string {
	var out []string
	depth, quoted, at := 0, false, -1
	for i := 0; i <= len(s); i++ {
		switch {
		case i < len(s) && s[i] == '"':
			quoted = !quoted
		case i < len(s) && s[i] == '(' && !quoted:
			depth++
		case i < len(s) && s[i] == ')' && !quoted:
			depth--
		case i == len(s) || s[i] == ' ' && depth == 0 && !quoted:
			if at >= 0 {
				out = append(out, s[at:i])
			}
			at = -1
			continue
		}
		if at < 0 {
			at = i
		}
	}
	return out
}

// assemble builds a program and its sub-programs, each begun by a line "sub
// ARGS TRIGGER", which have the same numbers for all.
func (a *asm) assemble(text string) (*vm.Program, error) {
	parts := strings.Split(text, "\nsub ")
	subs := make([]*vm.Program, len(parts)-1)
	triggers := map[string]*vm.TriggerInfo{}
	var root *vm.Program
	for i, part := range parts {
		p := &vm.Program{Registers: 60, Cursors: 10, Accums: 5, Vectors: 20, CountRows: true, Subs: subs}
		if i == 0 {
			root = p
		} else {
			head, rest, _ := strings.Cut(part, "\n")
			f := fields(head)
			p.Args, _ = strconv.Atoi(f[0])
			if triggers[f[1]] == nil {
				triggers[f[1]] = &vm.TriggerInfo{Name: f[1]}
			}
			p.Trigger, part, subs[i-1] = triggers[f[1]], rest, p
		}
		a.p = p
		if err := a.one(part); err != nil {
			return nil, err
		}
	}
	return root, vm.Verify(root)
}

func (a *asm) one(text string) error {
	a.labels = map[string]int32{}
	var lines [][]string
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, ";;")
		f := fields(line)
		if len(f) > 0 && strings.HasSuffix(f[0], ":") {
			a.labels[strings.TrimSuffix(f[0], ":")] = int32(len(lines))
			f = f[1:]
		}
		if len(f) > 0 {
			lines = append(lines, f)
		}
	}
	for _, f := range lines {
		in, err := a.instr(f)
		if err != nil {
			return fmt.Errorf("%s: %w", strings.Join(f, " "), err)
		}
		a.p.Code = append(a.p.Code, in)
	}
	return nil
}

func (a *asm) instr(f []string) (vm.Instr, error) {
	op, ok := opByName[f[0]]
	if !ok {
		return vm.Instr{}, errors.New("no such opcode")
	}
	in := vm.Instr{Op: op, P4: -1}
	var err error
	for i, w := range f[1:] {
		switch i {
		case 0:
			in.P1, err = a.number(w)
		case 1:
			in.P2, err = a.number(w)
		case 2:
			in.P3, err = a.number(w)
		case 3:
			in.P4, err = a.object(op, w)
		case 4:
			in.P5, err = a.flags(w)
		}
		if err != nil {
			return in, err
		}
	}
	return in, nil
}

func (a *asm) flags(w string) (uint16, error) {
	var all uint16
	for _, s := range strings.Split(w, "|") {
		if f, ok := flagByName[s]; ok {
			all |= f
			continue
		}
		n, err := strconv.ParseUint(s, 10, 16)
		if err != nil {
			return 0, err
		}
		all |= uint16(n)
	}
	return all, nil
}

func (a *asm) number(w string) (int32, error) {
	if n, ok := a.labels[w]; ok {
		return n, nil
	}
	if len(w) == 3 && w[0] == '\'' {
		return int32(w[1]), nil
	}
	if strings.HasPrefix(w, "$") {
		no, ok := a.roots[w[1:]]
		if !ok {
			return 0, errors.New("no such tree")
		}
		return int32(no), nil
	}
	n, err := strconv.ParseInt(w, 10, 32)
	return int32(n), err
}

func args(w string) []string {
	_, s, _ := strings.Cut(w, "(")
	return strings.Split(strings.TrimSuffix(s, ")"), ",")
}

func (a *asm) object(op vm.Op, w string) (int32, error) {
	p := a.p
	switch {
	case strings.HasPrefix(w, "key("), strings.HasPrefix(w, "rec("):
		k := &vm.KeyInfo{PayloadRecord: w[0] == 'r', Name: "i"}
		for _, s := range args(w) {
			var c record.KeyColumn
			c.Desc = strings.HasPrefix(s, "-")
			s = strings.TrimPrefix(s, "-")
			c.BigNull = strings.HasPrefix(s, "N.")
			s = strings.TrimPrefix(s, "N.")
			if s != "B" && s != "" {
				c.Collation = value.BuiltinCollation(s)
			}
			k.Cols = append(k.Cols, c)
		}
		p.Keys = append(p.Keys, k)
		return int32(len(p.Keys) - 1), nil
	case strings.HasPrefix(w, "error("):
		s := args(w)
		code, err := strconv.Atoi(s[0])
		p.Errors = append(p.Errors, &vm.ErrorInfo{Code: code, Text: s[1]})
		return int32(len(p.Errors) - 1), err
	case strings.HasPrefix(w, "coll("):
		p.Colls = append(p.Colls, value.BuiltinCollation(args(w)[0]))
		return int32(len(p.Colls) - 1), nil
	case strings.HasPrefix(w, "obj("):
		p.Objects = append(p.Objects, args(w)[0])
		return int32(len(p.Objects) - 1), nil
	case op == vm.OpConst || op == vm.OpColumn:
		v, err := parseValue(w)
		p.Consts = append(p.Consts, v)
		return int32(len(p.Consts) - 1), err
	case strings.HasPrefix(w, `"`):
		s, err := strconv.Unquote(w)
		p.Strings = append(p.Strings, s)
		return int32(len(p.Strings) - 1), err
	case op == vm.OpVArith:
		if o, ok := opByName[w]; ok {
			return int32(o), nil
		}
	}
	if name, n, ok := strings.Cut(w, "/"); ok {
		nArg, err := strconv.Atoi(n)
		f, known := testFuncs.Lookup(name, nArg)
		if f == nil || !known {
			return 0, errors.New("no such function")
		}
		p.Calls = append(p.Calls, vm.FuncCall{Func: f, NArg: nArg})
		return int32(len(p.Calls) - 1), err
	}
	return a.number(w)
}

// parseValue reads NULL, 1, 1.5, x'00' or "text"; anything else is text.
func parseValue(w string) (value.Value, error) {
	switch {
	case w == "NULL":
		return value.Value{}, nil
	case strings.HasPrefix(w, `"`):
		s, err := strconv.Unquote(w)
		return value.FromString(s), err
	case strings.HasPrefix(w, "x'"):
		b, err := hex.DecodeString(strings.Trim(w[1:], "'"))
		return value.FromBlob(b), err
	}
	if i, err := strconv.ParseInt(w, 10, 64); err == nil {
		return value.FromInt(i), nil
	}
	if f, err := strconv.ParseFloat(w, 64); err == nil {
		return value.FromReal(f), nil
	}
	return value.FromString(w), nil
}

func printValue(v *value.Value) string {
	switch v.Kind() {
	case value.Null:
		return "NULL"
	case value.Blob:
		return fmt.Sprintf("x'%x'", v.Bytes())
	case value.Text:
		return strconv.Quote(v.Str())
	default:
		return string(v.TextBytes())
	}
}

func printRow(row []value.Value) string {
	var out []string
	for i := range row {
		out = append(out, printValue(&row[i]))
	}
	return strings.Join(out, " ")
}

// exec runs a program to its end and prints rows or error.
func (e *testEnv) exec(p *vm.Program, params []value.Value) string {
	var b strings.Builder
	m := &e.machine
	m.Start(p, e, params)
	for {
		more, err := m.Step()
		if err != nil {
			var x *vm.Error
			if errors.As(err, &x) {
				fmt.Fprintf(&b, "error %d, action %d: %s\n", x.Info.Code, x.Action, err)
			} else {
				fmt.Fprintf(&b, "error: %s\n", err)
			}
			e.end(err)
			break
		}
		if !more {
			m.Reset()
			e.end(nil)
			break
		}
		b.WriteString(printRow(m.Row()) + "\n")
	}
	m.Reset()
	return b.String()
}

func (e *testEnv) dump(root pager.PageNo) string {
	if err := e.Begin(0, false); err != nil {
		return err.Error()
	}
	defer e.end(nil)
	var c btree.Cursor
	if err := c.Open(e.tx, root, btree.IntKey, nil); err != nil {
		return err.Error()
	}
	var b strings.Builder
	for ok, err := c.First(); ok; ok, err = c.Next() {
		data, perr := c.Payload()
		if err != nil || perr != nil {
			return fmt.Sprint(err, perr)
		}
		vals, err := record.Decode(data, nil)
		if err != nil {
			return err.Error()
		}
		fmt.Fprintf(&b, "%d: %s\n", c.IntKey(), printRow(vals))
	}
	return b.String()
}

func TestPrograms(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		e := newEnv(t)
		roots := map[string]pager.PageNo{}
		datadriven.Run(t, path, func(t *testing.T, c *datadriven.Case) string {
			switch c.Command {
			case "tree":
				kind := btree.IntKey
				if c.Args[1] == "byte" {
					kind = btree.ByteKey
				}
				roots[c.Args[0]] = e.create(kind)
				return ""
			case "dump":
				return e.dump(roots[c.Args[0]])
			case "rows":
				a := asm{roots: roots}
				for _, line := range strings.Split(c.Input, "\n") {
					f := fields(line)
					text := "Init\nTransaction 0 1\nOpenWrite 0 $" + c.Args[0] + " 0 -1\n"
					for i, w := range f {
						text += fmt.Sprintf("Const 0 %d 0 %s\n", i+1, w)
					}
					text += fmt.Sprintf("MakeRecord 2 %d 50\nInsert 0 50 1\nHalt", len(f)-1)
					p, err := a.assemble(text)
					if err != nil {
						return err.Error()
					}
					if s := e.exec(p, nil); s != "" {
						return s
					}
				}
				return ""
			case "run", "explain":
				a := asm{roots: roots}
				p, err := a.assemble(c.Input)
				if err != nil {
					return "assembler: " + err.Error()
				}
				if c.Command == "explain" {
					var b strings.Builder
					for _, r := range vm.Explain(p) {
						fmt.Fprintf(&b, "%-3d %-13s %-4d %-4d %-4d %-13s %-3d %s\n", r.Addr, r.Opcode, r.P1, r.P2, r.P3, r.P4, r.P5, r.Comment)
					}
					for _, r := range vm.QueryPlan(p) {
						fmt.Fprintf(&b, "plan %d %d %s\n", r.ID, r.Parent, r.Detail)
					}
					return b.String()
				}
				var params []value.Value
				for _, w := range c.Args {
					if w == "statement" {
						p.Statement = true
						continue
					}
					v, err := parseValue(w)
					if err != nil {
						return err.Error()
					}
					params = append(params, v)
				}
				out := e.exec(p, params)
				if x, _ := c.Arg("session"); x != "" {
					out += fmt.Sprintf("changes %d total %d last %d\n", e.session.Changes, e.session.TotalChanges, e.session.LastInsertID)
				}
				return out
			case "session":
				return fmt.Sprintf("changes %d, total %d, last row id %d\n", e.session.Changes, e.session.TotalChanges, e.session.LastInsertID)
			case "begin":
				e.auto = false
				return ""
			case "commit", "rollback":
				e.auto = true
				if c.Command == "rollback" {
					e.rollback()
				} else {
					e.end(nil)
				}
				return ""
			}
			t.Fatalf("%s: no such command", c.Place)
			return ""
		})
	})
}

// Functions of the tests; the product's stand in vm/fn.
var testFuncs = fn.NewRegistry([]*fn.Func{
	{Name: "upper", NArg: 1, Scalar: func(c *fn.Context, a []value.Value, out *value.Value) error {
		out.SetString(strings.ToUpper(string(a[0].TextBytes())))
		return nil
	}},
	{Name: "tail", NArg: 1, Scalar: func(c *fn.Context, a []value.Value, out *value.Value) error {
		out.SetText(a[0].Bytes()[1:]) // Borrows from its argument.
		return nil
	}},
	{Name: "fail", NArg: 0, Scalar: func(*fn.Context, []value.Value, *value.Value) error { return errors.New("it failed") }},
	{Name: "sum", NArg: 1, Flags: fn.Aggregate, NewAggregate: func() fn.Accumulator { return &sumAcc{} }},
	{Name: "slowsum", NArg: 1, Flags: fn.Aggregate, NewAggregate: func() fn.Accumulator { return slowSum{&sumAcc{}} }},
	{Name: "count", NArg: 0, Flags: fn.Aggregate, NewAggregate: func() fn.Accumulator { return &countAcc{} }},
	{Name: "max", NArg: 1, Flags: fn.Aggregate | fn.MinMax, NewAggregate: func() fn.Accumulator { return &maxAcc{} }},
})

// sumAcc is a simple sum: an integer until it meets a real.
type sumAcc struct {
	n    int64
	real float64
	is   bool
}

func (a *sumAcc) Step(_ *fn.Context, args []value.Value) error {
	switch v := args[0].Numeric(); v.Kind() {
	case value.Int:
		a.n += v.Int()
		a.real += float64(v.Int())
	case value.Real:
		a.is = true
		a.real += v.Real()
	}
	return nil
}

func (a *sumAcc) Final(_ *fn.Context, out *value.Value) error {
	out.SetInt(a.n)
	if a.is {
		out.SetReal(a.real)
	}
	return nil
}

func (a *sumAcc) Reset() { *a = sumAcc{} }

// slowSum hides whatever else sumAcc can do.
type slowSum struct{ fn.Accumulator }

type countAcc struct{ n int64 }

func (a *countAcc) Step(*fn.Context, []value.Value) error { a.n++; return nil }
func (a *countAcc) Final(_ *fn.Context, out *value.Value) error {
	out.SetInt(a.n)
	return nil
}
func (a *countAcc) Reset() { a.n = 0 }

type maxAcc struct {
	v    value.Value
	took bool
}

func (a *maxAcc) Step(_ *fn.Context, args []value.Value) error {
	if a.took = !args[0].IsNull() && (a.v.IsNull() || value.Compare(&args[0], &a.v, nil) > 0); a.took {
		a.v = args[0].Own()
	}
	return nil
}
func (a *maxAcc) Final(_ *fn.Context, out *value.Value) error { out.Set(&a.v); return nil }
func (a *maxAcc) Reset()                                      { *a = maxAcc{} }
func (a *maxAcc) TookRow() bool                               { return a.took }
