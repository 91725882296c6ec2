package vm

import (
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// frame is what belongs to one activation of a program: the statement's, or
// that of a sub-program that it calls (Program.Subs). Machine embeds the one
// that runs; those of its callers wait in Machine.calls, each in the place of
// its depth, where the next call of that depth finds its buffers again.
type frame struct {
	prog *Program
	pc   int
	regs []value.Value // 1..Registers.
	bufs [][]byte      // The register's own bytes (M2).

	cursors  []cursor
	trees    privateTrees
	once     []uint64
	accs     []fn.Accumulator
	accFns   []*fn.Func
	aux      []any
	retries  []retry
	ordering int // Outcome of the last Compare.

	changes   int64 // Rows changed by this activation.
	published int64

	// Of a call:
	args    []value.Value // Registers of the caller.
	lastID  int64         // What the session had before.
	counted int64
}

const (
	// callsMax is how deep programs call each other, SQLite's limit.
	callsMax = 1000
	// keepCallsMax is how many frames of calls a machine keeps between runs.
	keepCallsMax = 16
)

var errTooDeep = newError(codeError, "triggers nested too deep")

// enter makes the frame ready to run p.
func (f *frame) enter(p *Program) {
	f.prog = p
	if n := p.Registers + 1 - len(f.regs); n > 0 {
		f.regs = append(f.regs, make([]value.Value, n)...)
		f.bufs = append(f.bufs, make([][]byte, n)...)
	}
	if n := p.Cursors - len(f.cursors); n > 0 {
		f.cursors = append(f.cursors, make([]cursor, n)...)
	}
	if n := p.Accums - len(f.accs); n > 0 {
		f.accs = append(f.accs, make([]fn.Accumulator, n)...)
		f.accFns = append(f.accFns, make([]*fn.Func, n)...)
	}
	if w := (len(p.Code) + 63) / 64; w > len(f.once) {
		f.once = make([]uint64, w)
	}
	if len(p.Calls) > len(f.aux) {
		f.aux = make([]any, len(p.Calls))
	}
	f.pc, f.changes, f.published, f.retries = 0, 0, 0, f.retries[:0]
}

// close ends the use of the frame's cursors and private trees.
func (f *frame) close() {
	for i := range f.cursors[:f.prog.Cursors] {
		f.cursors[i].close()
	}
	f.trees.reset()
}

// forget leaves the program with its registers behind.
func (f *frame) forget() {
	p := f.prog
	clear(f.regs[:p.Registers+1])
	for _, a := range f.accs[:p.Accums] {
		if a != nil {
			a.Reset()
		}
	}
	clear(f.aux[:len(p.Calls)])
	clear(f.once[:(len(p.Code)+63)/64])
	f.prog, f.args = nil, nil
}

// trim lets go of buffers that some earlier run has made large.
func (f *frame) trim() {
	for i := range f.bufs {
		if cap(f.bufs[i]) > keepBytesMax {
			f.bufs[i] = nil
		}
	}
	for i := range f.cursors {
		c := &f.cursors[i]
		for _, b := range []*[]byte{&c.bound, &c.payBuf, &c.stop} {
			if cap(*b) > keepBytesMax {
				*b = nil
			}
		}
	}
}

// root is the frame of the statement itself.
func (m *Machine) root() *frame {
	if m.depth == 0 {
		return &m.frame
	}
	return &m.calls[0]
}

// callProgram executes Program: its sub-program runs next, unless it is one of
// a trigger that is active and must not be again.
func (m *Machine) callProgram(in *Instr) error {
	p := m.prog.Subs[in.P3]
	if in.P5 != 0 {
		active := m.prog.Trigger == p.Trigger
		for i := 1; i < m.depth && !active; i++ {
			active = m.calls[i].prog.Trigger == p.Trigger
		}
		if active {
			return nil
		}
	}
	if m.depth == callsMax {
		return errTooDeep
	}
	if err := m.poll(); err != nil {
		return err
	}
	for len(m.calls) < m.depth+2 {
		m.calls = append(m.calls, frame{})
	}
	args := m.regs[in.P1 : in.P1+int32(p.Args)]
	m.calls[m.depth] = m.frame
	m.depth++
	m.frame = m.calls[m.depth]
	m.frame.enter(p)
	m.args, m.lastID, m.counted = args, m.session.LastInsertID, m.session.Changes
	return nil
}

// returnProgram ends a sub-program; with ignore its caller goes on where its
// Program says.
func (m *Machine) returnProgram(ignore bool) {
	m.publish()
	m.leave()
	if ignore {
		m.pc = int(m.prog.Code[m.pc-1].P2)
	}
}

// leave goes back to the frame of the caller.
func (m *Machine) leave() {
	m.frame.close()
	m.frame.forget()
	m.session.LastInsertID, m.session.Changes = m.lastID, m.counted
	m.calls[m.depth] = m.frame
	m.depth--
	m.frame = m.calls[m.depth]
}

// unwind leaves all sub-programs.
func (m *Machine) unwind() {
	for m.depth > 0 {
		m.leave()
	}
}
