package token

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// scanAll cuts a text and checks T1 on the way.
func scanAll(t *testing.T, sql string) string {
	t.Helper()
	var out []string
	for pos := Pos(0); int(pos) < len(sql); {
		kind, end := Scan(sql, pos)
		if kind == EOF {
			break
		}
		if end <= pos || int(end) > len(sql) {
			t.Fatalf("%q: token %s from %d to %d", sql, kind, pos, end)
		}
		if kind != Space {
			out = append(out, fmt.Sprintf("%s:%s", kind, sql[pos:end]))
		}
		pos = end
	}
	return strings.Join(out, " ")
}

func TestScan(t *testing.T) {
	tests := []struct{ sql, want string }{
		{"Select cURRENT_time temporary sel", "SELECT:Select CURRENT_TIME:cURRENT_time TEMP:temporary Ident:sel"},
		{"a$1 _x \u00e9 x'00' X'0' xyz", "Ident:a$1 Ident:_x Ident:\u00e9 Blob:x'00' Illegal:X'0' Ident:xyz"},
		{"1 1.5 .5 1. 1e5 1e 0x1F 0x 1_000", "Integer:1 Float:1.5 Float:.5 Float:1. Float:1e5 Illegal:1e " +
			"Integer:0x1F Illegal:0x SepNumber:1_000"},
		{"1.2.3", "Float:1.2 Float:.3"},
		{`"a""b" [c]] 'd''e' ` + "`f`", `Ident:"a""b" Ident:[c] Illegal:] String:'d''e' Ident:` + "`f`"},
		{"'open", "Illegal:'open"},
		{"? ?12 :a @b $c $d::e(f) #1 $", "Variable:? Variable:?12 Variable::a Variable:@b Variable:$c " +
			"Variable:$d::e(f) Variable:#1 Illegal:$"},
		{"-- c\n- -> ->> /* d */ / /*", "Comment:-- c -:- ->:-> ->:->> Comment:/* d */ /:/ /:/ *:*"},
		{"< <= << <> > >= >> = == != ! | ||", "<:< <=:<= <<:<< <>:<> >:> >=:>= >>:>> =:= =:== <>:!= Illegal:! |:| ||:||"},
		{"\ufeffa\x00b", "Ident:a"},
		{"a^", "Ident:a Illegal:^"},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, scanAll(t, test.sql)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", test.sql, diff)
		}
	}
}

func TestNumber(t *testing.T) {
	tests := []struct {
		text, want string
		kind       Kind
	}{
		{"1_000", "1000", Integer},
		{"0xF_F", "0xFF", Integer},
		{"1_0.5_0e1_0", "10.50e10", Float},
		{"1__0", "1__0", Illegal},
		{"1_0_", "100_", Illegal},
	}
	for _, test := range tests {
		if got, kind := Number(test.text); got != test.want || kind != test.kind {
			t.Errorf("Number(%s) = %s, %s; want %s, %s", test.text, got, kind, test.want, test.kind)
		}
	}
}

func TestKeywordsRoundTrip(t *testing.T) {
	for k := firstKeyword; int(k) < len(kindNames); k++ {
		if got, _ := Scan(strings.ToLower(k.String()), 0); got != k {
			t.Errorf("%s scans as %s", k, got)
		}
	}
}
