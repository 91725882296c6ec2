package vm

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rustlite/rustlite/vm/value"
)

// What EXPLAIN does with a program.
const (
	ExplainProgram uint8 = 1 + iota // EXPLAIN lists its instructions,
	ExplainPlan                     // EXPLAIN QUERY PLAN the lines of its plan,
	ExplainRun                      // EXPLAIN ANALYZE these with what a run of it did.
)

// ExplainRow is one line of EXPLAIN.
type ExplainRow struct {
	Addr       int
	Opcode     string
	P1, P2, P3 int32
	P4         string
	P5         uint16
	Comment    string
}

// PlanRow is one line of EXPLAIN QUERY PLAN.
type PlanRow struct {
	ID, Parent, NotUsed int
	Detail              string
}

// ExplainColumns and PlanColumns are the names of the columns of both.
var (
	ExplainColumns = []string{"addr", "opcode", "p1", "p2", "p3", "p4", "p5", "comment"}
	PlanColumns    = []string{"id", "parent", "notused", "detail"}
)

// Explain lists the instructions of a program, then those of its
// sub-programs, each from address 0 on.
func Explain(p *Program) []ExplainRow {
	var rows []ExplainRow
	_ = everyProgram(p, func(_, p *Program) error {
		for i := range p.Code {
			in := &p.Code[i]
			row := ExplainRow{Addr: i, Opcode: in.Op.String(), P1: in.P1, P2: in.P2, P3: in.P3, P4: p.p4Text(in), P5: in.P5}
			row.Comment = p.synopsis(in, row.P4)
			if i < len(p.Comments) && p.Comments[i] != "" {
				row.Comment = p.Comments[i]
			}
			rows = append(rows, row)
		}
		return nil
	})
	return rows
}

// QueryPlan lists the lines of the plan that a program carries.
func QueryPlan(p *Program) []PlanRow {
	var rows []PlanRow
	for i := range p.Code {
		if in := &p.Code[i]; in.Op == OpExplain {
			rows = append(rows, PlanRow{ID: int(in.P1), Parent: int(in.P2), Detail: p.Strings[in.P4]})
		}
	}
	return rows
}

// p4Text prints the object that P4 names.
func (p *Program) p4Text(in *Instr) string {
	i := int(in.P4)
	if in.Op == OpColumn || in.Op == OpVColumn {
		if in.P5&ColumnDefault == 0 {
			return ""
		}
	}
	if in.Op == OpProgram {
		if t := p.Subs[in.P3].Trigger; t != nil {
			return t.Name
		}
		return ""
	}
	kind := ops[in.Op].p4
	if kind == P4Int {
		return strconv.Itoa(i)
	}
	if n, pooled := p.pool(kind); !pooled || i < 0 || i >= n {
		return ""
	}
	switch kind {
	case P4Const:
		return constText(&p.Consts[i])
	case P4Str:
		return p.Strings[i]
	case P4Key:
		return p.Keys[i].String()
	case P4Coll:
		return p.Colls[i].Name
	case P4Obj:
		switch o := p.Objects[i].(type) {
		case *VectorCall:
			return p.Calls[o.Call].Func.Name + vectorList(" v", o.Args)
		case *InList:
			return vectorList("r", o.Regs)
		}
	case P4Call:
		return p.Calls[i].Func.Name + "(" + strconv.Itoa(p.Calls[i].NArg) + ")"
	case P4Table:
		return p.Tables[i].Name
	case P4Error:
		return p.Errors[i].Text
	}
	return ""
}

// pool is the length of the pool that a kind of P4 indexes.
func (p *Program) pool(kind P4Kind) (n int, ok bool) {
	switch kind {
	case P4Const:
		return len(p.Consts), true
	case P4Str:
		return len(p.Strings), true
	case P4Key:
		return len(p.Keys), true
	case P4Coll:
		return len(p.Colls), true
	case P4Call:
		return len(p.Calls), true
	case P4Table:
		return len(p.Tables), true
	case P4Error:
		return len(p.Errors), true
	case P4Obj:
		return len(p.Objects), true
	default:
		return 0, false
	}
}

// vectorList prints the registers of a list.
func vectorList(of string, list []int32) string {
	return of + strings.ReplaceAll(fmt.Sprint(list), " ", ",")
}

func constText(v *value.Value) string {
	switch v.Kind() {
	case value.Null:
		return "NULL"
	case value.Blob:
		const digits = "0123456789ABCDEF"
		var b strings.Builder
		b.WriteString("X'")
		for _, c := range v.Bytes() {
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
		b.WriteByte('\'')
		return b.String()
	default:
		return string(v.TextBytes())
	}
}

// String prints a key as EXPLAIN shows it: k(columns,collations), "-" for a
// descending column, "N." for NULLs at the other end, "B" for BINARY.
func (k *KeyInfo) String() string {
	var b strings.Builder
	b.WriteString("k(" + strconv.Itoa(len(k.Cols)))
	for _, c := range k.Cols {
		b.WriteByte(',')
		if c.Desc {
			b.WriteByte('-')
		}
		if c.BigNull {
			b.WriteString("N.")
		}
		if c.Collation.IsBinary() {
			b.WriteByte('B')
		} else {
			b.WriteString(c.Collation.Name)
		}
	}
	b.WriteByte(')')
	return b.String()
}

// synopsis fills the operands into the opcode's one-line description:
// "r[P2@P3]" becomes "r[4..6]".
func (p *Program) synopsis(in *Instr, p4 string) string {
	s := ops[in.Op].short
	if in.Op == OpNull && in.P3 <= in.P2 {
		s = "r[P2]=NULL"
	}
	operand := func(name string) (int, bool) {
		switch name {
		case "P1":
			return int(in.P1), true
		case "P2":
			return int(in.P2), true
		case "P3":
			return int(in.P3), true
		case "P4":
			return int(in.P4), true
		case "NArg":
			if i := int(in.P4); ops[in.Op].p4 == P4Call && i >= 0 && i < len(p.Calls) {
				return p.Calls[i].NArg, true
			}
		}
		return 0, false
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if n := operandLen(s[i:]); n > 0 {
			v, ok := operand(s[i : i+n])
			if !ok {
				b.WriteString(s[i : i+n])
				i += n
				continue
			}
			i += n
			if i < len(s) && s[i] == '@' {
				if n := operandLen(s[i+1:]); n > 0 {
					count, _ := operand(s[i+1 : i+1+n])
					i += 1 + n
					if strings.HasPrefix(s[i:], "+1") {
						count++
						i += 2
					}
					b.WriteString(strconv.Itoa(v))
					if count > 1 {
						b.WriteString(".." + strconv.Itoa(v+count-1))
					}
					continue
				}
			}
			if s[i-n:i] == "P4" && ops[in.Op].p4 != P4Int && ops[in.Op].p4 != P4None {
				b.WriteString(p4)
			} else {
				b.WriteString(strconv.Itoa(v))
			}
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

func operandLen(s string) int {
	if strings.HasPrefix(s, "NArg") {
		return 4
	}
	if len(s) >= 2 && s[0] == 'P' && s[1] >= '1' && s[1] <= '5' {
		return 2
	}
	return 0
}
