package rustlite

import (
	"time"

	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// explainTo makes rows the rows of EXPLAIN, and ends its run. That of EXPLAIN
// ANALYZE runs before, to its end.
func (r *run) explainTo(rows *Rows) error {
	p := r.program
	names := vm.PlanColumns
	var err error
	switch p.Explain {
	case vm.ExplainRun:
		names = append(names[:len(names):len(names)], "rows", "loops", "time", "pages")
		rows.static, err = r.analyzed()
	case vm.ExplainPlan:
		for _, l := range vm.QueryPlan(p) {
			rows.static = append(rows.static, planLine(l))
		}
	default:
		names = vm.ExplainColumns
		for _, l := range vm.Explain(p) {
			rows.static = append(rows.static, []value.Value{value.FromInt(int64(l.Addr)), value.FromString(l.Opcode), value.FromInt(int64(l.P1)),
				value.FromInt(int64(l.P2)), value.FromInt(int64(l.P3)), textOrNull(l.P4), value.FromInt(int64(l.P5)), textOrNull(l.Comment)})
		}
	}
	rows.row.cols = make([]vm.Column, len(names))
	for i, n := range names {
		rows.row.cols[i].Name = n
	}
	return r.finish(err)
}

func textOrNull(s string) value.Value {
	if s == "" {
		return value.Value{}
	}
	return value.FromString(s)
}

func planLine(l vm.PlanRow) []value.Value {
	return []value.Value{value.FromInt(int64(l.ID)), value.FromInt(int64(l.Parent)), value.FromInt(0), value.FromString(l.Detail)}
}

// analyzed runs the statement to its end and gives the lines of its plan, each
// with how many rows it had in how many loops, milliseconds, and visits of pages;
// NULL where nobody counts. The last line is the statement's: its rows, the whole
// time, all pages.
func (r *run) analyzed() (rows [][]value.Value, err error) {
	n := int64(0)
	for r.row && err == nil {
		n++
		r.row, err = r.step()
	}
	if err != nil {
		return nil, err
	}
	p, tallies := r.program, r.m.Tallies()
	if len(p.Columns) == 0 {
		n = r.m.Changes()
	}
	ms := func(d time.Duration) value.Value { return value.FromReal(float64(d.Microseconds()) / 1e3) }
	all := vm.Tally{Rows: n, Loops: 1}
	for i := range tallies {
		all.Time += tallies[i].Time
		all.Pages += tallies[i].Pages
	}
	figures := func(t *vm.Tally) []value.Value {
		return []value.Value{value.FromInt(t.Rows), value.FromInt(t.Loops), ms(t.Time), value.FromInt(t.Pages)}
	}
	for _, l := range vm.QueryPlan(p) {
		counted := make([]value.Value, 4)
		for i := range p.Tallies {
			if int(p.Tallies[i].Line) == l.ID {
				counted = figures(&tallies[i])
			}
		}
		rows = append(rows, append(planLine(l), counted...))
	}
	line := planLine(vm.PlanRow{Detail: "STATEMENT"})
	return append(rows, append(line, figures(&all)...)), nil
}
