package rustlite

import (
	"math"
	"sync"

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
	err     error
}

// Rows is the number of entries of a tree.
func (s *stats) Rows(db int, root uint32) int64 {
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
// good while the schema is as it was and the table about as large.
type samples struct {
	sync.Mutex
	cookie uint32
	of     map[sampledColumn]*sampled
}

type sampledColumn struct {
	root uint32
	col  int
}

type sampled struct {
	*planning.Sample
	rows int64
}

// Sample is what a sample of a table says of a column: one row at each of as many
// places, the same distance from one another.
func (s *stats) Sample(t *catalog.Table, col int) *planning.Sample {
	rows := s.Rows(t.DB, t.Root)
	if rows == 0 {
		return nil
	}
	tx := s.tx(t.DB)
	cookie := tx.Meta().SchemaCookie
	known := &s.conn.dbs[t.DB].eng.samples
	key := sampledColumn{t.Root, col}
	known.Lock()
	if known.cookie != cookie || known.of == nil {
		known.cookie, known.of = cookie, map[sampledColumn]*sampled{}
	}
	x := known.of[key]
	known.Unlock()
	if x != nil && rows <= 2*x.rows && x.rows <= 2*rows {
		return x.Sample
	}
	values, err := sampleColumn(tx, t, col, rows)
	if err != nil || len(values) == 0 {
		s.err = err
		return nil
	}
	x = &sampled{planning.NewSample(values, float64(rows)), rows}
	known.Lock()
	defer known.Unlock()
	if known.cookie == cookie {
		known.of[key] = x
	}
	return x.Sample
}

func sampleColumn(tx *pager.Tx, t *catalog.Table, col int, rows int64) (values []value.Value, err error) {
	var c btree.Cursor
	if err := c.Open(tx, pager.PageNo(t.Root), btree.IntKey, nil); err != nil {
		return nil, err
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
		values = append(values, v)
		return nil
	}
	if rows <= sampleRows {
		ok, err := c.First()
		for ok && err == nil {
			if err = take(); err == nil {
				ok, err = c.Next()
			}
		}
		return values, err
	}
	cuts, _, err := c.Cut(math.MinInt64, math.MaxInt64, sampleRows+1)
	for _, key := range cuts {
		if ok, err := c.SeekIntGE(key); err != nil || !ok {
			return values, err
		}
		if err := take(); err != nil {
			return values, err
		}
	}
	return values, err
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
