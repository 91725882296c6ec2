package sim

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/rustlite/rustlite"
)

// State is the content of a database as of one commit of a workload.
type State struct {
	Commit int    // the highest number in table commits; 0 before there is one
	Text   string // every table with its rows, and the schema
}

// querier is a database or a transaction.
type querier interface {
	All(ctx context.Context, sql string, args ...any) iter.Seq2[*rustlite.Row, error]
}

// Read reads the whole content.
func Read(ctx context.Context, q querier) (*State, error) {
	s := &State{}
	var b strings.Builder
	var tables []string
	for row, err := range q.All(ctx, "SELECT type, name, sql FROM sqlite_schema ORDER BY name") {
		if err != nil {
			return nil, err
		}
		if row.Text(0) == "table" {
			tables = append(tables, row.Text(1))
		}
		fmt.Fprintf(&b, "%s\n", row.Text(2))
	}
	for _, name := range tables {
		fmt.Fprintf(&b, "-- %s\n", name)
		// Not the row ids themselves: VACUUM gives new ones to tables that have no index and no name for them.
		for row, err := range q.All(ctx, "SELECT * FROM "+name+" ORDER BY rowid") {
			if err != nil {
				return nil, err
			}
			for i := range row.Len() {
				appendValue(&b, row, i)
			}
			b.WriteByte('\n')
			if name == "commits" {
				s.Commit = max(s.Commit, int(row.Int64(0)))
			}
		}
	}
	s.Text = b.String()
	return s, nil
}

func appendValue(b *strings.Builder, row *rustlite.Row, i int) {
	switch v := row.Any(i).(type) {
	case nil:
		b.WriteString("|NULL")
	case []byte:
		fmt.Fprintf(b, "|x'%x'", v)
	case string:
		fmt.Fprintf(b, "|%q", v)
	default:
		fmt.Fprintf(b, "|%v", v)
	}
}

// Integrity runs integrity_check; anything but "ok" is an error.
func Integrity(ctx context.Context, q querier) error {
	var found []string
	for row, err := range q.All(ctx, "PRAGMA integrity_check") {
		if err != nil {
			return err
		}
		found = append(found, row.Text(0))
	}
	if len(found) != 1 || found[0] != "ok" {
		return fmt.Errorf("integrity_check: %s", strings.Join(found, "\n"))
	}
	return nil
}

// Difference shows where two contents differ first.
func Difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		a, b := "(end)", "(end)"
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\n-want %s\n+got  %s", i+1, cut(a), cut(b))
		}
	}
	return "no difference"
}

func cut(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}
