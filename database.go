package rustlite

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/value"
)

// database is one of those that a connection sees. Its place in Conn.dbs is
// its number in the catalogue: main, temp, then the attached ones.
type database struct {
	name string
	eng  *engine // nil: temp before its first use.
	// known is the picture of the newest commit that the connection has looked
	// at; that of main is its engine's to know.
	known *catalog.Schema
	branch
	// commits are those that the connection has made, others those that it has
	// seen of everybody else, version what data_version says of that.
	commits, others uint64
	version         int64
}

// branch is the part of a transaction in one database.
type branch struct {
	eng    *engine
	tx     *pager.Tx       // nil before the transaction's first use of the database.
	spare  *pager.Tx       // One that has ended, in whose memory the next begins.
	schema *catalog.Schema // The picture in it.
	// private: the transaction has changed the schema.
	private bool
}

const (
	mainDB = 0
	tempDB = 1
	// attachedMax is the most databases that a connection attaches, SQLite's
	// default.
	attachedMax = 10
)

// leave ends a branch without its changes.
func (b *branch) leave() {
	if b.tx != nil {
		b.tx.Rollback()
		*b = branch{spare: b.tx}
	}
}

// writable reports whether the branch has the writer's turn.
func (b *branch) writable() bool { return b.tx != nil && b.tx.Writable() }

// borrowed reports whether bytes of the branch's pages may change or vanish
// while a row shows them.
func (b *branch) borrowed() bool { return b.tx != nil && (b.eng.file != nil || b.tx.Writable()) }

// noTemp is the picture of a temporary database that holds nothing: shared, so
// that the programs of connections without temporary objects are.
var noTemp = func() *catalog.Schema {
	s, err := catalog.NewSchema("temp", tempDB, 0, nil, nil, nil)
	if err != nil {
		panic(err) //nolint:forbidigo // It has no entries that could be wrong.
	}
	return s
}()

// newCatalog is a catalogue of its own identity.
func newCatalog(schemas ...*catalog.Schema) *catalog.Catalog {
	return &catalog.Catalog{Schemas: schemas, ID: catalogIDs.Add(1)}
}

// ready makes the temporary database when it is needed first.
func (c *Conn) ready(db int) error {
	if c.dbs[db].eng != nil {
		return nil
	}
	e, err := privateEngine(c.opts)
	c.dbs[db].eng = e
	return err
}

// enter makes sure that a branch, of the transaction or of one statement, has
// its snapshot of database db, and for write the writer's turn.
func (c *Conn) enter(ctx context.Context, b *branch, db int, write bool) error {
	if b.tx == nil || write && !b.tx.Writable() {
		if write && c.refusesWrites(db) {
			return pager.ErrReadOnly
		}
		if err := c.ready(db); err != nil {
			return err
		}
		b.eng = c.dbs[db].eng
		var err error
		if b.tx == nil && b.spare == nil {
			b.spare = new(pager.Tx)
		}
		switch {
		case b.tx != nil:
			err = b.eng.pager.UpgradeWithin(ctx, b.tx, c.patience(ctx))
		case write:
			err = b.eng.pager.BeginWriteIn(ctx, b.spare, c.patience(ctx))
		default:
			err = b.eng.pager.BeginReadIn(b.spare)
		}
		if err != nil {
			return err
		}
		if b.tx == nil {
			b.tx, b.spare = b.spare, nil
		}
		if write {
			b.tx.SetSync(c.syncLevel())
		}
	}
	if b.schema == nil {
		var err error
		if b.schema, err = c.schemaOf(db, b.tx); err != nil {
			return err
		}
	}
	return nil
}

// patience is how long the connection waits for the writer's turn.
func (c *Conn) patience(ctx context.Context) time.Duration {
	if _, ends := ctx.Deadline(); ends && c.settings.patient {
		return 1 << 62 // The context ends it before.
	}
	return c.settings.busyTimeout
}

// join is enter for the open transaction, whose savepoints begin with the
// first change of a database.
func (c *Conn) join(ctx context.Context, db int, write bool) error {
	b := &c.dbs[db].branch
	if b.tx != nil && b.schema != nil && (!write || b.tx.Writable()) {
		if write && c.runs == 1 { // No other statement holds bytes of pages.
			return b.tx.Spill()
		}
		return nil
	}
	if write && c.readOnly && db != tempDB {
		return pager.ErrReadOnly
	}
	if err := c.enter(ctx, b, db, write); err != nil {
		return err
	}
	if write {
		for i := range c.savepoints {
			m := c.savepoints[i].mark(db)
			if !m.opened {
				m.sp, m.opened = b.tx.Savepoint(), true
			}
			if m.schema == nil {
				m.schema = b.schema
			}
		}
	}
	return nil
}

// schemaOf is the picture of a database as of a transaction that has not
// changed it.
func (c *Conn) schemaOf(db int, tx *pager.Tx) (*catalog.Schema, error) {
	d := &c.dbs[db]
	if db == mainDB {
		cat, err := d.eng.catalogOf(tx)
		if err != nil {
			return nil, err
		}
		return cat.Schemas[mainDB], nil
	}
	if d.known != nil && d.known.Cookie == tx.Meta().SchemaCookie {
		return d.known, nil
	}
	err := d.eng.guarded(func() error {
		s, err := readSchema(tx, d.name, db, c.eng.collations.ofSchema, d.known)
		if err == nil {
			d.known = s
		}
		return err
	})
	return d.known, err
}

// picture is the catalogue that the next statement is compiled against: of the
// open transaction where it has been, of the statement's own snapshots, and of
// the newest commits known where there is none yet.
func (c *Conn) picture(own []branch) (*catalog.Catalog, error) {
	schemas := c.schemas[:0]
	for db := range c.dbs {
		d := &c.dbs[db]
		s := d.schema
		if s == nil && db < len(own) {
			s = own[db].schema
		}
		if s == nil {
			s = d.known
		}
		if s == nil {
			cat := c.eng.latest.Load()
			if cat == nil {
				var err error
				if cat, err = c.newest(); err != nil {
					return nil, err
				}
			}
			s = cat.Schemas[mainDB]
		}
		schemas = append(schemas, s)
	}
	c.schemas = schemas
	return c.compose(schemas), nil
}

// compose finds or makes the catalogue of some pictures: the engine's own for a
// connection that sees nothing but main.
func (c *Conn) compose(schemas []*catalog.Schema) *catalog.Catalog {
	if len(schemas) == 2 && schemas[tempDB] == noTemp {
		if cat := c.eng.knownCatalog(schemas[mainDB]); cat != nil {
			return cat
		}
	}
	if c.view == nil || !slices.Equal(c.view.Schemas, schemas) {
		c.view = newCatalog(slices.Clone(schemas)...)
	}
	return c.view
}

// published makes a committed picture known.
func (c *Conn) published(b *branch) {
	for db := range c.dbs {
		switch d := &c.dbs[db]; {
		case d.eng != b.eng:
		case db != mainDB:
			d.known = b.schema
			return
		case c.view != nil && len(c.view.Schemas) == 2 && c.view.Schemas[mainDB] == b.schema && c.view.Schemas[tempDB] == noTemp:
			c.eng.publish(c.view)
			c.view = nil
			return
		default:
			c.eng.publish(newCatalog(b.schema, noTemp))
			return
		}
	}
}

// plansOf is where the programs of a catalogue are kept: those of a catalogue
// that is the connection's alone are never shared.
func (c *Conn) plansOf(cat *catalog.Catalog) *planCache {
	if cat == c.view {
		return &c.plans
	}
	return &c.eng.plans
}

// commitBranch ends a branch: with keep it commits, else it rolls back. Each
// file commits as a whole, one after the other.
func (c *Conn) commitBranch(ctx context.Context, b *branch, keep bool) error {
	if !keep || !b.writable() {
		b.leave()
		return nil
	}
	err := b.eng.commit(ctx, b.tx)
	if b.tx.Committed() != 0 {
		for db := range c.dbs {
			if c.dbs[db].eng == b.eng {
				c.dbs[db].commits++
			}
		}
	}
	if err == nil && b.private {
		c.published(b)
	}
	*b = branch{spare: b.tx}
	return err
}

// attach is ATTACH.
func (c *Conn) attach(ctx context.Context, file, name string) error {
	if len(c.dbs) >= attachedMax+2 {
		return newError(ErrError, "too many attached databases - max %d", attachedMax)
	}
	if c.database(name) >= 0 {
		return newError(ErrError, "database %s is already in use", name)
	}
	a, err := c.attachable(file)
	if err != nil {
		return err
	}
	e, err := a.open(ctx)
	if err != nil {
		return err
	}
	db := len(c.dbs)
	c.dbs = append(c.dbs, database{name: name, eng: e})
	var seen branch
	err = c.enter(ctx, &seen, db, false)
	seen.leave()
	if err != nil {
		c.dbs = c.dbs[:db]
		return errors.Join(err, e.release())
	}
	c.mapped = c.mapped || e.file != nil
	return nil
}

// detachDB is DETACH.
func (c *Conn) detachDB(ctx context.Context, name string) error {
	db := c.database(name)
	switch {
	case db < 0 || c.dbs[db].eng == nil:
		return newError(ErrError, "no such database: %s", name)
	case db <= tempDB:
		return newError(ErrError, "cannot detach database %s", name)
	}
	d := &c.dbs[db]
	busy := d.tx != nil
	for _, rows := range c.open {
		if rows.run != nil {
			busy = busy || rows.run.uses(d.eng)
		}
	}
	if busy {
		return newError(ErrError, "database %s is locked", name)
	}
	e := d.eng
	c.dbs = slices.Delete(c.dbs, db, db+1)
	var err error
	for i := db; i < len(c.dbs) && err == nil; i++ {
		d := &c.dbs[i]
		d.known = nil // Its tables know their number.
		var seen branch
		if err = c.enter(ctx, &seen, i, false); err == nil && d.tx != nil {
			err = c.renumber(i)
		}
		seen.leave()
	}
	for i := range c.savepoints {
		if s := &c.savepoints[i]; db < len(s.marks) {
			s.marks = slices.Delete(s.marks, db, db+1)
			for k := db; k < len(s.marks); k++ {
				s.marks[k].schema = nil
			}
		}
	}
	c.mapped = false
	for i := range c.dbs {
		c.mapped = c.mapped || c.dbs[i].eng != nil && c.dbs[i].eng.file != nil
	}
	return errors.Join(err, e.release())
}

// renumber reads the picture of an open branch again.
func (c *Conn) renumber(db int) error {
	b := &c.dbs[db].branch
	return b.eng.guarded(func() (err error) {
		b.schema, err = readSchema(b.tx, c.dbs[db].name, db, c.eng.collations.ofSchema, b.schema)
		return err
	})
}

// unseen reports whether the open transaction, if any, has no snapshot of one of
// the databases yet.
func (c *Conn) unseen() bool {
	return slices.ContainsFunc(c.dbs, func(d database) bool { return d.eng != nil && d.tx == nil })
}

// look takes snapshots of the databases that have none.
func (c *Conn) look(own []branch) ([]branch, error) {
	for len(own) < len(c.dbs) {
		own = append(own, branch{})
	}
	for db := range c.dbs {
		if d := &c.dbs[db]; d.eng == nil || d.tx != nil {
			continue
		}
		if err := c.enter(context.Background(), &own[db], db, false); err != nil {
			return own, err
		}
	}
	return own, nil
}

// database finds a database by name, -1 when there is none.
func (c *Conn) database(name string) int {
	return slices.IndexFunc(c.dbs, func(d database) bool { return value.EqualFold(d.name, name) })
}

// attachable is what the name of a database means: a file, a file: URI, or a
// database in memory, whose path is ":memory:".
type attachable struct {
	name         string // As it was given.
	path, shared string
	opts         Options
}

// memory reports whether it is a database in memory of its own.
func (a *attachable) memory() bool { return (a.path == ":memory:" || a.path == "") && a.shared == "" }

// attachable reads the name of a database.
func (c *Conn) attachable(file string) (*attachable, error) {
	a := &attachable{name: file, path: file, opts: *c.opts}
	a.opts.PageSize = 0
	if strings.HasPrefix(file, "file:") {
		d, err := parseDataSource(file)
		if err != nil {
			return nil, err
		}
		a.path, a.shared = d.path, d.shared
		a.opts.ReadOnly, a.opts.MustExist = a.opts.ReadOnly || d.opts.ReadOnly, d.opts.MustExist
		if d.memory {
			a.path = ":memory:"
		}
	}
	return a, nil
}

// open opens what ATTACH names.
func (a *attachable) open(ctx context.Context) (*engine, error) {
	if a.memory() {
		return privateEngine(&a.opts)
	}
	e, err := openEngine(ctx, a.path, a.shared, &a.opts)
	if err != nil {
		if err = wrap(err); errors.Is(err, ErrCantOpen) {
			err = newError(ErrCantOpen, "unable to open database: %s", a.name)
		}
	}
	return e, err
}
