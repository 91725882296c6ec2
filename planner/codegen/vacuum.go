package codegen

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
)

// Vacuum compiles VACUUM. There is nothing to do for the temporary database.
func Vacuum(env *Env, n *ast.Vacuum) (*vm.Program, error) {
	db := 0
	if n.Schema != nil {
		if db = env.Resolve.Catalog.Database(n.Schema.Text); db < 0 {
			return nil, unknownDatabase(n.Schema)
		}
	}
	g := newGen(env)
	if db == tempDB {
		return g.finish()
	}
	into := reg(0)
	if n.Into != nil {
		e, err := resolve.FreeExpr(env.Resolve, n.Into)
		if err != nil {
			return nil, err
		}
		into = g.temp()
		g.exprTo(e, into)
	}
	g.prog.ReadOnly = false
	g.emit4(vm.OpVacuum, int32(db), int32(into), 0, g.object(g.trees(db)))
	return g.finish()
}
