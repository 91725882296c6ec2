package vm_test

import (
	"testing"

	"github.com/rustlite/rustlite/vm/value"
)

func BenchmarkSmallBatch(b *testing.B) {
	e, roots := filled(b, 5000)
	benchmark(b, e, builtin(assembled(b, roots, batchProgram)), 5000, func(int) value.Value { return value.FromInt(500000) })
}
func BenchmarkSmallScan(b *testing.B) {
	e, roots := filled(b, 5000)
	benchmark(b, e, assembled(b, roots, scanProgram), 5000, func(int) value.Value { return value.FromInt(2500) })
}
func BenchmarkSmallRow(b *testing.B) {
	e, roots := filled(b, 5000)
	benchmark(b, e, builtin(assembled(b, roots, rowProgram)), 5000, func(int) value.Value { return value.FromInt(500000) })
}
