package btree

import (
	"encoding/binary"
	"slices"

	"github.com/rustlite/rustlite/pager"
)

// Batch is the entries of a leaf, or of some, handed out at once. It is reused: what it held before is gone
// after the next NextBatch, and all its bytes are borrowed until then or until the transaction writes.
type Batch struct {
	// Leaves is the most leaves that go into the batch, for its user to set; at least one. Of byte trees,
	// and in a writing transaction, whose changes Fresh tells of one leaf, there is one.
	Leaves int

	N        int
	IntKeys  []int64  // integer trees
	Keys     [][]byte // byte trees: whole keys
	Payloads [][]byte // what lies in the leaf: whole payloads, if Whole
	Whole    bool     // no payload of this batch goes on in overflow pages
	Totals   []int    // whole lengths of the payloads, unless Whole

	runs   []pager.PageNo // where each payload goes on, unless Whole
	arena  []byte         // the keys
	ends   []int          // where each key ends in arena
	joined []byte         // a payload put together
}

// NextBatch fills b with the rest of the current leaf's entries, from the cursor's entry or place on,
// and those of the leaves behind it as far as b.Leaves says, at most most of them, and moves the cursor
// behind the last one. It returns how many there are; 0 at the end of the tree.
func (c *Cursor) NextBatch(b *Batch, most int) (int, error) {
	b.N, b.Whole = 0, true
	b.IntKeys, b.Payloads, b.Totals, b.runs = b.IntKeys[:0], b.Payloads[:0], b.Totals[:0], b.runs[:0]
	c.joint = false
	if most <= 0 {
		return 0, nil
	}
	if err := c.restore(); err != nil {
		return 0, err
	}
	if c.state == unset {
		return 0, nil
	}
	if c.slot >= c.v.n {
		if ok, err := c.nextLeaf(); !ok || err != nil {
			return 0, err
		}
	}
	if c.state == passed && c.slot > 0 {
		if err := c.ascends(c.slot - 1); err != nil {
			return 0, c.fail(err)
		}
	}
	for leaves := 1; ; leaves++ {
		n := min(c.v.n-c.slot, most-b.N)
		if err := c.fillBatch(b, c.slot, n); err != nil {
			return 0, c.fail(err)
		}
		c.slot += n
		b.N += n
		c.state = passed
		if c.kind == ByteKey {
			if c.keyKnown = c.tx.Writable(); c.keyKnown {
				c.key = append(c.key[:0], b.Keys[n-1]...)
			}
			break
		}
		c.ikey = b.IntKeys[b.N-1]
		if leaves >= b.Leaves || b.N == most || c.tx.Writable() {
			break
		}
		if ok, err := c.nextLeaf(); !ok {
			if err != nil {
				return 0, err
			}
			break
		}
		c.joint = true
	}
	return b.N, nil
}

// fillBatch takes n entries from slot from on out of the leaf.
func (c *Cursor) fillBatch(b *Batch, from, n int) error {
	v := &c.v
	done := 0
	if b.Whole && v.ints() {
		done = v.wholePayloads(b, from, n)
	}
	for i := from + done; i < from+n; i++ {
		x, err := v.payload(i)
		if err != nil {
			return err
		}
		b.Payloads = append(b.Payloads, x.local)
		if x.run != 0 && b.Whole {
			b.Whole = false
			for _, p := range b.Payloads[:len(b.Payloads)-1] {
				b.Totals, b.runs = append(b.Totals, len(p)), append(b.runs, 0)
			}
		}
		if !b.Whole {
			b.Totals, b.runs = append(b.Totals, x.total), append(b.runs, x.run)
		}
	}
	if c.kind == IntKey {
		return v.batchInts(b, from, n)
	}
	return c.batchKeys(b, from, n)
}

// wholePayloads takes payloads from slot from on, at most n, as long as wholePayload has them; it returns
// how many. Up to its capacity bytes of the page follow each of them: 8 bytes can be loaded from any place.
func (v *view) wholePayloads(b *Batch, from, n int) int {
	b.Payloads = slices.Grow(b.Payloads, n)
	list := b.Payloads[len(b.Payloads):][:n]
	p, start, limit := v.p, v.start, v.usable
	offs := p[v.o+2*from:][:2*n]
	for i := range list {
		off := int(binary.LittleEndian.Uint16(offs[2*i:]))
		if off < start || off+2 > limit {
			n = i
			break
		}
		size := int(p[off])
		off++
		if size >= 128 {
			next := int(p[off])
			if size = size&127 | next<<7; size&1 != 0 || size < 256 || next >= 128 {
				n = i
				break
			}
			size >>= 1
			off++
		}
		if off+size > limit {
			n = i
			break
		}
		list[i] = p[off : off+size]
	}
	b.Payloads = b.Payloads[:len(b.Payloads)+n]
	return n
}

func (c *Cursor) batchKeys(b *Batch, from, n int) error {
	b.arena, b.ends, b.Keys = b.arena[:0], b.ends[:0], b.Keys[:0]
	var err error
	for i := from; i < from+n; i++ {
		if b.arena, err = c.appendKey(b.arena, &c.v, i); err != nil {
			return err
		}
		b.ends = append(b.ends, len(b.arena))
	}
	// The arena has stopped moving only now.
	at := 0
	for i, end := range b.ends {
		b.Keys = append(b.Keys, b.arena[at:end:end])
		at = end
		if i > 0 && c.compare(b.Keys[i-1], b.Keys[i]) >= 0 {
			return c.v.disorder(from + i)
		}
	}
	return nil
}

// BatchPayload is the whole payload i of the batch, put together if it goes on in overflow pages.
// Borrowed until the next call.
func (c *Cursor) BatchPayload(b *Batch, i int) ([]byte, error) {
	head := b.Payloads[i]
	if b.Whole || b.runs[i] == 0 {
		return head, nil
	}
	b.joined = append(b.joined[:0], head...)
	var err error
	b.joined, err = appendOverflow(b.joined, c.tx, b.runs[i], b.Totals[i]-len(head))
	return b.joined, err
}
