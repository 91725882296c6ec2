package rustlite

import (
	"slices"
	"sync"

	"github.com/rustlite/rustlite/planner/codegen"
)

// planCache shares programs between connections. Its key is all that a
// program depends on: the text, the catalogue, how it was compiled. The shape of
// a text stands in it too: a text that nobody can write.
type planCache struct {
	mu    sync.Mutex
	plans map[planKey]*plan
	order []planKey // A ring: the oldest leaves when the cache is full.
	next  int
}

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

// plansMax bounds the cache, in programs.
const plansMax = 512

// textKept is the longest text that is kept in the cache although its shape
// stands there: long ones are rarely seen again.
const textKept = 2 << 10

func (c *planCache) get(k planKey) *plan {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.plans[k]
}

// ofShape finds what was compiled for texts of a shape.
func (c *planCache) ofShape(text []byte, f fingerprint) *plan {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.plans[planKey{string(text), f}]
}

func (c *planCache) put(k planKey, p *plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.putLocked(k, p)
}

func (c *planCache) putLocked(k planKey, p *plan) {
	if c.plans == nil {
		c.plans = map[planKey]*plan{}
	}
	if _, ok := c.plans[k]; ok {
		return
	}
	if len(c.order) < plansMax {
		c.order = append(c.order, k)
	} else {
		delete(c.plans, c.order[c.next])
		c.order[c.next] = k
		c.next = (c.next + 1) % plansMax
	}
	c.plans[k] = p
}

// patternsMax bounds the patterns of one shape.
const patternsMax = 8

// addPattern enters a pattern of a shape; the oldest gives way.
func (c *planCache) addPattern(k planKey, x *pattern) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &plan{patterns: []*pattern{x}}
	if old := c.plans[k]; old != nil {
		p.patterns = append(p.patterns, old.patterns[:min(len(old.patterns), patternsMax-1)]...)
		c.plans[k] = p
		return
	}
	c.putLocked(k, p)
}

// pattern is a program for all texts of a shape that have the same literals
// where these decide (see resolve.Literal).
type pattern struct {
	program  *plan
	literals []string // That decide, by number; the others are empty.
	uses     []literalUse
}

// literalUse is a constant of the program which a literal gives.
type literalUse struct {
	number, index int
	negative      bool
}

// patternOf makes the pattern of a plan that was compiled for a text; nil when
// all of its literals decide. Literals of the plan stand at their places in a
// text in which this one begins at offset.
func patternOf(p *plan, s *textShape, offset int) *pattern {
	x := &pattern{program: p, literals: make([]string, len(s.literals))}
	for i := range s.literals {
		x.literals[i] = s.literal(i)
	}
	for _, l := range p.Literals {
		i, ok := slices.BinarySearchFunc(s.literals, l.At-offset, func(t literalToken, at int) int { return t.from - at })
		if !ok {
			continue
		}
		x.literals[i] = ""
		x.uses = append(x.uses, literalUse{i, int(l.Const), l.Negative})
	}
	if len(x.uses) == 0 {
		return nil
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
	return true
}

// plan makes the plan for a text that fits.
func (x *pattern) plan(s *textShape) *plan {
	consts := slices.Clone(x.program.Consts)
	for _, u := range x.uses {
		consts[u.index] = s.value(u.number, u.negative)
	}
	return &plan{Program: x.program.WithConsts(consts), fingerprint: x.program.fingerprint}
}
