package vm

type lanes struct{}

func (l *lanes) release() {}

type vectors struct{}

func (v *vectors) release() {}

func (m *Machine) batchOp(in *Instr, pc int) (int, error) {
	panic("no such opcode: " + in.Op.String())
}
