package vm_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// testEnv is a connection on one in-memory database, without a catalogue.
type testEnv struct {
	t       testing.TB
	fs      vfs.FS
	pager   *pager.Pager
	tx      *pager.Tx
	auto    bool
	changed bool // Begin answers ErrSchemaChanged.
	session vm.Session
	machine vm.Machine
	points  []namedPoint
}

type namedPoint struct {
	name string
	sp   pager.Savepoint
}

func newEnv(t testing.TB) *testEnv {
	e := &testEnv{t: t, fs: memfs.New(1), auto: true}
	p, err := pager.OpenMemory(&pager.Options{FS: e.fs})
	if err != nil {
		t.Fatal(err)
	}
	e.pager = p
	e.session.Now = func() time.Time { return time.Unix(1e9, 0).UTC() }
	n := uint64(1)
	e.session.Rand = func() uint64 { n = n*6364136223846793005 + 1442695040888963407; return n >> 1 }
	t.Cleanup(func() {
		e.machine.Close()
		if e.tx != nil {
			e.tx.Rollback()
		}
		p.Close()
	})
	return e
}

func (e *testEnv) Vacuum(any, int, *value.Value) error { return nil }

func (e *testEnv) Begin(db int, write bool) error {
	if e.changed {
		return vm.ErrSchemaChanged
	}
	var err error
	switch {
	case e.tx == nil && write:
		e.tx, err = e.pager.BeginWrite(context.Background())
	case e.tx == nil:
		e.tx, err = e.pager.BeginRead()
	case write:
		err = e.pager.Upgrade(context.Background(), e.tx)
	}
	return err
}

func (e *testEnv) MayWait() bool  { return false }
func (e *testEnv) MayDefer() bool { return !e.auto }

func (e *testEnv) Tx(int) *pager.Tx { return e.tx }

func (e *testEnv) AutoCommit(on, rollback bool, mode int) error {
	e.auto = on
	if on && rollback {
		e.rollback()
	}
	return nil
}

func (e *testEnv) Savepoint(op int, name string) error {
	if err := e.Begin(0, true); err != nil {
		return err
	}
	if op == 0 {
		e.points = append(e.points, namedPoint{name, e.tx.Savepoint()})
		return nil
	}
	for i := len(e.points) - 1; i >= 0; i-- {
		if e.points[i].name != name {
			continue
		}
		sp := e.points[i].sp
		if op == 1 {
			e.points = e.points[:i]
			e.tx.Release(sp)
			return nil
		}
		e.points = e.points[:i+1]
		return e.tx.RollbackTo(sp)
	}
	return errors.New("no such savepoint: " + name)
}

func (e *testEnv) ReloadSchema(int, string, int) error { return nil }

func (e *testEnv) Pragma(obj any, db int, arg, out *value.Value) error {
	out.SetString("pragma " + obj.(string))
	return nil
}

func (e *testEnv) Attach(file, name string) error {
	return errors.New("attach " + file + " as " + name)
}

func (e *testEnv) Detach(name string) error { return errors.New("detach " + name) }

func (e *testEnv) Report(int, any) ([]string, error) { return []string{"one", "two"}, nil }

func (e *testEnv) Meta(db, field int) (int64, error) {
	m := e.tx.Meta()
	if field == vm.MetaSchemaCookie {
		return int64(m.SchemaCookie), nil
	}
	return int64(m.UserVersion), nil
}

func (e *testEnv) SetMeta(db, field int, v int64) error {
	m := e.tx.Meta()
	if field == vm.MetaSchemaCookie {
		m.SchemaCookie = uint32(v)
	} else {
		m.UserVersion = int32(v)
	}
	return e.tx.SetMeta(m)
}

func (e *testEnv) Session() *vm.Session { return &e.session }

func (e *testEnv) Guard(f func() error) error { return f() }

func (e *testEnv) TempFS() vfs.FS { return e.fs }

func (e *testEnv) rollback() {
	if e.tx != nil {
		e.tx.Rollback()
	}
	e.tx, e.points, e.auto = nil, nil, true
}

// end closes the transaction of a statement that has ended with err.
func (e *testEnv) end(err error) {
	var x *vm.Error
	switch {
	case e.tx == nil:
	case errors.As(err, &x) && x.Action == vm.ActionRollback:
		e.rollback()
	case !e.auto:
	case err != nil && !(x != nil && x.Action == vm.ActionFail):
		e.rollback()
	default:
		if err := e.tx.Commit(context.Background()); err != nil {
			e.t.Fatal(err)
		}
		e.tx = nil
	}
}

// create makes a tree in a transaction of its own.
func (e *testEnv) create(kind btree.Kind) pager.PageNo {
	e.t.Helper()
	if err := e.Begin(0, true); err != nil {
		e.t.Fatal(err)
	}
	root, err := btree.Create(e.tx, kind)
	if err != nil {
		e.t.Fatal(err)
	}
	e.end(nil)
	return root
}
