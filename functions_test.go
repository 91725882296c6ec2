package rustlite_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/rustlite/rustlite"
)

// Goal: Go functions serve SQL, and nothing they do harms the program. Method: register functions of every shape
// and call them from statements.

type joined struct{ parts []string }

func (j *joined) Step(s string, n int) error {
	if n < 0 {
		return errors.New("negative")
	}
	j.parts = append(j.parts, strings.Repeat(s, n))
	return nil
}

func (j *joined) Done() string { return strings.Join(j.parts, "+") }

func TestRegister(t *testing.T) {
	db := openName(t, ":memory:")
	conn, err := db.Conn(context.Background())
	must(t, err)
	defer conn.Close()
	must(t, conn.Raw(func(c any) error {
		d := c.(*rustlite.DriverConn)
		for name, f := range map[string]any{
			"plus":   func(a, b int) int { return a + b },
			"half":   func(x float32) float64 { return float64(x) / 2 },
			"shout":  func(s string) string { return strings.ToUpper(s) + "!" },
			"rev":    func(b []byte) []byte { return append([]byte{}, b[len(b)-1], b[0]) },
			"kind":   func(x any) any { return x },
			"count":  func(x ...any) int { return len(x) },
			"refuse": func(x bool) (int, error) { return 0, errors.New("refused") },
			"burst":  func() int { panic("boom") }, // A user's panic becomes the statement's error.
		} {
			if err := d.RegisterFunc(name, f, true); err != nil {
				return err
			}
		}
		for _, f := range []any{1, func() {}, func(chan int) int { return 0 }, func() (int, int) { return 0, 0 }} {
			if err := d.RegisterFunc("wrong", f, true); err == nil {
				t.Errorf("%T was taken", f)
			}
		}
		return d.RegisterAggregator("joined", func() *joined { return &joined{} }, true)
	}))
	for query, want := range map[string]string{
		"SELECT plus(20, 22)":                            "42",
		"SELECT half(3.0)":                               "1.5",
		"SELECT shout('hey')":                            "HEY!",
		"SELECT CAST(rev('abc') AS TEXT)":                "ca",
		"SELECT coalesce(kind(NULL), 'null') || kind(1)": "null1",
		"SELECT count(1, 2, 3)":                          "3",
		"SELECT plus('a', 1)":                            "error 1: argument must be an INTEGER",
		"SELECT plus(1)":                                 "error 1: wrong number of arguments to function plus()",
		"SELECT refuse(1)":                               "error 1: refused",
		"SELECT burst()":                                 "error 1: panic in a function: boom",
		"SELECT joined(column1, column2) FROM (VALUES('a', 1), ('b', 2))": "a+bb",
		"SELECT joined(1, 2) WHERE 0":                                     "",
		"SELECT group_concat(j) FROM (SELECT joined(column1, 1) OVER (ORDER BY column1) AS j FROM (VALUES('a'), ('b'), ('c')))":                  "a,a+b,a+b+c",
		"SELECT group_concat(j) FROM (SELECT joined(column1, 1) OVER (ORDER BY column1 ROWS 1 PRECEDING) AS j FROM (VALUES('a'), ('b'), ('c')))": "a,a+b,b+c",
		"SELECT joined('a', -1)": "error 1: negative",
	} {
		var got string
		err := conn.QueryRowContext(context.Background(), query).Scan(&got)
		var e *rustlite.Error
		if errors.As(err, &e) {
			got = "error " + string(rune('0'+e.Code())) + ": " + e.Error()
			err = nil
		}
		must(t, err)
		if got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	// Another connection of the pool knows nothing of them.
	if _, err := db.Exec("SELECT shout('x')"); err == nil {
		t.Error("a function of one connection is known to all")
	}
}

func TestCreateFunction(t *testing.T) {
	db, err := rustlite.Open(":memory:", nil)
	must(t, err)
	defer db.Close()
	must(t, db.CreateFunction("area", rustlite.Function{Args: 2, Pure: true, Scalar: func(args *rustlite.Row) (any, error) {
		return args.Float64(0) * args.Float64(1), nil
	}}))
	// In place of a built-in one.
	must(t, db.CreateFunction("upper", rustlite.Function{Args: 1, Scalar: func(args *rustlite.Row) (any, error) {
		return "own " + args.Text(0), nil
	}}))
	rows, err := db.Query(context.Background(), "SELECT area(3, 4), upper('x')")
	must(t, err)
	if !rows.Next() || rows.Float64(0) != 12 || rows.Text(1) != "own x" {
		t.Error(rows.Any(0), rows.Any(1))
	}
	must(t, rows.Close())
	for _, f := range []rustlite.Function{{}, {Args: 5000, Scalar: func(*rustlite.Row) (any, error) { return nil, nil }}} {
		wantCode(t, db.CreateFunction("f", f), rustlite.ErrMisuse)
	}
}

// A closed connection takes no functions and collations more.
func TestRegisterAfterClose(t *testing.T) {
	c, err := new(rustlite.Driver).Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	d := c.(*rustlite.DriverConn)
	for _, err := range []error{
		d.RegisterFunc("f", func() int64 { return 1 }, true),
		d.RegisterAggregator("a", func() *joined { return &joined{} }, true),
		d.RegisterCollation("c", strings.Compare),
	} {
		wantCode(t, err, rustlite.ErrMisuse)
	}
}
