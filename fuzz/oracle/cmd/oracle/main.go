// Command oracle runs the SQL of standard input on the reference, in a fresh
// database in memory, statement by statement, and goes on after errors.
//
// A row is a line of values as class:literal with | between them, or with
// -list as sqlite3's list mode. -names puts the column names before the rows.
// An error is a line "error CODE EXTENDED: text", with -offset also the byte
// offset within the statement.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rustlite/rustlite/fuzz/oracle"
	"github.com/rustlite/rustlite/vm/value"
)

func main() {
	list := flag.Bool("list", false, "print rows as sqlite3's list mode does")
	names := flag.Bool("names", false, "print column names")
	offset := flag.Bool("offset", false, "print offsets of errors")
	echo := flag.Bool("echo", false, "print each statement before its result")
	version := flag.Bool("version", false, "print the reference's version and end")
	length := flag.Int("length", 0, "limit of a text or blob in bytes, 0 for the reference's own")
	path := flag.String("db", ":memory:", "database file")
	flag.Parse()
	if *version {
		fmt.Println(oracle.Version())
		return
	}
	if err := run(*path, *length, *list, *names, *offset, *echo); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path string, length int, list, names, offset, echo bool) error {
	sql, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	c, err := oracle.Open(path)
	if err != nil {
		return err
	}
	defer c.Close()
	if length > 0 {
		c.LimitLength(length)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for text := string(sql); text != ""; {
		var one string
		one, text = oracle.Split(text)
		if echo && strings.TrimSpace(one) != "" {
			fmt.Fprintln(out, strings.TrimSpace(one))
		}
		if err := statement(c, out, one, list, names); err != nil {
			var e *oracle.Error
			if !errors.As(err, &e) {
				return err
			}
			fmt.Fprintf(out, "error %d %d: %s", e.Code, e.Extended, e.Text)
			if offset {
				fmt.Fprintf(out, " (offset %d)", e.Offset)
			}
			fmt.Fprintln(out)
		}
	}
	return nil
}

func statement(c *oracle.Conn, out *bufio.Writer, sql string, list, names bool) error {
	s, _, err := c.Prepare(sql)
	if s == nil || err != nil {
		return err
	}
	defer s.Close()
	if columns := s.Columns(); names && len(columns) > 0 {
		fmt.Fprintln(out, strings.Join(columns, "|"))
	}
	return s.Run(func(row []value.Value) error {
		for i := range row {
			if i > 0 {
				out.WriteByte('|')
			}
			if list {
				out.Write(s.Text(i))
			} else {
				out.WriteString(oracle.Show(&row[i]))
			}
		}
		return out.WriteByte('\n')
	})
}
