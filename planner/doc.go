// Package planner compiles statements: it walks a tree of the parser through
// the stages of its subpackages and returns a program of the machine.
//
//	ast.Stmt --resolve--> bound tree --plan--> physical plan --codegen--> vm.Program
//
// It holds nothing between two calls. Start reading at Compile.
package planner
