package resolve

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
)

// bindRow binds what a row of the table of s computes: its generated columns,
// then what its indexes hold.
func (r *resolver) bindRow(s *Source) error {
	r.aside++
	defer func() { r.aside-- }()
	if err := r.bindGenerated(s, nil); err != nil {
		return err
	}
	return r.bindIndexes(s)
}

// bindGenerated binds the generated columns of a table over s and finds the
// order in which to compute them; wrong is what is wrong with the table before.
func (r *resolver) bindGenerated(s *Source, wrong error) error {
	t := s.Table
	if !t.HasGenerated {
		return wrong
	}
	row := r.plainRow(t)
	s.Generated = make([]*Expr, len(t.Columns))
	for i, c := range t.Columns {
		if c.Generated == nil {
			continue
		}
		e, err := r.expr(&scope{sources: []*Source{row}, kind: inGenerated}, c.Generated)
		if err != nil {
			if wrong == nil || isTold(c.Generated) {
				wrong = err
			}
			continue
		}
		if e.Op == OpColumn {
			e = Unary(OpPlus, e) // A copy of a column has not its affinity.
		}
		s.Generated[i] = moved(e, row, s)
	}
	if wrong != nil {
		return wrong
	}
	return s.orderGenerated()
}

// isTold reports whether an error within n stands in place of the one that the
// table has already: the reference looks no further than the outermost node.
func isTold(n ast.Expr) bool {
	switch n := n.(type) {
	case *ast.FuncCall, *ast.Subquery, *ast.Exists, *ast.Param:
		return true
	case *ast.Column:
		return n.Table != nil
	case *ast.In:
		return !n.Not && (n.Select != nil || n.Table != nil)
	}
	return false
}

// orderGenerated puts the generated columns in an order in which each comes
// after those that it reads.
func (s *Source) orderGenerated() error {
	waiting := 0
	for _, e := range s.Generated {
		if e != nil {
			waiting++
		}
	}
	known := make([]bool, len(s.Generated))
	for waiting > 0 {
		before, last := waiting, 0
		for i, e := range s.Generated {
			if e == nil || known[i] {
				continue
			}
			last = i
			if s.reads(e, func(col int) bool { return s.Generated[col] != nil && !known[col] }) {
				continue
			}
			known[i] = true
			s.GeneratedOrder = append(s.GeneratedOrder, i)
			waiting--
		}
		if waiting == before {
			return errorf("generated column loop on \"%s\"", s.Table.Columns[last].Name)
		}
	}
	return nil
}

// reads reports whether e reads a column of s for which is answers true.
func (s *Source) reads(e *Expr, is func(col int) bool) bool {
	found := false
	Walk(e, func(x *Expr) bool {
		found = found || x.Op == OpColumn && x.Source == s && x.Index >= 0 && is(x.Index)
		return !found
	})
	return found
}

// Changed extends set, the columns of s that a statement sets, by the
// generated ones that depend on them.
func (s *Source) Changed(set []bool) {
	for _, i := range s.GeneratedOrder {
		if s.reads(s.Generated[i], func(col int) bool { return set[col] }) {
			set[i] = true
		}
		Walk(s.Generated[i], func(x *Expr) bool {
			if x.Op == OpColumn && x.Index == RowidColumn && s.Table.RowidAlias >= 0 && set[s.Table.RowidAlias] {
				set[i] = true
			}
			return true
		})
	}
}

// Virtual is the expression of column i of s when it is computed as it is
// read, else nil.
func (s *Source) Virtual(i int) *Expr {
	if s.Generated == nil || i < 0 || s.Query != nil || !s.Table.Columns[i].Virtual() {
		return nil
	}
	return s.Generated[i]
}

// CheckTable binds the CHECK constraints and the generated columns of a table
// that is being made, to find their errors.
func CheckTable(env Env, t *catalog.Table) error {
	r := &resolver{env: env}
	_, err := r.checks(r.plainRow(t))
	return r.bindGenerated(r.plainRow(t), err)
}
