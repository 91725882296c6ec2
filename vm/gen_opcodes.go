//go:build ignore

// This program writes OPCODES.md.
package main

import (
	"log"
	"os"

	"github.com/rustlite/rustlite/vm"
)

func main() {
	if err := os.WriteFile("OPCODES.md", []byte(vm.OpcodesMarkdown()), 0o644); err != nil {
		log.Fatal(err)
	}
}
