package json

import (
	"bytes"
	"flag"
	"math/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// Outlines and the parser read the same language where both read it: an outline gives the binary form that the parser
// gives, finds what is found in that form, and refuses only what is no plain JSON.

var seed = flag.Int64("seed", 1, "of random documents")

// randomText is JSON with blanks and, now and then, a mistake.
func randomText(r *rand.Rand, depth int) string {
	pick := func(s ...string) string { return s[r.Intn(len(s))] }
	blank := func() string { return pick("", "", "", "", " ", "\n\t") }
	text := func() string {
		var b strings.Builder
		for range r.Intn(12) {
			b.WriteString(pick("a", "b", "0", " ", "'", "\\n", "\\u00e9", "\\\"", "\\\\", "\u00e9", "plain words", "\\u0061"))
		}
		return `"` + b.String() + `"`
	}
	if r.Intn(200) == 0 {
		return pick("01", "1.", ".5", "+1", "0x1F", "Infinity", "tru", "truex", `'a'`, `"\x41"`, `"\q"`, `"a`, "/**/1", "\x01", "1 2", ",", "]", "-", "1e", "\v2")
	}
	list := func(element func() string) string {
		var parts []string
		for range r.Intn(5) {
			parts = append(parts, blank()+element()+blank())
		}
		return strings.Join(parts, ",") + pick("", "", "", "", "", "", "", "", "", "", "", " ") + blank()
	}
	switch k := r.Intn(10); {
	case depth > 0 && k < 3:
		return "[" + list(func() string { return randomText(r, depth-1) }) + "]"
	case depth > 0 && k < 6:
		return "{" + list(func() string {
			label := pick(`"a"`, `"b"`, `"\u0061"`, `"a b"`, `""`, text())
			return label + blank() + ":" + blank() + randomText(r, depth-1)
		}) + "}"
	case k < 8:
		return text()
	}
	return pick("0", "-0", "12", "-9223372036854775808", "9223372036854775808", "1.5", "1e5", "-1.25E-7", "true", "false", "null")
}

func TestOutline(t *testing.T) {
	r := rand.New(rand.NewSource(*seed))
	plain, refused := 0, 0
	for range 30_000 {
		text := []byte(randomText(r, 4))
		if r.Intn(20) == 0 && len(text) > 0 {
			text[r.Intn(len(text))] = `,:"{}[]x0 \`[r.Intn(11)]
		}
		wide, ok, _ := parseWide(nil, text)
		var o outline
		if !o.read(text) {
			refused++
			continue
		}
		plain++
		if got := o.appendBinary(nil, 0, 1); !ok || !bytes.Equal(got, wide) {
			t.Fatalf("-seed %d: %q: outline %x, parser %x %v", *seed, text, got, wide, ok)
		}
		w := writer{b: wide, max: 1 << 30}
		if _, err := w.element(0); err != nil || !bytes.Equal(w.out, o.appendText(nil, 0)) {
			t.Fatalf("-seed %d: %q: outline writes %q, the binary form %q, %v", *seed, text, o.appendText(nil, 0), w.out, err)
		}
		for range 4 {
			var path []byte
			for range 1 + r.Intn(3) {
				path = append(path, []string{".a", ".b", `."a b"`, `."\u0061"`, "[0]", "[1]", "[#-1]", "[#]", ".", "[x", "[#-9]"}[r.Intn(11)]...)
			}
			at, err := o.find(path)
			d := document{b: wide}
			want, wantErr := d.find(path)
			if err != wantErr || err == nil && !bytes.Equal(o.appendBinary(nil, at, int(o.nodes[at].next)), elementBytes(wide, want)) {
				t.Fatalf("-seed %d: %q of %q: outline %d %v, binary form %d %v", *seed, path, text, at, err, want, wantErr)
			}
		}
	}
	if plain < 10_000 || refused < 1_000 {
		t.Fatal("too few of a kind:", plain, refused)
	}
}

// TestLookupAllocs: a look into a document allocates nothing once a call's memo has its buffers.
func TestLookupAllocs(t *testing.T) {
	funcs := fn.NewRegistry(Functions())
	c := &fn.Context{Memo: new(any)}
	docs := make([]value.Value, 7) // More than the memo keeps.
	for i := range docs {
		docs[i] = value.FromString(strings.Repeat(" ", i) + `{"a":[1,{"b":"x\ny"}], "n":12.5}`)
	}
	jsonb, _ := funcs.Lookup("jsonb", 1)
	var binary value.Value
	if err := jsonb.Scalar(c, docs[:1], &binary); err != nil {
		t.Fatal(err)
	}
	docs[0] = binary.Own()
	for _, call := range []struct{ name, path string }{
		{"json_extract", "$.a[1].b"}, {"json_extract", "$.n"}, {"->>", "n"}, {"json_type", "$.a[#-1]"}, {"json_array_length", "$.a"},
	} {
		f, _ := funcs.Lookup(call.name, 2)
		args := []value.Value{{}, value.FromString(call.path)}
		i := 0
		var out value.Value
		look := func() {
			args[0] = docs[i%len(docs)]
			if err := f.Scalar(c, args, &out); err != nil || out.IsNull() {
				t.Fatal(call, err)
			}
			i++
		}
		for range 2 * len(docs) {
			look()
		}
		if n := testing.AllocsPerRun(len(docs)*4, look); n > 0 {
			t.Errorf("%s(%s) allocates %v times", call.name, call.path, n)
		}
	}
}

func elementBytes(b []byte, i int) []byte {
	n, size := header(b, i)
	return b[i : i+n+size]
}

// TestOutlineFollow reads texts of one shape after each other, with other values, blanks and mistakes: an outline
// that knows the text before says what one says that does not.
func TestOutlineFollow(t *testing.T) {
	r := rand.New(rand.NewSource(*seed))
	scalars := []string{`""`, `"a"`, `"a longer text"`, `"\\n"`, `"\\u00e9,"`, "0", "-12", "1.5e3", "true", "false", "null", `"x\\"y"`}
	alike := 0
	for range 3_000 {
		var shared outline
		shape := strings.Split(randomText(r, 4), "1")
		for range 12 {
			text := []byte(shape[0])
			for _, part := range shape[1:] {
				text = append(append(text, scalars[r.Intn(len(scalars))]...), part...)
			}
			switch n := len(text); {
			case n > 0 && r.Intn(6) == 0:
				text[r.Intn(n)] = "0,:\"{}[]x \\\x00"[r.Intn(12)]
			case n > 0 && r.Intn(6) == 0:
				text = text[:r.Intn(n)]
			}
			var alone outline
			ok := alone.read(text)
			was := shared.unlike
			if got := shared.read(text); got != ok {
				t.Fatalf("-seed %d: %q after %q: %v, want %v", *seed, text, shared.last, got, ok)
			}
			if !ok {
				continue
			}
			if diff := cmp.Diff(alone.nodes, shared.nodes, cmp.AllowUnexported(node{})); diff != "" {
				t.Fatalf("-seed %d: %q after %q: %s", *seed, text, shared.last, diff)
			}
			if was == 0 && shared.unlike == 0 && len(shared.last) > 0 {
				alike++
			}
			shared.unlike = 0
		}
	}
	if alike < 5_000 {
		t.Fatalf("only %d texts were like the one before", alike)
	}
}
