package ast

// The markers seal the families: no other package can add a member.

func (*Explain) stmtNode()             {}
func (*Insert) stmtNode()              {}
func (*Update) stmtNode()              {}
func (*Delete) stmtNode()              {}
func (*CreateTable) stmtNode()         {}
func (*CreateIndex) stmtNode()         {}
func (*CreateView) stmtNode()          {}
func (*CreateTrigger) stmtNode()       {}
func (*CreateVirtualTable) stmtNode()  {}
func (*Drop) stmtNode()                {}
func (*AlterRenameTable) stmtNode()    {}
func (*AlterRenameColumn) stmtNode()   {}
func (*AlterAddColumn) stmtNode()      {}
func (*AlterDropColumn) stmtNode()     {}
func (*AlterDropConstraint) stmtNode() {}
func (*AlterColumnNotNull) stmtNode()  {}
func (*AlterAddCheck) stmtNode()       {}
func (*Pragma) stmtNode()              {}
func (*Begin) stmtNode()               {}
func (*Commit) stmtNode()              {}
func (*Rollback) stmtNode()            {}
func (*Savepoint) stmtNode()           {}
func (*Release) stmtNode()             {}
func (*Attach) stmtNode()              {}
func (*Detach) stmtNode()              {}
func (*Analyze) stmtNode()             {}
func (*Reindex) stmtNode()             {}
func (*Vacuum) stmtNode()              {}
func (*Select) stmtNode()              {}

func (*SelectCore) coreNode() {}
func (*Values) coreNode()     {}

func (*TableName) tableExprNode()     {}
func (*TableFunc) tableExprNode()     {}
func (*TableSubquery) tableExprNode() {}
func (*TableParen) tableExprNode()    {}
func (*Join) tableExprNode()          {}

func (*Literal) exprNode()  {}
func (*Column) exprNode()   {}
func (*Param) exprNode()    {}
func (*Unary) exprNode()    {}
func (*Binary) exprNode()   {}
func (*Between) exprNode()  {}
func (*In) exprNode()       {}
func (*Like) exprNode()     {}
func (*IsNull) exprNode()   {}
func (*Case) exprNode()     {}
func (*Cast) exprNode()     {}
func (*Collate) exprNode()  {}
func (*FuncCall) exprNode() {}
func (*Exists) exprNode()   {}
func (*Subquery) exprNode() {}
func (*RowValue) exprNode() {}
func (*Raise) exprNode()    {}

func (*ColumnPrimaryKey) columnConstraintNode() {}
func (*ColumnNotNull) columnConstraintNode()    {}
func (*ColumnNull) columnConstraintNode()       {}
func (*ColumnUnique) columnConstraintNode()     {}
func (*ColumnCheck) columnConstraintNode()      {}
func (*ColumnDefault) columnConstraintNode()    {}
func (*ColumnCollate) columnConstraintNode()    {}
func (*ColumnReferences) columnConstraintNode() {}
func (*ColumnDeferrable) columnConstraintNode() {}
func (*ColumnGenerated) columnConstraintNode()  {}

func (*TablePrimaryKey) tableConstraintNode() {}
func (*TableUnique) tableConstraintNode()     {}
func (*TableCheck) tableConstraintNode()      {}
func (*TableForeignKey) tableConstraintNode() {}
