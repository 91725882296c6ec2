package rustlite_test

import (
	"fmt"
	"testing"

	"github.com/rustlite/rustlite"
)

// Goal: what the corpus cannot say of triggers: limits, plans shared by
// connections with other settings, statements undone with all that they fired.

// Triggers fire each other, and themselves, a thousand deep.
func TestTriggerDepth(t *testing.T) {
	c := conn(t, openAt(t, ":memory:"))
	run(t, c, "PRAGMA recursive_triggers = 1", "CREATE TABLE t(a)",
		"CREATE TRIGGER r AFTER INSERT ON t WHEN new.a > 1 BEGIN INSERT INTO t VALUES(new.a - 1); END",
		"INSERT INTO t VALUES(1000)")
	wantText(t, c, "SELECT count(*) FROM t", "1000")
	refused(t, c, "INSERT INTO t VALUES(1002)", "triggers nested too deep", rustlite.ErrError)
	wantText(t, c, "SELECT count(*) FROM t", "1000")

	const chain = 1001
	for i := range chain + 1 {
		run(t, c, fmt.Sprintf("CREATE TABLE c%d(a)", i))
	}
	for i := range chain {
		run(t, c, fmt.Sprintf("CREATE TRIGGER g%d AFTER INSERT ON c%d BEGIN INSERT INTO c%d VALUES(new.a); END", i, i, i+1))
	}
	run(t, c, "INSERT INTO c1 VALUES(5)")
	wantText(t, c, fmt.Sprintf("SELECT a FROM c%d", chain), "5")
	refused(t, c, "INSERT INTO c0 VALUES(5)", "triggers nested too deep", rustlite.ErrError)
}

// A program is compiled for the setting of its connection.
func TestRecursiveTriggersPlans(t *testing.T) {
	db := openAt(t, ":memory:")
	a, b := conn(t, db), conn(t, db)
	run(t, a, "CREATE TABLE t(a)", "CREATE TRIGGER r AFTER INSERT ON t WHEN new.a > 1 BEGIN INSERT INTO t VALUES(new.a - 1); END")
	run(t, b, "PRAGMA recursive_triggers = 1")
	run(t, a, "INSERT INTO t VALUES(5)")
	wantText(t, a, "SELECT count(*) FROM t", "2")
	run(t, b, "INSERT INTO t VALUES(5)")
	wantText(t, a, "SELECT count(*) FROM t", "7")
}

// A statement that fails deep in its triggers leaves nothing behind, in a
// transaction too.
func TestTriggerAtomicity(t *testing.T) {
	c := conn(t, openAt(t, ":memory:"))
	run(t, c, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", "CREATE TABLE log(n UNIQUE)",
		"CREATE TRIGGER i AFTER INSERT ON t BEGIN INSERT INTO log VALUES(new.b); UPDATE t SET b = b + 1 WHERE a = new.a - 1; END",
		"CREATE TRIGGER u AFTER UPDATE ON t BEGIN DELETE FROM log WHERE n = old.b; INSERT INTO log VALUES(new.b * 10); END")
	run(t, c, "INSERT INTO t VALUES(1, 1), (2, 5)", "BEGIN", "INSERT INTO t VALUES(3, 7)")
	before := "SELECT (SELECT group_concat(a || '=' || b) FROM t) || ' ' || (SELECT group_concat(n) FROM log)"
	const want = "1=2,2=6,3=7 20,7,60"
	wantText(t, c, before, want)
	refused(t, c, "INSERT INTO t VALUES(4, 8), (5, 80), (6, 1)", "UNIQUE constraint failed: log.n", rustlite.ErrConstraintUnique)
	wantText(t, c, before, want)
	run(t, c, "COMMIT")
	wantText(t, c, before, want)
	wantText(t, c, "PRAGMA integrity_check", "ok")
}
