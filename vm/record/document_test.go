package record

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/fuzz/datadriven"
	"github.com/rustlite/rustlite/fuzz/document"
	"github.com/rustlite/rustlite/vm/value"
)

// Goal: section 8 of fileformat.md says what this package does, and testdata/*.test keeps the bytes
// of records and keys as they are. Commands of the stories, one value a line:
//
//	record        the record of the values
//	key           their key; a line may end in "nocase", "rtrim", "desc"
//
// Values: NULL, 1, 1.0, 'text', x'blob', and 'a'*N for N of them.

const docPath = "../../fileformat.md"

func TestTablesMatchConstants(t *testing.T) {
	document.Constants(t, docPath, []string{"8"}, map[string]int{
		"tagNull": tagNull, "tagInt": tagInt, "tagReal": tagReal, "tagSmall": tagSmall, "tagRealInt": tagRealInt,
		"tagText": tagText, "tagTextLong": tagTextLong, "tagBlobLong": tagBlobLong, "tagBlob": tagBlob,
		"keyNull": keyNull, "keyNegInf": keyNegInf, "keyNegBig": keyNegBig, "keyNeg8": keyNeg8, "keySmall": keySmall,
		"keyPos1": keyPos1, "keyPosBig": keyPosBig, "keyPosInf": keyPosInf, "keyText": keyText, "keyBlob": keyBlob,
		"keyNullLast": keyNullLast, "keyFrac": keyFrac, "keyFracDesc": keyFracDesc, "keyIntEnd": keyIntEnd,
	})
	// What the tables say in words.
	if invBase != 240 || KeySuccessor != 247 || tagSmallMax != 25 || keySmallMin != -16 || keySmallMax != 111 {
		t.Error("section 8 gives other numbers")
	}
	for tag, size := range bodySize {
		unused := tag > tagRealInt+3 && tag < tagText
		if unused != (size == badSize) {
			t.Errorf("tag %d has size %d", tag, size)
		}
	}
}

// The worked examples of the document.
func TestExamples(t *testing.T) {
	for _, e := range []struct{ name, key string }{{"records", ""}, {"keys", "key "}} {
		var out strings.Builder
		lines := exampleRecords
		if e.key != "" {
			lines = exampleKeys
		}
		for _, line := range lines {
			vals, cols := parseValues(t, strings.ReplaceAll(line, "; ", "\n"))
			b := AppendRecord(nil, vals)
			if e.key != "" {
				b = AppendKey(nil, vals, cols)
			}
			fmt.Fprintf(&out, "%-28s % x", line, b)
			if fix := AppendFixups(nil, vals, cols); e.key != "" && len(fix) > 0 {
				fmt.Fprintf(&out, "   fix-ups % x", fix)
			}
			out.WriteString("\n")
		}
		document.Example(t, docPath, e.name, out.String())
	}
}

var exampleRecords = []string{
	"NULL", "7", "-2", "300", "1.0", "0.5", "'hi'", "x'00ff'", "1; 'ann'; NULL; 1234567", "2; x'41'*62; 'b'",
}

var exampleKeys = []string{
	"NULL", "-17", "-16", "0", "111", "112", "368", "1.5", "-0.5", "2.0", "'hi'", "x'6100'", "'hi' desc", "5 desc", "1.5 desc",
	"NULL desc", "'Hi' nocase", "'ann'; 42",
}

func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.Run(t, path, func(t *testing.T, c *datadriven.Case) string {
			vals, cols := parseValues(t, c.Input)
			switch c.Command {
			case "record":
				return recordStory(t, vals)
			case "key":
				return keyStory(t, vals, cols)
			default:
				t.Fatalf("%s: unknown command %s", c.Place, c.Command)
				return ""
			}
		})
	})
}

// recordStory prints a record part by part and reads it back.
func recordStory(t *testing.T, vals []value.Value) string {
	data := AppendRecord(nil, vals)
	var r Row
	if err := r.Reset(data); err != nil || r.Len() != len(vals) {
		t.Fatal(err, r.Len())
	}
	lengths := r.tags + r.n
	bodies := max(r.longEnd, lengths)
	out := fmt.Sprintf("head     % x\ntags     % x\n", data[:r.tags], data[r.tags:lengths])
	if bodies > lengths {
		out += fmt.Sprintf("lengths  % x\n", data[lengths:bodies])
	}
	for i := range vals {
		var v value.Value
		if ok, err := r.Column(i, &v); !ok || err != nil || !same(&v, &vals[i]) {
			t.Fatalf("column %d: %v, %v", i, v, err)
		}
		if r.Need(i, len(data)) > 0 && r.lens[i] > 0 {
			out += fmt.Sprintf("body %-3d %s\n", i, short(data[r.offs[i]:r.offs[i]+r.lens[i]]))
		}
	}
	return out
}

// keyStory prints a key column by column and reads it back with its fix-ups.
func keyStory(t *testing.T, vals []value.Value, cols []KeyColumn) string {
	key := AppendKey(nil, vals, cols)
	fix := AppendFixups(nil, vals, cols)
	var out strings.Builder
	rest := key
	for i := range vals {
		var v value.Value
		after, err := DecodeKeyValue(rest, cols[i], &v)
		if err == nil {
			err = ApplyFixup(fix, i, &v)
		}
		if err != nil || !same(&v, &vals[i]) {
			t.Fatalf("column %d: %v, %v", i, v, err)
		}
		fmt.Fprintf(&out, "column %-2d %s\n", i, short(rest[:len(rest)-len(after)]))
		rest = after
	}
	if len(fix) > 0 {
		fmt.Fprintf(&out, "fix-ups   %s\n", short(fix))
	}
	return out.String()
}

func short(b []byte) string {
	if len(b) > 24 {
		return fmt.Sprintf("% x ... %d more", b[:16], len(b)-16)
	}
	return fmt.Sprintf("% x", b)
}

// same is equality bit by bit, -0.0 apart from 0.0. A key does not tell the two apart.
func same(a, b *value.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case value.Null:
		return true
	case value.Int:
		return a.Int() == b.Int()
	case value.Real:
		return math.Float64bits(a.Real()) == math.Float64bits(b.Real())
	default:
		return bytes.Equal(a.Bytes(), b.Bytes())
	}
}

// parseValues reads one value a line.
func parseValues(t *testing.T, input string) (vals []value.Value, cols []KeyColumn) {
	t.Helper()
	for line := range strings.Lines(input) {
		words := strings.Fields(line)
		var c KeyColumn
		for _, w := range words[1:] {
			switch w {
			case "desc":
				c.Desc = true
			default:
				c.Collation = value.BuiltinCollation(w)
			}
		}
		vals, cols = append(vals, parseValue(t, words[0])), append(cols, c)
	}
	return vals, cols
}

func parseValue(t *testing.T, s string) value.Value {
	t.Helper()
	body, times, many := strings.Cut(s, "*")
	n := 1
	if many {
		n, _ = strconv.Atoi(times)
	}
	switch {
	case s == "NULL":
		return value.Value{}
	case s[0] == '\'':
		return value.FromString(strings.Repeat(strings.Trim(body, "'"), n))
	case s[0] == 'x':
		b, err := hex.DecodeString(strings.Trim(body[1:], "'"))
		if err != nil {
			t.Fatal(err)
		}
		return value.FromBlob(bytes.Repeat(b, n))
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return value.FromInt(i)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value.FromReal(f)
}
