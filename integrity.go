package rustlite

import (
	"fmt"
	"slices"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/freelist"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/codegen"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Report makes the report that obj is of.
func (r *run) Report(db int, obj any) ([]string, error) {
	if o, ok := obj.(*codegen.Optimize); ok {
		return r.optimize(o)
	}
	return r.integrityCheck(db, obj.(*codegen.Integrity))
}

// integrityCheck returns everything that is wrong with a database: trees,
// free list, pages that belong to none or to two, rows against their indexes,
// NOT NULL. Every page is read, and so its checksum tested.
func (r *run) integrityCheck(db int, of *codegen.Integrity) ([]string, error) {
	c := &integrity{tx: r.Tx(db), goesOn: func() bool { return r.ctx.Err() == nil }, owner: map[pager.PageNo]string{1: "header"}}
	if err := c.tx.Settle(); err != nil {
		return nil, err
	}
	c.tree("sqlite_schema", catalog.SchemaRoot, btree.IntKey, nil)
	for _, t := range of.Tables {
		c.table(t)
	}
	if of.File {
		c.pages()
	}
	return c.bad, r.ctx.Err()
}

type integrity struct {
	tx     *pager.Tx
	owner  map[pager.PageNo]string
	bad    []string
	goesOn func() bool
}

// problemsMax bounds the list; a badly damaged file has no end of them.
const problemsMax = 10_000

// rowsPerPoll is how many rows are compared with their indexes between two
// looks at the context.
const rowsPerPoll = 512

func (c *integrity) add(format string, args ...any) {
	if len(c.bad) < problemsMax {
		c.bad = append(c.bad, fmt.Sprintf(format, args...))
	}
}

// freeOwner owns the free pages, whose content means nothing.
const freeOwner = "free list"

func (c *integrity) tree(name string, root uint32, kind btree.Kind, order btree.Compare) {
	visit := func(no pager.PageNo) bool {
		if other, twice := c.owner[no]; twice && (other != name || no != pager.PageNo(root)) {
			c.add("page %d belongs to %s and to %s", no, other, name)
		}
		c.owner[no] = name
		return c.goesOn()
	}
	for _, err := range btree.Check(c.tx, pager.PageNo(root), kind, order, visit) {
		c.add("%s: %s", name, err)
	}
}

// pages tests that every page of the file belongs to one tree or is free.
func (c *integrity) pages() {
	free, trunks, err := c.tx.FreeList()
	if err != nil {
		c.add("free list: %s", err)
		return
	}
	claim := func(no pager.PageNo, name string) {
		if other, twice := c.owner[no]; twice {
			c.add("page %d belongs to %s and to %s", no, other, name)
		}
		c.owner[no] = name
	}
	for _, no := range trunks {
		claim(no, "free list trunk")
	}
	free.Ascend(func(e freelist.Extent) bool {
		for i := range e.N {
			claim(e.First+pager.PageNo(i), freeOwner)
		}
		return true
	})
	for no := pager.PageNo(1); no <= c.tx.PageCount() && c.goesOn(); no++ {
		if _, known := c.owner[no]; !known {
			c.add("page %d is never used", no)
			continue
		}
		if c.owner[no] == freeOwner {
			continue
		}
		if err := c.tx.Verify(no); err != nil {
			c.add("%s", err)
		}
	}
}

// table tests the rows of a table and compares its indexes with them.
func (c *integrity) table(it *codegen.TableTrees) {
	t := it.Table
	kind, order := btree.IntKey, btree.Compare(nil)
	if t.Key != nil {
		kind, order = btree.ByteKey, it.Indexes[slices.Index(t.Indexes, t.Key)].Compare
	}
	if t.Root != catalog.SchemaRoot {
		c.tree(t.Name, t.Root, kind, order)
	}
	cursors := make([]btree.Cursor, len(t.Indexes))
	for i, x := range t.Indexes {
		order := it.Indexes[i].Compare
		if x != t.Key {
			c.tree(x.Name, x.Root, btree.ByteKey, order)
		}
		if err := cursors[i].Open(c.tx, pager.PageNo(x.Root), btree.ByteKey, order); err != nil {
			c.add("%s: %s", x.Name, err)
			return
		}
		defer cursors[i].Close()
	}
	rows := int64(0)
	var cur btree.Cursor
	err := cur.Open(c.tx, pager.PageNo(t.Root), kind, order)
	if err == nil {
		var ok bool
		for ok, err = cur.First(); ok && err == nil && len(c.bad) < problemsMax; ok, err = cur.Next() {
			if rows++; rows%rowsPerPoll == 0 && !c.goesOn() {
				break
			}
			c.row(it, cursors, &cur, rows)
		}
		cur.Close()
	}
	if err != nil {
		c.add("%s: %s", t.Name, err)
		return
	}
	for _, x := range t.Indexes {
		if !c.goesOn() {
			return
		}
		if n, err := btree.Count(c.tx, pager.PageNo(x.Root)); err == nil && n != rows && x.Where == nil {
			c.add("wrong # of entries in index %s", x.Name)
		}
		if x.Unique {
			c.unique(x, it)
		}
	}
}

// row tests one row, the n-th; in messages a row without a row id goes by its
// number.
func (c *integrity) row(it *codegen.TableTrees, cursors []btree.Cursor, cur *btree.Cursor, n int64) {
	t := it.Table
	rowid := n
	if t.Key == nil {
		rowid = cur.IntKey()
	}
	payload, err := cur.Payload()
	if err != nil {
		c.add("row %d of %s: %s", rowid, t.Name, err)
		return
	}
	vals, err := record.Decode(payload, nil)
	if err != nil {
		c.add("row %d of %s: %s", rowid, t.Name, err)
		return
	}
	column := func(i int) value.Value {
		switch {
		case i < 0 || i == t.RowidAlias:
			return value.FromInt(rowid)
		case t.Columns[i].Place < len(vals):
			return vals[t.Columns[i].Place]
		default:
			return value.Value{}
		}
	}
	for _, i := range it.NotNull {
		if v := column(i); v.IsNull() {
			c.add("NULL value in %s.%s", t.Name, t.Columns[i].Name)
		}
	}
	for k, x := range t.Indexes {
		if x.Computed() {
			continue // The program itself compares it: see codegen.
		}
		keys := make([]value.Value, 0, x.Width())
		for _, col := range x.Columns {
			keys = append(keys, column(col.Column))
		}
		for _, col := range x.Suffix {
			keys = append(keys, column(col.Column))
		}
		cols := it.Indexes[k].Cols
		key := record.AppendKey(nil, keys, cols)
		if t.Key == nil {
			key = record.AppendKeyInt(key, rowid)
		}
		found, err := cursors[k].Seek(key)
		switch {
		case err != nil:
			c.add("%s: %s", x.Name, err)
		case !found:
			c.add("row %d missing from index %s", rowid, x.Name)
		case x == t.Key: // Its payload is the row itself.
		default:
			want := record.AppendFixups(nil, keys, cols)
			if got, err := cursors[k].Payload(); err != nil || string(got) != string(want) {
				c.add("row %d differs from index %s", rowid, x.Name)
			}
		}
	}
}

// unique tests that no two entries of a unique index are equal without NULLs.
func (c *integrity) unique(x *catalog.Index, it *codegen.TableTrees) {
	var info *vm.KeyInfo
	for k, y := range it.Table.Indexes {
		if y == x {
			info = it.Indexes[k]
		}
	}
	var cur btree.Cursor
	if cur.Open(c.tx, pager.PageNo(x.Root), btree.ByteKey, info.Compare) != nil {
		return
	}
	defer cur.Close()
	var last []byte
	entries := 0
	for ok, err := cur.First(); ok && err == nil; ok, err = cur.Next() {
		if entries++; entries%rowsPerPoll == 0 && !c.goesOn() {
			return
		}
		key, err := cur.Key()
		if err != nil {
			return
		}
		rest, null := key, false
		for _, col := range info.Cols[:len(x.Columns)] {
			var v value.Value
			if rest, err = record.DecodeKeyValue(rest, col, &v); err != nil {
				c.add("%s: %s", x.Name, err)
				return
			}
			null = null || v.IsNull()
		}
		prefix := key[:len(key)-len(rest)]
		if !null && last != nil && string(prefix) == string(last) {
			c.add("non-unique entry in index %s", x.Name)
		}
		last = append(last[:0], prefix...)
	}
}
