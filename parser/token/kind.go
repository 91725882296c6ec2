package token

// Kind is the kind of a token.
type Kind uint8

// The kinds of tokens. The order matters: keywords that may fall back to identifiers come first, then those that
// name joins, then the rest.
const (
	EOF Kind = iota
	Space
	Comment
	Illegal

	Ident
	String
	Blob
	Integer
	Float
	SepNumber // a number with digit separators, not yet checked
	Variable

	Semicolon
	LeftParen
	RightParen
	Comma
	Dot
	Plus
	Minus
	Star
	Slash
	Percent
	Equal
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	ShiftLeft
	ShiftRight
	Ampersand
	Pipe
	Tilde
	Concat
	Arrow // -> and ->>

	KwAbort
	KwAction
	KwAfter
	KwAlways
	KwAnalyze
	KwAsc
	KwAttach
	KwBefore
	KwBegin
	KwBy
	KwCascade
	KwCast
	KwColumn
	KwConflict
	KwCurrent
	KwDatabase
	KwDeferred
	KwDesc
	KwDetach
	KwDo
	KwEach
	KwEnd
	KwExclude
	KwExclusive
	KwExplain
	KwFail
	KwFirst
	KwFollowing
	KwFor
	KwGenerated
	KwGlob
	KwGroups
	KwIf
	KwIgnore
	KwImmediate
	KwInitially
	KwInstead
	KwKey
	KwLast
	KwLike
	KwMatch
	KwMaterialized
	KwNo
	KwNulls
	KwOf
	KwOffset
	KwOthers
	KwPartition
	KwPlan
	KwPragma
	KwPreceding
	KwQuery
	KwRaise
	KwRange
	KwRecursive
	KwRegexp
	KwReindex
	KwRelease
	KwRename
	KwReplace
	KwRestrict
	KwRollback
	KwRow
	KwRows
	KwSavepoint
	KwTemp
	KwTies
	KwTrigger
	KwUnbounded
	KwVacuum
	KwView
	KwVirtual
	KwWith
	KwWithout
	KwCurrentDate
	KwCurrentTime
	KwCurrentTimestamp
	KwCross
	KwFull
	KwInner
	KwLeft
	KwNatural
	KwOuter
	KwRight
	KwAdd
	KwAll
	KwAlter
	KwAnd
	KwAs
	KwAutoincrement
	KwBetween
	KwCase
	KwCheck
	KwCollate
	KwCommit
	KwConstraint
	KwCreate
	KwDefault
	KwDeferrable
	KwDelete
	KwDistinct
	KwDrop
	KwElse
	KwEscape
	KwExcept
	KwExists
	KwFilter
	KwForeign
	KwFrom
	KwGroup
	KwHaving
	KwIn
	KwIndex
	KwIndexed
	KwInsert
	KwIntersect
	KwInto
	KwIs
	KwIsnull
	KwJoin
	KwLimit
	KwNot
	KwNothing
	KwNotnull
	KwNull
	KwOn
	KwOr
	KwOrder
	KwOver
	KwPrimary
	KwReferences
	KwReturning
	KwSelect
	KwSet
	KwTable
	KwThen
	KwTo
	KwTransaction
	KwUnion
	KwUnique
	KwUpdate
	KwUsing
	KwValues
	KwWhen
	KwWhere
	KwWindow
)

const (
	firstFallback = KwAbort
	lastFallback  = KwCurrentTimestamp
	firstJoin     = KwCross
	lastJoin      = KwRight
	firstKeyword  = firstFallback
)

// Fallback reports whether a keyword is an identifier where the keyword itself cannot stand.
func (k Kind) Fallback() bool { return k >= firstFallback && k <= lastFallback }

// JoinWord reports whether k is one of the words before JOIN, all of which may also be names.
func (k Kind) JoinWord() bool { return k >= firstJoin && k <= lastJoin }

// Keyword reports whether k is a keyword.
func (k Kind) Keyword() bool { return k >= firstKeyword }

// String returns the keyword, or a word for the other kinds.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "Kind(?)"
}

var kindNames = [...]string{
	EOF: "EOF", Space: "Space", Comment: "Comment", Illegal: "Illegal", Ident: "Ident", String: "String", Blob: "Blob",
	Integer: "Integer", Float: "Float", SepNumber: "SepNumber", Variable: "Variable", Semicolon: ";", LeftParen: "(",
	RightParen: ")", Comma: ",", Dot: ".", Plus: "+", Minus: "-", Star: "*", Slash: "/", Percent: "%", Equal: "=",
	NotEqual: "<>", Less: "<", LessEqual: "<=", Greater: ">", GreaterEqual: ">=", ShiftLeft: "<<", ShiftRight: ">>",
	Ampersand: "&", Pipe: "|", Tilde: "~", Concat: "||", Arrow: "->",
	KwAbort:            "ABORT",
	KwAction:           "ACTION",
	KwAfter:            "AFTER",
	KwAlways:           "ALWAYS",
	KwAnalyze:          "ANALYZE",
	KwAsc:              "ASC",
	KwAttach:           "ATTACH",
	KwBefore:           "BEFORE",
	KwBegin:            "BEGIN",
	KwBy:               "BY",
	KwCascade:          "CASCADE",
	KwCast:             "CAST",
	KwColumn:           "COLUMN",
	KwConflict:         "CONFLICT",
	KwCurrent:          "CURRENT",
	KwDatabase:         "DATABASE",
	KwDeferred:         "DEFERRED",
	KwDesc:             "DESC",
	KwDetach:           "DETACH",
	KwDo:               "DO",
	KwEach:             "EACH",
	KwEnd:              "END",
	KwExclude:          "EXCLUDE",
	KwExclusive:        "EXCLUSIVE",
	KwExplain:          "EXPLAIN",
	KwFail:             "FAIL",
	KwFirst:            "FIRST",
	KwFollowing:        "FOLLOWING",
	KwFor:              "FOR",
	KwGenerated:        "GENERATED",
	KwGlob:             "GLOB",
	KwGroups:           "GROUPS",
	KwIf:               "IF",
	KwIgnore:           "IGNORE",
	KwImmediate:        "IMMEDIATE",
	KwInitially:        "INITIALLY",
	KwInstead:          "INSTEAD",
	KwKey:              "KEY",
	KwLast:             "LAST",
	KwLike:             "LIKE",
	KwMatch:            "MATCH",
	KwMaterialized:     "MATERIALIZED",
	KwNo:               "NO",
	KwNulls:            "NULLS",
	KwOf:               "OF",
	KwOffset:           "OFFSET",
	KwOthers:           "OTHERS",
	KwPartition:        "PARTITION",
	KwPlan:             "PLAN",
	KwPragma:           "PRAGMA",
	KwPreceding:        "PRECEDING",
	KwQuery:            "QUERY",
	KwRaise:            "RAISE",
	KwRange:            "RANGE",
	KwRecursive:        "RECURSIVE",
	KwRegexp:           "REGEXP",
	KwReindex:          "REINDEX",
	KwRelease:          "RELEASE",
	KwRename:           "RENAME",
	KwReplace:          "REPLACE",
	KwRestrict:         "RESTRICT",
	KwRollback:         "ROLLBACK",
	KwRow:              "ROW",
	KwRows:             "ROWS",
	KwSavepoint:        "SAVEPOINT",
	KwTemp:             "TEMP",
	KwTies:             "TIES",
	KwTrigger:          "TRIGGER",
	KwUnbounded:        "UNBOUNDED",
	KwVacuum:           "VACUUM",
	KwView:             "VIEW",
	KwVirtual:          "VIRTUAL",
	KwWith:             "WITH",
	KwWithout:          "WITHOUT",
	KwCurrentDate:      "CURRENT_DATE",
	KwCurrentTime:      "CURRENT_TIME",
	KwCurrentTimestamp: "CURRENT_TIMESTAMP",
	KwCross:            "CROSS",
	KwFull:             "FULL",
	KwInner:            "INNER",
	KwLeft:             "LEFT",
	KwNatural:          "NATURAL",
	KwOuter:            "OUTER",
	KwRight:            "RIGHT",
	KwAdd:              "ADD",
	KwAll:              "ALL",
	KwAlter:            "ALTER",
	KwAnd:              "AND",
	KwAs:               "AS",
	KwAutoincrement:    "AUTOINCREMENT",
	KwBetween:          "BETWEEN",
	KwCase:             "CASE",
	KwCheck:            "CHECK",
	KwCollate:          "COLLATE",
	KwCommit:           "COMMIT",
	KwConstraint:       "CONSTRAINT",
	KwCreate:           "CREATE",
	KwDefault:          "DEFAULT",
	KwDeferrable:       "DEFERRABLE",
	KwDelete:           "DELETE",
	KwDistinct:         "DISTINCT",
	KwDrop:             "DROP",
	KwElse:             "ELSE",
	KwEscape:           "ESCAPE",
	KwExcept:           "EXCEPT",
	KwExists:           "EXISTS",
	KwFilter:           "FILTER",
	KwForeign:          "FOREIGN",
	KwFrom:             "FROM",
	KwGroup:            "GROUP",
	KwHaving:           "HAVING",
	KwIn:               "IN",
	KwIndex:            "INDEX",
	KwIndexed:          "INDEXED",
	KwInsert:           "INSERT",
	KwIntersect:        "INTERSECT",
	KwInto:             "INTO",
	KwIs:               "IS",
	KwIsnull:           "ISNULL",
	KwJoin:             "JOIN",
	KwLimit:            "LIMIT",
	KwNot:              "NOT",
	KwNothing:          "NOTHING",
	KwNotnull:          "NOTNULL",
	KwNull:             "NULL",
	KwOn:               "ON",
	KwOr:               "OR",
	KwOrder:            "ORDER",
	KwOver:             "OVER",
	KwPrimary:          "PRIMARY",
	KwReferences:       "REFERENCES",
	KwReturning:        "RETURNING",
	KwSelect:           "SELECT",
	KwSet:              "SET",
	KwTable:            "TABLE",
	KwThen:             "THEN",
	KwTo:               "TO",
	KwTransaction:      "TRANSACTION",
	KwUnion:            "UNION",
	KwUnique:           "UNIQUE",
	KwUpdate:           "UPDATE",
	KwUsing:            "USING",
	KwValues:           "VALUES",
	KwWhen:             "WHEN",
	KwWhere:            "WHERE",
	KwWindow:           "WINDOW",
}
