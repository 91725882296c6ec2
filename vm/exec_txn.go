package vm

import (
	"github.com/rustlite/rustlite/vm/value"
)

// transaction executes Transaction. The savepoint of a statement that may
// fail after a change is opened before anything is changed (M4).
func (m *Machine) transaction(in *Instr) error {
	write := in.P2 != 0
	if err := m.env.Begin(int(in.P1), write); err != nil {
		return err
	}
	tx := m.setTx(int(in.P1))
	if write {
		m.writes = true
		if m.prog.Statement {
			m.points = append(m.points, point{tx, tx.StatementSavepoint()})
		}
	}
	return nil
}

// halt executes Halt with an error and HaltIfNull.
func (m *Machine) halt(in *Instr, text *value.Value) error {
	e := &Error{Action: int(in.P2)}
	if e.Action == ActionNone {
		e.Action = ActionAbort
	}
	if in.P4 >= 0 {
		e.Info = m.prog.Errors[in.P4]
	} else {
		e.Info = &ErrorInfo{Code: int(in.P1), Text: string(text.TextBytes())}
	}
	return e
}

func (m *Machine) readMeta(in *Instr) error {
	v, err := m.env.Meta(int(in.P1), int(in.P3))
	if err == nil {
		m.regs[in.P2].SetInt(v)
	}
	return err
}

func (m *Machine) setMeta(in *Instr) error {
	m.changed = true
	v := m.regs[in.P3].AsInt()
	if in.P2 == MetaSchemaCookie {
		old, err := m.env.Meta(int(in.P1), int(in.P2))
		if err != nil {
			return err
		}
		v = old + 1
	}
	return m.env.SetMeta(int(in.P1), int(in.P2), v)
}

func (m *Machine) pragma(in *Instr) error {
	var arg *value.Value
	if in.P3 > 0 {
		arg = &m.regs[in.P3]
	}
	m.out.SetNull()
	if err := m.env.Pragma(m.prog.Objects[in.P4], int(in.P1), arg, &m.out); err != nil {
		return err
	}
	return m.setResult(in.P2)
}

// vacuum executes Vacuum.
func (m *Machine) vacuum(in *Instr) error {
	var into *value.Value
	if in.P2 > 0 {
		into = &m.regs[in.P2]
	}
	return m.env.Vacuum(m.prog.Objects[in.P4], int(in.P1), into)
}

// report executes Report: line number r[P3], or NULL.
func (m *Machine) report(in *Instr) error {
	n := m.regs[in.P3].AsInt()
	if n == 0 {
		var err error
		if m.lines, err = m.env.Report(int(in.P1), m.prog.Objects[in.P4]); err != nil {
			return err
		}
	}
	out := &m.regs[in.P2]
	out.SetNull()
	if n >= 0 && n < int64(len(m.lines)) {
		out.SetString(m.lines[n])
	}
	return nil
}
