package fn

// The functions that need OVER. The machine of windows computes them; here
// they have a name, so that a call without OVER gets its own error.
func windowFuncs() []*Func {
	w := func(name string, nArg int, doc string) *Func {
		return &Func{Name: name, NArg: nArg, Flags: WindowOnly, Doc: doc}
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
