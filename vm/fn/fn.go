package fn

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rustlite/rustlite/vm/value"
)

// Flags describe a function to the planner and the machine.
type Flags uint16

// The flags.
const (
	// Deterministic: the same arguments give the same result within a
	// statement, so a call with constant arguments may be folded or hoisted.
	Deterministic Flags = 1 << iota
	// NeedsCollation: the call gets the collation of its first argument that
	// has one in Context.Collation (min, max, nullif).
	NeedsCollation
	// Aggregate: NewAggregate makes accumulators.
	Aggregate
	// WindowOnly: may only be called with OVER.
	WindowOnly
	// Inline: the planner compiles the call itself (coalesce, ifnull, iif,
	// likely, ...); Scalar is nil.
	Inline
	// MinMax: min or max as aggregate: the row of the extreme value gives the
	// bare columns.
	MinMax
	// SlowChange: constant within a statement only (date functions).
	SlowChange
	// Subtypes: the subtypes of the arguments matter.
	Subtypes
	// AnyOrder: count(*), min, max, sum of integers...: order does not matter.
	AnyOrder
	// Calm: no arguments make a call, or a step of an aggregate, fail.
	Calm
	// Number: the result is a number or NULL.
	Number
	// Merges: the aggregate's accumulators are Mergers.
	Merges
)

// Func is one function for one number of arguments.
type Func struct {
	Name  string // Lower case.
	NArg  int    // -1: any number between MinArg and MaxArg.
	Min   int    // With NArg -1: at least so many.
	Flags Flags
	Doc   string // A sentence for the list of functions.

	// Scalar computes the result of args into out. args and their bytes are
	// borrowed for the call; out may borrow from args or be fresh.
	Scalar func(c *Context, args []value.Value, out *value.Value) error

	// Prepare, of like and glob, makes ready the pattern of args; their second
	// one does not count. It fails as a call does: a call with that pattern fails
	// for any text, or for none. NULL gives no pattern: nothing matches nor fails.
	Prepare func(c *Context, args []value.Value) (*Pattern, error)

	// NewAggregate returns an empty accumulator, NewAggregates those of many
	// groups, none as yet; where it is nil, NewAggregate is called for each.
	NewAggregate  func() Accumulator
	NewAggregates func() Accumulators

	// Moving is the aggregate in its place for frames that lose rows, when
	// NewAggregate's accumulators keep too little for that.
	Moving *Func

	// UserData is for functions registered by a user.
	UserData any
}

// Accumulator is the state of one aggregate over one group.
type Accumulator interface {
	// Step takes one row's arguments, borrowed for the call.
	Step(c *Context, args []value.Value) error
	// Final writes the result; the accumulator is not used again before Reset.
	Final(c *Context, out *value.Value) error
	// Reset makes the accumulator empty.
	Reset()
}

// Merger accumulators take in what another one of their kind has seen, of rows
// that come after their own. False: the result might not be that of stepping all
// of the rows; neither is of use then.
type Merger interface {
	Accumulator
	Merge(c *Context, later Accumulator) bool
}

// Windowed accumulators serve moving frames.
type Windowed interface {
	Accumulator
	Inverse(c *Context, args []value.Value) error
	Value(c *Context, out *value.Value) error
}

// MinMaxer tells whether the last Step of min or max took its row as the new
// extreme, so that the machine keeps that row's bare columns.
type MinMaxer interface{ TookRow() bool }

// Context is what a call may know about its surroundings.
type Context struct {
	Collation *value.Collation // Of the call site, for NeedsCollation.
	// Now is the current time, read once per statement (UTC).
	Now time.Time
	// Aux caches what a call site made of its constant arguments (a compiled
	// pattern); one slot per site and run, nil at first.
	Aux *any
	// Memo is what the calls of a machine share and keep from run to run (the
	// documents last read); nil at first, or nil itself where nothing is kept.
	Memo *any
	// Rand gives random bits.
	Rand func() uint64

	LastInsertID int64
	Changes      int64
	TotalChanges int64
	LengthMax    int // Limit of a text or blob, in bytes.
	LikeCase     bool

	// Local is the time zone of the modifiers localtime and utc; nil is UTC.
	Local *time.Location
	// PureIn names the place of a call that must depend on its arguments
	// alone ("an index", "a CHECK constraint", "a generated column"), where
	// date('now') is an error; elsewhere it is empty.
	PureIn string
}

// Registry finds functions. It is immutable once in use.
type Registry struct {
	byName map[string][]*Func
}

// NewRegistry returns a registry of funcs; of two with the same name and
// number of arguments the later one wins.
func NewRegistry(funcs ...[]*Func) *Registry {
	r := &Registry{byName: map[string][]*Func{}}
	for _, fs := range funcs {
		for _, f := range fs {
			r.add(f)
		}
	}
	return r
}

// With returns a registry that has funcs as well, each in place of one with
// the same name and number of arguments.
func (r *Registry) With(funcs ...*Func) *Registry {
	c := &Registry{byName: maps.Clone(r.byName)}
	for _, f := range funcs {
		others := slices.Clone(c.byName[f.Name])
		c.byName[f.Name] = append(slices.DeleteFunc(others, func(g *Func) bool { return g.NArg == f.NArg }), f)
	}
	return c
}

func (r *Registry) add(f *Func) {
	list := r.byName[f.Name]
	for i, g := range list {
		if g.NArg == f.NArg && g.Flags&Aggregate == f.Flags&Aggregate {
			list[i] = f
			return
		}
	}
	r.byName[f.Name] = append(list, f)
}

// Lookup finds the function of that name for nArg arguments. known tells
// whether any function has the name, for the choice between "no such
// function" and "wrong number of arguments".
func (r *Registry) Lookup(name string, nArg int) (f *Func, known bool) {
	list := r.byName[value.Lower(name)]
	for _, g := range list {
		if g.NArg == nArg {
			return g, true
		}
		if g.NArg < 0 && nArg >= g.Min && f == nil {
			f = g
		}
	}
	return f, len(list) > 0
}

// All returns the functions in order of name and number of arguments.
func (r *Registry) All() []*Func {
	var all []*Func
	for _, list := range r.byName {
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b *Func) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		if a.NArg != b.NArg {
			return a.NArg - b.NArg
		}
		return int(a.Flags&Aggregate) - int(b.Flags&Aggregate)
	})
	return all
}
