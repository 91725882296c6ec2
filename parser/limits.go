package parser

// Limits bounds what a text may ask for. The zero value of a field stands for SQLite's default.
type Limits struct {
	SQLBytes      int // bytes of one statement
	ExprDepth     int // height of an expression
	ParserDepth   int // nesting of all kinds, counted roughly in entries of SQLite's parser stack
	CompoundTerms int // operands of a compound SELECT
	Columns       int // assignments of an UPDATE, terms of ORDER BY within a function
	FunctionArgs  int
	FromTerms     int
	Variables     int // the largest number of a parameter
}

// The defaults, which are those of SQLite 3.54.
const (
	sqlBytesMax      = 1_000_000_000
	exprDepthMax     = 1000
	parserDepthMax   = 2500
	compoundTermsMax = 500
	columnsMax       = 2000
	functionArgsMax  = 1000
	fromTermsMax     = 200
	variablesMax     = 32766
)

func (l Limits) withDefaults() Limits {
	set := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&l.SQLBytes, sqlBytesMax)
	set(&l.ExprDepth, exprDepthMax)
	set(&l.ParserDepth, parserDepthMax)
	set(&l.CompoundTerms, compoundTermsMax)
	set(&l.Columns, columnsMax)
	set(&l.FunctionArgs, functionArgsMax)
	set(&l.FromTerms, fromTermsMax)
	set(&l.Variables, variablesMax)
	return l
}
