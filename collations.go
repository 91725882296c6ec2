package rustlite

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rustlite/rustlite/vm/value"
)

// collations are the collations of the user's on one database, by name. A
// schema may name one that nobody has defined yet: it stands there all the
// same, and what compares by it fails until then. Defining one again changes
// how it compares and nothing else.
type collations struct {
	mu     sync.Mutex
	byName map[string]*userCollation
}

type userCollation struct {
	value.Collation
	compare atomic.Pointer[func(a, b string) int]
}

// named finds or makes the collation of a name.
func (c *collations) named(name string) *userCollation {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := value.Lower(name)
	u := c.byName[key]
	if u == nil {
		u = &userCollation{}
		u.Collation = value.Collation{Name: strings.Clone(name), Compare: u.order,
			Undefined: func() bool { return u.compare.Load() == nil }}
		if c.byName == nil {
			c.byName = map[string]*userCollation{}
		}
		c.byName[key] = u
	}
	return u
}

// order compares by the user's function. Should that panic the order is that
// of the bytes: a tree in the midst of a change needs an answer.
func (u *userCollation) order(a, b []byte) (c int) {
	defer func() {
		if recover() != nil {
			c = value.Binary.CompareText(a, b)
		}
	}()
	return (*u.compare.Load())(string(a), string(b))
}

// ofSchema finds a collation for a definition in the schema, always one.
func (c *collations) ofSchema(name string) *value.Collation {
	if b := value.BuiltinCollation(name); b != nil {
		return b
	}
	return &c.named(name).Collation
}

// defined finds a collation for a statement, nil when there is none.
func (c *collations) defined(name string) *value.Collation {
	if b := value.BuiltinCollation(name); b != nil {
		return b
	}
	c.mu.Lock()
	u := c.byName[value.Lower(name)]
	c.mu.Unlock()
	if u == nil || u.compare.Load() == nil {
		return nil
	}
	return &u.Collation
}

// define says how a collation compares.
func (c *collations) define(name string, cmp func(a, b string) int) error {
	if name == "" || cmp == nil || value.BuiltinCollation(name) != nil {
		return newError(ErrMisuse, "%s", ErrMisuse)
	}
	c.named(name).compare.Store(&cmp)
	return nil
}

// CreateCollation makes a collation known under a name, for all users of the
// database in this process: cmp is negative, 0 or positive as a sorts before,
// with or behind b, always the same for the same texts, or indexes are
// damaged. The collation of a name that exists is replaced; BINARY, NOCASE and
// RTRIM are not to be. An index by the collation can be used only where it has
// been made known.
func (db *DB) CreateCollation(name string, cmp func(a, b string) int) error {
	return db.eng.collations.define(name, cmp)
}

// RegisterCollation makes a collation known under a name, as
// DB.CreateCollation does.
func (c *DriverConn) RegisterCollation(name string, cmp func(a, b string) int) error {
	if c.conn.closed {
		return errConnClosed
	}
	return c.conn.eng.collations.define(name, cmp)
}
