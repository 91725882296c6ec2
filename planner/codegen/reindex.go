package codegen

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// Reindex compiles REINDEX: of everything, of what uses a collation, of a
// table, of one index. The trees are emptied and built again from the rows.
func Reindex(env *Env, n *ast.Reindex) (*vm.Program, error) {
	g := newGen(env)
	g.prog.Statement = true
	cat := env.Resolve.Catalog
	if n.Name == nil {
		return g.reindexAll(func(*catalog.Index) bool { return true })
	}
	name, schema := n.Name.Name.Text, n.Name.Schema.String()
	if schema == "" {
		find := env.Resolve.Collations
		if find == nil {
			find = value.BuiltinCollation
		}
		if coll := find(name); coll != nil {
			return g.reindexAll(func(x *catalog.Index) bool {
				for _, c := range x.Columns {
					if value.EqualFold(c.Collation.Name, coll.Name) {
						return true
					}
				}
				return false
			})
		}
	} else if cat.Database(schema) < 0 {
		return nil, unknownDatabase(n.Name.Schema)
	}
	if t, _ := cat.FindTable(schema, name); t != nil {
		for _, x := range t.Indexes {
			if err := g.reindex(x); err != nil {
				return nil, err
			}
		}
		return g.finish()
	}
	if x, _ := cat.FindIndex(schema, name); x != nil {
		if err := g.reindex(x); err != nil {
			return nil, err
		}
		return g.finish()
	}
	return nil, ddlError("unable to identify the object to be reindexed")
}

// reindexAll builds the indexes of all databases that match.
func (g *gen) reindexAll(match func(*catalog.Index) bool) (*vm.Program, error) {
	for _, s := range g.env.Resolve.Catalog.Schemas {
		for _, t := range s.Order() {
			for _, x := range t.Indexes {
				if !match(x) {
					continue
				}
				if err := g.reindex(x); err != nil {
					return nil, err
				}
			}
		}
	}
	return g.finish()
}

// reindex builds the tree of an index again. The key of a WITHOUT ROWID table
// is the table itself.
func (g *gen) reindex(x *catalog.Index) error {
	if x == x.Table.Key {
		return nil
	}
	row, err := resolve.IndexRow(g.env.Resolve, x)
	if err != nil {
		return err
	}
	g.use(x.Table.DB, true)
	g.rebuildIndex(x, row, x.Table.DB)
	return nil
}

// rebuildIndex empties the tree of index x and fills it again from the rows of its table, for which
// src stands.
func (g *gen) rebuildIndex(x *catalog.Index, src *resolve.Source, db int) {
	root := g.fixed(1)
	g.emit(vm.OpInteger, int32(x.Root), int32(root), 0)
	g.emit(vm.OpClear, int32(x.Root), int32(db), 0)
	g.fillIndex(x, src, db, root)
}
