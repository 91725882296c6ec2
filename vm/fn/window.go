package fn

import "github.com/rustlite/rustlite/vm/value"

// The functions that need OVER. What they give follows from positions: the
// program knows those, and rows by their numbers. Where a formula is left, it
// stands here as Scalar, on positions in place of the arguments:
// percent_rank(rank, rows), cume_dist(last peer, rows), ntile(N, row, rows).
// first_value, last_value and nth_value are aggregates as well, for frames
// with holes (EXCLUDE).
func windowFuncs() []*Func {
	w := func(name string, nArg int, doc string) *Func {
		f := &Func{Name: name, NArg: nArg, Flags: WindowOnly, Doc: doc}
		switch name {
		case "percent_rank":
			f.Scalar = percentRank
		case "cume_dist":
			f.Scalar = cumeDist
		case "ntile":
			f.Scalar = ntile
		case "first_value", "last_value", "nth_value":
			f.NewAggregate = func() Accumulator { return &valueOf{name: name} }
		}
		return f
	}
	return []*Func{
		w("row_number", 0, "The number of the row in its partition."),
		w("rank", 0, "One more than the rows before the row's peers."),
		w("dense_rank", 0, "The number of the row's peer group."),
		w("percent_rank", 0, "The rank as a part of the partition, from 0.0 to 1.0."),
		w("cume_dist", 0, "The part of the partition up to the row's peers."),
		w("ntile", 1, "The number of the row's bucket among so many."),
		w("lag", 1, "The value one row before."),
		w("lag", 2, "The value so many rows before."),
		w("lag", 3, "As lag(X,N), with a value for none."),
		w("lead", 1, "The value one row after."),
		w("lead", 2, "The value so many rows after."),
		w("lead", 3, "As lead(X,N), with a value for none."),
		w("first_value", 1, "The value of the frame's first row."),
		w("last_value", 1, "The value of the frame's last row."),
		w("nth_value", 2, "The value of the frame's N-th row."),
	}
}

func percentRank(_ *Context, args []value.Value, out *value.Value) error {
	rank, rows := args[0].Int(), args[1].Int()
	out.SetReal(0)
	if rows > 1 {
		out.SetReal(float64(rank-1) / float64(rows-1))
	}
	return nil
}

func cumeDist(_ *Context, args []value.Value, out *value.Value) error {
	out.SetReal(float64(args[0].Int()) / float64(args[1].Int()))
	return nil
}

// ntile deals rows out to n buckets: the first ones take one more where they
// do not come out even.
func ntile(_ *Context, args []value.Value, out *value.Value) error {
	n, row, rows := args[0].AsInt(), args[1].Int()-1, args[2].Int()
	if n <= 0 {
		return newError("argument of ntile must be a positive integer")
	}
	size := rows / n
	large := rows - n*size // Buckets of one more.
	switch {
	case size == 0:
		out.SetInt(row + 1)
	case row < large*(size+1):
		out.SetInt(1 + row/(size+1))
	default:
		out.SetInt(1 + large + (row-large*(size+1))/size)
	}
	return nil
}

// NthValueText is the error of an nth_value that asks for no row.
const NthValueText = "second argument to nth_value must be a positive integer"

// valueOf is first_value, last_value or nth_value of the rows that step in.
type valueOf struct {
	name string
	rows int64
	kept value.Value // Owns its bytes.
}

// Step looks at a row.
func (a *valueOf) Step(_ *Context, args []value.Value) error {
	a.rows++
	want := a.rows
	switch a.name {
	case "first_value":
		want = 1
	case "nth_value":
		n := args[1]
		n.ApplyCompareAffinity()
		if want = n.AsInt(); want <= 0 || n.Kind() > value.Real || n.Kind() == value.Real && float64(want) != n.Real() {
			return newError(NthValueText)
		}
	}
	if want == a.rows {
		a.kept = args[0].Own()
	}
	return nil
}

// Final writes the value, NULL when there was no such row.
func (a *valueOf) Final(_ *Context, out *value.Value) error {
	*out = a.kept
	return nil
}

// Reset makes the accumulator empty.
func (a *valueOf) Reset() { *a = valueOf{name: a.name} }
