package planner

import (
	"slices"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/codegen"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/vtab"
)

// Env is what a statement is compiled against. It is only read.
type Env struct {
	Catalog    *catalog.Catalog
	Functions  *fn.Registry
	Collations catalog.Collations
	Modules    map[string]*vtab.Module
	Stats      plan.Stats
	BatchRows  int  // As in plan.Env.
	tallies    bool // As in codegen.Env.
	shares     bool // As in resolve.Env.
	codegen.Settings
	// Scratch is memory for the compilation alone; nil takes that of the heap.
	Scratch *Scratch
}

// Scratch is memory that compilations use one after the other.
type Scratch struct {
	resolve resolve.Scratch
	plan    plan.Scratch
	codegen codegen.Scratch
}

func (m *Scratch) reset() {
	if m != nil {
		m.resolve.Reset()
		m.plan.Reset()
		m.codegen.Reset()
	}
}

// Compile compiles one statement. Errors are *resolve.NameError and
// *catalog.Error, with SQLite's texts; what cannot run yet answers
// "not supported yet: FEATURE".
func Compile(env *Env, stmt ast.Stmt) (*vm.Program, error) {
	defer env.Scratch.reset()
	explain := uint8(0)
	if e, ok := stmt.(*ast.Explain); ok {
		explain, stmt = vm.ExplainProgram, e.Stmt
		switch {
		case e.QueryPlan:
			explain = vm.ExplainPlan
		case e.Analyze:
			explain = vm.ExplainRun
		}
	}
	env.tallies, env.shares = explain == vm.ExplainRun, explain == 0 && env.Scratch != nil
	p, err := compile(env, stmt)
	if err != nil {
		return nil, err
	}
	p.Literals = slices.DeleteFunc(p.Literals, func(l vm.Literal) bool { return !env.Scratch.resolve.Undecided(token.Pos(l.At)) })
	for _, name := range ast.Params(stmt) {
		p.Params = append(p.Params, vm.Param{Name: name})
	}
	if explain != 0 {
		p.Explain = explain
		p.ReadOnly = p.ReadOnly || explain != vm.ExplainRun
	}
	return p, nil
}

// CheckSchema binds all that may mean a table of a database and tells of the
// first that is wrong, with the words of when; strings allows strings in double
// quotes.
func CheckSchema(env *Env, db int, when string, strings bool) error {
	ce := env.codegen()
	if !strings {
		ce.Resolve.Strings = resolve.StringsNowhere
	}
	return codegen.CheckSchema(ce, db, when)
}

func (env *Env) codegen() *codegen.Env {
	m := env.Scratch
	if m == nil {
		m = new(Scratch)
	}
	strings := resolve.StringsAnywhere
	if env.NoStrings {
		strings = resolve.StringsInTables
	}
	return &codegen.Env{
		Resolve: resolve.Env{Catalog: env.Catalog, Functions: env.Functions, Collations: env.Collations, Modules: env.Modules,
			FullNames: env.FullNames, LongNames: env.LongNames, Strings: strings, Scratch: &m.resolve, Shares: env.shares},
		Plan:     &plan.Env{Stats: env.Stats, BatchRows: env.BatchRows, Backwards: env.Backwards, Scratch: &m.plan},
		Scratch:  &m.codegen,
		Tallies:  env.tallies,
		Settings: env.Settings,
	}
}

func compile(env *Env, stmt ast.Stmt) (*vm.Program, error) {
	ce := env.codegen()
	switch n := stmt.(type) {
	case *ast.Select:
		q, err := resolve.Select(ce.Resolve, n)
		if err != nil {
			return nil, err
		}
		return codegen.Select(ce, q, plan.Query(ce.Plan, q))
	case *ast.Insert:
		ins, err := resolve.BindInsert(ce.Resolve, n)
		if err != nil {
			return nil, err
		}
		return codegen.Insert(ce, ins)
	case *ast.Update:
		up, err := resolve.BindUpdate(ce.Resolve, n)
		if err != nil {
			return nil, err
		}
		return codegen.Update(ce, up)
	case *ast.Delete:
		del, err := resolve.BindDelete(ce.Resolve, n)
		if err != nil {
			return nil, err
		}
		return codegen.Delete(ce, del)
	case *ast.CreateTable:
		return codegen.CreateTable(ce, n)
	case *ast.CreateIndex:
		return codegen.CreateIndex(ce, n)
	case *ast.CreateView:
		return codegen.CreateView(ce, n)
	case *ast.CreateTrigger:
		return codegen.CreateTrigger(ce, n)
	case *ast.Drop:
		return codegen.Drop(ce, n)
	case *ast.Reindex:
		return codegen.Reindex(ce, n)
	case *ast.AlterDropColumn:
		return codegen.DropColumn(ce, n)
	case *ast.AlterRenameTable:
		return codegen.RenameTable(ce, n)
	case *ast.AlterRenameColumn:
		return codegen.RenameColumn(ce, n)
	case *ast.AlterDropConstraint:
		return codegen.DropConstraint(ce, n)
	case *ast.AlterColumnNotNull:
		return codegen.ColumnNotNull(ce, n)
	case *ast.AlterAddCheck:
		return codegen.AddCheck(ce, n)
	case *ast.AlterAddColumn:
		return codegen.AddColumn(ce, n)
	case *ast.Analyze:
		return codegen.Analyze(ce, n)
	case *ast.Vacuum:
		return codegen.Vacuum(ce, n)
	case *ast.Attach:
		return codegen.Attach(ce, n)
	case *ast.Detach:
		return codegen.Detach(ce, n)
	case *ast.Pragma:
		return codegen.Pragma(ce, n)
	case *ast.Begin, *ast.Commit, *ast.Rollback, *ast.Savepoint, *ast.Release:
		return codegen.Transaction(ce, n)
	}
	return nil, resolve.NotYet(feature(stmt))
}

// feature names a statement that cannot run yet.
func feature(stmt ast.Stmt) string {
	switch stmt.(type) {
	case *ast.CreateVirtualTable:
		return "CREATE VIRTUAL TABLE"
	default:
		return "this statement"
	}
}
