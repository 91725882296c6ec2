package oracle

import (
	"fmt"
	"strings"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// operation is an expression that is no call of a scalar function.
type operation struct {
	sql  func(args []string) string
	ours func(d *Differ, args []value.Value, out *value.Value) error
}

var operations = map[string]operation{}

func init() {
	for _, a := range []struct {
		name string
		aff  value.Affinity
	}{
		{"INTEGER", value.AffInteger}, {"NUMERIC", value.AffNumeric}, {"REAL", value.AffReal}, {"TEXT", value.AffText}, {"BLOB", value.AffBlob},
	} {
		operations["cast "+a.name] = operation{
			func(args []string) string { return "SELECT CAST(" + args[0] + " AS " + a.name + ")" },
			func(_ *Differ, args []value.Value, out *value.Value) error {
				*out = args[0]
				out.Cast(a.aff)
				return nil
			},
		}
		column := strings.ToLower(a.name[:1])
		operations["store "+a.name] = operation{
			func(args []string) string {
				return "INSERT OR REPLACE INTO aff(rowid," + column + ") VALUES(1," + args[0] + ") RETURNING " + column
			},
			func(_ *Differ, args []value.Value, out *value.Value) error {
				*out = args[0]
				out.ApplyAffinity(a.aff)
				return nil
			},
		}
	}
	for op, test := range map[string]func(c int) bool{
		"<": func(c int) bool { return c < 0 }, "<=": func(c int) bool { return c <= 0 }, "=": func(c int) bool { return c == 0 },
		"<>": func(c int) bool { return c != 0 }, ">=": func(c int) bool { return c >= 0 }, ">": func(c int) bool { return c > 0 },
	} {
		for _, coll := range []*value.Collation{value.Binary, value.NoCase, value.RTrim} {
			operations["compare "+op+" "+coll.Name] = operation{
				func(args []string) string {
					return "SELECT " + args[0] + " " + op + " " + args[1] + " COLLATE " + coll.Name
				},
				func(_ *Differ, args []value.Value, out *value.Value) error {
					if !args[0].IsNull() && !args[1].IsNull() {
						out.SetBool(test(value.Compare(&args[0], &args[1], coll)))
					}
					return nil
				},
			}
		}
	}
	operations["numeric compare"] = operation{
		func(args []string) string { return "SELECT " + args[0] + " < CAST(" + args[1] + " AS NUMERIC)" },
		func(_ *Differ, args []value.Value, out *value.Value) error {
			args[1].Cast(value.AffNumeric)
			if !args[0].IsNull() && !args[1].IsNull() {
				args[0].ApplyCompareAffinity()
				out.SetBool(value.Compare(&args[0], &args[1], nil) < 0)
			}
			return nil
		},
	}
	operations["numeric"] = operation{
		func(args []string) string { return "SELECT 0+" + args[0] },
		func(_ *Differ, args []value.Value, out *value.Value) error {
			*out = args[0].Numeric()
			if out.Kind() == value.Real {
				out.SetReal(0 + out.Real())
			}
			return nil
		},
	}
	operations["integer"] = operation{
		func(args []string) string { return "SELECT " + args[0] + "|0" },
		func(_ *Differ, args []value.Value, out *value.Value) error {
			if !args[0].IsNull() {
				out.SetInt(args[0].AsInt())
			}
			return nil
		},
	}
	operations["truth"] = operation{
		func(args []string) string { return "SELECT (" + args[0] + ") IS TRUE" },
		func(_ *Differ, args []value.Value, out *value.Value) error {
			out.SetBool(args[0].Truth() == value.True)
			return nil
		},
	}
	operations["min nocase"] = collated("min", value.NoCase)
	operations["max nocase"] = collated("max", value.NoCase)
	operations["nullif nocase"] = collated("nullif", value.NoCase)
	for _, name := range []string{"sum", "total", "avg", "count", "min", "max", "group_concat"} {
		operations["aggregate "+name] = aggregate(name, false, false)
		if name != "min" && name != "max" { // Those need no Inverse: the machine keeps their frame in order.
			operations["window "+name] = aggregate(name, false, true)
		}
	}
	operations["aggregate group_concat 2"] = aggregate("group_concat", true, false)
	operations["aggregate string_agg 2"] = aggregate("string_agg", true, false)
	operations["window group_concat 2"] = aggregate("group_concat", true, true)
	operations["bare min"] = bare("min")
	operations["bare max"] = bare("max")
}

func collated(name string, coll *value.Collation) operation {
	return operation{
		func(args []string) string {
			return "SELECT " + name + "(" + args[0] + " COLLATE " + coll.Name + "," + strings.Join(args[1:], ",") + ")"
		},
		func(d *Differ, args []value.Value, out *value.Value) error {
			f, _ := d.registry.Lookup(name, len(args))
			ctx := d.ctx
			ctx.Collation = coll
			return f.Scalar(&ctx, args, out)
		},
	}
}

// rows makes a table of two columns: the value, and the second half of the
// arguments or the row's number.
func rows(args []string, second bool) string {
	var b strings.Builder
	n := len(args)
	if second {
		n /= 2
	}
	if n == 0 {
		return "(SELECT 1 AS column1, 2 AS column2 WHERE 0)"
	}
	b.WriteString("(VALUES")
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		s := fmt.Sprint(i)
		if second {
			s = args[n+i]
		}
		b.WriteString("(" + args[i] + "," + s + ")")
	}
	return b.String() + ")"
}

// aggregate feeds all arguments; as a window, the frame is three rows and the
// answers of all rows are joined.
func aggregate(name string, second, window bool) operation {
	call := name + "(column1)"
	if second {
		call = name + "(column1,column2)"
	}
	if window {
		call = "quote(" + call + " OVER (ROWS BETWEEN 2 PRECEDING AND CURRENT ROW))"
	}
	return operation{
		func(args []string) string {
			if window {
				return "SELECT group_concat(x,';') FROM (SELECT " + call + " AS x FROM " + rows(args, second) + ")"
			}
			return "SELECT " + call + " FROM " + rows(args, second)
		},
		func(d *Differ, args []value.Value, out *value.Value) error {
			n, width := len(args), 1
			if second {
				n, width = n/2, 2
			}
			row := func(i int) []value.Value {
				if second {
					return []value.Value{args[i], args[n+i]}
				}
				return args[i : i+1]
			}
			f, _ := d.registry.Lookup(name, width)
			a := f.NewAggregate()
			// A used and emptied accumulator must be as good as a new one.
			if n > 0 {
				if err := a.Step(&d.ctx, row(0)); err != nil {
					return err
				}
				a.Reset()
			}
			if !window {
				for i := range n {
					if err := a.Step(&d.ctx, row(i)); err != nil {
						return err
					}
				}
				return a.Final(&d.ctx, out)
			}
			return moving(d, a, n, row, out)
		},
	}
}

func moving(d *Differ, a fn.Accumulator, n int, row func(int) []value.Value, out *value.Value) error {
	w := a.(fn.Windowed)
	quote, _ := d.registry.Lookup("quote", 1)
	var all []byte
	for i := range n {
		var v, q value.Value
		if i > 2 {
			if err := w.Inverse(&d.ctx, row(i-3)); err != nil {
				return err
			}
		}
		if err := w.Step(&d.ctx, row(i)); err != nil {
			return err
		}
		if err := w.Value(&d.ctx, &v); err != nil {
			return err
		}
		if err := quote.Scalar(&d.ctx, []value.Value{v}, &q); err != nil {
			return err
		}
		if i > 0 {
			all = append(all, ';')
		}
		all = append(all, q.Bytes()...)
	}
	if n > 0 {
		out.SetText(all)
	}
	return nil
}

// bare asks which row a bare column comes from.
func bare(name string) operation {
	return operation{
		func(args []string) string {
			return "SELECT column2 FROM (SELECT " + name + "(column1), column2 FROM " + rows(args, false) + ")"
		},
		func(d *Differ, args []value.Value, out *value.Value) error {
			f, _ := d.registry.Lookup(name, 1)
			a := f.NewAggregate()
			for i := range args {
				if err := a.Step(&d.ctx, args[i:i+1]); err != nil {
					return err
				}
				if a.(fn.MinMaxer).TookRow() {
					out.SetInt(int64(i))
				}
			}
			return nil
		},
	}
}
