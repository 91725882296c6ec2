package resolve

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
)

// returning binds RETURNING over a row of a table that stands in registers. It
// is the query of one core without FROM, whose columns are named as those of
// any other.
func (r *resolver) returning(t *catalog.Table, list []*ast.ResultColumn) (*Query, error) {
	if len(list) == 0 {
		return nil, nil
	}
	row := r.plainRow(t)
	row.Schema = "" // Columns go by the table's name alone.
	c := &Core{Sources: []*Source{row}}
	for _, n := range list {
		if n.Star() && n.Table != nil {
			return nil, errorf("RETURNING may not use \"TABLE.*\" wildcards")
		}
	}
	if err := r.results(&scope{sources: c.Sources}, c, list); err != nil {
		return nil, err
	}
	return &Query{Cores: []*Core{c}, Columns: columnNames(c)}, nil
}
