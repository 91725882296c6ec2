// Command compare runs the statements of standard input one after the other on
// the reference and here, each in a fresh database in memory, and prints those
// whose column names, rows, changes or errors differ.
//
//	go run ./cmd/compare < statements.sql
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/oracle"
	"github.com/rustlite/rustlite/vm/value"
)

func main() {
	most := flag.Int("max", 20, "stop after so many differences")
	batch := flag.Int("batch", 0, "most rows of a batch of ours, -1: row opcodes only")
	offsets := flag.Bool("offsets", false, "compare the offsets of errors too")
	notYet := flag.Bool("notyet", false, "count what is not supported yet as a difference")
	flag.Parse()
	differences, err := run(*most, *batch, *offsets, *notYet)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if differences > 0 {
		os.Exit(1)
	}
}

func run(most, batch int, offsets, notYet bool) (differences int, err error) {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return 0, err
	}
	reference, err := oracle.Open(":memory:")
	if err != nil {
		return 0, err
	}
	defer reference.Close()
	ctx := context.Background()
	db, err := rustlite.Open(":memory:", &rustlite.Options{BatchRows: batch})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	ours, err := db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer ours.Close()
	statements := 0
	for rest := string(text); rest != "" && differences < most; {
		var one string
		one, rest = oracle.Split(rest)
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		statements++
		want, got := askReference(reference, one, offsets), askOurs(ctx, ours, one, offsets)
		if want != got && (notYet || !strings.Contains(got, "not supported yet: ")) {
			differences++
			fmt.Printf("%s\n  reference:\n%s  ours:\n%s\n", one, indent(want), indent(got))
		}
	}
	fmt.Printf("%d statements, %d differences\n", statements, differences)
	return differences, nil
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n    ") + "\n"
}

func askReference(c *oracle.Conn, sql string, offsets bool) string {
	var b strings.Builder
	var names []string
	err := func() error {
		s, _, err := c.Prepare(sql)
		if s == nil || err != nil {
			return err
		}
		defer s.Close()
		names = s.Columns()
		return s.Run(func(row []value.Value) error {
			for i := range row {
				b.WriteString(oracle.Show(&row[i]) + "|")
			}
			b.WriteByte('\n')
			return nil
		})
	}()
	var e *oracle.Error
	if errors.As(err, &e) {
		fmt.Fprintf(&b, "error %d %d: %s", e.Code, e.Extended, e.Text)
		if offsets {
			fmt.Fprintf(&b, " at %d", e.Offset)
		}
		b.WriteByte('\n')
		return b.String()
	}
	return strings.Join(names, "|") + "\n" + b.String()
}

func askOurs(ctx context.Context, c *rustlite.Conn, sql string, offsets bool) string {
	var b strings.Builder
	var names []string
	err := func() error {
		rows, _, err := c.QueryFirst(ctx, sql)
		if rows == nil || err != nil {
			return err
		}
		defer rows.Close()
		names = rows.Columns()
		for rows.Next() {
			for i := range rows.Row().Len() {
				v := oracle.FromAny(rows.Any(i))
				b.WriteString(oracle.Show(&v) + "|")
			}
			b.WriteByte('\n')
		}
		return rows.Err()
	}()
	var e *rustlite.Error
	if errors.As(err, &e) {
		fmt.Fprintf(&b, "error %d %d: %s", e.Code(), e.ExtendedCode(), e.Error())
		if offsets {
			fmt.Fprintf(&b, " at %d", e.Offset())
		}
		b.WriteByte('\n')
		return b.String()
	}
	return strings.Join(names, "|") + "\n" + b.String()
}
