package catalog

import (
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/vm/value"
)

// ForeignKey says that columns of a table, the child, name a row of another
// one, its parent.
type ForeignKey struct {
	Table    *Table
	Columns  []int // Of the table.
	Ref      *ast.References
	Deferred bool // Tested at the end of the transaction.
}

// ParentKey is what a foreign key names in its parent.
type ParentKey struct {
	Table   *Table
	Index   *Index // nil for the row id.
	Columns []int  // Of the parent.
	From    []int  // The child's columns in this order.
}

// Parent finds the parent in the schema of the child, nil when there is none.
func (k *ForeignKey) Parent(s *Schema) *Table { return s.Table(value.Lower(k.Ref.Table.Text)) }

// References lists the foreign keys that have t for their parent, the newest
// first.
func (s *Schema) References(t *Table) []*ForeignKey {
	var list []*ForeignKey
	order := s.Order()
	for i := len(order) - 1; i >= 0; i-- {
		keys := order[i].ForeignKeys
		for k := len(keys) - 1; k >= 0; k-- {
			if value.EqualFold(keys[k].Ref.Table.Text, t.Name) {
				list = append(list, keys[k])
			}
		}
	}
	return list
}

// In finds the key that k names in its parent: the row id, or a unique index on
// exactly the columns named, with their own collations.
func (k *ForeignKey) In(parent *Table) (*ParentKey, error) {
	p := &ParentKey{Table: parent}
	names := k.Ref.Columns
	if a := parent.RowidAlias; a >= 0 && len(k.Columns) == 1 && (len(names) == 0 || value.EqualFold(parent.Columns[a].Name, names[0].Text)) {
		p.Columns, p.From = []int{a}, k.Columns
		return p, nil
	}
	for _, i := range parent.IndexOrder() {
		x := parent.Indexes[i]
		if len(x.Columns) != len(k.Columns) || !x.Unique || x.Where != nil {
			continue
		}
		p.Index, p.Columns, p.From = x, nil, nil
		for at, c := range x.Columns {
			from := -1
			switch {
			case len(names) == 0:
				if x.Origin == 'p' {
					from = k.Columns[at]
				}
			case c.Column >= 0 && c.Collation == parent.Columns[c.Column].Collation:
				for j, n := range names {
					if from < 0 && value.EqualFold(n.Text, parent.Columns[c.Column].Name) {
						from = k.Columns[j]
					}
				}
			}
			if from < 0 {
				break
			}
			p.Columns, p.From = append(p.Columns, c.Column), append(p.From, from)
		}
		if len(p.From) == len(x.Columns) {
			return p, nil
		}
	}
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	return nil, errorf("foreign key mismatch - %s referencing %s", quote(k.Table.Name), quote(k.Ref.Table.Text))
}

// ChildChanges reports whether a change of these columns of the child changes
// the key.
func (k *ForeignKey) ChildChanges(columns []bool) bool {
	for _, c := range k.Columns {
		if columns[c] {
			return true
		}
	}
	return false
}

// ParentChanges reports whether a change of these columns of the parent changes
// what the key names.
func (k *ForeignKey) ParentChanges(parent *Table, columns []bool) bool {
	for i, c := range parent.Columns {
		if !columns[i] {
			continue
		}
		if len(k.Ref.Columns) == 0 && c.PK > 0 {
			return true
		}
		for _, n := range k.Ref.Columns {
			if value.EqualFold(n.Text, c.Name) {
				return true
			}
		}
	}
	return false
}

// Action is what the change of a row of the parent does to its children.
func (k *ForeignKey) Action(update bool) ast.RefAction {
	if update {
		return k.Ref.OnUpdate
	}
	return k.Ref.OnDelete
}
