package rustlite

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/planner/catalog"
	planning "github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// stats answers the planner's questions from the transactions that a
// connection has open, else from the newest commits. A tree that cannot be read
// fails the statement: err says why.
type stats struct {
	conn    *Conn
	catalog *catalog.Catalog
	own     []branch
	trees   []countedTree // That were asked for.
	sampled bool
	leans   []*planning.Lean
	err     error
}

type countedTree struct {
	db   int
	root uint32
	rows int64
}

// Lean is told of a choice by a sample.
func (s *stats) Lean(l *planning.Lean) { s.leans = append(s.leans, l) }

// Rows is the number of entries of a tree.
func (s *stats) Rows(db int, root uint32) int64 {
	n := s.count(db, root)
	s.trees = append(s.trees, countedTree{db, root, n})
	return n
}

func (s *stats) count(db int, root uint32) int64 {
	tx := s.tx(db)
	if tx == nil || tx.Meta().SchemaCookie != s.catalog.Schemas[db].Cookie {
		return 0 // In another schema the tree may be gone.
	}
	var n int64
	n, s.err = btree.Count(tx, pager.PageNo(root))
	return n
}

// sampleRows is how many rows a sample has, sampleBytesMax how much of a text or
// blob is kept in it.
const (
	sampleRows     = 256
	sampleBytesMax = 64
)

// samples are what is known of the columns of an engine's tables. A sample is
// good while the schema is as it was and nobody has analyzed it since, the table
// about as large, and not changed as often as it has rows.
type samples struct {
	sync.Mutex
	cookie   uint32
	analyses uint32
	of       map[sampledColumn]*sampled
}

type sampledColumn struct {
	root uint32
	col  int
}

type sampled struct {
	*planning.Sample
	rows    int64
	changes int64 // Of the engine, when it was taken.
}

func (x *sampled) good(rows, changes int64) bool {
	return rows <= 2*x.rows && x.rows <= 2*rows && changes-x.changes <= max(rows, growthRowsMin)
}

// Sample is what a sample of a table says of a column: one row at each of as many
// places, the same distance from one another.
func (s *stats) Sample(t *catalog.Table, col int) *planning.Sample {
	rows := s.count(t.DB, t.Root)
	if rows == 0 {
		return nil
	}
	s.sampled = true
	tx, eng := s.tx(t.DB), s.conn.dbs[t.DB].eng
	cookie, analyses, changes := tx.Meta().SchemaCookie, s.catalog.Schemas[t.DB].Analyses, eng.changes.Load()
	known := &eng.samples
	key := sampledColumn{t.Root, col}
	known.Lock()
	if known.cookie != cookie || known.analyses != analyses || known.of == nil {
		known.cookie, known.analyses, known.of = cookie, analyses, map[sampledColumn]*sampled{}
	}
	x := known.of[key]
	known.Unlock()
	if x != nil && x.good(rows, changes) {
		return x.Sample
	}
	values, size, err := sampleColumn(tx, t, col, rows)
	if err != nil || len(values) == 0 {
		s.err = err
		return nil
	}
	x = &sampled{planning.NewSample(values, float64(rows), float64(size)/float64(len(values))), rows, changes}
	known.Lock()
	defer known.Unlock()
	if known.cookie == cookie && known.analyses == analyses {
		known.of[key] = x
	}
	return x.Sample
}

func sampleColumn(tx *pager.Tx, t *catalog.Table, col int, rows int64) (values []value.Value, size int, err error) {
	var c btree.Cursor
	if err := c.Open(tx, pager.PageNo(t.Root), btree.IntKey, nil); err != nil {
		return nil, 0, err
	}
	defer c.Close()
	var row record.Row
	take := func() error {
		payload, err := c.Payload()
		if err != nil {
			return err
		}
		if err := row.Reset(payload); err != nil {
			return err
		}
		var v value.Value
		if k := t.Columns[col].Place; k < row.Len() {
			if _, err := row.Column(k, &v); err != nil {
				return err
			}
		}
		if v.Kind() >= value.Text {
			b := v.Bytes()
			b = append([]byte(nil), b[:min(len(b), sampleBytesMax)]...)
			if v.Kind() == value.Text {
				v = value.FromText(b)
			} else {
				v = value.FromBlob(b)
			}
		}
		values, size = append(values, v), size+len(payload)
		return nil
	}
	if rows <= sampleRows {
		ok, err := c.First()
		for ok && err == nil {
			if err = take(); err == nil {
				ok, err = c.Next()
			}
		}
		return values, size, err
	}
	cuts, _, err := c.Cut(math.MinInt64, math.MaxInt64, sampleRows+1)
	for _, key := range cuts {
		if ok, err := c.SeekIntGE(key); err != nil || !ok {
			return values, size, err
		}
		if err := take(); err != nil {
			return values, size, err
		}
	}
	return values, size, err
}

func (s *stats) tx(db int) *pager.Tx {
	d := &s.conn.dbs[db]
	if s.err != nil || d.eng == nil {
		return nil
	}
	if d.tx != nil {
		return d.tx
	}
	for len(s.own) <= db {
		s.own = append(s.own, branch{})
	}
	if b := &s.own[db]; b.tx == nil {
		b.eng = d.eng
		b.tx, s.err = d.eng.pager.BeginRead()
	}
	return s.own[db].tx
}

func (s *stats) close() {
	for db := range s.own {
		s.own[db].leave()
	}
}

// growth is what a plan was made for: it is made again when a table has
// become eight times as large, or an eighth, or, where values were sampled, when
// as many rows have changed as there were. Looking at the tables is put off until
// so many rows of the databases have changed, which one comparison tells.
type growth struct {
	trees []countedTree
	worn  int64        // Changes of the databases by which the samples are none any more,
	next  atomic.Int64 // and those at which to look at the trees.
	over  atomic.Bool  // It was outgrown.
}

const (
	growthFactor = 8
	// growthRowsMin is the least rows that plans are made for (as in package plan).
	growthRowsMin = 1000
)

// growth notes what the plan that was just made leans on; nil when its tables'
// sizes were nothing to it.
func (s *stats) growth() *growth {
	if len(s.trees) == 0 {
		return nil
	}
	made := s.conn.changes()
	g := &growth{trees: s.trees, worn: math.MaxInt64}
	if s.sampled {
		rows := int64(growthFactor * growthRowsMin)
		for _, t := range g.trees {
			rows = max(rows, t.rows)
		}
		g.worn = made + rows
	}
	g.wait(made)
	return g
}

// wait puts off looking until the smallest of the tables may have become an eighth,
// or eight times as many as the least that plans are made for.
func (g *growth) wait(changes int64) {
	put := g.worn
	for _, t := range g.trees {
		most := max(t.rows-t.rows/growthFactor, (growthFactor-1)*growthRowsMin)
		put = min(put, changes+most)
	}
	g.next.Store(put)
}

// outgrown reports whether a plan for a catalogue is to be made again.
func (c *Conn) outgrown(p *plan, cat *catalog.Catalog) bool {
	g := p.growth
	return g != nil && c.changes() >= g.next.Load() && g.outgrown(c, cat)
}

func (g *growth) outgrown(c *Conn, cat *catalog.Catalog) bool {
	changes := c.changes()
	if g.over.Load() {
		return true
	}
	s := &stats{conn: c, catalog: cat}
	defer s.close()
	over := changes >= g.worn
	for _, t := range g.trees {
		now, then := max(s.count(t.db, t.root), growthRowsMin), max(t.rows, growthRowsMin)
		over = over || now >= growthFactor*then || then >= growthFactor*now
	}
	if s.err != nil {
		return false // Whoever reads the tree will tell.
	}
	if over {
		g.over.Store(true)
	} else {
		g.wait(changes)
	}
	return over
}

// changes counts the rows that have changed in the connection's databases.
func (c *Conn) changes() int64 {
	n := c.eng.changes.Load()
	for i := tempDB; i < len(c.dbs); i++ { // By place, not by copy: each execution comes here.
		if e := c.dbs[i].eng; e != nil {
			n += e.changes.Load()
		}
	}
	return n
}
