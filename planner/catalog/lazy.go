package catalog

import (
	"sync"

	"github.com/rustlite/rustlite/vm/value"
)

// A schema is read as a whole when a file is opened, and a statement asks for a
// table or two of it. So the texts of rows that are known to be sound are left
// alone until somebody asks for the table that they belong to: parsing them is
// most of the work of opening.

// pending are the rows of sqlite_schema of which the picture is not made yet.
type pending struct {
	sync.Mutex
	entries    []Entry
	of         map[string][]int32 // Numbers of entries by the table that they belong to.
	table      map[string]string  // The table of an index or trigger.
	stats      map[string][]statsRow
	db         int
	collations Collations
	parse      Parser
}

// statsRow is what sqlite_stat1 says of an index.
type statsRow struct{ index, stat string }

// newPending finds to which table each entry belongs. It is nil where a schema is
// too odd for that, or is that of temporary objects, whose triggers may be on
// tables of other databases: then all is made at once, which finds what is
// wrong.
func newPending(entries []Entry, db int) *pending {
	sealed := false
	for i := range entries {
		sealed = sealed || entries[i].Sealed
	}
	if !sealed || db == 1 {
		return nil
	}
	p := &pending{entries: entries, of: make(map[string][]int32, len(entries)/2+1), table: make(map[string]string, len(entries)/2), stats: map[string][]statsRow{}}
	numbers := make([]int32, 0, 2*len(entries)) // Memory of the lists: most are of two.
	for i := range entries {
		e := &entries[i]
		name, table := value.Lower(e.Name), value.Lower(e.Table)
		switch e.Type {
		case "table", "view":
			if name != table || p.of[name] != nil || name == "sqlite_master" || name == "sqlite_schema" {
				return nil
			}
			n := len(numbers)
			numbers = numbers[:n+2]
			p.of[table] = append(numbers[n:n:n+2], int32(i))
			continue
		case "index", "trigger":
			if _, dup := p.table[name]; dup || p.of[table] == nil {
				return nil
			}
			p.table[name] = table
		default:
			return nil
		}
		p.of[table] = append(p.of[table], int32(i))
	}
	return p
}

// postpone leaves entries for later, but for tables of which a row is not sealed.
func (s *Schema) postpone(p *pending) error {
	s.pending.Store(p)
	for i := range p.entries {
		if e := &p.entries[i]; !e.Sealed {
			s.makeTable(p, value.Lower(e.Table))
		}
	}
	return s.Broken()
}

// lock locks what is pending; nil when nothing is.
func (s *Schema) lock() *pending {
	p := s.pending.Load()
	if p == nil {
		return nil
	}
	p.Lock()
	if s.pending.Load() == nil {
		p.Unlock()
		return nil
	}
	return p
}

// makeTable makes a table and all that is on it.
func (s *Schema) makeTable(p *pending, name string) {
	list := p.of[name]
	delete(p.of, name)
	for _, i := range list {
		e := &p.entries[i]
		if err := s.make(e, p.db, p.collations, p.parse); err != nil {
			s.broken.CompareAndSwap(nil, e.Wrong(err))
		}
	}
	for _, st := range p.stats[name] {
		s.analyzed(name, st.index, st.stat)
	}
	delete(p.stats, name)
}

// Table finds a table or view by its name in lower case; nil for none.
func (s *Schema) Table(name string) *Table {
	if p := s.lock(); p != nil {
		defer p.Unlock()
		s.makeTable(p, name)
	}
	return s.tables[name]
}

// Index finds an index by its name in lower case; nil for none.
func (s *Schema) Index(name string) *Index {
	if p := s.lock(); p != nil {
		defer p.Unlock()
		s.makeTable(p, p.table[name])
	}
	return s.indexes[name]
}

// Trigger finds a trigger by its name in lower case; nil for none.
func (s *Schema) Trigger(name string) *Trigger {
	if p := s.lock(); p != nil {
		defer p.Unlock()
		s.makeTable(p, p.table[name])
	}
	return s.triggers[name]
}

// Order are the tables as sqlite_schema lists them.
func (s *Schema) Order() []*Table {
	s.complete()
	return s.order
}

// Objects are what has a text, as sqlite_schema lists it.
func (s *Schema) Objects() []Object {
	s.complete()
	return s.objects
}

// complete makes all that is pending, and lists it in the order of the rows
// instead of that in which it was asked for.
func (s *Schema) complete() {
	p := s.lock()
	if p == nil {
		return
	}
	defer p.Unlock()
	for i := range p.entries {
		s.makeTable(p, value.Lower(p.entries[i].Table))
	}
	s.order, s.objects = s.order[:1:1], s.objects[:1:1]
	for i := range p.entries {
		e := &p.entries[i]
		name := value.Lower(e.Name)
		switch {
		case e.Type == "trigger" && s.triggers[name] != nil:
			s.objects = append(s.objects, Object{Trigger: s.triggers[name]})
		case e.Type == "index" && e.SQL != "" && s.indexes[name] != nil:
			s.objects = append(s.objects, Object{Index: s.indexes[name]})
		case e.Type != "index" && e.Type != "trigger" && s.tables[name] != nil:
			s.order = append(s.order, s.tables[name])
			s.objects = append(s.objects, Object{Table: s.tables[name]})
		}
	}
	s.pending.Store(nil)
}

// Broken is the error of a row that was to be sound and is not, once it was met.
func (s *Schema) Broken() error {
	if err := s.broken.Load(); err != nil {
		return err
	}
	return nil
}
