package plan

import "github.com/rustlite/rustlite/planner/resolve"

// Restrictions: from an OR over several sources of which each side says something
// of one of them alone follows what the sides say of it, one or the other. From
// (a.x = 1 AND b.y = 2) OR (a.x = 3 AND b.y = 4) follow a.x = 1 OR a.x = 3 and
// b.y = 2 OR b.y = 4, which turn rows away before they are joined. The whole is
// tested all the same.

// restriction is what follows from one of the terms.
type restriction struct {
	from int // The term.
	expr *Expr
}

func (p *planner) restrictions() (list []restriction) {
	if len(p.at) < 2 || p.s.lastRight() >= 0 {
		return nil
	}
	for k, e := range p.s.Terms {
		if e.Op != resolve.OpOr {
			continue
		}
		mask := p.mask(e)
		if mask&(mask-1) == 0 || e.IsVolatile() {
			continue
		}
		for i := range p.at {
			if mask&(1<<i) == 0 || p.at[i].Join.Left() {
				continue
			}
			if r := p.restrictionOf(e, p.at[i].Source); r != nil {
				list = append(list, restriction{k, asIn(r)})
			}
		}
	}
	return list
}

// restrictionOf is what e says of a source without fail, nil for nothing.
func (p *planner) restrictionOf(e *Expr, src *Source) *Expr {
	switch {
	case onlySource(e) == src:
		if calm(e) {
			return e
		}
	case e.Op == resolve.OpOr:
		l, r := p.restrictionOf(e.L, src), p.restrictionOf(e.R, src)
		if l != nil && r != nil {
			return resolve.Binary(resolve.OpOr, l, r)
		}
	case e.Op == resolve.OpAnd:
		l, r := p.restrictionOf(e.L, src), p.restrictionOf(e.R, src)
		switch {
		case l == nil:
			return r
		case r == nil:
			return l
		}
		return resolve.Binary(resolve.OpAnd, l, r)
	}
	return nil
}
