package plan

// A rule rewrites a block into an equivalent one and reports whether it did.
type rule struct {
	name  string
	apply func(*Select) bool
}

// compoundRules are for compounds, before their operands are rewritten.
var compoundRules = []rule{
	{"UNION of one row", unionOfOne},
}

// rules lists the rewrite rules of blocks in the order of their use. The documentation
// of each stands at its file's head.
var rules = []rule{
	{"fold constants", foldConstants},
	{"simplify outer joins", simplifyOuterJoins},
	{"flatten subqueries", flattenSubqueries},
	{"EXISTS to semi-join", existsToJoin},
	{"push down terms", pushDown},
	{"drop unused columns", dropUnusedColumns},
	{"row values to terms", splitRows},
	{"BETWEEN to range", betweenToRange},
	{"common terms of OR", commonTerms},
	{"OR to IN", orToIn},
}

// roundsMax bounds the rounds of rewriting; each round applies every rule.
const roundsMax = 10

// Rewrite applies the rules to s and its subqueries until nothing changes.
func Rewrite(s *Select) {
	if s.Left != nil {
		for _, r := range compoundRules {
			r.apply(s)
		}
		Rewrite(s.Left)
		Rewrite(s.Right)
		return
	}
	for i := range s.From {
		if sub := s.From[i].Sub; sub != nil {
			Rewrite(sub)
		}
	}
	for i := 0; i < roundsMax; i++ {
		changed := false
		for _, r := range rules {
			if r.apply(s) {
				changed = true
			}
		}
		if !changed {
			return
		}
	}
}
