package vm_test

import (
	"os"
	"testing"

	"github.com/rustlite/rustlite/vm"
)

// The generated documentation is that of the table.
func TestOpcodesAreFresh(t *testing.T) {
	got, err := os.ReadFile("OPCODES.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != vm.OpcodesMarkdown() {
		t.Error("OPCODES.md is stale: run go generate ./vm")
	}
}
