package plan

import (
	"strings"

	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// LikeRange is what an index tells of column LIKE 'abc%' or GLOB 'abc*': the
// matches lie in two ranges, one of texts and one of blobs, which match a
// pattern by their bytes and sort behind all texts. The pattern itself is
// still tested. Both ranges hold their Low and end before their High.
//
// LIKE folds the case of ASCII letters as NOCASE does and so wants a NOCASE
// index, GLOB a BINARY one; the column must have TEXT affinity, so that it
// holds no numbers.
type LikeRange struct {
	TextLow, TextHigh value.Value
	BlobLow, BlobHigh value.Value
	Term              *Expr
}

// likeUse finds the use of a term that is a LIKE or GLOB with a constant
// pattern that begins with letters.
func (p *planner) likeUse(t *term) {
	e := t.expr
	if e.Op != resolve.OpFunc || len(e.List) < 2 || e.Func.Flags&fn.Deterministic == 0 {
		return
	}
	glob := e.Func.Name == "glob"
	if !glob && e.Func.Name != "like" {
		return
	}
	pat, col := e.List[0], e.List[1]
	i, place, ok := p.placeOf(col)
	if !ok || place < 0 || col.Affinity() != value.AffText || !isText(pat) {
		return
	}
	escape := -1
	if len(e.List) == 3 {
		if !isText(e.List[2]) || len(e.List[2].Value().Str()) != 1 {
			return
		}
		escape = int(e.List[2].Value().Str()[0])
	}
	prefix := patternPrefix(pat.Value().Str(), glob, escape)
	if prefix == "" {
		return
	}
	u := use{src: i, col: place, op: resolve.OpFunc, coll: value.Binary, aff: value.AffText}
	low, high := prefix, prefix
	if !glob {
		u.coll = value.NoCase
		low, high = strings.ToUpper(prefix), value.Lower(prefix)
	}
	last := len(high) - 1
	high = high[:last] + string([]byte{high[last] + 1})
	u.like = &LikeRange{Term: e,
		TextLow: value.FromString(low), TextHigh: value.FromString(high),
		BlobLow: value.FromBlob([]byte(low)), BlobHigh: value.FromBlob([]byte(high))}
	t.uses = append(t.uses, u)
}

// matches reports whether part says that a column is not NULL which the term, a
// LIKE or GLOB that a range serves, wants to match.
func (t *term) matches(i int, part *Expr) bool {
	if part.Op != resolve.OpNotNull || part.L.Op != resolve.OpColumn {
		return false
	}
	for k := range t.uses {
		if u := &t.uses[k]; u.like != nil && u.src == i && u.col == part.L.Index {
			return true
		}
	}
	return false
}

func isText(e *Expr) bool { return e.Op == resolve.OpConst && e.Kind() == value.Text }

// patternPrefix is what each match of a pattern begins with, up to the first
// byte that is not ASCII.
func patternPrefix(p string, glob bool, escape int) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		c := p[i]
		switch {
		case int(c) == escape:
			if i++; i == len(p) {
				return b.String()
			}
			c = p[i]
		case glob && (c == '*' || c == '?' || c == '['), !glob && (c == '%' || c == '_'):
			return b.String()
		}
		if c == 0 || c >= 0x7f {
			return b.String()
		}
		b.WriteByte(c)
	}
	return b.String()
}
