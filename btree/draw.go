package btree

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/rustlite/rustlite/pager"
)

// DrawOptions choose what Draw shows.
type DrawOptions struct {
	PageNos  bool // page numbers
	Payloads bool // the beginning of each payload
	Max      int  // entries shown per page, 0 = all
}

// Draw prints a tree, a page a line, children below their parent. It is for tests and the shell, and
// prints what it can of a damaged tree.
func Draw(tx *pager.Tx, root pager.PageNo, opts DrawOptions) string {
	d := &drawer{opts: opts}
	d.c.tx = tx
	d.c.sizes = sizesOf(tx.PageSize())
	n, err := Count(tx, root)
	if err != nil {
		return err.Error() + "\n"
	}
	fmt.Fprintf(&d.out, "tree of %d entries\n", n)
	d.page(root, 0, maxDepth)
	return d.out.String()
}

type drawer struct {
	c    Cursor
	opts DrawOptions
	out  strings.Builder
}

func (d *drawer) page(no pager.PageNo, indent, level int) {
	d.out.WriteString(strings.Repeat("  ", indent))
	p, err := d.c.tx.Page(no)
	if err != nil {
		fmt.Fprintln(&d.out, err)
		return
	}
	v := view{no: no}
	if !v.parse(p) {
		fmt.Fprintln(&d.out, corruptHeader(no, p))
		return
	}
	d.header(&v)
	shown := v.n
	if d.opts.Max > 0 {
		shown = min(shown, d.opts.Max)
	}
	for i := range shown {
		d.out.WriteByte(' ')
		d.entry(&v, i)
	}
	if shown < v.n {
		fmt.Fprintf(&d.out, " ... %d more", v.n-shown)
	}
	d.out.WriteByte('\n')
	if v.leaf() || int(v.level) >= level {
		return
	}
	for j := range v.n + 1 {
		d.page(v.child(j), indent+1, int(v.level))
	}
}

// header prints a page's kind, number, fill and what its keys have in common.
func (d *drawer) header(v *view) {
	d.out.WriteString(v.kind.String())
	if d.opts.PageNos {
		fmt.Fprintf(&d.out, " %d", v.no)
	}
	fmt.Fprintf(&d.out, " %d%%", 100*(v.usable-v.free())/v.usable)
	if v.ints() {
		if v.kw == 8 {
			d.out.WriteString(" wide")
		}
		d.out.WriteByte(':')
		return
	}
	if v.plain() {
		d.out.WriteString(" plain")
	}
	low, high := "-", "+"
	if v.flags&flagNoLow == 0 {
		low = drawKey(v.lowRest(), v.flags&flagLowCut != 0)
	}
	if v.flags&flagNoHigh == 0 {
		high = drawKey(v.highRest(), v.flags&flagHighCut != 0)
	}
	fmt.Fprintf(&d.out, " %s[%s..%s):", drawPrefix(v.prefix()), low, high)
}

func (d *drawer) entry(v *view, i int) {
	if v.ints() {
		fmt.Fprintf(&d.out, "%d", v.intKey(i))
	} else {
		key, err := d.c.appendKey(nil, v, i)
		if err != nil {
			fmt.Fprintf(&d.out, "(%v)", err)
			return
		}
		d.out.WriteString(drawKey(key[min(v.pre, len(key)):], false))
	}
	if !d.opts.Payloads || !v.leaf() {
		return
	}
	x, err := v.payload(i)
	if err != nil {
		fmt.Fprintf(&d.out, "=(%v)", err)
		return
	}
	d.out.WriteByte('=')
	d.out.WriteString(drawKey(x.local, x.run != 0))
	if x.run != 0 {
		fmt.Fprintf(&d.out, "(%d)", x.total)
	}
}

func drawPrefix(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return drawKey(b, false) + "+"
}

// drawBytesMax is how much of a key is shown.
const drawBytesMax = 24

// drawKey prints bytes as text when they are text, in hex otherwise, and not all of many.
func drawKey(b []byte, cut bool) string {
	end := ""
	if len(b) > drawBytesMax {
		end = fmt.Sprintf("..%d", len(b))
		b = b[:drawBytesMax]
	} else if cut {
		end = ".."
	}
	if bytes.ContainsFunc(b, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Sprintf("x%x%s", b, end)
	}
	return string(b) + end
}
