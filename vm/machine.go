package vm

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/invariant"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// Env is the connection as the machine sees it. Its methods are called rarely:
// at the start of a run, and by transaction, schema and pragma opcodes. Errors
// pass to the caller of Step; those of pager and fileformat get SQLite's codes
// on the way (Error).
type Env interface {
	// Begin makes sure that a transaction on database db is open, for writing
	// if write, and that the running program fits the transaction's catalogue;
	// else it answers ErrSchemaChanged.
	Begin(db int, write bool) error
	// Tx is the open transaction of a database.
	Tx(db int) *pager.Tx
	// AutoCommit runs BEGIN (on=false; mode 0 deferred, 1 immediate, 2
	// exclusive), COMMIT (on=true) and ROLLBACK (on=true, rollback=true).
	AutoCommit(on, rollback bool, mode int) error
	// Savepoint opens (op 0), releases (1) or rolls back to (2) a savepoint.
	Savepoint(op int, name string) error
	// ReloadSchema reads the catalogue of the transaction again. when is not ""
	// for a statement that answers for the texts of the schema; check is
	// CheckNothing, CheckNames or CheckStrings.
	ReloadSchema(db int, when string, check int) error
	// Pragma answers a pragma into out; arg is nil when it has none.
	Pragma(obj any, db int, arg *value.Value, out *value.Value) error
	// Attach adds a database, Detach takes it away again.
	Attach(file, name string) error
	Detach(name string) error
	// Vacuum rebuilds a database, or writes a copy of it to a new file.
	Vacuum(obj any, db int, into *value.Value) error
	// Report gives the lines of a report on a database: what integrity_check
	// found, or what optimize does.
	Report(db int, obj any) ([]string, error)
	// Meta and SetMeta read and write a field of the header (Meta*).
	Meta(db, field int) (int64, error)
	SetMeta(db, field int, v int64) error
	// MayDefer reports whether what is broken of deferred foreign keys may be so
	// at the end of the run.
	MayDefer() bool
	// MayWait reports whether changes of indexes may wait for the end of the
	// transaction: it goes on behind the run, and no other run has opened trees.
	MayWait() bool
	// Session is what the connection keeps between statements.
	Session() *Session
	// TempFS is where private trees get their clock and chance from, and where
	// sorters put what does not fit in memory (vfs.FS.Temp).
	TempFS() vfs.FS
	// Guard runs f on a goroutine of the machine's own: a fault in the map of a
	// file is an error of f.
	Guard(f func() error) error
}

// What ReloadSchema checks: that the names in views and triggers mean something,
// and that none stands for a string.
const (
	CheckNothing = iota
	CheckNames
	CheckStrings
)

// Session is the state of a connection that statements read and change.
type Session struct {
	LastInsertID int64
	Changes      int64 // Of the last statement that changes rows.
	TotalChanges int64
	// Broken counts the children without a parent of the open transaction: by
	// keys that are deferred, by others that PRAGMA defer_foreign_keys puts off.
	Broken    [2]int64
	Now       func() time.Time
	Local     *time.Location // Of 'localtime' and 'utc'; nil: UTC.
	Rand      func() uint64
	LengthMax int // Longest text or blob in bytes; 0: 1,000,000,000.
	Settings
	SortBytesMax int // Memory of one sorter before it spills; 0: a default.
	// Workers is the most goroutines that run one statement, 0: as processors are
	// free; SplitRows the least rows for each of them, 0: a default.
	Workers   int
	SplitRows int

	waiting []*waitingIndex // To be used again.
}

// Settings are what statements set for those that follow in the session.
type Settings struct {
	LikeCase bool // LIKE tells upper and lower case apart.
	// AnalysisLimit is PRAGMA analysis_limit: about how many entries of an index
	// ANALYZE looks at; 0: all.
	AnalysisLimit int
}

// IsBroken reports whether a COMMIT must fail.
func (s *Session) IsBroken() bool { return s.Broken[0]+s.Broken[1] != 0 }

// The counters of FkCounter.
const (
	KeysImmediate = 0
	KeysDeferred  = 1
	KeysPutOff    = 2
)

const (
	lengthMaxDefault = 1_000_000_000
	// pollEvery is how many loops a run makes between two looks at the
	// interrupt flag.
	pollEvery = 2048
	// keepBytesMax is the largest buffer that a register keeps between runs.
	keepBytesMax = 1 << 16
	// trimEvery is how often, in runs, large buffers are looked for.
	trimEvery = 32
)

type machineState uint8

const (
	idle machineState = iota
	running
	done
)

// point is a savepoint of the running statement.
type point struct {
	tx *pager.Tx
	sp pager.Savepoint
}

// Machine runs programs, one at a time. The zero Machine is ready; it keeps
// its buffers between runs and is meant to be pooled. It is for one goroutine
// at a time, but for Interrupt.
type Machine struct {
	epoch uint64 // M3.
	frame
	calls []frame // Those that wait for the running one, and, behind them, those to be used again.
	depth int     // How many wait.

	env     Env
	session *Session
	params  []value.Value

	state machineState
	row   []value.Value

	txs    []*pager.Tx // By database, once begun.
	points []point
	// tableWrites counts the changes of integer-key trees, for what NewRowid
	// remembers.
	tableWrites uint64
	pollFunc    func() error // See asked.
	pinned      *cursor      // Pin; nil for none.
	changed     bool         // A tree of the file was changed by this run.
	writes      bool         // The run began a writing transaction.

	// Children without a parent, by immediate foreign keys; and what the session
	// counted of the others before the run.
	broken       int64
	brokenBefore [2]int64

	lengthMax int
	lines     []string

	ctx     fn.Context
	memo    any // fn.Context.Memo.
	haveNow bool
	out     value.Value // A function's result before it becomes a register's.

	keyBuf  []byte
	scratch []byte
	cmpBufs [2][]byte
	cmpVals [2]value.Value

	vec     vectors
	tallies tallies // Of EXPLAIN ANALYZE.

	helpers helpers // Those of this machine.
	helper          // What it does for another one.

	resets int
	stop   atomic.Bool
}

// Start begins a run. params are borrowed until Reset. A run that is under
// way is reset first.
func (m *Machine) Start(p *Program, env Env, params []value.Value) {
	if m.state != idle {
		m.Reset()
	}
	if invariant.Enabled {
		if err := Verify(p); err != nil {
			invariant.Check(false, fmt.Sprint("M1: ", err))
		}
	}
	m.env, m.params = env, params
	m.session = env.Session()
	m.lengthMax = m.session.LengthMax
	if m.lengthMax <= 0 {
		m.lengthMax = lengthMaxDefault
	}
	m.frame.enter(p)
	m.state = running
	m.epoch++
	m.changed, m.writes, m.haveNow = false, false, false
	m.helpers.whole = false
	if p.Explain == ExplainRun {
		m.startTallies()
	}
	m.broken, m.brokenBefore = 0, m.session.Broken
	m.stop.Store(false)
}

// Step runs until the next result row (true), the end (false) or an error.
func (m *Machine) Step() (bool, error) {
	if m.state != running {
		return false, nil
	}
	if err := m.poll(); err != nil {
		return false, m.fail(err) // A run of few instructions a row asks nowhere else.
	}
	// Others may have written since the last row (M3).
	for _, tx := range m.txs {
		if tx != nil && tx.Writable() {
			m.epoch++
			m.tableWrites++
			break
		}
	}
	more, err := m.run()
	for err != nil && m.goesOn(err) {
		more, err = m.run()
	}
	switch {
	case err != nil:
		return false, m.fail(err)
	case !more && m.breaksKeys():
		return false, m.fail(errForeignKey)
	case !more:
		m.succeed()
	}
	return more, nil
}

// Row is the result row of the last Step, borrowed until the next one.
func (m *Machine) Row() []value.Value { return m.row }

// Changes is the number of rows that the run has changed so far.
func (m *Machine) Changes() int64 { return m.changes }

// Interrupt makes the run end with ErrInterrupted soon. It may be called from
// any goroutine, and does nothing to a run that starts later.
func (m *Machine) Interrupt() { m.stop.Store(true) }

// Reset ends the run, if one is under way, keeping its changes, and makes the
// machine ready for another.
func (m *Machine) Reset() {
	if m.state == running {
		m.succeed()
	}
	if m.prog == nil {
		return
	}
	m.frame.forget()
	if m.resets++; m.resets%trimEvery == 0 {
		m.trim()
	}
	m.vec.release()
	m.env, m.session, m.params, m.row, m.lines = nil, nil, nil, nil, nil
	m.state = idle
}

// trim lets go of buffers that some earlier run has made large.
func (m *Machine) trim() {
	m.memo = nil
	m.frame.trim()
	for i := range m.calls {
		if i >= keepCallsMax {
			m.calls[i].trees.close()
			m.calls[i] = frame{}
		}
		m.calls[i].trim()
	}
	for _, b := range []*[]byte{&m.keyBuf, &m.scratch, &m.cmpBufs[0], &m.cmpBufs[1]} {
		if cap(*b) > keepBytesMax {
			*b = nil
		}
	}
}

// Close gives back what lies outside of the Go heap. The machine may be used
// again.
func (m *Machine) Close() {
	m.Reset()
	m.trees.close()
	for _, w := range m.helpers.of {
		w.Close()
	}
	for i := range m.calls {
		m.calls[i].trees.close()
	}
}

// succeed ends a run whose changes stand.
func (m *Machine) succeed() {
	for i := len(m.points) - 1; i >= 0; i-- {
		m.points[i].tx.Release(m.points[i].sp)
	}
	m.publish()
	m.finish()
}

// publish tells the connection how many rows the statement has changed.
func (m *Machine) publish() {
	if m.prog.CountRows {
		m.session.Changes = m.changes
		m.session.TotalChanges += m.changes - m.published
		m.published = m.changes
	}
}

// finish closes what the run has open.
func (m *Machine) finish() {
	m.dismiss()
	m.frame.close()
	clear(m.points)
	clear(m.txs)
	m.points, m.txs, m.row, m.pinned = m.points[:0], m.txs[:0], nil, nil
	m.state = done
}

// fail ends a run by an error and undoes what its action says (M4), but for
// ActionRollback, which is the caller's to do.
func (m *Machine) fail(err error) error {
	m.dismiss()
	m.unwind()
	err = classify(err)
	action := ActionAbort
	var e *Error
	if errors.As(err, &e) {
		action = e.Action
		if action == ActionFail && m.breaksKeys() {
			err, e, action = errForeignKey, errForeignKey, ActionAbort
		}
		if action == ActionAbort && m.writes && (undoAll(e.Info.Code, len(m.points) > 0) || m.changed && len(m.points) == 0) {
			err = &Error{Info: e.Info, Action: ActionRollback, Err: e.Err}
			action = ActionRollback
		}
	}
	switch action {
	case ActionFail:
		for i := len(m.points) - 1; i >= 0; i-- {
			m.points[i].tx.Release(m.points[i].sp)
		}
		m.publish()
	case ActionRollback:
		m.session.Broken = m.brokenBefore
		m.undone()
	default:
		for i := len(m.points) - 1; i >= 0; i-- {
			p := m.points[i]
			if x := p.tx.RollbackTo(p.sp); x != nil {
				err = &Error{Info: &ErrorInfo{Code: codeIO, Text: "disk I/O error"}, Action: ActionRollback, Err: x}
			}
			p.tx.Release(p.sp)
		}
		m.session.Broken = m.brokenBefore
		m.undone()
	}
	m.finish()
	return err
}

// breaksKeys reports whether the run leaves children without a parent that it
// must not leave.
func (m *Machine) breaksKeys() bool {
	return m.broken != 0 || m.session.IsBroken() && !m.env.MayDefer()
}

// undone publishes that the statement has changed nothing.
func (m *Machine) undone() {
	if m.prog.CountRows {
		m.session.Changes = 0
		m.session.TotalChanges -= m.published
	}
	m.changes, m.published = 0, 0
}
