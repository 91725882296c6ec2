package main

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

func show(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("NULL")
	case float64:
		b.WriteString(strconv.FormatFloat(v, 'g', -1, 64)) // 1.0 shows as 1.
	case string:
		b.WriteString(strconv.Quote(v))
	default:
		fmt.Fprintf(b, "%v", v)
	}
	b.WriteByte('|')
}

func (p *pair) refRows(sql string) (out []string, err error) {
	rows, err := p.ref.Query(sql, nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	vals := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(vals); errors.Is(err, io.EOF) {
			return normal(out), nil
		} else if err != nil {
			return nil, err
		}
		var b strings.Builder
		for _, v := range vals {
			show(&b, v)
		}
		out = append(out, b.String())
	}
}

func (p *pair) oursRows(sql string) (out []string, err error) {
	rows, err := p.ours.Query(context.Background(), sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b strings.Builder
		for i := range rows.Row().Len() {
			show(&b, rows.Row().Any(i))
		}
		out = append(out, b.String())
	}
	return normal(out), rows.Err()
}
