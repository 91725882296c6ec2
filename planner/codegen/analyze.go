package codegen

import (
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// statSQL is the text of the table of the statistics, which ANALYZE makes.
const statSQL = "CREATE TABLE " + catalog.StatsName + "(tbl,idx,stat)"

// The columns of sqlite_stat1 by which its rows go.
const (
	statTable = 0
	statIndex = 1
)

// Analyze compiles ANALYZE: of all databases but the temporary one, of a
// database, of a table, of one index.
func Analyze(env *Env, n *ast.Analyze) (*vm.Program, error) {
	g := newGen(env)
	g.prog.Statement = true
	cat := env.Resolve.Catalog
	if n.Name == nil {
		for db := range cat.Schemas {
			if db != tempDB {
				g.analyzeAll(db)
			}
		}
		return g.finish()
	}
	name, schema := n.Name.Name.Text, n.Name.Schema.String()
	if schema == "" {
		if db := cat.Database(name); db >= 0 {
			g.analyzeAll(db)
			return g.finish()
		}
	} else if cat.Database(schema) < 0 {
		return nil, unknownDatabase(n.Name.Schema)
	}
	if x, db := cat.FindIndex(schema, name); x != nil {
		s := g.openStats(db, statIndex, x.Name)
		g.analyze(s, x.Table, x)
		s.close()
		return g.finish()
	}
	t, err := alterable(env, n.Name)
	if err != nil {
		return nil, err
	}
	s := g.openStats(t.DB, statTable, t.Name)
	g.analyze(s, t, nil)
	s.close()
	return g.finish()
}

// analyzeAll analyzes a database.
func (g *gen) analyzeAll(db int) {
	s := g.openStats(db, -1, "")
	for _, t := range g.env.Resolve.Catalog.Schemas[db].HashOrder() {
		g.analyze(s, t, nil)
	}
	s.close()
}

// statWriter writes sqlite_stat1; schema is not nil when it makes the table.
type statWriter struct {
	schemaWriter
	schema *schemaWriter
}

// openStats opens sqlite_stat1, without the rows that have name in column col;
// below 0: without all.
func (g *gen) openStats(db, col int, name string) *statWriter {
	s := &statWriter{schemaWriter: schemaWriter{g: g, db: db}}
	t := g.env.Resolve.Catalog.Schemas[db].Table(catalog.StatsName)
	if t == nil {
		s.schema = g.openSchema(db)
		root := g.fixed(1)
		g.emit(vm.OpCreateTree, int32(db), int32(root), 0)
		s.schema.add("table", catalog.StatsName, catalog.StatsName, root, statSQL)
		s.cursor = g.cursor()
		g.emit4(vm.OpOpenWrite, s.cursor, int32(root), int32(db), -1)
		g.p5(1)
		return s
	}
	g.use(db, true)
	if col < 0 {
		g.emit(vm.OpClear, int32(t.Root), int32(db), 0)
	}
	s.cursor = g.cursor()
	g.emit4(vm.OpOpenWrite, s.cursor, int32(t.Root), int32(db), -1)
	if col >= 0 {
		s.remove(func(next label) { s.where(col, name, next) })
	}
	return s
}

// close lets the planner know what was written.
func (s *statWriter) close() {
	if s.schema != nil {
		s.schema.changed()
		return
	}
	s.g.emit4(vm.OpReloadSchema, int32(s.db), vm.CheckNothing, 0, -1)
}

// analyze writes the rows of a table, or of one of its indexes. A table without
// an index that has all of its rows gets a row for itself.
func (g *gen) analyze(s *statWriter, t *catalog.Table, only *catalog.Index) {
	if t.View != nil || reserved(t.Name) != nil {
		return
	}
	whole := false
	for _, k := range t.IndexOrder() {
		x := t.Indexes[k]
		if only != nil && x != only {
			continue
		}
		whole = whole || x.Where == nil
		for _, c := range x.Columns {
			g.checkCollation(c.Collation)
		}
		name := x.Name
		if x == t.Key {
			name = t.Name
		}
		mark, none := g.top, g.newLabel()
		row, c := g.regs(3), g.cursor()
		g.emit4(vm.OpOpenRead, c, int32(x.Root), int32(s.db), g.key(indexKey(x)))
		g.emit(vm.OpIndexStats, c, int32(row)+2, 0)
		flags := uint16(0)
		if x.Where != nil {
			flags |= vm.StatsPartial
		}
		if x.Unique && len(x.Columns) == 1 {
			flags |= vm.StatsUnique
		}
		g.p5(flags)
		g.emit(vm.OpIsNull, int32(row)+2, int32(none), 0)
		g.loadConst(ptr(value.FromString(name)), row+1)
		s.addStats(t, row)
		g.bind(none)
		g.emit(vm.OpClose, c, 0, 0)
		g.release(mark)
	}
	if whole {
		return
	}
	mark, none := g.top, g.newLabel()
	row, c := g.regs(3), g.cursor()
	g.emit4(vm.OpOpenRead, c, int32(t.Root), int32(s.db), g.tableKey(t))
	g.emit(vm.OpCount, c, int32(row)+2, 0)
	g.emit(vm.OpIfNot, int32(row)+2, int32(none), 0)
	g.emit(vm.OpNull, 0, int32(row)+1, 0)
	s.addStats(t, row)
	g.bind(none)
	g.emit(vm.OpClose, c, 0, 0)
	g.release(mark)
}

// addStats inserts a row of which the index and its text are there.
func (s *statWriter) addStats(t *catalog.Table, row reg) {
	g := s.g
	g.loadConst(ptr(value.FromString(t.Name)), row)
	rec, id := g.temp(), g.temp()
	texts := []value.Affinity{value.AffText, value.AffText, value.AffText}
	g.emit4(vm.OpMakeRecord, int32(row), 3, int32(rec), g.affinityString(texts))
	g.emit(vm.OpNewRowid, s.cursor, int32(id), 0)
	g.emit4(vm.OpInsert, s.cursor, int32(rec), int32(id), -1)
}

// forgetStats deletes the statistics of a table or index that goes.
func (g *gen) forgetStats(db, col int, name string) {
	if t := g.env.Resolve.Catalog.Schemas[db].Table(catalog.StatsName); t != nil && !value.EqualFold(t.Name, name) {
		g.openStats(db, col, name)
	}
}

// isStats reports whether a table is one of statistics, which users may drop.
func isStats(t *catalog.Table) bool {
	return strings.HasPrefix(value.Lower(t.Name), "sqlite_stat")
}
