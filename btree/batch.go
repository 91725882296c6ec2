package btree

import "github.com/rustlite/rustlite/pager"

// Batch is a leaf's worth of entries, handed out at once. It is reused: what it held before is gone
// after the next NextBatch, and all its bytes are borrowed until then or until the transaction writes.
type Batch struct {
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
// at most most of them, and moves the cursor behind the last one. It returns how many there are; 0 at
// the end of the tree.
func (c *Cursor) NextBatch(b *Batch, most int) (int, error) {
	b.N = 0
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
	n := min(c.v.n-c.slot, most)
	if err := c.fillBatch(b, c.slot, n); err != nil {
		return 0, c.fail(err)
	}
	c.slot += n
	c.state = passed
	if c.kind == IntKey {
		c.ikey = b.IntKeys[n-1]
	} else {
		c.keyKnown = c.tx.Writable()
		if c.keyKnown {
			c.key = append(c.key[:0], b.Keys[n-1]...)
		}
	}
	b.N = n
	return n, nil
}

// fillBatch takes n entries from slot from on out of the leaf.
func (c *Cursor) fillBatch(b *Batch, from, n int) error {
	v := &c.v
	b.Payloads, b.Totals, b.runs = b.Payloads[:0], b.Totals[:0], b.runs[:0]
	b.Whole = true
	ints := v.ints()
	for i := from; i < from+n; i++ {
		if ints && b.Whole {
			if p := v.wholePayload(i); p != nil {
				b.Payloads = append(b.Payloads, p)
				continue
			}
		}
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
