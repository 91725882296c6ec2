package plan

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// LIKE to range: column GLOB 'abc*' on a BINARY column of text affinity adds
// the term column >= 'abc', where an index can begin; LIKE does so on a NOCASE
// column (it folds the case of ASCII letters as NOCASE does). The pattern
// itself is still tested. There is no upper bound, because a blob, which sorts
// behind all texts, matches a pattern by its bytes.
func likeToRange(s *Select) bool {
	changed := false
	for _, t := range s.Terms {
		if t.Op != resolve.OpFunc || len(t.List) != 2 || t.Func.Flags&fn.Deterministic == 0 {
			continue
		}
		isGlob := t.Func.Name == "glob"
		if !isGlob && t.Func.Name != "like" {
			continue
		}
		col, pat := t.List[1], t.List[0]
		if col.Op != resolve.OpColumn || col.Index < 0 || pat.Op != resolve.OpConst || pat.Val.Kind() != value.Text ||
			col.Affinity() != value.AffText {
			continue
		}
		coll := col.Collation()
		if isGlob && !coll.IsBinary() || !isGlob && coll != value.NoCase {
			continue
		}
		prefix := patternPrefix(pat.Val.Str(), isGlob)
		if prefix == "" {
			continue
		}
		low := resolve.Binary(resolve.OpGe, col, resolve.Const(value.FromString(prefix)))
		if hasTerm(s.Terms, low) {
			continue
		}
		s.Terms = append(s.Terms, low)
		changed = true
	}
	return changed
}

func hasTerm(terms []*Expr, e *Expr) bool {
	for _, t := range terms {
		if resolve.Equal(t, e) {
			return true
		}
	}
	return false
}

func patternPrefix(p string, glob bool) string {
	for i := 0; i < len(p); i++ {
		c := p[i]
		if glob && (c == '*' || c == '?' || c == '[') || !glob && (c == '%' || c == '_') || c >= 0x80 {
			return p[:i]
		}
	}
	return p
}
