package plan_test

import (
	"testing"

	"github.com/rustlite/rustlite/fuzz/datadriven"
	"github.com/rustlite/rustlite/fuzz/specimen"
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/fn"
)

// Goal: each rewrite rule and each choice of the planner can be read in testdata/*.test. Method: plan
// SELECTs over one schema with fixed numbers of rows and draw the tree of the stage that the command
// names: logical (as built), rewritten (after the rules) or physical.

// counts are the entries of the trees by their roots.
type counts map[uint32]int64

func (c counts) Rows(_ int, root uint32) int64 { return c[root] }

func (counts) Sample(*catalog.Table, int) *plan.Sample { return nil }

func (counts) Lean(*plan.Lean) {}

// newCounts gives every table a size, and its indexes the same.
func newCounts(cat *catalog.Catalog) counts {
	c := counts{}
	for name, n := range map[string]int64{"t": 10_000, "u": 50_000, "w": 100} {
		table := cat.Schemas[0].Table(name)
		c[table.Root] = n
		for _, x := range table.Indexes {
			c[x.Root] = n
		}
	}
	return c
}

func TestGolden(t *testing.T) {
	cat := specimen.Catalog(t)
	renv := resolve.Env{Catalog: cat, Functions: fn.Builtin(), Scratch: new(resolve.Scratch)}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.Run(t, path, func(t *testing.T, c *datadriven.Case) string {
			q, err := resolve.Select(renv, specimen.Parse(t, c).(*ast.Select))
			if err != nil {
				return "error: " + err.Error()
			}
			env := &plan.Env{Stats: newCounts(cat), Scratch: new(plan.Scratch)}
			if _, ok := c.Arg("nobatch"); ok {
				env.BatchRows = -1
			}
			s := plan.Build(env, q)
			switch c.Command {
			case "logical":
				return s.String()
			case "rewritten":
				plan.Rewrite(s)
				return s.String()
			case "rules":
				before := s.String()
				plan.Rewrite(s)
				return "before\n" + before + "\nafter\n" + s.String()
			case "physical":
				return plan.Query(env, q).String()
			}
			t.Fatalf("%s: unknown command %s", c.Place, c.Command)
			return ""
		})
	})
}
