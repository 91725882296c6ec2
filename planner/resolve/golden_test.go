package resolve_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/fuzz/datadriven"
	"github.com/rustlite/rustlite/fuzz/specimen"
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// Goal: what a name means, and which affinity and collation an expression has, can be read in
// testdata/*.test. Method: bind SELECTs over one schema and draw every bound expression.

func TestGolden(t *testing.T) {
	env := resolve.Env{Catalog: specimen.Catalog(t), Functions: fn.Builtin(), Scratch: new(resolve.Scratch)}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.Run(t, path, func(t *testing.T, c *datadriven.Case) string {
			q, err := resolve.Select(env, specimen.Parse(t, c).(*ast.Select))
			if err != nil {
				return drawError(err, c.Input)
			}
			var b strings.Builder
			for _, core := range q.Cores {
				drawCore(&b, core)
			}
			for _, o := range q.OrderBy {
				fmt.Fprintf(&b, "order by %s column %d desc %v\n", o.Expr, o.Col, o.Desc)
			}
			if q.Correlated {
				b.WriteString("correlated\n")
			}
			return b.String()
		})
	})
}

func drawCore(b *strings.Builder, c *resolve.Core) {
	if len(c.Rows) > 0 {
		fmt.Fprintf(b, "values %v\n", c.Rows)
	}
	for _, r := range c.Results {
		fmt.Fprintf(b, "%s%s\n", r.Expr, traits(r.Expr))
	}
	for _, s := range c.Sources {
		if s.On != nil {
			fmt.Fprintf(b, "on %s\n", s.On)
		}
	}
	if c.Where != nil {
		fmt.Fprintf(b, "where %s%s\n", c.Where, comparison(c.Where))
	}
	for _, e := range c.GroupBy {
		fmt.Fprintf(b, "group by %s\n", e)
	}
	if c.Having != nil {
		fmt.Fprintf(b, "having %s\n", c.Having)
	}
}

func traits(e *resolve.Expr) string {
	s := ""
	if a := e.Affinity(); a != value.AffNone {
		s += fmt.Sprintf("  affinity %c", a)
	}
	if c := e.Collation(); c != nil {
		s += "  collation " + c.Name
	}
	if !e.CanBeNull() {
		s += "  never null"
	}
	if e.IsConstant() {
		s += "  constant"
	}
	return s
}

// comparison shows how the two sides of a comparison meet.
func comparison(e *resolve.Expr) string {
	if e.Op < resolve.OpEq || e.Op > resolve.OpIsNot {
		return ""
	}
	name := "BINARY"
	if c := resolve.CompareCollation(e.L, e.R); c != nil {
		name = c.Name
	}
	return fmt.Sprintf("  compares as %c %s", resolve.CompareAffinity(e.L.Affinity(), e.R.Affinity()), name)
}

func drawError(err error, sql string) string {
	var name *resolve.NameError
	if errors.As(err, &name) && name.Pos >= 0 {
		return fmt.Sprintf("error: %s\n  %s\n  %s^", err, strings.SplitN(sql, "\n", 2)[0], strings.Repeat(" ", int(name.Pos)))
	}
	return "error: " + err.Error()
}
