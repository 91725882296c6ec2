package vm

import (
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// context prepares the context of a call.
func (m *Machine) context(call *FuncCall, site int) *fn.Context {
	c, s := &m.ctx, m.session
	if !m.haveNow {
		m.prepareContext()
	}
	c.Memo = &m.memo
	c.Collation, c.PureIn = call.Coll, call.PureIn
	c.Aux = &m.aux[site]
	c.LastInsertID, c.Changes, c.TotalChanges = s.LastInsertID, s.Changes, s.TotalChanges
	return c
}

// prepareContext sets what is the same for all calls of a run.
func (m *Machine) prepareContext() {
	if m.haveNow {
		return
	}
	m.haveNow = true
	c, s := &m.ctx, m.session
	if s.Now != nil {
		c.Now, c.Local = s.Now(), s.Local
	}
	c.Rand, c.LikeCase, c.LengthMax = s.Rand, s.LikeCase, m.lengthMax
}

// call executes Function. The result is copied into the register's own buffer
// (M2): it may borrow from an argument's register, which is written again
// before the result has been used. A function may take long, so each call looks
// at the interrupt flag; that is one load.
func (m *Machine) call(in *Instr) error {
	call := &m.prog.Calls[in.P4]
	c := m.context(call, int(in.P4))
	m.out.SetNull()
	if err := call.Func.Scalar(c, m.regs[in.P2:in.P2+int32(call.NArg)], &m.out); err != nil {
		return functionError(err)
	}
	if err := m.poll(); err != nil {
		return err
	}
	return m.setResult(in.P3)
}

// setResult moves m.out into register r.
func (m *Machine) setResult(r Reg) error {
	if m.out.Kind() >= value.Text && m.out.Len() > m.lengthMax {
		return errTooBig
	}
	m.regs[r].Set(&m.out)
	m.own(r)
	return nil
}

// accumulator number i for the aggregate of a call.
func (m *Machine) accumulator(i int32, call *FuncCall) fn.Accumulator {
	if m.accFns[i] != call.Func || m.accs[i] == nil {
		m.accFns[i], m.accs[i] = call.Func, call.Func.NewAggregate()
	}
	return m.accs[i]
}

// aggReset executes AggReset.
func (m *Machine) aggReset(from, n int32) {
	for i := range m.accs[from : from+n] {
		if a := m.accs[from+int32(i)]; a != nil {
			a.Reset()
		}
	}
}

// aggStep executes AggStep.
func (m *Machine) aggStep(in *Instr) error {
	call := &m.prog.Calls[in.P4]
	a := m.accumulator(in.P3, call)
	args := m.regs[in.P2 : in.P2+int32(call.NArg)]
	c := m.context(call, int(in.P4))
	err := m.poll()
	if err != nil {
		return err
	}
	if in.P1 == 1 {
		err = a.(fn.Windowed).Inverse(c, args)
	} else {
		err = a.Step(c, args)
	}
	if err != nil {
		return functionError(err)
	}
	if in.P5 > 0 {
		took := true
		if t, ok := a.(fn.MinMaxer); ok {
			took = t.TookRow()
		}
		m.regs[in.P5].SetBool(took)
	}
	return nil
}

// aggFinal executes AggFinal.
func (m *Machine) aggFinal(in *Instr) error {
	call := &m.prog.Calls[in.P4]
	a := m.accumulator(in.P1, call)
	c := m.context(call, int(in.P4))
	m.out.SetNull()
	var err error
	if w, ok := a.(fn.Windowed); ok && in.P3 == 1 {
		err = w.Value(c, &m.out)
	} else {
		err = a.Final(c, &m.out)
	}
	if err != nil {
		return functionError(err)
	}
	return m.setResult(in.P2)
}
