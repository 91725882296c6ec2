package random

// A few thousand statements of the same seeds always, under each configuration,
// and the alarm: a difference made on purpose is found and made small.

import (
	"testing"

	"github.com/rustlite/rustlite"
)

func TestPrograms(t *testing.T) {
	programs := uint64(12)
	if !testing.Short() {
		programs = 100
	}
	o := &Options{Statements: 200, Configs: []rustlite.Options{{}, {BatchRows: -1}, {BatchRows: 1, PageSize: 1024}, {BatchRows: 7, Workers: 3, SplitRows: 1}}}
	for seed := range programs {
		program, d, err := Run(seed, o)
		if err != nil {
			t.Fatal(err)
		}
		if d != nil && d.Kind != NotYet {
			program, d = Shrink(program, d, o.Config(seed))
			t.Fatalf("seed %d:\n%s", seed, Report(program, d))
		}
	}
}

func TestSameSeedSameProgram(t *testing.T) {
	o := &Options{Statements: 80}
	a, _, err := Run(7, o)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := Run(7, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(a) != len(b) {
		t.Fatalf("%d statements, then %d", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("statement %d: %+v, then %+v", i, a[i], b[i])
		}
	}
}

// TestAlarm: within an expression of RETURNING the reference shows a REAL that
// did not change as the integer that it is stored as. We do not, on purpose.
func TestAlarm(t *testing.T) {
	program := []Statement{
		{SQL: "CREATE TABLE u(a)"},
		{SQL: "CREATE TABLE t(a REAL, b)"},
		{SQL: "INSERT INTO t VALUES (1, 2), (3, 4)"},
		{SQL: "INSERT INTO u SELECT a FROM t"},
		{SQL: "UPDATE t SET b = 5 RETURNING b + 1, CASE 1 WHEN 1 THEN a END"},
		{SQL: "DELETE FROM t"},
	}
	d, err := Replay(program, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d == nil || d.At != 4 || d.Kind != Rows {
		t.Fatalf("found %+v", d)
	}
	small, d := Shrink(program, d, nil)
	if len(small) > 3 || d.Kind != Rows || len(small[d.At].SQL) > 60 {
		t.Errorf("shrunk to %+v", small)
	}
}
