package rustlite

import (
	"errors"
	"slices"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/codegen"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Vacuum is VACUUM, and with into VACUUM INTO.
//
// It is one transaction like any other: the writer begins with no pages, the
// trees are loaded into new ones from the snapshot before, and the commit makes
// the file as long as these (pager, P7). So readers keep what they see, and after
// a crash the database is the old or the new one.
func (r *run) Vacuum(obj any, db int, into *value.Value) error {
	c := r.conn
	switch {
	case c.inTx:
		return newError(ErrError, "cannot VACUUM from within a transaction")
	case slices.ContainsFunc(c.open, func(rows *Rows) bool { return rows.run != nil }):
		return newError(ErrError, "cannot VACUUM - SQL statements in progress")
	case into != nil && into.Kind() != value.Text:
		return newError(ErrError, "non-text filename")
	case c.settings.queryOnly:
		return pager.ErrReadOnly
	}
	if err := r.Begin(db, into == nil); err != nil {
		return err
	}
	v := &vacuum{run: r, trees: map[uint32]*tree{}, into: into != nil}
	for _, t := range obj.([]*codegen.TableTrees) {
		v.add(t)
	}
	b := r.branch(db)
	e := b.eng
	if v.into {
		v.from = b.tx
		size := e.pager.PageSize()
		if c.settings.pageSize != 0 && e.file != nil {
			size = c.settings.pageSize
		}
		return v.toFile(into.Str(), size)
	}
	if err := v.inPlace(b); err != nil {
		return err
	}
	if err := r.ReloadSchema(db, "", vm.CheckNothing); err != nil {
		return err
	}
	if err := r.conn.commitBranch(uncancelled(r.ctx), b, true); err != nil {
		return err
	}
	// The file becomes shorter when the pages have come home: at once, unless a
	// reader wants the old ones. The commit stands whether they could or not; what
	// failed is left to the next checkpoint.
	if _, err := e.pager.Checkpoint(uncancelled(r.ctx)); err != nil {
		e.logger.Error("checkpoint failed", "path", e.pager.Path(), "error", err)
	}
	return nil
}

// vacuum copies a database.
type vacuum struct {
	run      *run
	from, to *pager.Tx
	into     bool
	trees    map[uint32]*tree // By root.
	rows     int
}

// tree is one of those that are copied.
type tree struct {
	kind  btree.Kind
	order btree.Compare
	// renumber: the rows of a table without an index, and without a column that
	// is the row id, get new row ids, as in SQLite.
	renumber bool
	counted  bool // The table is AUTOINCREMENT.
}

func (v *vacuum) add(t *codegen.TableTrees) {
	if t.Table.Key == nil {
		v.trees[t.Table.Root] = &tree{kind: btree.IntKey, counted: t.Table.Autoincrement,
			renumber: len(t.Indexes) == 0 && t.Table.RowidAlias < 0 && !v.into}
	}
	for i, x := range t.Table.Indexes {
		v.trees[x.Root] = &tree{kind: btree.ByteKey, order: t.Indexes[i].Compare}
	}
}

// inPlace rebuilds the database of a branch that writes.
func (v *vacuum) inPlace(b *branch) (err error) {
	v.to = b.tx
	if v.from, err = v.to.Before(); err != nil {
		return err
	}
	defer v.from.Rollback()
	if err := v.to.Empty(); err != nil {
		return err
	}
	return v.copy()
}

// toFile writes the copy to a new file, with pages of its own size.
func (v *vacuum) toFile(file string, pageSize int) error {
	a, err := v.run.conn.attachable(file)
	if err != nil {
		return err
	}
	a.opts.ReadOnly, a.opts.NoBackground, a.opts.PageSize = false, true, pageSize
	if !a.memory() {
		if n, err := sizeOf(a.opts.FS, a.path); err != nil {
			return err
		} else if n > 0 {
			return newError(ErrError, "output file already exists")
		}
	}
	e, err := a.open(v.run.ctx)
	if err != nil {
		return err
	}
	if v.to, err = e.pager.BeginWrite(v.run.ctx); err == nil {
		if err = v.to.Empty(); err == nil {
			err = v.copy()
		}
		if err == nil {
			err = v.to.Commit(v.run.ctx)
		}
		v.to.Rollback()
	}
	if err = errors.Join(err, e.release()); err != nil && e.file != nil {
		err = errors.Join(err, removeDatabase(a.opts.FS, a.path))
	}
	return err
}

// sizeOf is the size of a file, 0 when there is none.
func sizeOf(fs vfs.FS, path string) (int64, error) {
	f, err := fs.Open(path, vfs.ReadOnly)
	if err != nil {
		return 0, nil //nolint:nilerr // Opening it for writing tells more.
	}
	defer f.Close()
	return f.Size()
}

// removeDatabase removes a file that was not finished, and its log.
func removeDatabase(fs vfs.FS, path string) error {
	names, err := fs.List(path + fileformat.LogSuffix)
	for _, name := range append(names, path) {
		err = errors.Join(err, fs.Remove(name))
	}
	return err
}

// copy fills the database at to, which has no pages yet.
func (v *vacuum) copy() error {
	no, _, err := v.to.Allocate()
	if err == nil {
		err = btree.CreateAt(v.to, no, btree.IntKey)
	}
	if err != nil {
		return err
	}
	rows, err := v.schema()
	if err != nil {
		return err
	}
	var c btree.Cursor
	if err := c.Open(v.to, catalog.SchemaRoot, btree.IntKey, nil); err != nil {
		return err
	}
	defer c.Close()
	for i, row := range rows {
		if t := v.trees[rootOf(row)]; t != nil {
			root, err := v.copyTree(rootOf(row), t)
			if err != nil {
				return err
			}
			row[3] = value.FromInt(int64(root))
		}
		if err := c.InsertInt(int64(i+1), record.AppendRecord(nil, row)); err != nil {
			return err
		}
	}
	m := v.from.Meta()
	m.SchemaCookie++
	return v.to.SetMeta(m)
}

// rootOf is the root in a row of the catalogue, 0 where there is none.
func rootOf(row []value.Value) uint32 {
	if row[3].Kind() != value.Int {
		return 0
	}
	return uint32(row[3].Int())
}

// schema gives the rows of the catalogue in the order in which SQLite's VACUUM
// makes the objects: tables, each with the indexes of its constraints, the table
// of AUTOINCREMENT behind the first that needs it (else it goes), other indexes,
// the rest.
func (v *vacuum) schema() ([][]value.Value, error) {
	var tables, indexes, others [][]value.Value
	constraints := map[string][][]value.Value{}
	var sequence []value.Value
	var c btree.Cursor
	if err := c.Open(v.from, catalog.SchemaRoot, btree.IntKey, nil); err != nil {
		return nil, err
	}
	defer c.Close()
	ok, err := c.First()
	for ; ok && err == nil; ok, err = c.Next() {
		payload, err := c.Payload()
		if err != nil {
			return nil, err
		}
		row, err := record.Decode(payload, nil)
		if err != nil || len(row) < 5 {
			return nil, &catalog.Error{Text: "malformed database schema"}
		}
		for i := range row {
			row[i] = row[i].Own()
		}
		switch typ := row[0].Str(); {
		case typ == "table" && value.EqualFold(row[1].Str(), "sqlite_sequence"):
			sequence = row
		case typ == "table" && rootOf(row) != 0:
			tables = append(tables, row)
		case typ == "index" && row[4].IsNull():
			of := value.Lower(row[2].Str())
			constraints[of] = append(constraints[of], row)
		case typ == "index":
			indexes = append(indexes, row)
		default:
			others = append(others, row)
		}
	}
	var list [][]value.Value
	for _, row := range tables {
		list = append(append(list, row), constraints[value.Lower(row[1].Str())]...)
		if t := v.trees[rootOf(row)]; sequence != nil && t != nil && t.counted {
			list = append(list, sequence)
			sequence = nil
		}
	}
	return slices.Concat(list, indexes, others), err
}

// copyTree copies a tree to new pages and returns its root.
func (v *vacuum) copyTree(root uint32, t *tree) (pager.PageNo, error) {
	var c btree.Cursor
	if err := c.Open(v.from, pager.PageNo(root), t.kind, t.order); err != nil {
		return 0, err
	}
	defer c.Close()
	b, err := btree.NewBuilder(v.to, 0, t.kind, t.order, 0)
	if err != nil {
		return 0, err
	}
	n := int64(0)
	ok, err := c.First()
	for ; ok && err == nil; ok, err = c.Next() {
		if v.rows++; v.rows%rowsPerPoll == 0 && v.run.ctx.Err() != nil {
			return 0, vm.ErrInterrupted
		}
		payload, err := c.Payload()
		if err != nil {
			return 0, err
		}
		if t.kind == btree.IntKey {
			key := c.IntKey()
			if n++; t.renumber {
				key = n
			}
			err = b.AppendInt(key, payload)
		} else {
			var key []byte
			if key, err = c.Key(); err == nil {
				err = b.Append(key, payload)
			}
		}
		if err != nil {
			return 0, err
		}
	}
	if err != nil {
		return 0, err
	}
	return b.Finish()
}
