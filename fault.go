package rustlite

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/vm/value"
)

// A page that cannot be read through the file's map, because another program
// cut the file or the disk fails, is a fault of memory, which would end the
// program. SetPanicOnFault makes it a panic of the goroutine, and the
// functions here turn that into an error of the statement. It is one of the
// two places that recover; the other is the call of a user's function.

// step moves the machine to its next row and shows it.
func (r *run) step() (row bool, err error) {
	c := r.conn
	if !c.mapped {
		return r.stepAndShow()
	}
	old := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(old)
		if p := recover(); p != nil {
			row, err = false, c.fault(p)
		}
	}()
	return r.stepAndShow()
}

// stepAndShow is step where reads are guarded. The bytes of a row may lie in the
// file's map, where a read outside of a guarded run may end the program, or in
// pages that another statement of the transaction changes: then they are copied.
func (r *run) stepAndShow() (row bool, err error) {
	if row, err = r.m.Step(); !row {
		return false, err
	}
	r.shown = r.m.Row()
	if r.borrows() {
		if n := value.BytesOf(r.shown); n > 0 {
			r.own, r.buf = value.OwnAll(r.own, r.shown, r.buf, n)
			r.shown = r.own
		}
	}
	return true, nil
}

// guarded runs f, which reads pages of any database outside of a machine.
func (c *Conn) guarded(f func() error) (err error) {
	if !c.mapped {
		return f()
	}
	old := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(old)
		if p := recover(); p != nil {
			err = c.fault(p)
		}
	}()
	return f()
}

// fault finds the engine in whose map a fault lies.
func (c *Conn) fault(p any) error {
	if f, ok := p.(interface{ Addr() uintptr }); ok {
		for i := range c.dbs {
			if e := c.dbs[i].eng; e != nil && e.pager.OwnsAddress(f.Addr()) {
				return e.fault(p)
			}
		}
	}
	return c.eng.fault(p)
}

// guarded runs f, which reads pages outside of a machine.
func (e *engine) guarded(f func() error) (err error) {
	if e.file == nil {
		return f()
	}
	old := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(old)
		if p := recover(); p != nil {
			err = e.fault(p)
		}
	}()
	return f()
}

// commit ends a writing transaction, and also when a page that it needs cannot
// be read.
func (e *engine) commit(ctx context.Context, tx *pager.Tx) error {
	err := e.guarded(func() error { return tx.Commit(ctx) })
	if err != nil {
		tx.Rollback()
	}
	return err
}

// fault turns a fault within the map into an error and lets every other panic
// go on.
func (e *engine) fault(p any) error {
	if f, ok := p.(interface{ Addr() uintptr }); ok && e.pager.OwnsAddress(f.Addr()) {
		e.logger.Error("a page could not be read through the map", "path", e.pager.Path())
		return newError(ErrIO, "%s: %s: a page could not be read through the map: %s", ErrIO, e.pager.Path(),
			strings.TrimPrefix(fmt.Sprint(p), "runtime error: "))
	}
	panic(p) //nolint:forbidigo // Not ours: it goes on as it came.
}
