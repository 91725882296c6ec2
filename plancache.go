package rustlite

import (
	"slices"
	"sync"

	"github.com/rustlite/rustlite/planner/codegen"
	planning "github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/vm/value"
)

// planCache shares programs between connections: by text, and for the texts of a
// shape.
type planCache struct {
	mu     sync.Mutex
	texts  ring[*plan]
	shapes ring[[]*pattern] // The newest first.
}

// planKey is all that a program depends on: the text, or its shape, the catalogue,
// how it was compiled.
type planKey struct {
	text string
	fingerprint
}

// fingerprint is what a program depends on apart from its text.
type fingerprint struct {
	catalog   uint64
	functions uint64
	batchRows int
	settings  codegen.Settings
}

// ring is a map of bounded size: the oldest leaves when it is full.
type ring[V any] struct {
	of    map[planKey]V
	order []planKey
	next  int
}

// plansMax bounds each of the two.
const plansMax = 512

func (r *ring[V]) put(k planKey, v V) {
	if r.of == nil {
		r.of = map[planKey]V{}
	}
	if _, ok := r.of[k]; !ok {
		if len(r.order) < plansMax {
			r.order = append(r.order, k)
		} else {
			delete(r.of, r.order[r.next])
			r.order[r.next] = k
			r.next = (r.next + 1) % plansMax
		}
	}
	r.of[k] = v
}

// textKept is the longest text that is kept in the cache although its shape
// stands there: long ones are rarely seen again.
const textKept = 2 << 10

func (c *planCache) get(k planKey) *plan {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.texts.of[k]
}

func (c *planCache) put(k planKey, p *plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.texts.put(k, p)
}

// ofShape finds what was compiled for texts of a shape.
func (c *planCache) ofShape(text []byte, f fingerprint) []*pattern {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shapes.of[planKey{string(text), f}]
}

// patternsMax bounds the patterns of one shape.
const patternsMax = 8

// addPattern enters a pattern of a shape; the oldest gives way, and those that
// were outgrown.
func (c *planCache) addPattern(k planKey, x *pattern) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := []*pattern{x}
	for _, o := range c.shapes.of[k] {
		if len(list) < patternsMax && (o.program.growth == nil || !o.program.growth.over.Load()) {
			list = append(list, o)
		}
	}
	c.shapes.put(k, list)
}

// pattern is a program for all texts of a shape that have the same literals
// where these decide (see resolve.Literal).
type pattern struct {
	program  *plan
	literals []string // That decide, by number; the others are empty.
	uses     []literalUse
	leans    []leanUse
}

// leanUse is what the program made of literals by a sample, with their numbers
// by operand; -1 for a constant of another kind.
type leanUse struct {
	*planning.Lean
	numbers []int
}

func (u *leanUse) holds(s *textShape) bool {
	values := make([]value.Value, len(u.numbers))
	for i, n := range u.numbers {
		if values[i] = u.Operands[i].Value; n >= 0 {
			values[i] = s.value(n, u.Operands[i].Negative)
		}
	}
	return u.Holds(values)
}

// literalUse is a constant of the program which a literal gives.
type literalUse struct {
	number, index int
	negative      bool
}

// patternOf makes the pattern of a plan that was compiled for a text; nil when
// all of its literals decide. Literals of the plan stand at their places in a
// text in which this one begins at offset.
func patternOf(p *plan, s *textShape, offset int, leans []*planning.Lean) *pattern {
	number := func(at int) (int, bool) {
		return slices.BinarySearchFunc(s.literals, at-offset, func(t literalToken, at int) int { return t.from - at })
	}
	x := &pattern{program: p, literals: make([]string, len(s.literals))}
	for i := range s.literals {
		x.literals[i] = s.literal(i)
	}
	for _, l := range p.Literals {
		i, ok := number(l.At)
		if !ok {
			continue
		}
		x.literals[i] = ""
		x.uses = append(x.uses, literalUse{i, int(l.Const), l.Negative})
	}
	if len(x.uses) == 0 {
		return nil
	}
	for _, l := range leans {
		u := leanUse{l, make([]int, len(l.Operands))}
		for k := range l.Operands {
			u.numbers[k] = -1
			if o := &l.Operands[k]; o.Literal {
				if i, ok := number(o.At); ok {
					u.numbers[k] = i
				}
			}
		}
		x.leans = append(x.leans, u)
	}
	return x
}

// fits reports whether the pattern serves a text of its shape.
func (x *pattern) fits(s *textShape) bool {
	for i, t := range x.literals {
		if t != "" && t != s.literal(i) {
			return false
		}
	}
	for i := range x.leans {
		if !x.leans[i].holds(s) {
			return false
		}
	}
	return true
}

// plan makes the plan for a text that fits.
func (x *pattern) plan(s *textShape) *plan {
	consts := slices.Clone(x.program.Consts)
	for _, u := range x.uses {
		consts[u.index] = s.value(u.number, u.negative)
	}
	return &plan{Program: x.program.WithConsts(consts), fingerprint: x.program.fingerprint, growth: x.program.growth}
}
