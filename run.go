package rustlite

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/planner"
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
	row     bool          // The machine stands on a row.
	shown   []value.Value // That row.
	own     []value.Value // It, where it has bytes of its own, which lie in buf.
	buf     []byte

	// ctx bounds waits and the run; it lives as long as the run.
	ctx  context.Context
	stop func() bool
	gen  struct {
		sync.Mutex
		n uint64
	}

	carried int64 // Pages that PRAGMA wal_checkpoint has written.
	// replaced are the pictures that come back when the statement fails.
	replaced []replaced

	alone  []branch // The statement's own transaction by database, outside of one of the connection.
	params []value.Value
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
			attempt == 0 && compileFailed(err) && c.unseen()
		if !again {
			return nil, r.finish(err)
		}
		if err := r.again(); err != nil {
			return nil, r.finish(err)
		}
	}
}

// rowBytesKept bounds the buffer that a run keeps for the next.
const rowBytesKept = 64 << 10

// schemaRetriesMax bounds how often a statement is compiled again. A second
// time is enough to read, in the snapshot that the first one got; a writer may
// find another schema when its turn comes.
const schemaRetriesMax = 50

// compileFailed reports whether the statement does not fit the schema.
func compileFailed(err error) bool {
	if err == nil {
		return false
	}
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
	c.runs++
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

func (r *run) try(st *statement, a *arguments) error {
	c := r.conn
	// At first the newest pictures that are known, then those of the
	// statement's own snapshots. The two differ while a commit that changes the
	// schema waits for its sync: the next writer, which is let in meanwhile,
	// knows the new one, readers are on the old.
	cat, err := c.picture(r.alone)
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
	if e := r.program.Explain; e == vm.ExplainProgram || e == vm.ExplainPlan {
		return nil
	}
	r.m.Start(r.program, r, r.params)
	if r.ctx.Err() != nil {
		r.m.Interrupt() // The end came before Start, which forgets interrupts.
	}
	r.row, err = r.step()
	return err
}

// again makes the run ready to try again. Where there is no snapshot yet it
// gets one, which it leaves again if a transaction is to have its own.
func (r *run) again() (err error) {
	r.m.Reset()
	r.alone, err = r.conn.look(r.alone)
	return err
}

// finish ends the run: its own transaction is committed, or rolled back when
// err is not nil. It returns the error to report.
func (r *run) finish(err error) error {
	c := r.conn
	r.noteChanges()
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
	for i := len(r.replaced) - 1; i >= 0 && err != nil; i-- {
		old := r.replaced[i]
		if b := r.branch(old.db); b.tx != nil { // VACUUM has ended its own.
			b.schema, b.private = old.schema, old.private
		}
	}
	r.replaced = r.replaced[:0]
	// What was read or written so far stands; a context no longer matters.
	for db := range r.alone {
		b := &r.alone[db]
		if b.tx == nil {
			continue
		}
		if r.program != nil {
			c.settleKeys()
		}
		if cerr := c.commitBranch(uncancelled(r.ctx), b, keep); cerr != nil {
			err, keep = cerr, false
		}
	}
	if action == vm.ActionRollback && c.inTx {
		c.rollback()
	}
	r.row, r.shown, r.catalog, r.program, r.ctx = false, nil, nil, nil, nil
	if cap(r.buf) > rowBytesKept {
		r.buf = nil
	}
	c.runs--
	c.free = append(c.free, r)
	return err
}

// noteChanges counts what the run has changed, for the growth of plans.
func (r *run) noteChanges() {
	n := r.m.Changes()
	if n == 0 || r.program == nil || r.program.ReadOnly {
		return
	}
	if r.conn.inTx {
		for i := range r.conn.dbs {
			if b := &r.conn.dbs[i].branch; b.writable() {
				b.eng.changes.Add(n)
			}
		}
		return
	}
	for i := range r.alone {
		if b := &r.alone[i]; b.writable() {
			b.eng.changes.Add(n)
		}
	}
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

// branch is the statement's part of the transaction in a database.
func (r *run) branch(db int) *branch {
	if r.conn.inTx && db < len(r.conn.dbs) {
		return &r.conn.dbs[db].branch
	}
	for len(r.alone) <= db {
		r.alone = append(r.alone, branch{})
	}
	return &r.alone[db]
}

// uses reports whether the statement has a snapshot of its own in an engine.
func (r *run) uses(e *engine) bool {
	return slices.ContainsFunc(r.alone, func(b branch) bool { return b.eng == e && b.tx != nil })
}

// borrows reports whether rows show bytes that may change or vanish.
func (r *run) borrows() bool {
	if r.conn.inTx {
		dbs := r.conn.dbs
		for i := range dbs {
			if dbs[i].borrowed() {
				return true
			}
		}
		return false
	}
	for i := range r.alone {
		if r.alone[i].borrowed() {
			return true
		}
	}
	return false
}

// Begin makes sure that the statement has its transaction.
func (r *run) Begin(db int, write bool) error {
	c := r.conn
	if db < len(r.alone) && r.alone[db].tx != nil && (c.inTx || write && !r.alone[db].tx.Writable()) {
		r.alone[db].leave()
	}
	b := r.branch(db)
	var err error
	if c.inTx {
		err = c.join(r.ctx, db, write)
	} else {
		err = c.enter(r.ctx, b, db, write)
	}
	if err == nil && b.schema != r.catalog.Schemas[db] {
		err = vm.ErrSchemaChanged
	}
	return err
}

// Tx is the transaction of the statement in a database.
func (r *run) Tx(db int) *pager.Tx { return r.branch(db).tx }

// AutoCommit is BEGIN, COMMIT and ROLLBACK.
func (r *run) AutoCommit(on, rollback bool, mode int) error {
	c := r.conn
	defer c.settleKeys()
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

// MayDefer reports whether broken keys may wait for a COMMIT.
func (r *run) MayDefer() bool { return r.conn.inTx }

// MayWait reports whether changes of indexes may wait for the end of the transaction.
func (r *run) MayWait() bool { return r.conn.inTx && r.conn.runs == 1 }

// Savepoint is SAVEPOINT, RELEASE and ROLLBACK TO.
func (r *run) Savepoint(op int, name string) error {
	defer r.conn.settleKeys()
	return r.conn.savepointOp(r.ctx, op, name)
}

// ReloadSchema reads the catalogue that the statement has changed.
func (r *run) ReloadSchema(db int, when string, check int) error {
	b, c := r.branch(db), r.conn
	s, err := readSchema(b.tx, c.dbs[db].name, db, c.eng.collations.ofSchema, b.schema)
	if err == nil {
		r.replaced = append(r.replaced, replaced{db, b.schema, b.private})
		b.schema, b.private = s, true
		if check != vm.CheckNothing {
			err = r.checkSchema(db, when, check == vm.CheckNames)
		}
	}
	var wrong *catalog.Error
	if when != "" && errors.As(err, &wrong) && wrong.Object != "" {
		err = newError(ErrError, "error in %s%s: %s", wrong.Object, when, wrong.Cause)
	}
	return err
}

// checkSchema tells of a view or trigger that names something that is not there
// any more.
func (r *run) checkSchema(db int, when string, strings bool) error {
	cat, err := r.conn.picture(r.alone)
	if err != nil {
		return err
	}
	env, err := r.conn.planning(cat)
	if err != nil {
		return err
	}
	if err = planner.CheckSchema(env, db, when, strings); err != nil {
		err = newError(ErrError, "%s", err) // Not one of compilation, which would be tried again.
	}
	return err
}

// replaced is the picture of a database before the statement changed it.
type replaced struct {
	db      int
	schema  *catalog.Schema
	private bool
}

// Attach is ATTACH.
func (r *run) Attach(file, name string) error { return r.conn.attach(r.ctx, file, name) }

// Detach is DETACH.
func (r *run) Detach(name string) error { return r.conn.detachDB(r.ctx, name) }

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

// Guard runs what a machine does on a goroutine of its own.
func (r *run) Guard(f func() error) error { return r.conn.guarded(f) }

// random gives random bits from the file system's source.
func (e *engine) random() uint64 {
	var b [8]byte
	e.opts.FS.Random(b[:])
	return binary.LittleEndian.Uint64(b[:])
}
