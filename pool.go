package rustlite

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// pool keeps the connections of a DB that nobody uses. A statement that comes
// and goes takes one from a lane and brings it back there; a lane is at hand on
// one processor at a time, so that goroutines on several write to nothing in
// common.
type pool struct {
	lanes sync.Pool // Of *lane.

	mu struct {
		sync.Mutex
		made  []*lane // Of all that lanes may hold: a sync.Pool forgets.
		next  int
		idle  []*Conn
		conns int // Connections there are; the last one ends the use of a closed DB.
	}
}

// lane has room for one connection. It may be in several hands, which is slower
// and no error.
type lane struct {
	conn atomic.Pointer[Conn]
	_    [56]byte // Off the next one's cache line.
}

// connsMax bounds the idle connections that are kept outside of lanes.
const connsMax = 64

var errClosed = newError(ErrMisuse, "the database is closed")

// take lends a connection.
func (db *DB) take() (*Conn, error) {
	if db.closed.Load() {
		return nil, errClosed
	}
	l, _ := db.pool.lanes.Get().(*lane)
	if l == nil {
		l = db.pool.lane()
	}
	c := l.conn.Swap(nil)
	if c == nil {
		var err error
		if c, err = db.takeIdle(); err != nil {
			return nil, err
		}
	}
	c.lane, c.functions = l, db.functions.Load()
	return c, nil
}

// lane makes a lane, or finds one for one more hand when there are enough.
func (p *pool) lane() *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.mu.made) < 4*runtime.GOMAXPROCS(0) {
		l := new(lane)
		p.mu.made = append(p.mu.made, l)
		return l
	}
	p.mu.next = (p.mu.next + 1) % len(p.mu.made)
	return p.mu.made[p.mu.next]
}

// takeIdle lends a connection that is in no lane, or a new one.
func (db *DB) takeIdle() (*Conn, error) {
	p := &db.pool.mu
	p.Lock()
	defer p.Unlock()
	if db.closed.Load() {
		return nil, errClosed
	}
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return c, nil
	}
	p.conns++
	return newConn(db.eng, db.opts), nil
}

// give takes a connection back. One that a statement left inside of a
// transaction is rolled back.
func (db *DB) give(c *Conn) {
	if c.inTx {
		c.rollback()
	}
	l := c.lane
	keep := c.untouched()
	if keep && l.conn.CompareAndSwap(nil, c) {
		db.pool.lanes.Put(l)
		// Close looks into the lanes after it has set closed.
		if !db.closed.Load() || !l.conn.CompareAndSwap(c, nil) {
			return
		}
	}
	p := &db.pool.mu
	p.Lock()
	if keep && !db.closed.Load() && len(p.idle) < connsMax {
		p.idle = append(p.idle, c)
		p.Unlock()
		return
	}
	p.Unlock()
	c.close()
	p.Lock()
	p.conns--
	last := db.closed.Load() && p.conns == 0
	p.Unlock()
	if last {
		if err := db.eng.release(); err != nil {
			db.eng.logger.Error("close failed", "path", db.eng.pager.Path(), "error", err)
		}
	}
}

// shut sets closed, closes the connections that nobody uses, and reports whether
// there were no others.
func (db *DB) shut() (last bool) {
	p := &db.pool.mu
	p.Lock()
	if db.closed.Swap(true) {
		p.Unlock()
		return false
	}
	conns := p.idle
	p.idle = nil
	for _, l := range p.made {
		if c := l.conn.Swap(nil); c != nil {
			conns = append(conns, c)
		}
	}
	p.conns -= len(conns)
	last = p.conns == 0
	p.Unlock()
	for _, c := range conns {
		c.close()
	}
	return last
}
