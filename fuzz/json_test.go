package fuzz

import (
	"bytes"
	"testing"

	"github.com/rustlite/rustlite/vm/ext/json"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// FuzzJSON gives any bytes as text and as binary form, with any path, to every function over JSON. Nothing may panic;
// what comes out as JSON reads back as the same JSON, by way of either form.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\u00e9",null,true],"b":{}}`, `[0x1F,.5,+Infinity,'q\x41',]`, "\x8b\x13\x31\x17a", "/* */[1]//\n"} {
		f.Add([]byte(s), "$.a[#-1]", []byte("{\"a\":null}"))
	}
	funcs := json.Functions()
	byName := fn.NewRegistry(funcs)
	run := func(name string, args ...value.Value) (value.Value, error) {
		var out value.Value
		call, _ := byName.Lookup(name, len(args))
		err := call.Scalar(&fn.Context{Aux: new(any)}, args, &out)
		return out.Own(), err
	}
	f.Fuzz(func(t *testing.T, doc []byte, path string, other []byte) {
		for _, d := range []value.Value{value.FromText(doc), value.FromBlob(doc)} {
			args := []value.Value{d, value.FromString(path), value.FromText(other), value.FromString("$.b"), value.FromBlob(other)}
			for _, call := range funcs {
				n := call.NArg
				if n < 0 {
					n = len(args)
				}
				if call.Scalar == nil {
					a := call.NewAggregate()
					_ = a.Step(&fn.Context{}, args[:n])
					var out value.Value
					_ = a.Final(&fn.Context{}, &out)
					continue
				}
				var out value.Value
				_ = call.Scalar(&fn.Context{Aux: new(any)}, args[:n], &out)
			}
			text, err := run("json", d)
			if err != nil || d.Kind() == value.Blob {
				continue // A damaged binary form may hold texts that are none.
			}
			again, err := run("json", text)
			if err != nil || !bytes.Equal(again.Bytes(), text.Bytes()) {
				t.Fatalf("json(%q) = %q, and of that %q, %v", doc, text.Bytes(), again.Bytes(), err)
			}
			binary, err := run("jsonb", d)
			if err != nil {
				t.Fatalf("jsonb(%q): %v", doc, err)
			}
			if back, err := run("json", binary); err != nil || !bytes.Equal(back.Bytes(), text.Bytes()) {
				t.Fatalf("json(jsonb(%q)) = %q, %v; json() = %q", doc, back.Bytes(), err, text.Bytes())
			}
		}
		for _, m := range json.Modules() {
			c := m.Open(nil)
			if c.Filter([]value.Value{value.FromBlob(doc), value.FromString(path)}) != nil {
				continue
			}
			for rows := 0; !c.EOF() && rows < 1000; rows++ {
				for i := range m.Columns {
					var out value.Value
					_ = c.Column(i, &out)
				}
				if c.Next() != nil {
					break
				}
			}
		}
	})
}
