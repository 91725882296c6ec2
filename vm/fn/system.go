package fn

import "github.com/rustlite/rustlite/vm/value"

// The version of the language, which programs ask for to learn what they may
// write: that of the reference.
const (
	Version  = "3.54.1"
	sourceID = "2026-10-16 14:45:20 555e07ef33f69a0957d24d8e555b702464a131d6f1607f4c3c1e4551e8e6ca76"
)

// compileOptions are those of the reference's options that hold here too.
var compileOptions = []string{
	"DEFAULT_FILE_FORMAT=4", "DEFAULT_PAGE_SIZE=4096", "DEFAULT_SYNCHRONOUS=2", "DEFAULT_WAL_SYNCHRONOUS=1",
	"ENABLE_UPDATE_DELETE_LIMIT", "MAX_ATTACHED=10", "MAX_COLUMN=2000", "MAX_COMPOUND_SELECT=500", "MAX_EXPR_DEPTH=1000",
	"MAX_FUNCTION_ARG=1000", "MAX_LENGTH=1000000000", "MAX_LIKE_PATTERN_LENGTH=50000", "MAX_PAGE_SIZE=65536",
	"MAX_SQL_LENGTH=1000000000", "MAX_TRIGGER_DEPTH=1000", "MAX_VARIABLE_NUMBER=32766", "OMIT_DEPRECATED", "TEMP_STORE=1",
	"THREADSAFE=1",
}

func systemFuncs() []*Func {
	// Constant within a statement, but not to be kept in an index.
	slow := func(name string, nArg int, doc string, f call) *Func {
		return &Func{Name: name, NArg: nArg, Flags: SlowChange, Doc: doc, Scalar: f}
	}
	volatile := func(name string, nArg int, doc string, f call) *Func {
		return &Func{Name: name, NArg: nArg, Doc: doc, Scalar: f}
	}
	return []*Func{
		volatile("changes", 0, "Rows changed by the last statement that changed any.",
			func(c *Context, _ []value.Value, out *value.Value) error { out.SetInt(c.Changes); return nil }),
		volatile("total_changes", 0, "Rows changed since the connection was opened.",
			func(c *Context, _ []value.Value, out *value.Value) error { out.SetInt(c.TotalChanges); return nil }),
		volatile("last_insert_rowid", 0, "The row id of the last row inserted.",
			func(c *Context, _ []value.Value, out *value.Value) error { out.SetInt(c.LastInsertID); return nil }),
		slow("sqlite_version", 0, "The version of SQLite whose language this is.",
			func(_ *Context, _ []value.Value, out *value.Value) error { out.SetString(Version); return nil }),
		slow("sqlite_source_id", 0, "The identity of that version's source.",
			func(_ *Context, _ []value.Value, out *value.Value) error { out.SetString(sourceID); return nil }),
		slow("sqlite_compileoption_get", 1, "The N-th option of the build.", optionGet),
		slow("sqlite_compileoption_used", 1, "Whether the build has an option.", optionUsed),
		volatile("sqlite_log", 2, "NULL; there is no error log.",
			func(_ *Context, _ []value.Value, out *value.Value) error { out.SetNull(); return nil }),
		volatile("load_extension", 1, "Refused.", refuse("not authorized")),
		volatile("load_extension", 2, "Refused.", refuse("not authorized")),
		volatile("match", 2, "The MATCH operator, for virtual tables alone.",
			refuse("unable to use function MATCH in the requested context")),
	}
}

func refuse(text string) call {
	err := newError(text)
	return func(*Context, []value.Value, *value.Value) error { return err }
}

func optionGet(_ *Context, args []value.Value, out *value.Value) error {
	// As a 32-bit integer, the way the reference takes it.
	if n := int32(args[0].AsInt()); n >= 0 && int(n) < len(compileOptions) {
		out.SetString(compileOptions[n])
	} else {
		out.SetNull()
	}
	return nil
}

func optionUsed(_ *Context, args []value.Value, out *value.Value) error {
	if args[0].IsNull() {
		out.SetNull()
		return nil
	}
	var buf [textScratch]byte
	name := string(untilNUL(textOf(&args[0], buf[:0])))
	const prefix = "SQLITE_"
	if len(name) >= len(prefix) && value.EqualFold(name[:len(prefix)], prefix) {
		name = name[len(prefix):]
	}
	for _, o := range compileOptions {
		// The name alone, or with its value.
		if len(o) >= len(name) && value.EqualFold(o[:len(name)], name) && (len(o) == len(name) || o[len(name)] == '=') {
			out.SetBool(true)
			return nil
		}
	}
	out.SetBool(false)
	return nil
}
