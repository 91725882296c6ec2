package codegen_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/fuzz/datadriven"
	"github.com/rustlite/rustlite/fuzz/specimen"
	"github.com/rustlite/rustlite/planner"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
)

// Goal: the programs of a few statements of every shape can be read in testdata/*.test. Method: compile
// them over one schema and list the program as EXPLAIN does.

func TestGolden(t *testing.T) {
	env := &planner.Env{Catalog: specimen.Catalog(t), Functions: fn.Builtin(), Stats: thousand{}}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.Run(t, path, func(t *testing.T, c *datadriven.Case) string {
			e := *env
			if _, ok := c.Arg("nobatch"); ok {
				e.BatchRows = -1
			}
			_, e.ForeignKeys = c.Arg("keys")
			p, err := planner.Compile(&e, specimen.Parse(t, c))
			if err != nil {
				return "error: " + err.Error()
			}
			if err := vm.Verify(p); err != nil {
				t.Errorf("%s: %v", c.Place, err)
			}
			var b strings.Builder
			for _, r := range vm.Explain(p) {
				fmt.Fprintf(&b, "%3d %-14s %4d %4d %4d  %-12s %3d  %s", r.Addr, r.Opcode, r.P1, r.P2, r.P3, r.P4, r.P5, r.Comment)
				s := strings.TrimRight(b.String(), " ")
				b.Reset()
				b.WriteString(s + "\n")
			}
			return b.String()
		})
	})
}

// thousand says that every tree has that many rows.
type thousand struct{}

func (thousand) Rows(int, uint32) int64 { return 1000 }

func (thousand) Sample(*catalog.Table, int) *plan.Sample { return nil }

func (thousand) Lean(*plan.Lean) {}
