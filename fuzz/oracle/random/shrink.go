package random

import (
	"strings"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/parser/token"
)

// shrinkTries bounds the programs that Shrink runs.
const shrinkTries = 4000

// Shrink makes a program that differs smaller while it differs in the same
// way: first by whole statements, then by tokens of those that remain
// (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input,
// 2002).
func Shrink(program []Statement, d *Difference, config *rustlite.Options) ([]Statement, *Difference) {
	s := &shrinker{program: program[:d.At+1], d: d, config: config, tries: shrinkTries}
	s.statements()
	for i := len(s.program) - 1; i >= 0; i-- {
		s.tokens(i)
	}
	s.statements()
	return s.program, s.d
}

type shrinker struct {
	program []Statement
	d       *Difference
	config  *rustlite.Options
	tries   int
}

// try takes a smaller program if it still differs in the same way.
func (s *shrinker) try(program []Statement) bool {
	if s.tries--; s.tries < 0 {
		return false
	}
	d, err := Replay(program, s.config)
	if err != nil || d == nil || d.Kind != s.d.Kind {
		return false
	}
	if (d.Kind == Text || d.Kind == Failure) && (d.Reference != s.d.Reference || d.Ours != s.d.Ours) {
		if d.Kind == Text || failed(d.Reference) != failed(s.d.Reference) || failed(d.Ours) && d.Ours != s.d.Ours || failed(d.Reference) && d.Reference != s.d.Reference {
			return false
		}
	}
	s.program, s.d = program[:d.At+1], d
	return true
}

func failed(answer string) bool { return strings.HasPrefix(answer, "error ") }

// without is list with n elements at i taken out.
func without[T any](list []T, i, n int) []T {
	return append(append([]T(nil), list[:i]...), list[i+n:]...)
}

func (s *shrinker) statements() {
	for n := len(s.program) / 2; n > 0; n /= 2 {
		for i := len(s.program) - 1 - n; i >= 0; i -= n {
			i = min(i, len(s.program)-1-n)
			if i < 0 {
				break
			}
			s.try(without(s.program, i, n))
		}
	}
}

// tokens shrinks statement number i.
func (s *shrinker) tokens(i int) {
	replace := func(words []string) bool {
		if i >= len(s.program) {
			return false
		}
		program := append([]Statement(nil), s.program...)
		program[i].SQL = strings.Join(words, " ")
		for _, words := range pinned {
			if strings.Contains(s.program[i].SQL, words) && !strings.Contains(program[i].SQL, words) {
				return false
			}
		}
		return s.try(program)
	}
	for again := true; again && i < len(s.program); {
		again = false
		words := split(s.program[i].SQL)
		for at := 0; at < len(words); at++ { // A group in parentheses becomes NULL or what stands in it.
			if words[at] != "(" {
				continue
			}
			end := closing(words, at)
			if end < 0 || end == at+1 {
				continue
			}
			inner := append(append(append([]string(nil), words[:at]...), "NULL"), words[end+1:]...)
			bare := append(append(append([]string(nil), words[:at]...), words[at+1:end]...), words[end+1:]...)
			if replace(inner) || replace(bare) {
				again = true
				words = split(s.program[i].SQL)
			}
		}
		for n := max(1, min(16, len(words)/2)); n > 0; n /= 2 {
			for at := len(words) - n; at >= 0; at-- {
				if replace(without(words, at, n)) {
					again = true
					words = split(s.program[i].SQL)
					at = min(at, len(words)-n+1)
				}
			}
		}
	}
}

// closing is the place of the parenthesis that closes the one at i.
func closing(words []string, i int) int {
	depth := 0
	for ; i < len(words); i++ {
		switch words[i] {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// split returns the tokens of a statement.
func split(sql string) (words []string) {
	for pos := token.Pos(0); int(pos) < len(sql); {
		_, end := token.Scan(sql, pos)
		if end <= pos {
			break
		}
		if w := strings.TrimSpace(sql[pos:end]); w != "" {
			words = append(words, w)
		}
		pos = end
	}
	return words
}
