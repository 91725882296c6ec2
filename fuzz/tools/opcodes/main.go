// Opcodes writes the documentation of the machine's opcodes to the file that
// it is given; go generate ./vm calls it.
package main

import (
	"log"
	"os"

	"github.com/rustlite/rustlite/vm"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: opcodes FILE")
	}
	if err := os.WriteFile(os.Args[1], []byte(vm.OpcodesMarkdown()), 0o644); err != nil {
		log.Fatal(err)
	}
}
