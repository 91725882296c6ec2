package rustlite

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/parser"
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/ext/json"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// engine is what all connections to one database share: the pager, the
// catalogues of its commits, the plan cache, and the goroutine that does the
// background work.
type engine struct {
	pager      *pager.Pager
	opts       *Options
	file       *fileKey     // nil in memory
	shared     string       // The name of a database in memory that others may find.
	functions  *functionSet // The built-in ones.
	collations collations
	logger     *slog.Logger

	latest  atomic.Pointer[catalog.Catalog] // Of the newest commit that was looked at.
	plans   planCache
	samples samples // Of its tables.
	// changes counts rows that statements have changed, rolled back or not.
	changes atomic.Int64

	mu struct {
		sync.Mutex
		refs     int
		byCookie map[uint32]*catalog.Catalog
	}
	stop context.CancelFunc
	done chan struct{}
}

// registry holds the engines of the process by device and inode, so that a
// file's locks are taken once. It is the package's one piece of global state.
var registry struct {
	sync.Mutex
	engines map[fileKey]*engine
	memory  map[string]*engine // Databases in memory that have a name.
}

// fileKey names a file of a file system.
type fileKey struct {
	fs vfs.FS
	id vfs.FileID
}

var catalogIDs atomic.Uint64

// openEngine finds or makes the engine of a path, or of a database in memory,
// which others find where it is shared by a name.
func openEngine(ctx context.Context, path, shared string, o *Options) (*engine, error) {
	memory := path == ":memory:" || path == ""
	if memory && shared == "" {
		return openMemory(o)
	}
	registry.Lock()
	defer registry.Unlock()
	if memory {
		return openShared(shared, o)
	}
	if id, err := o.FS.Identity(path); err == nil {
		if e := registry.engines[fileKey{o.FS, id}]; e != nil {
			if e.pager.ReadOnly() && !o.ReadOnly {
				return nil, newError(ErrReadOnly, "%s: the file is open read-only in this process", ErrReadOnly)
			}
			e.mu.Lock()
			e.mu.refs++
			e.mu.Unlock()
			return e, nil
		}
	}
	p, err := pager.Open(ctx, path, o.pager())
	if err != nil {
		return nil, err
	}
	id, err := o.FS.Identity(path)
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	key := fileKey{o.FS, id}
	e, err := newEngine(p, o, &key)
	if err != nil {
		return nil, err
	}
	if registry.engines == nil {
		registry.engines = map[fileKey]*engine{}
	}
	registry.engines[key] = e
	return e, nil
}

func openMemory(o *Options) (*engine, error) {
	p, err := pager.OpenMemory(o.pager())
	if err != nil {
		return nil, err
	}
	return newEngine(p, o, nil)
}

// openShared finds or makes the database in memory of a name; the registry is
// locked.
func openShared(name string, o *Options) (*engine, error) {
	if e := registry.memory[name]; e != nil {
		e.mu.Lock()
		e.mu.refs++
		e.mu.Unlock()
		return e, nil
	}
	e, err := openMemory(o)
	if err != nil {
		return nil, err
	}
	e.shared = name
	if registry.memory == nil {
		registry.memory = map[string]*engine{}
	}
	registry.memory[name] = e
	return e, nil
}

// privateEngine is a database in memory for one connection: it needs neither
// background work nor anything that others would share.
func privateEngine(o *Options) (*engine, error) {
	own := *o
	own.ReadOnly, own.MustExist, own.NoBackground = false, false, true
	p, err := pager.OpenMemory(own.pager())
	if err != nil {
		return nil, err
	}
	e := &engine{pager: p, opts: &own, logger: o.Logger, done: make(chan struct{}), stop: func() {}}
	close(e.done)
	e.mu.refs = 1
	e.mu.byCookie = map[uint32]*catalog.Catalog{}
	if err := e.init(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return e, nil
}

// builtins are the built-in functions.
var builtins = sync.OnceValue(func() *fn.Registry { return fn.Builtin().With(json.Functions()...) })

func newEngine(p *pager.Pager, o *Options, file *fileKey) (*engine, error) {
	e := &engine{pager: p, opts: o, file: file, functions: &functionSet{registry: builtins()}, logger: o.Logger, done: make(chan struct{})}
	e.mu.refs = 1
	e.mu.byCookie = map[uint32]*catalog.Catalog{}
	if err := e.init(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	e.stop = stop
	if o.NoBackground {
		close(e.done)
	} else {
		go e.background(ctx)
	}
	return e, nil
}

// init makes the catalogue's tree in a new database and reads the catalogue.
func (e *engine) init() error {
	tx, err := e.pager.BeginRead()
	if err != nil {
		return err
	}
	if tx.PageCount() < catalog.SchemaRoot && !e.pager.ReadOnly() {
		tx.Rollback()
		if tx, err = e.pager.BeginWrite(context.Background()); err != nil {
			return err
		}
		no, _, err := tx.Allocate()
		if err == nil && no == catalog.SchemaRoot {
			err = btree.CreateAt(tx, no, btree.IntKey)
		}
		if err != nil {
			tx.Rollback()
			return err
		}
		if err := tx.Commit(context.Background()); err != nil {
			return err
		}
		if tx, err = e.pager.BeginRead(); err != nil {
			return err
		}
	}
	_, err = e.catalogOf(tx)
	tx.Rollback()
	return err
}

// syncDelay is the longest time that a commit at level normal waits for its
// sync.
const syncDelay = 50 * time.Millisecond

// background does the pager's work when it asks for it.
func (e *engine) background(ctx context.Context) {
	defer close(e.done)
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.pager.Work():
		}
		if e.pager.NeedsSync() {
			// At level normal commits of a moment share one sync.
			c, stop := e.opts.FS.Clock().After(syncDelay)
			select {
			case <-c:
			case <-ctx.Done():
			}
			stop()
			if ctx.Err() != nil {
				return // The close syncs.
			}
			if err := e.pager.SyncLog(); err != nil {
				e.logger.Error("sync of the log failed", "path", e.pager.Path(), "error", err)
			}
		}
		if e.pager.NeedsCheckpoint() {
			if _, err := e.pager.Checkpoint(ctx); err != nil && ctx.Err() == nil {
				e.logger.Error("checkpoint failed", "path", e.pager.Path(), "error", err)
			}
		}
	}
}

// release closes the engine when its last user leaves.
func (e *engine) release() error {
	registry.Lock()
	defer registry.Unlock()
	e.mu.Lock()
	e.mu.refs--
	last := e.mu.refs == 0
	e.mu.Unlock()
	if !last {
		return nil
	}
	if e.file != nil {
		delete(registry.engines, *e.file)
	}
	if e.shared != "" {
		delete(registry.memory, e.shared)
	}
	e.stop()
	<-e.done
	return e.pager.Close()
}

// catalogOf returns the catalogue as of a transaction that has not changed
// it.
func (e *engine) catalogOf(tx *pager.Tx) (*catalog.Catalog, error) {
	cookie := tx.Meta().SchemaCookie
	if c := e.latest.Load(); c != nil && c.Schemas[0].Cookie == cookie {
		return c, nil
	}
	e.mu.Lock()
	c := e.mu.byCookie[cookie]
	e.mu.Unlock()
	if c == nil {
		err := e.guarded(func() error {
			s, err := readSchema(tx, "main", mainDB, e.collations.ofSchema, nil)
			if err == nil {
				c = newCatalog(s, noTemp)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if tx.Writable() {
		// Its base may be a commit that waits for its sync still, which
		// nobody else sees.
		return e.remember(c), nil
	}
	return e.publish(c), nil
}

// knownCatalog finds the catalogue of a picture of main that is known; nil for
// one of an open transaction.
func (e *engine) knownCatalog(s *catalog.Schema) *catalog.Catalog {
	if c := e.latest.Load(); c != nil && c.Schemas[mainDB] == s {
		return c
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.mu.byCookie[s.Cookie]; c != nil && c.Schemas[mainDB] == s {
		return c
	}
	return nil
}

// cataloguesMax bounds the remembered pictures; older ones are read again.
const cataloguesMax = 16

// publish makes the picture of a published commit known, and returns the one to
// use: that which others may know already.
func (e *engine) publish(c *catalog.Catalog) *catalog.Catalog {
	c = e.remember(c)
	e.mu.Lock()
	defer e.mu.Unlock()
	if old := e.latest.Load(); old == nil || newer(c.Schemas[mainDB], old.Schemas[mainDB]) {
		e.latest.Store(c)
	}
	return c
}

// newer reports whether a is a later picture than b, or one with later
// statistics.
func newer(a, b *catalog.Schema) bool {
	d := int32(a.Cookie - b.Cookie)
	return d > 0 || d == 0 && a.Analyses > b.Analyses
}

// remember keeps the picture of a commit for those who will look for it.
func (e *engine) remember(c *catalog.Catalog) *catalog.Catalog {
	e.mu.Lock()
	defer e.mu.Unlock()
	cookie := c.Schemas[0].Cookie
	known := e.mu.byCookie[cookie]
	if known != nil && !newer(c.Schemas[mainDB], known.Schemas[mainDB]) {
		return known
	}
	if len(e.mu.byCookie) >= cataloguesMax {
		clear(e.mu.byCookie)
	}
	e.mu.byCookie[cookie] = c
	return c
}

// readSchema builds the picture of a database from the rows of its
// sqlite_schema. Texts that an earlier picture has, if there is one, are not
// parsed again.
func readSchema(tx *pager.Tx, name string, db int, collations catalog.Collations, earlier *catalog.Schema) (*catalog.Schema, error) {
	var entries []catalog.Entry
	var known map[string]ast.Stmt
	if earlier != nil {
		known = earlier.Definitions()
	}
	if tx.PageCount() >= catalog.SchemaRoot {
		var c btree.Cursor
		if err := c.Open(tx, catalog.SchemaRoot, btree.IntKey, nil); err != nil {
			return nil, err
		}
		defer c.Close()
		n, err := btree.Count(tx, catalog.SchemaRoot)
		if err != nil {
			return nil, err
		}
		entries = make([]catalog.Entry, 0, min(max(n, 0), 1<<12))
		var row record.Row
		var texts schemaTexts
		ok, err := c.First()
		for ; ok && err == nil; ok, err = c.Next() {
			entry, err := readEntry(&c, &row, &texts, known)
			if err != nil {
				return nil, err
			}
			entries = append(entries, entry)
		}
		if err != nil {
			return nil, err
		}
	}
	s, err := catalog.NewSchema(name, db, tx.Meta().SchemaCookie, entries, collations, parseDefinition)
	if err == nil {
		readStats(tx, s)
		if earlier != nil && earlier.Cookie == s.Cookie {
			s.Analyses = earlier.Analyses + 1
		}
	}
	return s, err
}

var errSchemaRow = &catalog.Error{Text: "malformed database schema"}

// readEntry reads the row at c. row is scratch.
func readEntry(c *btree.Cursor, row *record.Row, texts *schemaTexts, known map[string]ast.Stmt) (catalog.Entry, error) {
	var e catalog.Entry
	payload, err := c.Payload()
	if err != nil {
		return e, err
	}
	if err := row.Reset(payload); err != nil || row.Len() < 5 {
		return e, errSchemaRow
	}
	fields := [...]*string{&e.Type, &e.Name, &e.Table, nil, &e.SQL}
	for i, to := range fields {
		var v value.Value
		if _, err := row.Column(i, &v); err != nil {
			return e, errSchemaRow
		}
		switch {
		case i == 3:
			if v.Kind() == value.Int {
				e.Root = uint32(v.Int())
			}
		case v.Kind() == value.Text:
			*to = texts.of(v.Bytes(), e.Name)
		}
	}
	if row.Len() > len(fields) {
		var seal value.Value
		if _, err := row.Column(len(fields), &seal); err != nil {
			return e, errSchemaRow
		}
		e.Sealed = seal.Kind() == value.Int && seal.Int() == 1
	}
	e.Def = known[e.SQL]
	return e, nil
}

// parseDefinition parses a text of sqlite_schema.
func parseDefinition(sql string) (ast.Stmt, error) {
	n, _, err := parser.ParseNext(sql, 0)
	return n, err
}

// schemaTexts makes strings, many in one piece of memory: what a schema reads it keeps as a whole.
type schemaTexts struct{ block strings.Builder }

// schemaBlock is the memory for the texts of some twenty tables.
const schemaBlock = 4 << 10

// of is b as a string of its own, the one at hand where b is one that a schema repeats.
func (t *schemaTexts) of(b []byte, name string) string {
	for _, s := range [...]string{"table", "index", name} {
		if string(b) == s {
			return s
		}
	}
	if len(b) > schemaBlock/4 {
		return string(b)
	}
	at := t.block.Len()
	if at+len(b) > t.block.Cap() {
		t.block = strings.Builder{}
		t.block.Grow(schemaBlock)
		at = 0
	}
	t.block.Write(b)
	return t.block.String()[at:]
}

// statsRowsMax bounds how much is read of sqlite_stat1.
const statsRowsMax = 1 << 16

// readStats gives the indexes what ANALYZE found of them. Statistics only make
// plans better: a table of them that cannot be read is none.
func readStats(tx *pager.Tx, s *catalog.Schema) {
	t := s.Table(catalog.StatsName)
	if t == nil || t.View != nil || t.Key != nil {
		return
	}
	var place [3]int
	for i, name := range [...]string{"tbl", "idx", "stat"} {
		k := t.ColumnIndex(name)
		if k < 0 || t.Columns[k].Virtual() {
			return
		}
		place[i] = t.Columns[k].Place
	}
	var c btree.Cursor
	if c.Open(tx, pager.PageNo(t.Root), btree.IntKey, nil) != nil {
		return
	}
	defer c.Close()
	var row record.Row
	ok, err := c.First()
	for n := 0; ok && err == nil && n < statsRowsMax; n++ {
		payload, broken := c.Payload()
		if broken != nil {
			return
		}
		if row.Reset(payload) != nil {
			return
		}
		var texts [len(place)]string
		for i, k := range place {
			var v value.Value
			if k >= row.Len() {
				continue
			}
			if _, broken := row.Column(k, &v); broken != nil {
				return
			}
			if v.Kind() == value.Text {
				texts[i] = string(v.Bytes())
			}
		}
		s.Analyzed(texts[0], texts[1], texts[2])
		ok, err = c.Next()
	}
}
