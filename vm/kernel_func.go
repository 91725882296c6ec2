package vm

import (
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// VectorCall is a call by VFunction: a number of Program.Calls, and vectors.
type VectorCall struct {
	Call int32
	Args []int32
}

// vectorFunction executes VFunction.
func (m *Machine) vectorFunction(in *Instr) error {
	s, out := &m.vec, &m.vec.v[in.P3]
	out.open(len(s.sel))
	out.seen = 0
	if len(s.sel) == 0 {
		return nil // Nothing is to fail either.
	}
	site := m.prog.Objects[in.P4].(*VectorCall)
	call := &m.prog.Calls[site.Call]
	c := m.context(call, int(site.Call))
	args := resize(s.values, len(site.Args))
	s.values = args
	constant := true // But for the second argument.
	for k, r := range site.Args {
		s.v[r].lane(s.sel, 0, &args[k])
		constant = constant && (k == 1 || s.v[r].constant)
	}
	if call.Func.Prepare != nil && constant {
		p, err := call.Func.Prepare(c, args)
		if err != nil {
			return functionError(err)
		}
		m.matchLanes(p, &s.v[site.Args[1]], out)
		return nil
	}
	for i := range s.sel {
		for k, r := range site.Args {
			if v := &s.v[r]; !v.constant {
				v.lane(s.sel, i, &args[k])
			}
		}
		s.y.SetNull()
		if err := call.Func.Scalar(c, args, &s.y); err != nil {
			return functionError(err)
		}
		out.seen |= out.store(i, &s.y)
	}
	return nil
}

// matchLanes makes out 1 where v matches a pattern, 0 elsewhere, NULL for NULL.
func (m *Machine) matchLanes(p *fn.Pattern, v, out *vector) {
	s := &m.vec
	if p == nil {
		out.setConst(new(value.Value))
		return
	}
	for i := range s.sel {
		k := v.kind(i)
		switch {
		case v.constant || k&(record.LaneInt|record.LaneReal) != 0:
			v.lane(s.sel, i, &s.x)
			if k = record.LaneNull; !s.x.IsNull() {
				k = record.LaneInt
				m.scratch = s.x.AppendText(m.scratch[:0])
				out.bits[i] = int64(b2i(p.Matches(m.scratch)))
			}
		case k != record.LaneNull:
			k = record.LaneInt
			out.bits[i] = int64(b2i(p.Matches(v.place(s.sel, i))))
		}
		out.kinds[i] = k
		out.seen |= k
	}
}
