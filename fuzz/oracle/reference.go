package oracle

/*
#cgo linux LDFLAGS: -Wl,--unresolved-symbols=ignore-all
#cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup
#include <stdlib.h>
#include <string.h>

// The few functions of the reference that are needed, as its documentation
// declares them; the code itself is linked in by the package imported below.
typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
typedef long long i64;
int sqlite3_open(const char*, sqlite3**);
int sqlite3_close(sqlite3*);
int sqlite3_prepare_v2(sqlite3*, const char*, int, sqlite3_stmt**, const char**);
int sqlite3_step(sqlite3_stmt*);
int sqlite3_reset(sqlite3_stmt*);
int sqlite3_finalize(sqlite3_stmt*);
int sqlite3_column_count(sqlite3_stmt*);
const char *sqlite3_column_name(sqlite3_stmt*, int);
const char *sqlite3_column_decltype(sqlite3_stmt*, int);
int sqlite3_column_type(sqlite3_stmt*, int);
i64 sqlite3_column_int64(sqlite3_stmt*, int);
double sqlite3_column_double(sqlite3_stmt*, int);
const void *sqlite3_column_blob(sqlite3_stmt*, int);
const unsigned char *sqlite3_column_text(sqlite3_stmt*, int);
int sqlite3_column_bytes(sqlite3_stmt*, int);
int sqlite3_bind_null(sqlite3_stmt*, int);
int sqlite3_bind_int64(sqlite3_stmt*, int, i64);
int sqlite3_bind_double(sqlite3_stmt*, int, double);
int sqlite3_bind_text(sqlite3_stmt*, int, const char*, int, void(*)(void*));
int sqlite3_bind_blob(sqlite3_stmt*, int, const void*, int, void(*)(void*));
int sqlite3_bind_parameter_count(sqlite3_stmt*);
int sqlite3_stmt_readonly(sqlite3_stmt*);
const char *sqlite3_errmsg(sqlite3*);
int sqlite3_extended_errcode(sqlite3*);
int sqlite3_error_offset(sqlite3*);
int sqlite3_limit(sqlite3*, int, int);
int sqlite3_get_autocommit(sqlite3*);
i64 sqlite3_last_insert_rowid(sqlite3*);
void sqlite3_set_last_insert_rowid(sqlite3*, i64);
const char *sqlite3_libversion(void);
int sqlite3_complete(const char*);

void sqlite3_progress_handler(sqlite3*, int, int(*)(void*), void*);
static int stop(void *unused) { return 1; }
static void limit_steps(sqlite3 *db, int n) { sqlite3_progress_handler(db, n, stop, 0); }

static int bind_text(sqlite3_stmt *s, int i, const void *p, int n) {
	return sqlite3_bind_text(s, i, n ? p : "", n, (void(*)(void*))-1);
}
static int bind_blob(sqlite3_stmt *s, int i, const void *p, int n) {
	return sqlite3_bind_blob(s, i, n ? p : "", n, (void(*)(void*))-1);
}
*/
import "C"

// The flags above let cgo's trial link of this package alone pass; the real
// link finds the symbols in the package of the reference.

import (
	"errors"
	"fmt"
	"unsafe"

	_ "github.com/mattn/go-sqlite3" // The reference's code.

	"github.com/rustlite/rustlite/vm/value"
)

// Version returns the reference's version.
func Version() string { return C.GoString(C.sqlite3_libversion()) }

// Conn is a connection to the reference.
type Conn struct{ db *C.sqlite3 }

// Error is an error of the reference.
type Error struct {
	Code, Extended int
	Offset         int // Byte offset into the statement, or -1.
	Text           string
}

// Error returns the message.
func (e *Error) Error() string { return e.Text }

// Open opens a database, ":memory:" for a fresh one in memory.
func Open(path string) (*Conn, error) {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	c := &Conn{}
	if rc := C.sqlite3_open(p, &c.db); rc != 0 {
		err := c.err(rc)
		C.sqlite3_close(c.db)
		return nil, err
	}
	return c, nil
}

// Close closes the connection.
func (c *Conn) Close() { C.sqlite3_close(c.db) }

// LimitLength sets the greatest length of a text or blob.
func (c *Conn) LimitLength(n int) { C.sqlite3_limit(c.db, 0, C.int(n)) }

// LimitSteps interrupts each run of a statement that takes more instructions.
func (c *Conn) LimitSteps(n int) { C.limit_steps(c.db, C.int(n)) }

// InTransaction reports whether a transaction is open.
func (c *Conn) InTransaction() bool { return C.sqlite3_get_autocommit(c.db) == 0 }

// LastInsertRowID returns the row id of the last row inserted.
func (c *Conn) LastInsertRowID() int64 { return int64(C.sqlite3_last_insert_rowid(c.db)) }

// SetLastInsertRowID sets what LastInsertRowID returns.
func (c *Conn) SetLastInsertRowID(id int64) { C.sqlite3_set_last_insert_rowid(c.db, C.i64(id)) }

func (c *Conn) err(rc C.int) error {
	return &Error{int(rc) & 0xff, int(C.sqlite3_extended_errcode(c.db)), int(C.sqlite3_error_offset(c.db)), C.GoString(C.sqlite3_errmsg(c.db))}
}

// Split returns the first statement of sql, with its semicolon, and the rest.
func Split(sql string) (statement, rest string) {
	for i := 0; i < len(sql); i++ {
		if sql[i] != ';' {
			continue
		}
		p := C.CString(sql[:i+1])
		complete := C.sqlite3_complete(p) != 0
		C.free(unsafe.Pointer(p))
		if complete {
			return sql[:i+1], sql[i+1:]
		}
	}
	return sql, ""
}

// Stmt is a prepared statement.
type Stmt struct {
	c *Conn
	s *C.sqlite3_stmt
}

// Prepare compiles the first statement of sql and returns the text after it.
// A text without a statement gives a nil Stmt.
func (c *Conn) Prepare(sql string) (*Stmt, string, error) {
	p := C.CString(sql)
	defer C.free(unsafe.Pointer(p))
	var tail *C.char
	st := &Stmt{c: c}
	if rc := C.sqlite3_prepare_v2(c.db, p, C.int(len(sql)), &st.s, &tail); rc != 0 {
		return nil, "", c.err(rc)
	}
	after := sql[uintptr(unsafe.Pointer(tail))-uintptr(unsafe.Pointer(p)):]
	if st.s == nil {
		return nil, after, nil
	}
	return st, after, nil
}

// Close frees the statement.
func (s *Stmt) Close() { C.sqlite3_finalize(s.s) }

// Columns returns the names of the result's columns.
func (s *Stmt) Columns() []string {
	names := make([]string, int(C.sqlite3_column_count(s.s)))
	for i := range names {
		names[i] = C.GoString(C.sqlite3_column_name(s.s, C.int(i)))
	}
	return names
}

// DeclType returns the declared type of the column that column i of the result
// shows, or "".
func (s *Stmt) DeclType(i int) string {
	if t := C.sqlite3_column_decltype(s.s, C.int(i)); t != nil {
		return C.GoString(t)
	}
	return ""
}

// Bind gives values to the parameters.
func (s *Stmt) Bind(args []value.Value) error {
	for i := range args {
		var rc C.int
		n := C.int(i + 1)
		switch v := &args[i]; v.Kind() {
		case value.Null:
			rc = C.sqlite3_bind_null(s.s, n)
		case value.Int:
			rc = C.sqlite3_bind_int64(s.s, n, C.i64(v.Int()))
		case value.Real:
			rc = C.sqlite3_bind_double(s.s, n, C.double(v.Real()))
		case value.Text:
			rc = C.bind_text(s.s, n, unsafe.Pointer(unsafe.SliceData(v.Bytes())), C.int(v.Len()))
		default:
			rc = C.bind_blob(s.s, n, unsafe.Pointer(unsafe.SliceData(v.Bytes())), C.int(v.Len()))
		}
		if rc != 0 {
			return s.c.err(rc)
		}
	}
	return nil
}

// errStop ends a run early without an error.
var errStop = errors.New("stop")

// Run runs the statement to its end; row sees each row, with values of its
// own.
func (s *Stmt) Run(row func([]value.Value) error) error {
	defer C.sqlite3_reset(s.s)
	for {
		switch rc := C.sqlite3_step(s.s); rc {
		case 100:
			if row == nil {
				continue
			}
			if err := row(s.row()); err != nil {
				return err
			}
		case 101:
			return nil
		default:
			return s.c.err(rc)
		}
	}
}

// Text returns column i of the row that Run shows, as the reference turns it
// into text.
func (s *Stmt) Text(i int) []byte {
	p := C.sqlite3_column_text(s.s, C.int(i))
	return C.GoBytes(unsafe.Pointer(p), C.sqlite3_column_bytes(s.s, C.int(i)))
}

func (s *Stmt) row() []value.Value {
	out := make([]value.Value, int(C.sqlite3_column_count(s.s)))
	for i := range out {
		n := C.int(i)
		switch t := C.sqlite3_column_type(s.s, n); t {
		case 1:
			out[i].SetInt(int64(C.sqlite3_column_int64(s.s, n)))
		case 2:
			out[i].SetReal(float64(C.sqlite3_column_double(s.s, n)))
		case 3, 4:
			p := C.sqlite3_column_blob(s.s, n)
			b := C.GoBytes(p, C.sqlite3_column_bytes(s.s, n))
			if t == 3 {
				out[i].SetText(b)
			} else {
				out[i].SetBlob(b)
			}
		case 5:
		default:
			panic(fmt.Sprintf("unknown class %d", t))
		}
	}
	return out
}

// One runs the statement and returns its first row.
func (s *Stmt) One(args []value.Value) ([]value.Value, error) {
	if err := s.Bind(args); err != nil {
		return nil, err
	}
	var first []value.Value
	err := s.Run(func(row []value.Value) error {
		first = row
		return errStop
	})
	if err == errStop {
		err = nil
	}
	return first, err
}
