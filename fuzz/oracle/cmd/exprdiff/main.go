// Command exprdiff evaluates random expressions over constants on the
// reference and through vm/fn and vm/value, and compares class, value and
// error. A difference is shrunk and printed with the command that repeats it.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/rustlite/rustlite/fuzz/oracle"
)

func main() {
	n := flag.Uint64("n", 200_000, "cases of each family")
	first := flag.Uint64("first", 0, "number of the first case")
	seed := flag.Uint64("seed", 1, "seed")
	family := flag.String("family", "", "families, separated by commas; empty for all of: "+strings.Join(oracle.Families(), " "))
	most := flag.Int("max", 10, "stop a family after so many differences")
	print := flag.Bool("print", false, "print the cases as statements, for cmd/oracle to answer, and compare nothing")
	flag.Parse()
	names := oracle.Families()
	if *family != "" {
		names = strings.Split(*family, ",")
	}
	failed := false
	for _, name := range names {
		if *print {
			show(name, *seed, *first, *n)
			continue
		}
		found, err := compare(name, *seed, *first, *n, *most)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		failed = failed || found
	}
	if failed {
		os.Exit(1)
	}
}

func compare(family string, seed, first, n uint64, most int) (bool, error) {
	d, err := oracle.NewDiffer()
	if err != nil {
		return false, err
	}
	defer d.Close()
	found := 0
	errors, nulls := 0, 0
	i := first
	for ; i < first+n && found < most; i++ {
		c := oracle.Random(family, seed, i)
		a, b := d.Check(c)
		switch {
		case a.Err != "":
			errors++
		case a.Value.IsNull():
			nulls++
		}
		if oracle.Same(a, b) {
			continue
		}
		found++
		small := d.Shrink(c)
		a, b = d.Check(small)
		fmt.Printf("%s\n  reference: %v\n  ours:      %v\n  repeat: go run ./cmd/exprdiff -family %s -seed %d -first %d -n 1\n",
			small.SQL(), a, b, family, seed, i)
	}
	fmt.Printf("%-10s %d cases (%d NULLs, %d errors), %d differences, seed %d\n", family, i-first, nulls, errors, found, seed)
	return found > 0, nil
}

func show(family string, seed, first, n uint64) {
	for i := first; i < first+n; i++ {
		fmt.Println(oracle.Random(family, seed, i).SQL() + ";")
	}
}
