package value_test

// Casts against answers recorded from the reference: testdata/casts.txt was
// written by
//
//	go run ./cmd/oracle -echo <casts.sql
//
// in fuzz/oracle, and is never written by us. Random values beyond these are
// compared by fuzz/oracle itself.

import (
	"strings"
	"testing"

	"github.com/rustlite/rustlite/fuzz/answer"
	"github.com/rustlite/rustlite/vm/value"
)

var affinities = map[string]value.Affinity{
	"INTEGER": value.AffInteger, "REAL": value.AffReal, "NUMERIC": value.AffNumeric, "TEXT": value.AffText, "BLOB": value.AffBlob,
}

func TestCasts(t *testing.T) {
	answer.Each(t, "testdata/casts.txt", func(sql, want string) {
		v, rest := answer.Literal(t, strings.TrimPrefix(sql, "SELECT CAST("))
		aff, ok := affinities[strings.TrimSuffix(strings.TrimPrefix(rest, " AS "), ");")]
		if !ok {
			t.Fatalf("cannot read %s", sql)
		}
		if v.Cast(aff); !answer.Is(t, &v, want) {
			t.Errorf("%s: %s %q, want %s", sql, v.Kind(), v.TextBytes(), want)
		}
	})
}
