package vm

import (
	"math"
	"slices"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Batches: VNext takes the rest of a leaf, VColumn decodes a column of the
// selected lanes, kernels compute, VFilter narrows the selection, VAgg feeds
// accumulators. A vector holds the lanes that were selected when it was made,
// one after the other; VFilter makes all older vectors void, so code asks for
// what it needs again behind it. A column that its vector still holds is then
// not decoded again, but narrowed by the selections made since.

// batchRowsMax is the usual most rows of a batch.
const batchRowsMax = 1024

// leavesMax is the most leaves of a batch. The first batch has one, the next ones twice as many each: perhaps
// no more is wanted.
const leavesMax = 16

// BatchCounter is an accumulator for which only the number of rows (where its
// argument is not NULL) counts. It goes before BatchAdder.
type BatchCounter interface {
	fn.Accumulator
	StepCount(n int64)
}

// BatchAdder is an accumulator that ignores NULL and takes many numbers at
// once, in row order, with the same result as stepping them one by one.
type BatchAdder interface {
	fn.Accumulator
	StepInts(v []int64)
	StepReals(v []float64)
	// StepMixed takes integers and reals as bits, by their kinds (record.Lane*),
	// and leaves NULLs out.
	StepMixed(v []int64, kinds []uint8)
}

// lanes are the batch that a cursor is on.
type lanes struct {
	batch   btree.Batch
	max     int
	waits   int   // Rows until Split looks whether to split.
	end     int64 // Last row id.
	hasEnd  bool
	over    bool    // The end has been reached.
	at      int     // The lane that rows are read from.
	rows    []int32 // The lanes that rows are read from, and the place of at.
	place   int
	decoder record.Lanes
}

// release drops what is borrowed.
func (l *lanes) release() {
	clear(l.batch.Payloads)
	clear(l.batch.Keys)
	l.batch.N = 0
}

// vector is a vector register.
type vector struct {
	// constant: all lanes are val. bits are filled when filled > 0.
	constant bool
	filled   int
	val      value.Value
	// seen is the union of the lanes' kinds (record.Lane*). kinds are valid
	// when it has more than one bit; bits hold integers, the bits of reals, or
	// the places of texts and blobs: in the records of lanes, or in arena when
	// that is nil.
	seen  uint8
	bits  []int64
	kinds []uint8
	truth []uint8 // Of a truth vector: laneFalse, laneTrue, laneUnknown.
	lanes *lanes
	arena []byte
	set   *valueSet // Of VIn, made once in a loop.
	// Of a column: which it is, and the batch and the selection it is of.
	col   int32
	batch uint64
	gen   int
}

// selection is the lanes that a filter has left.
type selection struct {
	rows []int32 // Their rows in the batch.
	from []int32 // Their places in the selection before.
}

// vectors are the batch state of a machine.
type vectors struct {
	v      []vector
	all    []int32     // 0, 1, 2...
	sels   []selection // By filter of the loop.
	gen    int         // Filters that the batch has passed.
	sel    []int32     // Rows of the newest selection.
	batch  uint64      // Counts batches; 0 is none.
	ints   []int64
	real   [2][]float64
	x, y   value.Value
	same   vector // A constant in the kind of what it is compared with.
	zero   vector
	groups []int32 // Of the selected lanes.
	keys   laneKeys
	top    topBar
	// Room for the groups of those that are not NULL, and for a lane of several
	// vectors.
	someGroups []int32
	values     []value.Value
	active     bool
}

func (s *vectors) release() {
	if !s.active {
		return
	}
	s.active = false
	s.x, s.y = value.Value{}, value.Value{}
	clear(s.values)
	for i := range s.v {
		s.v[i].release()
	}
	s.same.release()
	s.zero.release()
}

// release makes v a vector of nothing: no run finds what an earlier one left.
func (v *vector) release() {
	v.constant, v.filled, v.val, v.lanes, v.set = false, 0, value.Value{}, nil, nil
	if cap(v.arena) > keepBytesMax/16 {
		v.arena = nil
	}
}

// resize gives s n elements, of any content.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, max(n, 128))
	}
	return s[:n]
}

// batchOp executes the opcodes of the batch family and returns the next
// address.
func (m *Machine) batchOp(in *Instr, pc int) (int, error) {
	s := &m.vec
	var err error
	switch in.Op {
	case OpVOpen:
		m.openBatches(in)
	case OpTally:
		m.tally(in)
	case OpSplit:
		err = m.splitLoop(in, pc)
	case OpJoin:
		return m.joinLoop(in, pc)
	case OpVRangeEnd:
		m.cursors[in.P1].lanes.endAt(m.regs[in.P3], in.P2 != 0)
	case OpVNext:
		if err = m.poll(); err == nil {
			var ok, whole bool
			if ok, whole, err = m.nextBatch(&m.cursors[in.P1]); !ok {
				return int(in.P2), err
			}
			if !whole {
				return int(in.P3), nil // Rows with overflow pages are read one by one.
			}
		}
	case OpVRow:
		c := &m.cursors[in.P1]
		l := c.lanes
		l.rows, l.place = append(l.rows[:0], s.sel...), 0
		if len(l.rows) > 0 {
			err = m.laneRow(c, int(l.rows[0]))
		}
		if (len(l.rows) > 0) == (in.P3 == 1) {
			return int(in.P2), err
		}
	case OpVRowNext:
		c := &m.cursors[in.P1]
		var ok bool
		if ok, err = m.nextLane(c); ok {
			return int(in.P2), err
		}
	case OpVColumn:
		err = m.vectorColumn(in)
	case OpVRowid:
		m.vectorRowid(in)
	case OpVReg:
		s.v[in.P3].setConst(&m.regs[in.P1])
	case OpVCompare:
		m.vectorCompare(in)
	case OpVArith:
		m.vectorArith(Op(in.P4), &s.v[in.P1], &s.v[in.P2], &s.v[in.P3])
	case OpVNegate:
		m.vectorNegate(&s.v[in.P1], &s.v[in.P3])
	case OpVAnd:
		combine(&truthAnd, s.v[in.P1].truth, s.v[in.P2].truth, s.v[in.P3].truths(len(s.sel)))
	case OpVOr:
		combine(&truthOr, s.v[in.P1].truth, s.v[in.P2].truth, s.v[in.P3].truths(len(s.sel)))
	case OpVNot:
		invert(s.v[in.P1].truth, s.v[in.P3].truths(len(s.sel)))
	case OpVIsNull:
		s.v[in.P1].isNull(len(s.sel), in.P2 != 0, s.v[in.P3].truths(len(s.sel)))
	case OpVTruth:
		s.v[in.P1].truthOf(s, s.v[in.P3].truths(len(s.sel)))
	case OpVBool:
		s.v[in.P3].setTruths(s.v[in.P1].truth[:len(s.sel)])
	case OpVChoose:
		s.choose(s.v[in.P1].truth, &s.v[in.P2], &s.v[in.P4], &s.v[in.P3])
	case OpVIn:
		m.vectorIn(in)
	case OpVHashInsert:
		err = m.vectorHash(in)
	case OpVProbe:
		s.probe(m.cursors[in.P1].hash, &s.v[in.P2], s.v[in.P3].truths(len(s.sel)))
	case OpVFunction:
		err = m.vectorFunction(in)
	case OpVSorterInsert:
		err = m.vectorSort(in)
	case OpVAway:
		m.vectorAway(in)
	case OpVFilter:
		s.filter(s.v[in.P1].truth)
	case OpVAgg:
		err = m.vectorAgg(in)
	case OpVGroup:
		var ok bool
		if ok, err = m.vectorGroup(in); !ok {
			return int(in.P2), err
		}
	case OpVGroupAgg:
		err = m.vectorGroupAgg(in)
	}
	return pc, err
}

// openBatches executes VOpen.
func (m *Machine) openBatches(in *Instr) {
	s := &m.vec
	if n := m.prog.Vectors; n > len(s.v) {
		s.v = append(s.v, make([]vector, n-len(s.v))...)
	}
	s.active = true
	own := s.v[in.P4 : in.P4+in.P2]
	for i := range own {
		own[i].set = nil
	}
	c := &m.cursors[in.P1]
	most := batchRowsMax
	if in.P3 > 0 {
		most = min(int(in.P3), batchRowsMax)
	}
	c.openLanes(most)
}

// openLanes makes batches of at most most rows ready.
func (c *cursor) openLanes(most int) {
	if c.lanes == nil {
		c.lanes = new(lanes)
	}
	l := c.lanes
	l.max, l.hasEnd, l.over, l.waits = most, false, false, splitWait
	l.batch.N, l.batch.Leaves = 0, 1
}

// endAt ends the batches behind row id v, or before it.
func (l *lanes) endAt(v value.Value, before bool) {
	v.ApplyCompareAffinity()
	switch v.Kind() {
	case value.Null:
		l.over = true
	case value.Int:
		l.end, l.hasEnd = v.Int(), true
		if before {
			l.over = l.end == math.MinInt64
			l.end--
		}
	case value.Real:
		f := v.Real()
		floor := math.Floor(f)
		switch {
		case floor < -9223372036854775808.0:
			l.over = true
		case floor >= 9223372036854775808.0:
		default:
			l.end, l.hasEnd = int64(floor), true
			if before && f == floor {
				l.over = l.end == math.MinInt64
				l.end--
			}
		}
	default: // Texts and blobs are above all row ids.
	}
}

// nextBatch executes VNext. whole = no row has overflow pages.
func (m *Machine) nextBatch(c *cursor) (ok, whole bool, err error) {
	l := c.lanes
	c.moved()
	if l.over {
		return false, false, nil
	}
	b := &l.batch
	n, err := c.bt.NextBatch(b, l.max)
	b.Leaves = min(2*b.Leaves, leavesMax)
	if err != nil {
		return false, false, err
	}
	if l.hasEnd && n > 0 && b.IntKeys[n-1] > l.end {
		n, _ = slices.BinarySearch(b.IntKeys[:n], l.end)
		if b.IntKeys[n] == l.end {
			n++
		}
		b.N = n
		l.over = true
	}
	if n == 0 {
		return false, false, nil
	}
	s := &m.vec
	for i := len(s.all); i < n; i++ {
		s.all = append(s.all, int32(i))
	}
	l.decoder.Reset(b.Payloads[:n])
	s.sel, s.gen = s.all[:n], 0
	s.batch++
	return true, b.Whole, nil
}

// nextLane executes VRowNext. When a statement of the same transaction has
// changed the leaf, the lanes behind the current one are read again: the next
// batch begins with them.
func (m *Machine) nextLane(c *cursor) (bool, error) {
	l := c.lanes
	if !c.bt.Fresh() {
		key := l.batch.IntKeys[l.at]
		c.moved()
		l.over = false
		found, err := c.bt.SeekInt(key)
		if found && err == nil {
			_, err = c.bt.Next()
		}
		return false, err
	}
	if l.place++; l.place < len(l.rows) {
		return true, m.laneRow(c, int(l.rows[l.place]))
	}
	c.moved()
	return false, nil
}

// laneRow lets Column and Rowid of c read lane i.
func (m *Machine) laneRow(c *cursor, i int) error {
	data, err := c.bt.BatchPayload(&c.lanes.batch, i)
	if err != nil {
		return err
	}
	c.moved()
	c.lanes.at, c.flags, c.partial = i, onLane, false
	if err := c.row.Reset(data); err != nil {
		return m.malformed(c)
	}
	c.rowAt = m.epoch
	return nil
}

// vectorColumn executes VColumn.
func (m *Machine) vectorColumn(in *Instr) error {
	c, s := &m.cursors[in.P1], &m.vec
	v := &s.v[in.P3]
	if v.lanes == c.lanes && v.col == in.P2 && v.batch == s.batch {
		s.narrow(v)
		return nil
	}
	v.open(len(s.sel))
	v.lanes, v.col, v.batch, v.gen = c.lanes, in.P2, s.batch, s.gen
	var err error
	v.seen, err = c.lanes.decoder.Column(s.sel, int(in.P2), v.bits, v.kinds)
	if err != nil {
		return m.malformed(c)
	}
	return nil
}

// vectorRowid executes VRowid.
func (m *Machine) vectorRowid(in *Instr) {
	s := &m.vec
	v, keys := &s.v[in.P3], m.cursors[in.P1].lanes.batch.IntKeys
	v.open(len(s.sel))
	v.seen = record.LaneInt
	for i, at := range s.sel {
		v.bits[i] = keys[at]
	}
}

// open makes v a vector of n lanes, of any content.
func (v *vector) open(n int) {
	v.constant, v.filled, v.lanes, v.batch, v.arena = false, 0, nil, 0, v.arena[:0]
	v.bits, v.kinds = resize(v.bits, n), resize(v.kinds, n)
}

// truths makes v a truth vector of n lanes.
func (v *vector) truths(n int) []uint8 {
	v.truth = resize(v.truth, n)
	return v.truth
}

// setConst makes v a vector of one value.
func (v *vector) setConst(x *value.Value) {
	if v.constant && sameNumber(&v.val, x) {
		return // The lanes that were filled for the last batch serve again.
	}
	v.constant, v.filled, v.lanes = true, 0, nil
	v.val.Set(x)
	v.seen = kindBit(x)
}

// sameNumber reports whether two numbers are the same bit by bit: 0.0 and -0.0
// are two.
func sameNumber(a, b *value.Value) bool {
	switch {
	case a.Kind() != b.Kind():
		return false
	case a.Kind() == value.Int:
		return a.Int() == b.Int()
	case a.Kind() == value.Real:
		return math.Float64bits(a.Real()) == math.Float64bits(b.Real())
	}
	return false
}

func kindBit(x *value.Value) uint8 { return 1 << x.Kind() }

// number returns the bits of v's lanes, v being of integers, reals or NULLs.
func (v *vector) number(n int) []int64 {
	if !v.constant {
		return v.bits[:n]
	}
	if v.filled < n {
		v.bits = resize(v.bits, max(n, 128))
		x := int64(0)
		switch v.val.Kind() {
		case value.Int:
			x = v.val.Int()
		case value.Real:
			x = int64(math.Float64bits(v.val.Real()))
		}
		for i := range v.bits {
			v.bits[i] = x
		}
		v.filled = len(v.bits)
	}
	return v.bits[:n]
}

// kind is the kind of lane i.
func (v *vector) kind(i int) uint8 {
	if v.seen&(v.seen-1) == 0 {
		return v.seen
	}
	return v.kinds[i]
}

// lane stores the value of lane i in x.
func (v *vector) lane(sel []int32, i int, x *value.Value) {
	if v.constant {
		x.Set(&v.val)
		return
	}
	switch v.kind(i) {
	case record.LaneInt:
		x.SetInt(v.bits[i])
	case record.LaneReal:
		x.SetReal(math.Float64frombits(uint64(v.bits[i])))
	case record.LaneText:
		x.SetText(v.place(sel, i))
	case record.LaneBlob:
		x.SetBlob(v.place(sel, i))
	default:
		x.SetNull()
	}
}

// place is the text or blob of lane i, borrowed from its record or the arena.
func (v *vector) place(sel []int32, i int) []byte {
	b := v.arena
	if v.lanes != nil {
		b = v.lanes.batch.Payloads[sel[i]]
	}
	off, n := int(v.bits[i]>>32), int(uint32(v.bits[i]))
	return b[off : off+n : off+n]
}

// store makes x lane i; the lane's kind is returned.
func (v *vector) store(i int, x *value.Value) uint8 {
	k := kindBit(x)
	v.bits[i] = 0
	switch x.Kind() {
	case value.Int:
		v.bits[i] = x.Int()
	case value.Real:
		v.bits[i] = int64(math.Float64bits(x.Real()))
	case value.Text, value.Blob:
		v.bits[i] = int64(len(v.arena))<<32 | int64(x.Len())
		v.arena = append(v.arena, x.Bytes()...)
	}
	v.kinds[i] = k
	return k
}

// filter executes VFilter.
func (s *vectors) filter(truth []uint8) {
	if s.gen == len(s.sels) {
		s.sels = append(s.sels, selection{})
	}
	to := &s.sels[s.gen]
	to.rows, to.from = resize(to.rows, len(s.sel)), resize(to.from, len(s.sel))
	truth, rows, from := truth[:len(s.sel)], to.rows, to.from
	k := 0
	for i, at := range s.sel {
		rows[k], from[k] = at, int32(i)
		k += int(truth[i] & laneTrue)
	}
	to.rows, to.from = rows[:k], from[:k]
	s.sel = to.rows
	s.gen++
}

// narrow brings a column of this batch to the newest selection.
func (s *vectors) narrow(v *vector) {
	for ; v.gen < s.gen; v.gen++ {
		from := s.sels[v.gen].from
		bits, kinds := v.bits[:len(from)], v.kinds[:len(from)]
		for i, at := range from {
			bits[i], kinds[i] = v.bits[at], v.kinds[at]
		}
		v.bits, v.kinds = bits, kinds
	}
}

// vectorAgg executes VAgg.
func (m *Machine) vectorAgg(in *Instr) error {
	s := &m.vec
	n := len(s.sel)
	if n == 0 {
		return nil
	}
	call := &m.prog.Calls[in.P4]
	acc := m.accumulator(in.P3, call)
	if in.P1 < 0 {
		if a, ok := acc.(BatchCounter); ok {
			a.StepCount(int64(n))
			return nil
		}
		return m.stepLanes(acc, call, in, nil)
	}
	v := &s.v[in.P1]
	if a, ok := acc.(BatchCounter); ok {
		a.StepCount(int64(v.countNotNull(n)))
		return nil
	}
	a, ok := acc.(BatchAdder)
	switch numbers := v.seen &^ record.LaneNull; {
	case ok && numbers == record.LaneInt|record.LaneReal:
		a.StepMixed(v.bits[:n], v.kinds)
	case !ok || numbers != record.LaneInt && numbers != record.LaneReal:
		return m.stepLanes(acc, call, in, v)
	case numbers == record.LaneInt:
		a.StepInts(s.notNull(v, n))
	default:
		bits := s.notNull(v, n)
		s.real[0] = resize(s.real[0], len(bits))
		for i, x := range bits {
			s.real[0][i] = math.Float64frombits(uint64(x))
		}
		a.StepReals(s.real[0])
	}
	return nil
}

func (v *vector) countNotNull(n int) int {
	if v.seen&record.LaneNull == 0 {
		return n
	}
	if v.seen == record.LaneNull {
		return 0
	}
	nulls := 0
	for _, k := range v.kinds[:n] {
		nulls += int(k & record.LaneNull)
	}
	return n - nulls
}

// notNull gives the lanes of a vector of numbers without the NULLs.
func (s *vectors) notNull(v *vector, n int) []int64 {
	bits := v.number(n)
	if v.seen&record.LaneNull == 0 {
		return bits
	}
	s.ints = resize(s.ints, n)
	k := 0
	for i, x := range bits {
		s.ints[k] = x
		k += int(v.kinds[i]&record.LaneNull ^ record.LaneNull)
	}
	return s.ints[:k]
}

// stepLanes feeds the lanes to an accumulator one by one; v is nil for
// count(*).
func (m *Machine) stepLanes(acc fn.Accumulator, call *FuncCall, in *Instr, v *vector) error {
	s := &m.vec
	c := m.context(call, int(in.P4))
	for i := range s.sel {
		args := m.cmpVals[:0]
		if v != nil {
			args = m.cmpVals[:1]
			v.lane(s.sel, i, &args[0])
		}
		if err := acc.Step(c, args); err != nil {
			return functionError(err)
		}
	}
	return nil
}
