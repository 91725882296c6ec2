package rustlite

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/parser"
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// Conn is a connection: a cheap handle on the engine with its own transaction
// and settings. It is for one goroutine at a time.
type Conn struct {
	eng    *engine
	opts   *Options // Of its DB.
	owner  *DB      // Of one that was lent by DB.Conn.
	lane   *lane    // Where it goes back to, while it is lent.
	closed bool

	inTx       bool // Between BEGIN and COMMIT.
	runs       int  // Statements that have begun and not ended.
	readOnly   bool // The transaction was begun to read only.
	savepoints []savepoint

	// dbs are the databases by number, with what the open transaction has of
	// each.
	dbs    []database
	mapped bool // One of them is a file.
	// view is the catalogue last made for this connection alone, plans its
	// programs, schemas a buffer to make the next.
	view    *catalog.Catalog
	plans   planCache
	schemas []*catalog.Schema

	session   vm.Session
	counted   bool // The last statement was one that counts its changes.
	settings  settings
	opened    settings // Those with which it was opened.
	functions *functionSet

	scratch *planner.Scratch // nil while a statement is compiled.
	shape   textShape        // Of the text that was looked up last.
	args    arguments
	boxes   value.Boxes // For the driver.
	open    []*Rows     // Rows still being read.
	free    []*run
}

// savepoint is a named undo point of the open transaction.
type savepoint struct {
	name   string
	marks  []mark // By database.
	broken [2]int64
	begins bool // SAVEPOINT outside of a transaction began it.
}

// mark is a savepoint's place in one database.
type mark struct {
	sp      pager.Savepoint
	opened  bool            // sp exists: the transaction was writing already.
	schema  *catalog.Schema // nil: to be read again.
	private bool
}

// mark gives the mark in a database, which may be younger than the savepoint.
func (s *savepoint) mark(db int) *mark {
	for len(s.marks) <= db {
		s.marks = append(s.marks, mark{})
	}
	return &s.marks[db]
}

func newConn(e *engine, o *Options) *Conn {
	c := &Conn{eng: e, scratch: new(planner.Scratch), opts: o, functions: e.functions, settings: o.settings(), opened: o.settings(), mapped: e.file != nil}
	c.dbs = append(make([]database, 0, 2), database{name: "main", eng: e}, database{name: "temp", known: noTemp})
	c.session.Now = func() time.Time { return e.opts.FS.Clock().Now() }
	c.session.Local = time.Local
	c.session.Rand = e.random
	c.session.LengthMax = lengthMax
	c.session.SortBytesMax = o.SortBytesMax
	c.session.Workers, c.session.SplitRows = o.Workers, o.SplitRows
	return c
}

// lengthMax is the most bytes of a text or blob, as SQLite's default.
const lengthMax = 1_000_000_000

// untouched reports whether the connection is as it was opened, so that it can
// serve somebody else.
func (c *Conn) untouched() bool {
	return !c.closed && len(c.open) == 0 && len(c.dbs) == 2 && c.dbs[tempDB].eng == nil &&
		c.settings == c.opened && c.session.Settings == (vm.Settings{})
}

var errConnClosed = newError(ErrMisuse, "the connection is closed")

// Close gives the connection back, rolling back an open transaction and ending
// open Rows. It returns nil, and may be called again; any other use of a closed
// connection is ErrMisuse.
func (c *Conn) Close() error {
	if db := c.owner; db != nil {
		// Its user may still hold it, so nobody else gets it.
		c.owner, c.closed = nil, true
		for len(c.open) > 0 {
			c.open[0].Close()
		}
		db.give(c)
	}
	return nil
}

func (c *Conn) close() {
	for len(c.open) > 0 {
		c.open[0].Close()
	}
	if c.inTx {
		c.rollback()
	}
	c.free = nil
	for i := range c.dbs[tempDB:] {
		if d := &c.dbs[tempDB+i]; d.eng != nil {
			if err := d.eng.release(); err != nil {
				d.eng.logger.Error("close failed", "path", d.eng.pager.Path(), "error", err)
			}
		}
	}
	c.dbs = c.dbs[:tempDB]
}

// statement is one statement, for any number of goroutines.
type statement struct {
	text string
	at   int      // Where it begins in the text that was parsed.
	ast  ast.Stmt // nil for one that was found by its text.
	// plan is the newest one made, for the next run.
	plan atomic.Pointer[plan]
}

// plan is a program and what it was compiled for.
type plan struct {
	*vm.Program
	fingerprint
	growth *growth
}

// parse reads the statement at offset; nil when only blanks are left.
func parse(sql string, offset int) (*statement, int, error) {
	n, next, err := parser.ParseStatement(sql, offset)
	if err != nil {
		return nil, next, wrap(err)
	}
	if n == nil {
		return nil, next, nil
	}
	return &statement{text: sql[offset:next], at: offset, ast: n}, next, nil
}

// known finds a statement that was compiled before by its whole text, or for one
// of the same shape, without parsing it; nil when there is none.
func (c *Conn) known(sql string) *statement {
	cat, err := c.picture(nil)
	if err != nil {
		return nil
	}
	p := c.knownPlan(cat, planKey{sql, c.fingerprint(cat)})
	if p == nil {
		return nil
	}
	st := &statement{text: sql}
	st.plan.Store(p)
	return st
}

// knownPlan finds the plan of a text, or makes it from that of another one of its
// shape.
func (c *Conn) knownPlan(cat *catalog.Catalog, k planKey) *plan {
	plans := c.plansOf(cat)
	if p := plans.get(k); p != nil && !c.outgrown(p, cat) {
		return p
	}
	if !c.shape.read(k.text) {
		return nil
	}
	for _, x := range plans.ofShape(c.shape.text, k.fingerprint) {
		if x.fits(&c.shape) && !c.outgrown(x.program, cat) {
			p := x.plan(&c.shape)
			if len(k.text) <= textKept {
				plans.put(k, p)
			}
			return p
		}
	}
	return nil
}

// prepare parses and compiles the one statement of sql.
func (c *Conn) prepare(ctx context.Context, sql string) (*statement, error) {
	if c.closed {
		return nil, errConnClosed
	}
	if st := c.known(sql); st != nil {
		return st, nil
	}
	st, next, err := parse(sql, 0)
	if err != nil {
		return nil, err
	}
	if st == nil {
		return nil, newError(ErrMisuse, "no statement in the text")
	}
	if more, _, err := parse(sql, next); err != nil {
		return nil, err
	} else if more != nil {
		return nil, newError(ErrMisuse, "more than one statement in the text")
	}
	cat, err := c.picture(nil)
	if err == nil {
		_, err = c.compile(st, cat)
	}
	if compileFailed(err) && c.unseen() {
		// The picture may have been another than that of the newest commits.
		own, lookErr := c.look(nil)
		defer func() {
			for db := range own {
				own[db].leave()
			}
		}()
		if err = lookErr; err == nil {
			if cat, err = c.picture(own); err == nil {
				_, err = c.compile(st, cat)
			}
		}
	}
	return st, wrap(err)
}

// newest is the engine's catalogue of the newest commit.
func (c *Conn) newest() (*catalog.Catalog, error) {
	tx, err := c.eng.pager.BeginRead()
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	return c.eng.catalogOf(tx)
}

func (c *Conn) fingerprint(cat *catalog.Catalog) fingerprint {
	return fingerprint{cat.ID, c.functions.id, c.opts.BatchRows, c.settings.Settings}
}

// compile finds or makes the program of st for a catalogue.
func (c *Conn) compile(st *statement, cat *catalog.Catalog) (*vm.Program, error) {
	k := planKey{st.text, c.fingerprint(cat)}
	if p := st.plan.Load(); p != nil && p.fingerprint == k.fingerprint && !c.outgrown(p, cat) {
		return p.Program, nil
	}
	p := c.knownPlan(cat, k)
	if p == nil {
		n, at := st.ast, st.at
		if n == nil {
			again, _, err := parse(st.text, 0)
			if err != nil {
				return nil, err
			}
			n, at = again.ast, 0
		}
		var program *vm.Program
		env, err := c.planning(cat)
		if err != nil {
			return nil, err
		}
		env.Scratch, c.scratch = c.scratch, nil
		counts := &stats{conn: c, catalog: cat}
		defer counts.close()
		env.Stats = counts
		err = c.guarded(func() (err error) {
			program, err = planner.Compile(env, n)
			return err
		})
		c.scratch = env.Scratch
		for _, s := range cat.Schemas {
			if broken := s.Broken(); broken != nil {
				err = broken
			}
		}
		if err == nil {
			err = counts.err
		}
		if err != nil {
			return nil, err
		}
		p = &plan{Program: program, fingerprint: k.fingerprint, growth: counts.growth()}
		plans := c.plansOf(cat)
		plans.put(k, p)
		if len(program.Literals) > 0 && c.shape.read(k.text) {
			if x := patternOf(p, &c.shape, at, counts.leans); x != nil {
				plans.addPattern(planKey{string(c.shape.text), k.fingerprint}, x)
			}
		}
	}
	st.plan.Store(p)
	return p.Program, nil
}

// planning is what a statement is compiled against.
func (c *Conn) planning(cat *catalog.Catalog) (*planner.Env, error) {
	modules, err := tableModules()
	return &planner.Env{Catalog: cat, Functions: c.functions.registry, Collations: c.eng.collations.defined, Modules: modules,
		BatchRows: c.opts.BatchRows, Settings: c.settings.Settings}, err
}

// Exec runs the statements of sql one after the other, as DB.Exec does. BEGIN,
// SAVEPOINT and their ends may be among them.
func (c *Conn) Exec(ctx context.Context, sql string, args ...any) (Result, error) {
	a, err := c.arguments(args)
	if err != nil {
		return Result{}, err
	}
	return c.exec(ctx, sql, a)
}

func (c *Conn) exec(ctx context.Context, sql string, a *arguments) (Result, error) {
	if st := c.known(sql); st != nil {
		a.last = true
		if err := c.execOne(ctx, st, a); err != nil {
			return Result{}, err
		}
		return c.result(), nil
	}
	st, offset, err := parse(sql, 0)
	empty := st == nil
	for st != nil && err == nil {
		// The last statement must not run when arguments are left over, so the
		// text is read one statement ahead. Errors of the next one wait.
		next, after, nextErr := parse(sql, offset)
		a.last = next == nil && nextErr == nil
		if err := c.execOne(ctx, st, a); err != nil {
			return Result{}, err
		}
		st, offset, err = next, after, nextErr
	}
	if err != nil {
		return Result{}, err
	}
	a.last = true
	if err := a.check(); err != nil || empty {
		return Result{}, err
	}
	return c.result(), nil
}

func (c *Conn) execOne(ctx context.Context, st *statement, a *arguments) error {
	r, err := c.start(ctx, st, a)
	if err != nil {
		return wrap(err)
	}
	for r.row && err == nil {
		r.row, err = r.step()
	}
	c.counted = r.program.CountRows
	return wrap(r.finish(err))
}

// result is what the last statement did.
func (c *Conn) result() Result {
	res := Result{LastInsertID: c.session.LastInsertID}
	if c.counted {
		res.RowsAffected = c.session.Changes
	}
	return res
}

// Query runs one statement, any one, and returns its rows, as DB.Query does.
// Other statements may run on the connection while they are read.
func (c *Conn) Query(ctx context.Context, sql string, args ...any) (*Rows, error) {
	if st := c.known(sql); st != nil {
		return c.queryOne(ctx, st, args)
	}
	st, next, err := parse(sql, 0)
	if err != nil {
		return nil, err
	}
	if st == nil {
		return nil, newError(ErrMisuse, "no statement in the text")
	}
	if rest := strings.TrimSpace(sql[next:]); rest != "" {
		if more, _, err := parse(sql, next); err != nil || more != nil {
			return nil, newError(ErrMisuse, "more than one statement in the text")
		}
	}
	return c.queryOne(ctx, st, args)
}

func (c *Conn) queryOne(ctx context.Context, st *statement, args []any) (*Rows, error) {
	a, err := c.arguments(args)
	if err != nil {
		return nil, err
	}
	return c.queryWith(ctx, st, a)
}

func (c *Conn) queryWith(ctx context.Context, st *statement, a *arguments) (*Rows, error) {
	rows := new(Rows)
	if err := c.query(ctx, rows, st, a); err != nil {
		return nil, err
	}
	return rows, nil
}

// query runs st and makes rows its rows.
func (c *Conn) query(ctx context.Context, rows *Rows, st *statement, a *arguments) error {
	a.last = true
	r, err := c.start(ctx, st, a)
	if err != nil {
		return wrap(err)
	}
	rows.conn, rows.run, rows.row.cols, rows.row.boxes = c, r, r.program.Columns, &c.boxes
	if r.program.Explain != 0 {
		rows.run = nil
		if err := r.explainTo(rows); err != nil {
			return wrap(err)
		}
	}
	c.open = append(c.open, rows)
	return nil
}

// Begin starts a transaction on the connection, as DB.Begin does. There is no
// transaction within a transaction: SAVEPOINT as SQL nests.
func (c *Conn) Begin(ctx context.Context, opts *TxOptions) (*Tx, error) {
	var o TxOptions
	if opts != nil {
		o = *opts
	}
	if c.closed {
		return nil, errConnClosed
	}
	ctx = orBackground(ctx)
	if err := ctx.Err(); err != nil {
		return nil, wrap(err)
	}
	if err := c.begin(ctx, o.Immediate); err != nil {
		return nil, wrap(err)
	}
	c.readOnly = o.ReadOnly
	if o.ReadOnly {
		// A reader's snapshot is that of its start.
		if err := c.join(ctx, mainDB, false); err != nil {
			c.rollback()
			return nil, wrap(err)
		}
	}
	return &Tx{conn: c}, nil
}

// begin is BEGIN.
func (c *Conn) begin(ctx context.Context, immediate bool) error {
	if c.inTx {
		return newError(ErrError, "cannot start a transaction within a transaction")
	}
	c.inTx, c.readOnly = true, false
	if immediate {
		for db := range c.dbs {
			if c.dbs[db].eng == nil {
				continue
			}
			if err := c.join(ctx, db, !c.dbs[db].eng.pager.ReadOnly()); err != nil {
				c.rollback()
				return err
			}
		}
	}
	return nil
}

// refusesWrites reports whether the connection only reads a database.
func (c *Conn) refusesWrites(db int) bool {
	return c.settings.queryOnly || c.opts.ReadOnly && db != tempDB || c.dbs[db].eng != nil && c.dbs[db].eng.pager.ReadOnly()
}

// commit is COMMIT.
func (c *Conn) commit(ctx context.Context) error {
	if !c.inTx {
		return newError(ErrError, "cannot commit - no transaction is active")
	}
	if c.session.IsBroken() {
		return newError(ErrConstraintForeignKey, "FOREIGN KEY constraint failed")
	}
	if err := c.detach(); err != nil {
		return err
	}
	var err error
	for db := range c.dbs {
		if cerr := c.commitBranch(ctx, &c.dbs[db].branch, err == nil); cerr != nil {
			err = cerr
		}
	}
	c.forget()
	return err
}

// rollback is ROLLBACK: it also ends the rows that read the transaction.
func (c *Conn) rollback() {
	for _, rows := range c.open {
		rows.abort(newError(ErrAbortRollback, "abort due to ROLLBACK"))
	}
	for db := range c.dbs {
		c.dbs[db].leave()
	}
	c.forget()
}

// settleKeys ends PRAGMA defer_foreign_keys with the transaction, be it of one
// statement.
func (c *Conn) settleKeys() {
	c.settings.DeferForeignKeys = c.settings.DeferForeignKeys && c.inTx
}

// forget leaves the transaction behind.
func (c *Conn) forget() {
	c.inTx, c.readOnly, c.settings.DeferForeignKeys = false, false, false
	c.session.Broken = [2]int64{}
	c.savepoints = c.savepoints[:0]
}

// detach reads the rest of the rows that are open in the transaction into
// memory, so that they outlive it.
func (c *Conn) detach() error {
	for _, rows := range c.open {
		if err := rows.detach(); err != nil {
			return err
		}
	}
	return nil
}

// savepointOp is SAVEPOINT (0), RELEASE (1) and ROLLBACK TO (2).
func (c *Conn) savepointOp(ctx context.Context, op int, name string) error {
	if op == 0 {
		s := savepoint{name: name, begins: !c.inTx, broken: c.session.Broken}
		if s.begins {
			if err := c.begin(ctx, false); err != nil {
				return err
			}
		}
		for db := range c.dbs {
			b, m := &c.dbs[db].branch, s.mark(db)
			m.schema, m.private = b.schema, b.private
			if b.writable() {
				m.sp, m.opened = b.tx.Savepoint(), true
			}
		}
		c.savepoints = append(c.savepoints, s)
		return nil
	}
	i := len(c.savepoints) - 1
	for i >= 0 && !strings.EqualFold(c.savepoints[i].name, name) {
		i--
	}
	if i < 0 {
		return newError(ErrError, "no such savepoint: %s", name)
	}
	s := &c.savepoints[i]
	if op == 1 {
		if s.begins {
			return c.commit(ctx)
		}
		for db := range s.marks {
			if m := &s.marks[db]; m.opened {
				c.dbs[db].tx.Release(m.sp)
			}
		}
		c.savepoints = c.savepoints[:i]
		return nil
	}
	for _, rows := range c.open {
		rows.abort(newError(ErrAbortRollback, "abort due to ROLLBACK"))
	}
	c.savepoints = c.savepoints[:i+1]
	c.session.Broken = s.broken
	for db := range s.marks {
		m, b := &s.marks[db], &c.dbs[db].branch
		if !m.opened {
			continue
		}
		if err := b.tx.RollbackTo(m.sp); err != nil {
			return err
		}
		b.schema, b.private = m.schema, m.private
		if m.schema == nil {
			if err := c.renumber(db); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Conn) freeArguments() *arguments {
	a := c.clearArguments()
	a.free = true
	return a
}

// QueryFirst runs the first statement of sql and returns its rows and the
// text behind it, for shells and scripts. Rows is nil when sql holds no
// statement. Parameters are left NULL.
func (c *Conn) QueryFirst(ctx context.Context, sql string) (rows *Rows, rest string, err error) {
	st, next, err := parse(sql, 0)
	if err != nil {
		return nil, sql[min(next, len(sql)):], err
	}
	if st == nil {
		return nil, "", nil
	}
	rows, err = c.queryWith(ctx, st, c.freeArguments())
	return rows, sql[next:], err
}
