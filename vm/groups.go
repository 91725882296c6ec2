package vm

import (
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/sorter"
)

// groups are the groups of a GROUP BY that is done by hashing: their keys, each
// with a record of what its first row keeps, and their accumulators. Those of
// one group at a time stand in the frame, for AggStep and AggFinal.
type groups struct {
	keys     keySet
	accs     []fn.Accumulator // Of group i from i*n on.
	first, n int32            // Those of the frame that take them.
	at       int              // The group that stands in the frame, -1 for none.
	bytesMax int
}

// groupBytes is what a group takes beside its key, its record and its
// accumulators; accumulatorBytes what one of those does.
const (
	groupBytes       = 64
	accumulatorBytes = 64
)

func (g *groups) close() {
	g.keys.reset()
	clear(g.accs)
	g.accs = g.accs[:0]
	if cap(g.accs) > keepBytesMax/16 {
		g.accs = nil
	}
	g.at = -1
}

// openGroups executes GroupOpen.
func (m *Machine) openGroups(in *Instr) {
	c := &m.cursors[in.P1]
	c.close()
	if c.groups == nil {
		c.groups = new(groups)
	}
	g := c.groups
	g.close()
	g.first, g.n = in.P3, in.P2
	if g.bytesMax = m.session.SortBytesMax; g.bytesMax <= 0 {
		g.bytesMax = sorter.BytesMaxDefault
	}
	clear(m.accs[g.first : g.first+g.n])
	c.kind, c.key = groupCursor, m.prog.Keys[in.P4]
	c.moved()
}

// use puts the accumulators of a group into the frame.
func (g *groups) use(f *frame, group int) {
	if group == g.at {
		return
	}
	n, in := int(g.n), f.accs[g.first:g.first+g.n]
	if g.at >= 0 {
		copy(g.accs[g.at*n:], in)
	}
	copy(in, g.accs[group*n:(group+1)*n])
	g.at = group
}

// findGroup executes GroupFind. The key of a group that is not known waits in
// c.bound for GroupAdd.
func (m *Machine) findGroup(c *cursor, in *Instr) bool {
	c.bound = m.appendKey(c.bound[:0], c.key, in.P3, int32(len(c.key.Cols)))
	i := c.groups.keys.find(c.bound)
	if i < 0 {
		return false
	}
	c.groups.use(&m.frame, i)
	return true
}

// addGroup executes GroupAdd; false when there is no room for the group.
func (m *Machine) addGroup(c *cursor, in *Instr) (bool, error) {
	g := c.groups
	rec := m.regs[in.P3].Bytes()
	if len(g.keys.arena)+len(c.bound)+len(rec)+(len(g.keys.list)+1)*(groupBytes+int(g.n)*accumulatorBytes) > g.bytesMax ||
		!g.keys.insert(c.bound, rec) {
		return false, nil
	}
	for range g.n {
		g.accs = append(g.accs, nil)
	}
	g.use(&m.frame, g.keys.cur)
	return true, m.poll()
}

// nextGroup moves to the group at the current place of the order of keys.
func (m *Machine) nextGroup(c *cursor, ok bool) bool {
	c.moved()
	if ok {
		c.groups.use(&m.frame, c.groups.keys.cur)
	}
	return ok
}

// groupRecord is the record of the group that a walk is on.
func (g *groups) record() []byte { return g.keys.payload(g.keys.cur) }
