package ast

// Walk calls visit for n and then, where it answers true, for the nodes below n, parents before
// children and in the order of the source, except that a LIMIT is visited before its OFFSET. Names are
// parts of their nodes and are not visited. The cases stand in the order in which the files declare the nodes.
func Walk(n Node, visit func(Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	switch n := n.(type) {
	case *ObjectName:
	case *Explain:
		walkIf(n.Stmt, visit)
	case *Insert:
		walkIf(n.With, visit)
		walkIf(n.Table, visit)
		walkIf(n.Source, visit)
		walkList(n.Upserts, visit)
		walkList(n.Returning, visit)
	case *Upsert:
		walkList(n.Target, visit)
		walkIf(n.TargetWhere, visit)
		walkList(n.Set, visit)
		walkIf(n.Where, visit)
	case *Assignment:
		walkIf(n.Value, visit)
	case *Update:
		walkIf(n.With, visit)
		walkIf(n.Table, visit)
		walkList(n.Set, visit)
		walkIf(n.From, visit)
		walkIf(n.Where, visit)
		walkList(n.Returning, visit)
	case *Delete:
		walkIf(n.With, visit)
		walkIf(n.Table, visit)
		walkIf(n.Where, visit)
		walkList(n.Returning, visit)
	case *CreateTable:
		walkIf(n.Name, visit)
		walkList(n.Columns, visit)
		walkList(n.Constraints, visit)
		walkIf(n.As, visit)
	case *ColumnDef:
		walkIf(n.Type, visit)
		walkList(n.Constraints, visit)
	case *TypeName:
	case *ColumnPrimaryKey:
	case *ColumnNotNull:
	case *ColumnNull:
	case *ColumnUnique:
	case *ColumnCheck:
		walkIf(n.Expr, visit)
	case *ColumnDefault:
		walkIf(n.Expr, visit)
	case *ColumnCollate:
	case *ColumnReferences:
		walkIf(n.References, visit)
	case *ColumnDeferrable:
	case *ColumnGenerated:
		walkIf(n.Expr, visit)
	case *References:
	case *TablePrimaryKey:
		walkList(n.Columns, visit)
	case *TableUnique:
		walkList(n.Columns, visit)
	case *TableCheck:
		walkIf(n.Expr, visit)
	case *TableForeignKey:
		walkIf(n.References, visit)
	case *CreateIndex:
		walkIf(n.Name, visit)
		walkList(n.Columns, visit)
		walkIf(n.Where, visit)
	case *CreateView:
		walkIf(n.Name, visit)
		walkIf(n.Select, visit)
	case *CreateTrigger:
		walkIf(n.Name, visit)
		walkIf(n.Table, visit)
		walkIf(n.When, visit)
		walkList(n.Body, visit)
	case *CreateVirtualTable:
		walkIf(n.Name, visit)
	case *Drop:
		walkIf(n.Name, visit)
	case *AlterRenameTable:
		walkIf(n.Table, visit)
	case *AlterRenameColumn:
		walkIf(n.Table, visit)
	case *AlterAddColumn:
		walkIf(n.Table, visit)
		walkIf(n.Column, visit)
	case *AlterDropColumn:
		walkIf(n.Table, visit)
	case *AlterDropConstraint:
		walkIf(n.Table, visit)
	case *AlterColumnNotNull:
		walkIf(n.Table, visit)
	case *AlterAddCheck:
		walkIf(n.Table, visit)
		walkIf(n.Expr, visit)
	case *Pragma:
		walkIf(n.Value, visit)
	case *PragmaValue:
	case *Begin:
	case *Commit:
	case *Rollback:
	case *Savepoint:
	case *Release:
	case *Attach:
		walkIf(n.File, visit)
		walkIf(n.Schema, visit)
		walkIf(n.Key, visit)
	case *Detach:
		walkIf(n.Schema, visit)
	case *Analyze:
		walkIf(n.Name, visit)
	case *Reindex:
		walkIf(n.Name, visit)
	case *Vacuum:
		walkIf(n.Into, visit)
	case *Select:
		walkIf(n.With, visit)
		walkList(n.Cores, visit)
		walkList(n.OrderBy, visit)
		walkIf(n.Limit, visit)
	case *With:
		walkList(n.CTEs, visit)
	case *CTE:
		walkIf(n.Select, visit)
	case *SelectCore:
		walkList(n.Columns, visit)
		walkIf(n.From, visit)
		walkIf(n.Where, visit)
		walkList(n.GroupBy, visit)
		walkIf(n.Having, visit)
		walkList(n.Windows, visit)
	case *Values:
		for _, row := range n.Rows {
			walkList(row, visit)
		}
	case *ResultColumn:
		walkIf(n.Expr, visit)
	case *OrderTerm:
		walkIf(n.Expr, visit)
	case *Limit:
		walkIf(n.Limit, visit)
		walkIf(n.Offset, visit)
	case *Window:
		walkList(n.PartitionBy, visit)
		walkList(n.OrderBy, visit)
		walkIf(n.Frame, visit)
	case *Frame:
		walkIf(n.Start.Expr, visit)
		walkIf(n.Stop.Expr, visit)
	case *TableName:
	case *TableFunc:
		walkList(n.Args, visit)
	case *TableSubquery:
		walkIf(n.Select, visit)
	case *TableParen:
		walkIf(n.X, visit)
	case *Join:
		walkIf(n.Left, visit)
		walkIf(n.Right, visit)
		walkIf(n.On, visit)
	case *Literal:
	case *Column:
	case *Param:
	case *Unary:
		walkIf(n.X, visit)
	case *Binary:
		walkIf(n.Left, visit)
		walkIf(n.Right, visit)
	case *Between:
		walkIf(n.X, visit)
		walkIf(n.Low, visit)
		walkIf(n.High, visit)
	case *In:
		walkIf(n.X, visit)
		walkList(n.List, visit)
		walkIf(n.Select, visit)
		walkIf(n.Table, visit)
	case *Like:
		walkIf(n.X, visit)
		walkIf(n.Pattern, visit)
		walkIf(n.Escape, visit)
	case *IsNull:
		walkIf(n.X, visit)
	case *Case:
		walkIf(n.Operand, visit)
		walkList(n.Whens, visit)
		walkIf(n.Else, visit)
	case *When:
		walkIf(n.Cond, visit)
		walkIf(n.Result, visit)
	case *Cast:
		walkIf(n.X, visit)
		walkIf(n.Type, visit)
	case *Collate:
		walkIf(n.X, visit)
	case *FuncCall:
		walkList(n.Args, visit)
		walkList(n.OrderBy, visit)
		walkIf(n.Filter, visit)
		walkIf(n.Over, visit)
	case *Exists:
		walkIf(n.Select, visit)
	case *Subquery:
		walkIf(n.Select, visit)
	case *RowValue:
		walkList(n.Elems, visit)
	case *Raise:
		walkIf(n.Message, visit)
	}
}

// walkIf walks an optional child.
func walkIf[N interface {
	comparable
	Node
}](n N, visit func(Node) bool) {
	var none N
	if n != none {
		Walk(n, visit)
	}
}

func walkList[N Node](list []N, visit func(Node) bool) {
	for _, n := range list {
		Walk(n, visit)
	}
}

// Params returns the names of a statement's parameters by number: element 0 is parameter 1. A parameter
// without a name, or a number that is skipped (as 1 is in "?2"), has the name "".
func Params(n Node) []string {
	var names []string
	Walk(n, func(n Node) bool {
		p, ok := n.(*Param)
		if !ok {
			return true
		}
		for len(names) < p.Number {
			names = append(names, "")
		}
		if p.Number > 0 {
			names[p.Number-1] = p.Name
		}
		return true
	})
	return names
}
