package vm

import "github.com/rustlite/rustlite/vm/vtab"

// openModule executes OpenModule.
func (m *Machine) openModule(in *Instr) {
	c := &m.cursors[in.P1]
	c.close()
	c.kind, c.module = moduleCursor, m.prog.Objects[in.P4].(*vtab.Module).Open(m.env)
	c.moved()
}

// moduleFilter executes ModuleFilter and reports whether there is a row.
func (m *Machine) moduleFilter(in *Instr) (bool, error) {
	c := &m.cursors[in.P1]
	c.moved()
	if err := c.module.Filter(m.regs[in.P3 : in.P3+in.P4]); err != nil {
		return false, functionError(err)
	}
	return !c.module.EOF(), nil
}

// moduleColumn reads a column of a module's row into r[out], whose bytes are
// the register's own: the module's are good until its cursor moves (W2).
func (m *Machine) moduleColumn(c *cursor, i int, out Reg) error {
	m.out.SetNull()
	if err := c.module.Column(i, &m.out); err != nil {
		return functionError(err)
	}
	return m.setResult(out)
}
