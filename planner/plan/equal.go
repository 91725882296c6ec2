package plan

import (
	"github.com/rustlite/rustlite/planner/resolve"
)

// Columns that terms hold equal: from a = b and b = c follows a = c, and from
// a = b and b = 5 follows a = 5, so that a source can be joined to any other
// that has an equal column, and filtered before it is joined. Such a term is
// tested where nothing else tells what it says (O2).

// member is a column of a class of equal ones.
type member struct {
	src, col int
	class    int // From 1.
}

const (
	// membersMax bounds the columns in classes, and so the classes.
	membersMax = 48
	// pairsMax bounds the columns of a class whose pairs follow: with more of them
	// every source could be read by way of each set of the others.
	pairsMax = 4
)

// memberOf is the number of the member that e is, a stored column of an inner
// join's table; a new one if need be, -1 for none. Values of such columns that
// compare as equal may stand for one another, whatever else they are compared
// with by the same affinity and by their bytes.
func (p *planner) memberOf(e *Expr) int {
	if e.Op != resolve.OpColumn || !e.Collation().IsBinary() {
		return -1
	}
	i, ok := p.find(e.Source)
	if !ok || e.Source.Query != nil || e.Source.Current != nil || e.Source.Table.Module != nil ||
		p.at[i].Join.Left() || p.at[i].Semi || e.Source.Virtual(e.Index) != nil {
		return -1
	}
	for k := range p.members {
		if m := &p.members[k]; m.src == i && m.col == e.Index {
			return k
		}
	}
	if len(p.members) == membersMax {
		return -1
	}
	p.members = append(p.members, member{src: i, col: e.Index})
	return len(p.members) - 1
}

// classOf is the class of a column, 0 for none.
func (p *planner) classOf(i, col int) int {
	for k := range p.members {
		if m := &p.members[k]; m.src == i && m.col == col {
			return m.class
		}
	}
	return 0
}

// classOfTerm is the class of which an equality tells, 0 for none.
func (p *planner) classOfTerm(e *Expr) int {
	if len(p.members) == 0 || e.Op != resolve.OpEq {
		return 0
	}
	l, r := p.classOfExpr(e.L), p.classOfExpr(e.R)
	switch {
	case l == r || givenSide(e) == e.R:
		return l
	case givenSide(e) != nil:
		return r
	}
	return 0
}

func (p *planner) classOfExpr(e *Expr) int {
	if e.Op != resolve.OpColumn {
		return 0
	}
	i, ok := p.find(e.Source)
	if !ok {
		return 0
	}
	return p.classOf(i, e.Index)
}

// isGiven reports whether e is a value that stands before the block runs.
func isGiven(e *Expr) bool { return e.Op == resolve.OpConst || e.Op == resolve.OpParam }

// noteEqual finds the classes of equal columns in the terms of WHERE and of
// inner joins, and returns the terms that follow from them.
func (p *planner) noteEqual() (follow []*Expr) {
	if len(p.at) < 2 || p.s.lastRight() >= 0 {
		return nil
	}
	pairs := 0
	for _, e := range p.s.Terms {
		if e.Op == resolve.OpEq && e.L.Op == resolve.OpColumn && e.R.Op == resolve.OpColumn && e.L.Source != e.R.Source &&
			e.L.Affinity() == e.R.Affinity() {
			if l, r := p.memberOf(e.L), p.memberOf(e.R); l >= 0 && r >= 0 {
				p.unite(l, r)
				pairs++
			}
		}
	}
	if pairs > 1 {
		follow = p.equalPairs(follow)
	}
	if pairs > 0 {
		follow = p.equalValues(follow)
	}
	return follow
}

// unite makes one class of two.
func (p *planner) unite(l, r int) {
	a, b := p.members[l].class, p.members[r].class
	switch {
	case a == 0 && b == 0:
		p.classes++
		p.members[l].class, p.members[r].class = p.classes, p.classes
	case a == 0:
		p.members[l].class = b
	case b == 0:
		p.members[r].class = a
	default:
		for k := range p.members {
			if p.members[k].class == b {
				p.members[k].class = a
			}
		}
	}
}

// equalPairs appends the equalities of members of different sources that are
// not among the terms.
func (p *planner) equalPairs(follow []*Expr) []*Expr {
	for k := range p.members {
		for j := range p.members[:k] {
			x, y := &p.members[j], &p.members[k]
			if x.class != y.class || x.class == 0 || x.src == y.src || p.saysEqual(x, y) || p.classSize(x.class) > pairsMax {
				continue
			}
			follow = append(follow, resolve.Binary(resolve.OpEq, p.column(x), p.column(y)))
		}
	}
	return follow
}

func (p *planner) classSize(class int) (n int) {
	for k := range p.members {
		n += b2i(p.members[k].class == class)
	}
	return n
}

func (p *planner) column(m *member) *Expr { return resolve.Column(p.at[m.src].Source, m.col) }

// saysEqual reports whether a term holds two members equal.
func (p *planner) saysEqual(x, y *member) bool {
	for _, e := range p.s.Terms {
		if e.Op == resolve.OpEq && (p.is(e.L, x) && p.is(e.R, y) || p.is(e.L, y) && p.is(e.R, x)) {
			return true
		}
	}
	return false
}

func (p *planner) is(e *Expr, m *member) bool {
	return e.Op == resolve.OpColumn && e.Index == m.col && e.Source == p.at[m.src].Source
}

// equalValues appends what follows for the other members of a class from a
// member that equals a value.
func (p *planner) equalValues(follow []*Expr) []*Expr {
	for _, e := range p.s.Terms {
		if e.Op != resolve.OpEq {
			continue
		}
		val := givenSide(e)
		if val == nil {
			continue
		}
		col := e.L
		if col == val {
			col = e.R
		}
		c := p.classOfExpr(col)
		for k := range p.members {
			if m := &p.members[k]; c > 0 && m.class == c && !p.is(col, m) {
				follow = append(follow, resolve.Binary(resolve.OpEq, p.column(m), val))
			}
		}
	}
	return follow
}

// tells reports whether the placed terms already say what an equality of a
// class does: a chain of them leads from one of its sides to the other. The
// value that columns equal is an end like a column; where they are to equal
// several ones, the others are none.
func (p *planner) tells(t *term) bool {
	val := givenSide(t.expr)
	for k := range p.terms {
		if o := &p.terms[k]; val == nil && o.placed && o.class == t.class {
			val = givenSide(o.expr)
		}
	}
	all := p.ends(t, val)
	reach := all & -all
	for again := true; again; {
		again = false
		for k := range p.terms {
			o := &p.terms[k]
			if !o.placed || o.class != t.class || o == t {
				continue
			}
			if e := p.ends(o, val); e&reach != 0 && e&^reach != 0 {
				reach, again = reach|e, true
			}
		}
	}
	return all&^reach == 0
}

// givenSide is the value with which a term compares something, by its bytes, nil
// for none.
func givenSide(e *Expr) *Expr {
	switch {
	case !resolve.CompareCollation(e.L, e.R).IsBinary():
		return nil
	case isGiven(e.L):
		return e.L
	case isGiven(e.R):
		return e.R
	}
	return nil
}

// ends are the members that a term holds equal, as bits; the last bit is val.
func (p *planner) ends(t *term, val *Expr) (bits uint64) {
	for k := range p.members {
		if m := &p.members[k]; p.is(t.expr.L, m) || p.is(t.expr.R, m) {
			bits |= 1 << k
		}
	}
	if v := givenSide(t.expr); v != nil && val != nil && resolve.Equal(v, val) {
		bits |= 1 << membersMax
	}
	return bits
}
