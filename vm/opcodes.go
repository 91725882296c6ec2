package vm

import (
	"fmt"
	"strings"
)

// OpcodesMarkdown is the text of OPCODES.md, made from the table of opcodes.
func OpcodesMarkdown() string {
	var b strings.Builder
	b.WriteString("# Opcodes\n\nMade from `vm/op.go` by `go generate ./vm`; do not edit.\n\n")
	b.WriteString("An instruction has an opcode, four 32-bit operands P1 to P4 and a 16-bit P5. r[X] is register X, v[X] vector\n")
	b.WriteString("register X, acc[X] accumulator X; r[X@N] are N registers from X on. What P4 is an index into is named in the\n" +
		"second column; P2 is an address where the third says so.\n\n")
	b.WriteString("| opcode | P4 | P2 | in short | in words |\n| --- | --- | --- | --- | --- |\n")
	for op := range ops {
		o := &ops[op]
		jump := ""
		if o.flags&jumpP2 != 0 {
			jump = "address"
		}
		short := o.short
		if short != "" {
			short = "`" + strings.ReplaceAll(short, "|", "\\|") + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", o.name, o.p4, jump, short, strings.ReplaceAll(o.long, "|", "\\|"))
	}
	return b.String()
}

// String names the pool.
func (k P4Kind) String() string {
	return [...]string{"", "integer", "constant", "string", "key", "collation", "call", "table", "program", "error", "object"}[k]
}
