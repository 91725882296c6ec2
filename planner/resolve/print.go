package resolve

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rustlite/rustlite/vm/value"
)

var opText = map[Op]string{
	OpNegate: "-", OpPlus: "+", OpBitNot: "~", OpNot: "NOT ", OpAdd: "+", OpSub: "-", OpMul: "*", OpDiv: "/", OpRem: "%",
	OpConcat: "||", OpBitAnd: "&", OpBitOr: "|", OpShiftLeft: "<<", OpShiftRight: ">>", OpAnd: "AND", OpOr: "OR",
	OpEq: "=", OpNe: "<>", OpLt: "<", OpLe: "<=", OpGt: ">", OpGe: ">=", OpIs: "IS", OpIsNot: "IS NOT",
	OpIsNull: "IS NULL", OpNotNull: "IS NOT NULL",
}

// String shows the expression with its columns bound: source.column, rowid
// columns as source.rowid, subqueries as {query}.
func (e *Expr) String() string {
	if e == nil {
		return "nil"
	}
	switch e.Op {
	case OpConst:
		return showValue(e.Value())
	case OpParam:
		if e.Source != nil {
			return (&Expr{Op: OpColumn, Source: e.Source, Index: e.Index}).String()
		}
		return "?" + strconv.Itoa(e.Index)
	case OpColumn:
		if e.Index == RowidColumn {
			return e.Source.Name + ".rowid"
		}
		return e.Source.Name + "." + e.Source.Columns[e.Index].Name
	case OpRaise:
		return "RAISE(" + e.L.String() + ")"
	case OpReg:
		return "r[" + strconv.Itoa(e.Index) + "]"
	case OpNegate, OpPlus, OpBitNot, OpNot:
		return "(" + opText[e.Op] + e.L.String() + ")"
	case OpIsNull, OpNotNull:
		return "(" + e.L.String() + " " + opText[e.Op] + ")"
	case OpTruth:
		return fmt.Sprintf("(%s IS%s %s)", e.L, not(e.Not), map[int]string{0: "FALSE", 1: "TRUE"}[e.Index])
	case OpBetween:
		return fmt.Sprintf("(%s%s BETWEEN %s AND %s)", e.L, not(e.Not), e.List[0], e.List[1])
	case OpIn:
		set := "{query}"
		if e.Query == nil {
			set = "(" + showList(e.List) + ")"
		}
		return fmt.Sprintf("(%s%s IN %s)", e.L, not(e.Not), set)
	case OpCase:
		var b strings.Builder
		b.WriteString("CASE")
		if e.L != nil {
			b.WriteString(" " + e.L.String())
		}
		for i := 0; i < len(e.List); i += 2 {
			b.WriteString(" WHEN " + e.List[i].String() + " THEN " + e.List[i+1].String())
		}
		if e.R != nil {
			b.WriteString(" ELSE " + e.R.String())
		}
		return b.String() + " END"
	case OpCast:
		return "CAST(" + e.L.String() + " AS " + e.Type + ")"
	case OpCollate:
		return e.L.String() + " COLLATE " + e.Coll.Name
	case OpFunc:
		return e.Func.Name + "(" + showList(e.List) + ")"
	case OpAgg, OpWindow:
		return e.Agg.String()
	case OpExists:
		return "EXISTS {query}"
	case OpScalar:
		return "{query}"
	case OpRow:
		return "(" + showList(e.List) + ")"
	case OpField:
		return "{query}." + strconv.Itoa(e.Index+1)
	default:
		return "(" + e.L.String() + " " + opText[e.Op] + " " + e.R.String() + ")"
	}
}

// String shows the aggregate as a call.
func (a *Agg) String() string {
	args := showList(a.Args)
	if len(a.Args) == 0 {
		args = "*"
	}
	if a.Distinct {
		args = "DISTINCT " + args
	}
	for i, o := range a.OrderBy {
		args += map[bool]string{true: " ORDER BY ", false: ", "}[i == 0] + o.String()
	}
	s := a.Func.Name + "(" + args + ")"
	if a.Filter != nil {
		s += " FILTER (" + a.Filter.String() + ")"
	}
	if a.Over != nil {
		s += " OVER (" + a.Over.String() + ")"
	}
	return s
}

// String shows the term as it is written.
func (o OrderTerm) String() string {
	s := fmt.Sprintf("#%d", o.Col+1)
	if o.Expr != nil {
		s = o.Expr.String()
	}
	if o.Desc {
		s += " DESC"
	}
	if o.NullsLast != o.Desc {
		s += map[bool]string{true: " NULLS LAST", false: " NULLS FIRST"}[o.NullsLast]
	}
	return s
}

func not(b bool) string {
	if b {
		return " NOT"
	}
	return ""
}

func showValue(v *value.Value) string {
	switch v.Kind() {
	case value.Null:
		return "NULL"
	case value.Text:
		return "'" + strings.ReplaceAll(v.Str(), "'", "''") + "'"
	case value.Blob:
		return fmt.Sprintf("x'%x'", v.Bytes())
	default:
		return string(v.AppendText(nil))
	}
}

func showList(list []*Expr) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", ")
}
