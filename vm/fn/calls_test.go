package fn_test

// Calls against answers recorded from the reference: testdata/calls.txt was
// written by
//
//	go run ./cmd/oracle -echo -length 1000 <calls.sql
//
// in fuzz/oracle, and is never written by us. Half of the calls are chosen by
// hand, half are random. Random ones beyond these are compared by fuzz/oracle
// itself.

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/fuzz/answer"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

func TestCalls(t *testing.T) {
	r := fn.Builtin()
	answer.Each(t, "testdata/calls.txt", func(sql, want string) {
		name, rest, _ := strings.Cut(strings.TrimPrefix(sql, "SELECT "), "(")
		var args []value.Value
		for rest != ");" {
			var v value.Value
			v, rest = answer.Literal(t, strings.TrimPrefix(rest, ","))
			args = append(args, v)
		}
		f, _ := r.Lookup(name, len(args))
		if f == nil {
			t.Errorf("%s: no function", sql)
			return
		}
		var slot any
		var out value.Value
		var e *fn.Error
		err := f.Scalar(&fn.Context{LengthMax: 1000, Aux: &slot}, args, &out)
		switch {
		case errors.As(err, &e):
			if got := fmt.Sprintf("error %d %d: %s", e.Code(), e.Code(), e.Text); got != want {
				t.Errorf("%s\n got %s\nwant %s", sql, got, want)
			}
		case err != nil || !answer.Is(t, &out, want):
			t.Errorf("%s\n got %s %q, error %v\nwant %s", sql, out.Kind(), out.TextBytes(), err, want)
		}
	})
}
