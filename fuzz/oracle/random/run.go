package random

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/rustlite/rustlite"
)

// Options of a run.
type Options struct {
	Statements int             // Of a program, about.
	Without    map[string]bool // Features that programs do not use: windows, triggers, keys, rename, analyze, vacuum.
	Configs    []rustlite.Options
	Alone      bool // Only the reference runs the program.
}

// Config is the configuration that a seed runs under.
func (o *Options) Config(seed uint64) *rustlite.Options {
	if len(o.Configs) == 0 {
		return nil
	}
	c := o.Configs[seed%uint64(len(o.Configs))]
	return &c
}

// Run makes the program of a seed and runs it on both sides up to its end or
// to the first difference.
func Run(seed uint64, o *Options) (program []Statement, d *Difference, err error) {
	p, err := newPair(o.Config(seed), o.Alone)
	if err != nil {
		return nil, nil, err
	}
	defer p.close()
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), without: o.Without}
	g.nulls = g.some(50)
	step := func(s Statement, done func()) bool {
		program = append(program, s)
		var ref *answer
		ref, d = p.check(s, changes(s.SQL))
		if d != nil {
			d.At = len(program) - 1
			return false
		}
		if ref.err == "" && done != nil {
			done()
		}
		g.follow(s.SQL, ref.err == "", p.reference.InTransaction())
		return true
	}
	if !step(Statement{SQL: "ATTACH ':memory:' AS aux"}, nil) {
		return program, d, nil
	}
	if g.has("keys") && g.some(50) && !step(Statement{SQL: "PRAGMA foreign_keys = ON"}, nil) {
		return program, d, nil
	}
	if g.has("triggers") && g.some(20) && !step(Statement{SQL: "PRAGMA recursive_triggers = ON"}, nil) {
		return program, d, nil
	}
	for range 2 + g.IntN(2) {
		sql, done := g.createTable()
		if !step(Statement{SQL: sql}, done) {
			return program, d, nil
		}
	}
	for range 1 + g.IntN(3) {
		if sql, done := g.createIndex(); sql != "" && !step(Statement{SQL: sql}, done) {
			return program, d, nil
		}
	}
	for range 12 {
		if t := g.base(); t != nil && !step(Statement{SQL: g.insert(t)}, nil) {
			return program, d, nil
		}
	}
	for len(program) < o.Statements {
		if !step(g.next()) {
			return program, d, nil
		}
	}
	if d = p.sound(); d != nil {
		d.At = len(program) - 1
	}
	return program, d, nil
}

// changes reports whether a statement may change the content.
func changes(sql string) bool {
	for _, word := range []string{"SELECT", "VALUES", "WITH RECURSIVE", "PRAGMA", "ATTACH"} {
		if strings.HasPrefix(sql, word) {
			return false
		}
	}
	return true
}

// Replay runs a program up to the first difference.
func Replay(program []Statement, config *rustlite.Options) (*Difference, error) {
	p, err := newPair(config, false)
	if err != nil {
		return nil, err
	}
	defer p.close()
	for i, s := range program {
		if _, d := p.check(s, changes(s.SQL)); d != nil {
			d.At = i
			return d, nil
		}
	}
	if d := p.sound(); d != nil {
		d.At = len(program) - 1
		return d, nil
	}
	return nil, nil
}

// Report shows a program that differs, ready to be run again by people.
func Report(program []Statement, d *Difference) string {
	var b strings.Builder
	for i, s := range program {
		if i > d.At {
			break
		}
		fmt.Fprintf(&b, "%s;\n", s.SQL)
	}
	fmt.Fprintf(&b, "-- differ in %s\n-- reference:\n%s\n-- ours:\n%s\n", d.Kind, d.Reference, d.Ours)
	return b.String()
}
