package rustlite

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// run is one running statement: a machine, its program and the transaction
// that it sees. It is the vm.Env of its machine.
type run struct {
	conn    *Conn
	m       vm.Machine
	program *vm.Program
	catalog *catalog.Catalog
	row     bool // The machine stands on a row.

	// ctx bounds waits and the run; it lives as long as the run.
	ctx  context.Context
	stop func() bool
	gen  struct {
		sync.Mutex
		n uint64
	}

	tx      *pager.Tx        // The statement's own, outside of a transaction.
	changed *catalog.Catalog // The picture that an own transaction made.
	bad     []string         // Problems that integrity_check found.
	params  []value.Value
}

var _ vm.Env = (*run)(nil)

// start compiles st, binds its arguments and runs it to its first row.
func (c *Conn) start(ctx context.Context, st *statement, a *arguments) (*run, error) {
	if c.closed {
		return nil, errConnClosed
	}
	ctx = orBackground(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := c.newRun(ctx)
	mark := a.mark()
	for attempt := 0; ; attempt++ {
		a.reset(mark)
		err := r.try(st, a)
		if err == nil {
			return r, nil
		}
		again := errors.Is(err, vm.ErrSchemaChanged) && attempt < schemaRetriesMax ||
			attempt == 0 && compileFailed(err) && c.tx == nil
		if !again {
			return nil, r.finish(err)
		}
		if err := r.again(); err != nil {
			return nil, r.finish(err)
		}
	}
}

// schemaRetriesMax bounds how often a statement is compiled again. A second
// time is enough to read, in the snapshot that the first one got; a writer may
// find another schema when its turn comes.
const schemaRetriesMax = 50

// compileFailed reports whether the statement does not fit the schema.
func compileFailed(err error) bool {
	var name *resolve.NameError
	var schema *catalog.Error
	return errors.As(err, &name) || errors.As(err, &schema)
}

func (c *Conn) newRun(ctx context.Context) *run {
	var r *run
	if n := len(c.free); n > 0 {
		r = c.free[n-1]
		c.free = c.free[:n-1]
	} else {
		r = &run{conn: c}
	}
	r.ctx = ctx
	if ctx.Done() != nil {
		n := r.gen.n
		r.stop = context.AfterFunc(ctx, func() {
			// The machine may serve another statement by now.
			r.gen.Lock()
			defer r.gen.Unlock()
			if r.gen.n == n {
				r.m.Interrupt()
			}
		})
	}
	return r
}

// picture is the catalogue that the statement is compiled against: at first the
// newest that is known, then that of the statement's own transaction. The two
// differ while a commit that changes the schema waits for its sync: the next
// writer, which is let in meanwhile, knows the new one, readers are on the old.
func (r *run) picture() (*catalog.Catalog, error) {
	if r.tx != nil {
		return r.conn.eng.catalogOf(r.tx)
	}
	return r.conn.picture()
}

func (r *run) try(st *statement, a *arguments) error {
	c := r.conn
	cat, err := r.picture()
	if err != nil {
		return err
	}
	if r.program, err = c.compile(st, cat); err != nil {
		return err
	}
	r.catalog = cat
	if r.params, err = a.take(r.params[:0], r.program.Params); err != nil {
		return err
	}
	if err = a.check(); err != nil {
		return err
	}
	if r.program.Explain != 0 {
		return nil
	}
	r.m.Start(r.program, r, r.params)
	r.row, err = r.step()
	return err
}

// again makes the run ready to try again. Where there is no snapshot yet it
// gets one, which it leaves again if a transaction is to have its own.
func (r *run) again() (err error) {
	r.m.Reset()
	r.changed, r.bad = nil, nil
	if r.conn.tx == nil && r.tx == nil {
		r.tx, err = r.conn.eng.pager.BeginRead()
	}
	return err
}

// finish ends the run: its own transaction is committed, or rolled back when
// err is not nil. It returns the error to report.
func (r *run) finish(err error) error {
	c := r.conn
	r.m.Reset()
	if r.stop != nil {
		r.stop()
		r.stop = nil
		r.gen.Lock()
		r.gen.n++
		r.gen.Unlock()
	}
	action := vm.ActionNone
	if err != nil {
		action, err = r.judge(err)
	}
	keep := err == nil || action == vm.ActionFail
	if tx := r.tx; tx != nil {
		r.tx = nil
		if keep && tx.Writable() {
			// What was read or written so far stands; a context no longer
			// matters.
			if cerr := c.eng.commit(uncancelled(r.ctx), tx); cerr != nil {
				err = cerr
			} else if r.changed != nil {
				c.eng.publish(r.changed)
			}
		} else {
			tx.Rollback()
		}
	}
	if action == vm.ActionRollback && c.inTx {
		c.rollback()
	}
	r.row, r.changed, r.bad, r.catalog, r.program, r.ctx = false, nil, nil, nil, nil, nil
	c.free = append(c.free, r)
	return err
}

// judge finds what an error does to the transaction, and the context's error
// where it is behind an interrupt.
func (r *run) judge(err error) (action int, _ error) {
	if r.ctx.Err() != nil && errors.Is(err, vm.ErrInterrupted) {
		err = errors.Join(err, r.ctx.Err())
	}
	var raised *vm.Error
	if errors.As(err, &raised) {
		action = raised.Action
	}
	return action, err
}

// uncancelled is ctx without its end, which no longer matters.
func uncancelled(ctx context.Context) context.Context {
	if ctx.Done() == nil {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// Begin makes sure that the statement has its transaction.
func (r *run) Begin(db int, write bool) error {
	c := r.conn
	if r.tx != nil && (c.inTx || write && !r.tx.Writable()) {
		r.tx.Rollback()
		r.tx = nil
	}
	if c.inTx {
		if err := c.enter(r.ctx, write); err != nil {
			return err
		}
		if c.catalog != r.catalog {
			return vm.ErrSchemaChanged
		}
		return nil
	}
	if r.tx == nil {
		var err error
		if write {
			r.tx, err = c.beginWrite(r.ctx)
		} else {
			r.tx, err = c.eng.pager.BeginRead()
		}
		if err != nil {
			return err
		}
	}
	if r.tx.Meta().SchemaCookie != r.catalog.Schemas[0].Cookie {
		if _, err := c.eng.catalogOf(r.tx); err != nil {
			return err
		}
		return vm.ErrSchemaChanged
	}
	return nil
}

// Tx is the transaction of the statement.
func (r *run) Tx(int) *pager.Tx {
	if r.conn.inTx {
		return r.conn.tx
	}
	return r.tx
}

// AutoCommit is BEGIN, COMMIT and ROLLBACK.
func (r *run) AutoCommit(on, rollback bool, mode int) error {
	c := r.conn
	switch {
	case !on:
		return c.begin(r.ctx, mode > 0)
	case rollback:
		if !c.inTx {
			return newError(ErrError, "cannot rollback - no transaction is active")
		}
		c.rollback()
		return nil
	default:
		return c.commit(r.ctx)
	}
}

// Savepoint is SAVEPOINT, RELEASE and ROLLBACK TO.
func (r *run) Savepoint(op int, name string) error { return r.conn.savepointOp(r.ctx, op, name) }

// ReloadSchema reads the catalogue that the statement has changed.
func (r *run) ReloadSchema(db int) error {
	cat, err := r.conn.eng.readCatalog(r.Tx(db))
	if err != nil {
		return err
	}
	if c := r.conn; c.inTx {
		c.catalog, c.private = cat, true
	} else {
		r.changed = cat
	}
	return nil
}

// Meta reads a field of the file's header.
func (r *run) Meta(db, field int) (int64, error) {
	tx := r.Tx(db)
	m := tx.Meta()
	switch field {
	case vm.MetaSchemaCookie:
		return int64(m.SchemaCookie), nil
	case vm.MetaUserVersion:
		return int64(m.UserVersion), nil
	case vm.MetaApplicationID:
		return int64(m.ApplicationID), nil
	case vm.MetaPageSize:
		return int64(tx.PageSize()), nil
	case vm.MetaPageCount:
		return int64(tx.PageCount()), nil
	case vm.MetaFreePages:
		free, _, err := tx.FreeList()
		if err != nil {
			return 0, err
		}
		return int64(free.Count()), nil
	case vm.MetaCommitNo:
		return int64(tx.CommitNo()), nil
	default:
		return 0, nil
	}
}

// SetMeta writes a field of the file's header.
func (r *run) SetMeta(db, field int, v int64) error {
	tx := r.Tx(db)
	m := tx.Meta()
	switch field {
	case vm.MetaSchemaCookie:
		m.SchemaCookie++
	case vm.MetaUserVersion:
		m.UserVersion = int32(v)
	case vm.MetaApplicationID:
		m.ApplicationID = int32(v)
	}
	return tx.SetMeta(m)
}

// Session is what functions know of the connection.
func (r *run) Session() *vm.Session { return &r.conn.session }

// TempFS is where sorters spill.
func (r *run) TempFS() vfs.FS { return r.conn.eng.opts.FS }

// random gives random bits from the file system's source.
func (e *engine) random() uint64 {
	var b [8]byte
	e.opts.FS.Random(b[:])
	return binary.LittleEndian.Uint64(b[:])
}
