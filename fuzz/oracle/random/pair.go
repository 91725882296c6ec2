package random

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/oracle"
	"github.com/rustlite/rustlite/vm/value"
)

// Statement is one statement of a program, and what of its answer is settled.
type Statement struct {
	SQL     string
	Ordered bool // Its ORDER BY settles the order of rows.
	Loose   bool // Any of several equal values may stand for them.
}

// Kind says in what two answers differ.
type Kind string

// The kinds of differences.
const (
	Columns Kind = "names and types of columns"
	Rows    Kind = "rows"
	Failure Kind = "error or not"
	Text    Kind = "text of the error"
	Counts  Kind = "changes, total changes, last row id"
	Content Kind = "content"
	Damage  Kind = "integrity"
	NotYet  Kind = "what is not compared" // No defect; ends the program.
)

// Difference is what the two sides answer to a statement.
type Difference struct {
	Kind            Kind
	At              int // Index of the statement in the program.
	Reference, Ours string
}

// answer is what one side says.
type answer struct {
	columns []string
	rows    []string
	err     string
}

func (a *answer) String() string {
	if a.err != "" {
		return "error " + a.err
	}
	rows := a.rows
	more := ""
	if len(rows) > 60 {
		rows, more = rows[:60], "\n..."
	}
	return strings.Join(a.columns, " | ") + "\n" + strings.Join(rows, "\n") + more
}

// pair runs statements on both sides.
type pair struct {
	reference *oracle.Conn
	db        *rustlite.DB
	ours      *rustlite.Conn // nil: the reference stands for it.
}

// stepsMax are the instructions of the reference that a statement may take: one
// that takes more ends the program.
const stepsMax = 2_000_000

func newPair(opts *rustlite.Options, alone bool) (*pair, error) {
	ref, err := oracle.Open(":memory:")
	if err != nil {
		return nil, err
	}
	ref.LimitSteps(stepsMax)
	p := &pair{reference: ref}
	if alone {
		return p, nil
	}
	if p.db, err = rustlite.Open(":memory:", opts); err == nil {
		p.ours, err = p.db.Conn(context.Background())
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *pair) close() {
	if p.ours != nil {
		p.ours.Close()
	}
	if p.db != nil {
		p.db.Close()
	}
	p.reference.Close()
}

// ask runs a statement on both sides, but on the reference alone when that
// takes too long.
func (p *pair) ask(sql string) (ref, ours *answer) {
	ref = p.askReference(sql)
	if p.ours == nil || ref.err == tooLong {
		return ref, ref
	}
	return ref, p.askOurs(sql)
}

// arguments are what the parameters ?1, ?2 and so on of all statements are given.
var arguments = []any{int64(3), "a", nil, 2.5, []byte("a"), int64(1)}

// given are the arguments of a statement, up to the last that it asks for.
func given(sql string) []any {
	n := len(arguments)
	for n > 0 && !strings.Contains(sql, fmt.Sprintf("?%d", n)) {
		n--
	}
	return arguments[:n]
}

func (p *pair) askReference(sql string) *answer {
	a := &answer{}
	err := func() error {
		s, _, err := p.reference.Prepare(sql)
		if s == nil || err != nil {
			return err
		}
		defer s.Close()
		var args []value.Value
		for _, x := range given(sql) {
			args = append(args, oracle.FromAny(x))
		}
		if err := s.Bind(args); err != nil {
			return err
		}
		for i, name := range s.Columns() {
			a.columns = append(a.columns, name+" "+s.DeclType(i))
		}
		return s.Run(func(row []value.Value) error {
			var b strings.Builder
			for i := range row {
				b.WriteString(oracle.Show(&row[i]) + "|")
			}
			a.rows = append(a.rows, b.String())
			return nil
		})
	}()
	var e *oracle.Error
	if errors.As(err, &e) {
		a.err = fmt.Sprintf("%d: %s", e.Extended, e.Text)
	}
	return a
}

func (p *pair) askOurs(sql string) *answer {
	a := &answer{}
	err := func() error {
		rows, err := p.ours.Query(context.Background(), sql, given(sql)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for i, name := range rows.Columns() {
			a.columns = append(a.columns, name+" "+rows.DeclType(i))
		}
		for rows.Next() {
			var b strings.Builder
			for i := range rows.Row().Len() {
				v := oracle.FromAny(rows.Any(i))
				b.WriteString(oracle.Show(&v) + "|")
			}
			a.rows = append(a.rows, b.String())
		}
		return rows.Err()
	}()
	var e *rustlite.Error
	switch {
	case errors.As(err, &e):
		a.err = fmt.Sprintf("%d: %s", e.ExtendedCode(), e.Error())
	case err != nil:
		a.err = err.Error()
	}
	return a
}

// compare tells in what two answers differ, "" when in nothing.
func compare(s Statement, ref, ours *answer) Kind {
	switch {
	case strings.Contains(ours.err, "not supported yet: "), ref.err == tooDeep && ours.err == tooDeep, calledWithout(s.SQL, ref.err, ours.err):
		return NotYet
	case (ref.err == "") != (ours.err == ""):
		return Failure
	case ref.err != ours.err && !sameTable(ref.err, ours.err):
		return Text
	case ref.err != "":
		return ""
	case !slices.Equal(ref.columns, ours.columns):
		return Columns
	case !slices.Equal(settled(s, ref.rows), settled(s, ours.rows)):
		return Rows
	}
	return ""
}

// settled brings rows into the form in which they must be equal.
func settled(s Statement, rows []string) []string {
	if s.Loose {
		loose := make([]string, len(rows))
		for i, r := range rows {
			var b strings.Builder
			for _, v := range strings.SplitAfter(r, "|") {
				b.WriteString(looseValue(v))
			}
			loose[i] = b.String()
		}
		rows = loose
	}
	if !s.Ordered {
		rows = slices.Clone(rows)
		sort.Strings(rows)
	}
	return rows
}

// looseValue brings equal values to one form.
func looseValue(v string) string {
	text, isReal := strings.CutPrefix(v, "real:")
	if !isReal {
		return strings.ToLower(strings.ReplaceAll(v, " '|", "'|"))
	}
	f, err := strconv.ParseFloat(strings.TrimSuffix(text, "|"), 64)
	if err != nil {
		return v
	}
	if f == float64(int64(f)) {
		return "integer:" + strconv.FormatInt(int64(f), 10) + "|"
	}
	return "real:" + strconv.FormatFloat(f, 'g', 12, 64) + "|"
}

const countsSQL = "SELECT changes(), total_changes(), last_insert_rowid()"

// check runs one statement on both sides and compares. whole asks for the
// content as well.
func (p *pair) check(s Statement, whole bool) (ref *answer, d *Difference) {
	lastID := p.reference.LastInsertRowID()
	ref, ours := p.ask(s.SQL)
	if ref.err == tooLong {
		return ref, &Difference{Kind: NotYet}
	}
	if keepsLastID(s.SQL) {
		p.reference.SetLastInsertRowID(lastID)
	}
	if kind := compare(s, ref, ours); kind != "" {
		return ref, &Difference{Kind: kind, Reference: ref.String(), Ours: ours.String()}
	}
	if d := p.same(countsSQL, Counts); d != nil {
		return ref, d
	}
	if whole {
		return ref, p.content()
	}
	return ref, nil
}

// same compares the answers to a question of ours.
func (p *pair) same(sql string, kind Kind) *Difference {
	ref, ours := p.ask(sql)
	if compare(Statement{}, ref, ours) == "" {
		return nil
	}
	return &Difference{Kind: kind, Reference: sql + "\n" + ref.String(), Ours: ours.String()}
}

// content compares the schemas and all rows.
func (p *pair) content() *Difference {
	for _, db := range []string{"main", "temp", "aux"} {
		schema := db + ".sqlite_schema"
		if d := p.same("SELECT type, name, tbl_name, sql FROM "+schema, Content); d != nil {
			return d
		}
		for _, row := range p.askReference("SELECT name, sql LIKE '%WITHOUT ROWID%' FROM " + schema + " WHERE type = 'table'").rows {
			name, without, _ := strings.Cut(row, "|")
			name = strings.TrimSuffix(strings.TrimPrefix(name, "text:'"), "'")
			columns := contentColumns(name, without == "integer:1|")
			if d := p.same("SELECT "+columns+" FROM "+db+"."+name, Content); d != nil {
				return d
			}
		}
	}
	return nil
}

// sound asks for the integrity of ours.
func (p *pair) sound() *Difference {
	if p.ours == nil {
		return nil
	}
	if got := p.askOurs("PRAGMA integrity_check"); got.err != "" || len(got.rows) != 1 || got.rows[0] != "text:'ok'|" {
		return &Difference{Kind: Damage, Reference: "ok", Ours: got.String()}
	}
	return nil
}
