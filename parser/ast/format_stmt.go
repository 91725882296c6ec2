package ast

import (
	"strings"

	"github.com/rustlite/rustlite/parser/token"
)

var conflictWords = [...]string{
	ConflictNone: "", ConflictRollback: "ROLLBACK", ConflictAbort: "ABORT", ConflictFail: "FAIL",
	ConflictIgnore: "IGNORE", ConflictReplace: "REPLACE",
}

// or writes OR action, if there is one.
func (p *printer) or(c Conflict) {
	if c != ConflictNone {
		p.words(" OR ", conflictWords[c])
	}
}

// onConflict writes ON CONFLICT action, if there is one.
func (p *printer) onConflict(c Conflict) {
	if c != ConflictNone {
		p.words(" ON CONFLICT ", conflictWords[c])
	}
}

// stmt writes a statement without a semicolon.
func (p *printer) stmt(s Stmt) {
	switch s := s.(type) {
	case *Explain:
		p.words("EXPLAIN ")
		p.when(s.QueryPlan, "QUERY PLAN ")
		p.when(s.Analyze, "ANALYZE ")
		p.node(s.Stmt)
	case *Insert:
		p.insert(s)
	case *Update:
		p.with(s.With)
		p.words("UPDATE")
		p.or(s.Or)
		p.words(" ")
		p.table(s.Table)
		clause(p, " SET ", s.Set)
		p.from(s.From)
		p.optional(" WHERE ", s.Where)
		clause(p, " RETURNING ", s.Returning)
	case *Delete:
		p.with(s.With)
		p.words("DELETE FROM ")
		p.table(s.Table)
		p.optional(" WHERE ", s.Where)
		clause(p, " RETURNING ", s.Returning)
	case *CreateTable:
		p.createTable(s)
	case *CreateIndex:
		p.words("CREATE ")
		p.when(s.Unique, "UNIQUE ")
		p.words("INDEX ")
		p.newObject(s.IfNotExists, s.Name)
		p.words(" ON ")
		p.name(s.Table)
		p.words(" (")
		list(p, s.Columns)
		p.words(")")
		p.optional(" WHERE ", s.Where)
	case *CreateView:
		p.create(s.Temp, "VIEW ", s.IfNotExists, s.Name)
		p.parenNames(s.Columns)
		p.words(" AS ")
		p.node(s.Select)
	case *CreateTrigger:
		p.createTrigger(s)
	case *CreateVirtualTable:
		p.create(false, "VIRTUAL TABLE ", s.IfNotExists, s.Name)
		p.words(" USING ")
		p.name(s.Module)
		if s.Args != nil {
			p.words("(", strings.Join(s.Args, ", "), ")")
		}
	case *Drop:
		p.words("DROP ", []string{"TABLE ", "INDEX ", "VIEW ", "TRIGGER "}[s.Kind])
		p.when(s.IfExists, "IF EXISTS ")
		p.node(s.Name)
	case *AlterRenameTable, *AlterRenameColumn, *AlterAddColumn, *AlterDropColumn, *AlterDropConstraint,
		*AlterColumnNotNull, *AlterAddCheck:
		p.alter(s)
	case *Pragma:
		p.words("PRAGMA ")
		p.qualified(s.Schema, s.Name)
		if s.Value != nil {
			p.words(" = ")
			p.pragmaValue(s.Value)
		}
	case *Begin:
		p.words("BEGIN", []string{"", " IMMEDIATE", " EXCLUSIVE"}[s.Mode])
	case *Commit:
		p.words("COMMIT")
	case *Rollback:
		p.words("ROLLBACK")
		p.named(" TO SAVEPOINT ", s.To)
	case *Savepoint:
		p.named("SAVEPOINT ", s.Name)
	case *Release:
		p.named("RELEASE SAVEPOINT ", s.Name)
	case *Attach:
		// The word DATABASE stays, since the expression may begin with a column of that name.
		p.optional("ATTACH DATABASE ", s.File)
		p.optional(" AS ", s.Schema)
		p.optional(" KEY ", s.Key)
	case *Detach:
		p.optional("DETACH DATABASE ", s.Schema)
	case *Analyze:
		p.words("ANALYZE")
		p.object(s.Name)
	case *Reindex:
		p.words("REINDEX")
		p.object(s.Name)
	case *Vacuum:
		p.words("VACUUM")
		p.named(" ", s.Schema)
		p.optional(" INTO ", s.Into)
	case *Select:
		p.selectStmt(s)
	}
}

// named writes words and a name, if there is one.
func (p *printer) named(words string, n *Name) {
	if n != nil {
		p.words(words)
		p.name(n)
	}
}

// object writes a space and an object's name, if there is one.
func (p *printer) object(o *ObjectName) {
	if o != nil {
		p.words(" ")
		p.qualified(o.Schema, o.Name)
	}
}

func (p *printer) with(w *With) {
	if w != nil {
		p.node(w)
		p.words(" ")
	}
}

func (p *printer) create(temp bool, what string, ifNotExists bool, name *ObjectName) {
	p.words("CREATE ")
	p.when(temp, "TEMP ")
	p.words(what)
	p.newObject(ifNotExists, name)
}

func (p *printer) newObject(ifNotExists bool, name *ObjectName) {
	p.when(ifNotExists, "IF NOT EXISTS ")
	p.node(name)
}

func (p *printer) insert(s *Insert) {
	p.with(s.With)
	if s.Replace {
		p.words("REPLACE")
	} else {
		p.words("INSERT")
		p.or(s.Or)
	}
	p.words(" INTO ")
	p.table(s.Table)
	p.parenNames(s.Columns)
	if s.Source == nil {
		p.words(" DEFAULT VALUES")
	} else {
		p.words(" ")
		p.node(s.Source)
	}
	for _, u := range s.Upserts {
		p.words(" ")
		p.upsert(u)
	}
	clause(p, " RETURNING ", s.Returning)
}

func (p *printer) upsert(u *Upsert) {
	p.words("ON CONFLICT ")
	if len(u.Target) > 0 {
		p.words("(")
		list(p, u.Target)
		p.words(")")
		p.optional(" WHERE ", u.TargetWhere)
		p.words(" ")
	}
	if u.DoNothing {
		p.words("DO NOTHING")
		return
	}
	clause(p, "DO UPDATE SET ", u.Set)
	p.optional(" WHERE ", u.Where)
}

func (p *printer) assignment(a *Assignment) {
	p.when(a.Tuple, "(")
	p.names(a.Columns)
	p.when(a.Tuple, ")")
	p.optional(" = ", a.Value)
}

func (p *printer) createTable(s *CreateTable) {
	p.create(s.Temp, "TABLE ", s.IfNotExists, s.Name)
	if s.As != nil {
		p.words(" AS ")
		p.node(s.As)
		return
	}
	p.words(" (")
	list(p, s.Columns)
	clause(p, ", ", s.Constraints)
	p.words(")")
	p.when(s.WithoutRowid, " WITHOUT ROWID")
	p.when(s.WithoutRowid && s.Strict, ",")
	p.when(s.Strict, " STRICT")
}

func (p *printer) columnConstraint(c ColumnConstraint) {
	switch c := c.(type) {
	case *ColumnPrimaryKey:
		p.constraint(c.Name)
		p.words("PRIMARY KEY", []string{"", " ASC", " DESC"}[c.Order])
		p.onConflict(c.OnConflict)
		p.when(c.Autoincrement, " AUTOINCREMENT")
	case *ColumnNotNull:
		p.constraint(c.Name)
		p.words("NOT NULL")
		p.onConflict(c.OnConflict)
	case *ColumnNull:
		p.constraint(c.Name)
		p.words("NULL")
		p.onConflict(c.OnConflict)
	case *ColumnUnique:
		p.constraint(c.Name)
		p.words("UNIQUE")
		p.onConflict(c.OnConflict)
	case *ColumnCheck:
		p.constraint(c.Name)
		p.optional("CHECK (", c.Expr)
		p.words(")")
	case *ColumnDefault:
		p.constraint(c.Name)
		p.words("DEFAULT ")
		p.when(c.Paren, "(")
		p.node(c.Expr)
		p.when(c.Paren, ")")
	case *ColumnCollate:
		p.constraint(c.Name)
		p.named("COLLATE ", c.Collation)
	case *ColumnReferences:
		p.constraint(c.Name)
		p.references(c.References)
	case *ColumnDeferrable:
		p.constraint(c.Name)
		p.words(deferralWords[c.Deferral])
	case *ColumnGenerated:
		p.constraint(c.Name)
		p.optional("AS (", c.Expr)
		p.words(")")
		p.named(" ", c.Kind)
	}
}

var deferralWords = [...]string{
	DeferNone:                            "",
	DeferNotDeferrable:                   "NOT DEFERRABLE",
	DeferNotDeferrableInitiallyDeferred:  "NOT DEFERRABLE INITIALLY DEFERRED",
	DeferNotDeferrableInitiallyImmediate: "NOT DEFERRABLE INITIALLY IMMEDIATE",
	DeferDeferrable:                      "DEFERRABLE",
	DeferInitiallyDeferred:               "DEFERRABLE INITIALLY DEFERRED",
	DeferInitiallyImmediate:              "DEFERRABLE INITIALLY IMMEDIATE",
}

func (p *printer) constraint(name *Name) {
	if name != nil {
		p.named("CONSTRAINT ", name)
		p.words(" ")
	}
}

func (p *printer) references(r *References) {
	p.named("REFERENCES ", r.Table)
	p.parenNames(r.Columns)
	action := func(event string, a RefAction) {
		if a != RefNone {
			p.words(event, a.String())
		}
	}
	action(" ON DELETE ", r.OnDelete)
	action(" ON UPDATE ", r.OnUpdate)
	p.named(" MATCH ", r.Match)
	if r.Deferral != DeferNone {
		p.words(" ", deferralWords[r.Deferral])
	}
}

func (p *printer) tableConstraint(c TableConstraint) {
	switch c := c.(type) {
	case *TablePrimaryKey:
		p.constraint(c.Name)
		clause(p, "PRIMARY KEY (", c.Columns)
		p.when(c.Autoincrement, " AUTOINCREMENT")
		p.words(")")
		p.onConflict(c.OnConflict)
	case *TableUnique:
		p.constraint(c.Name)
		clause(p, "UNIQUE (", c.Columns)
		p.words(")")
		p.onConflict(c.OnConflict)
	case *TableCheck:
		p.constraint(c.Name)
		p.optional("CHECK (", c.Expr)
		p.words(")")
		p.onConflict(c.OnConflict)
	case *TableForeignKey:
		p.constraint(c.Name)
		p.words("FOREIGN KEY")
		p.parenNames(c.Columns)
		p.words(" ")
		p.references(c.References)
	}
}

func (p *printer) createTrigger(s *CreateTrigger) {
	p.create(s.Temp, "TRIGGER ", s.IfNotExists, s.Name)
	p.words([]string{"", " BEFORE", " AFTER", " INSTEAD OF"}[s.Time], []string{" DELETE", " INSERT", " UPDATE"}[s.Event])
	if len(s.UpdateOf) > 0 {
		p.words(" OF ")
		p.names(s.UpdateOf)
	}
	p.words(" ON ")
	p.node(s.Table)
	p.when(s.ForEachRow, " FOR EACH ROW")
	p.optional(" WHEN ", s.When)
	p.words(" BEGIN ")
	for _, step := range s.Body {
		p.node(step)
		p.words("; ")
	}
	p.words("END")
}

func (p *printer) alter(s Stmt) {
	head := func(table *ObjectName, words string) {
		p.words("ALTER TABLE ")
		p.node(table)
		p.words(words)
	}
	switch s := s.(type) {
	case *AlterRenameTable:
		head(s.Table, " RENAME TO ")
		p.name(s.To)
	case *AlterRenameColumn:
		head(s.Table, " RENAME COLUMN ")
		p.name(s.Column)
		p.named(" TO ", s.To)
	case *AlterAddColumn:
		head(s.Table, " ADD COLUMN ")
		p.node(s.Column)
	case *AlterDropColumn:
		head(s.Table, " DROP COLUMN ")
		p.name(s.Column)
	case *AlterDropConstraint:
		head(s.Table, " DROP CONSTRAINT ")
		p.name(s.Constraint)
	case *AlterColumnNotNull:
		head(s.Table, " ALTER COLUMN ")
		p.name(s.Column)
		p.words([]string{" SET NOT NULL", " DROP NOT NULL"}[btoi(s.Drop)])
		p.onConflict(s.OnConflict)
	case *AlterAddCheck:
		head(s.Table, " ADD ")
		p.constraint(s.Constraint)
		p.optional("CHECK (", s.Expr)
		p.words(")")
		p.onConflict(s.OnConflict)
	}
}

// pragmaValue writes a pragma's argument so that it reads back as the same text.
func (p *printer) pragmaValue(v *PragmaValue) {
	kind, end := token.Scan(v.Text, 0)
	isWord := kind == token.KwOn || kind == token.KwDelete || kind == token.KwDefault
	if v.Number || isWord && int(end) == len(v.Text) || isBare(v.Text) {
		p.words(v.Text)
		return
	}
	p.quoted(v.Text, "'")
}
