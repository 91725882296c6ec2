package rustlite

import (
	"context"
	"strings"
	"sync"

	"github.com/rustlite/rustlite/planner"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/ext/json"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
	"github.com/rustlite/rustlite/vm/vtab"
)

// pragmaArgs are the pragmas that are tables too, pragma_NAME, with the hidden
// columns that they have there: "arg" is the pragma's argument, "schema" its
// database.
var pragmaArgs = func() map[string][]string {
	list := map[string][]string{}
	for names, args := range map[string]string{
		"table_info table_xinfo foreign_key_check foreign_key_list index_list index_info index_xinfo integrity_check quick_check": "arg schema",
		"table_list": "arg",
		"auto_vacuum cache_size cache_spill journal_mode journal_size_limit locking_mode max_page_count page_count page_size synchronous": "schema",
		"analysis_limit data_version empty_result_callbacks full_column_names hard_heap_limit ignore_check_constraints legacy_alter_table " +
			"function_list module_list pragma_list reverse_unordered_selects secure_delete short_column_names soft_heap_limit threads writable_schema " +
			"application_id automatic_index busy_timeout cell_size_check checkpoint_fullfsync collation_list database_list encoding " +
			"defer_foreign_keys foreign_keys freelist_count fullfsync query_only read_uncommitted recursive_triggers schema_version temp_store trusted_schema user_version": "",
	} {
		for _, name := range strings.Fields(names) {
			list[name] = strings.Fields(args)
		}
	}
	return list
}()

// tableModules are the table-valued functions by name, the same for all
// databases: those over JSON and the pragmas as tables, whose columns are those
// of the pragma's own program. They are made when a statement is first compiled.
var tableModules = sync.OnceValues(func() (map[string]*vtab.Module, error) {
	main, err := catalog.NewSchema("main", mainDB, 0, nil, nil, nil)
	if err != nil {
		return nil, err
	}
	env := &planner.Env{Catalog: newCatalog(main, noTemp), Functions: fn.Builtin()}
	modules := map[string]*vtab.Module{}
	for _, m := range json.Modules() {
		modules[m.Name] = m
	}
	for pragma, args := range pragmaArgs {
		st, _, err := parse("PRAGMA "+pragma, 0)
		if err != nil {
			return nil, err
		}
		p, err := planner.Compile(env, st.ast)
		if err != nil {
			return nil, err
		}
		m := &vtab.Module{Name: "pragma_" + pragma}
		for _, c := range p.Columns {
			m.Columns = append(m.Columns, vtab.Column{Name: c.Name})
		}
		for _, a := range args {
			m.Columns = append(m.Columns, vtab.Column{Name: a, Hidden: true})
		}
		m.Open = func(host any) vtab.Cursor {
			return &pragmaRows{run: host.(*run), pragma: pragma, args: args, width: len(p.Columns)}
		}
		modules[m.Name] = m
	}
	return modules, nil
})

// pragmaRows are the rows of a pragma as a table. A pragma has few, so they
// are computed at once, by a machine in the same statement's transaction.
type pragmaRows struct {
	run    *run
	pragma string
	args   []string
	width  int

	given []value.Value // Of the hidden columns.
	rows  []value.Value // width values each.
	at    int
}

func (p *pragmaRows) Filter(args []value.Value) (err error) {
	p.rows, p.at = p.rows[:0], 0
	p.given = p.given[:0]
	for i := range args {
		p.given = append(p.given, args[i].Own())
	}
	return p.run.nested(p.text(), p.run.catalog, func(row []value.Value) {
		for i := range row {
			p.rows = append(p.rows, row[i].Own())
		}
	})
}

// nested runs a statement within the transaction of another one.
func (r *run) nested(sql string, cat *catalog.Catalog, each func(row []value.Value)) error {
	st, _, err := parse(sql, 0)
	if err != nil {
		return err
	}
	program, err := r.conn.compile(st, cat)
	if err != nil {
		return err
	}
	var m vm.Machine
	defer m.Close()
	m.Start(program, r, nil)
	defer context.AfterFunc(r.ctx, m.Interrupt)()
	for {
		more, err := m.Step()
		if err != nil || !more {
			return err
		}
		each(m.Row())
	}
}

// text is the pragma as a statement.
func (p *pragmaRows) text() string {
	sql, arg := "PRAGMA ", ""
	for i := range p.given {
		switch v := &p.given[i]; {
		case v.IsNull():
		case p.args[i] == "arg":
			arg = "=" + quoteText(v)
		default:
			sql += quoteText(v) + "."
		}
	}
	return sql + p.pragma + arg
}

// quoteText is a value's text as an SQL literal, which is a name as well.
func quoteText(v *value.Value) string {
	return "'" + strings.ReplaceAll(string(v.AppendText(nil)), "'", "''") + "'"
}

func (p *pragmaRows) Next() error {
	p.at += p.width
	return nil
}

func (p *pragmaRows) EOF() bool { return p.at >= len(p.rows) }

func (p *pragmaRows) Column(i int, out *value.Value) error {
	switch {
	case i < p.width:
		*out = p.rows[p.at+i]
	case i-p.width < len(p.given):
		*out = p.given[i-p.width]
	}
	return nil
}

func (p *pragmaRows) Rowid() int64 { return int64(p.at/p.width) + 1 }
