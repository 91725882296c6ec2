package rustlite

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dataSource is what a data source name says.
type dataSource struct {
	path   string
	memory bool   // A database in memory.
	shared string // The name under which the process shares it, "" for one of its own.
	opts   Options

	location *time.Location // Of the times that are read, nil: as they were stored.
	lock     txLock
	timeForm string // Layout in which times are written.
	intTimes bool   // Times are written as integers, in units of timeUnit.
	timeUnit time.Duration
	// noStrings makes an error of a text in double quotes.
	noStrings bool
	pragmas   []string // Run on each new connection, in this order.
}

// txLock is what BEGIN of database/sql takes.
type txLock uint8

const (
	lockDeferred txLock = iota
	lockImmediate
)

// dsnKey describes one key of a data source name: what it may be, and what it
// sets. A name may have aliases; of two that are given the later one in the
// list counts, as in the drivers where they come from.
type dsnKey struct {
	name string
	set  func(d *dataSource, v string) error
}

// dsnKeys are the keys that users of other drivers write. The order is that in
// which they are applied.
var dsnKeys = []dsnKey{
	{"mode", setMode},
	{"cache", setCache},
	{"immutable", func(d *dataSource, v string) error {
		on, err := dsnBool(v)
		d.opts.ReadOnly = d.opts.ReadOnly || on
		return err
	}},
	{"vfs", ignored}, {"psow", ignored}, {"nolock", ignored}, {"_mutex", oneOf("no", "full")},
	{"_stmt_cache_size", number(nil)},
	{"_loc", setLocation}, {"_timezone", setLocation},
	{"_txlock", setTxLock},
	{"_time_format", setTimeFormat}, {"_time_integer_format", setTimeUnit},
	{"_inttotime", ignoredBool}, {"_texttotime", ignoredBool}, // Declared columns always give times.
	{"_error_rc", ignoredBool},  // A text is the error's own always.
	{"_defensive", ignoredBool}, // No statement can harm the file.
	{"_dqs", func(d *dataSource, v string) error {
		on, err := dsnBool(v)
		d.noStrings = !on
		return err
	}},
	{"_busy_timeout", pragmaNumber("busy_timeout")}, {"_timeout", pragmaNumber("busy_timeout")},
	{"_auto_vacuum", pragmaOf("auto_vacuum", "0", "none", "1", "full", "2", "incremental")},
	{"_vacuum", pragmaOf("auto_vacuum", "0", "none", "1", "full", "2", "incremental")},
	{"_case_sensitive_like", pragmaBool("case_sensitive_like")}, {"_cslike", pragmaBool("case_sensitive_like")},
	{"_defer_foreign_keys", pragmaBool("defer_foreign_keys")}, {"_defer_fk", pragmaBool("defer_foreign_keys")},
	{"_foreign_keys", pragmaBool("foreign_keys")}, {"_fk", pragmaBool("foreign_keys")},
	{"_ignore_check_constraints", pragmaBool("ignore_check_constraints")},
	{"_journal_mode", pragmaOf("journal_mode", "delete", "truncate", "persist", "memory", "wal", "off")},
	{"_journal", pragmaOf("journal_mode", "delete", "truncate", "persist", "memory", "wal", "off")},
	{"_locking_mode", pragmaOf("locking_mode", "normal", "exclusive")}, {"_locking", pragmaOf("locking_mode", "normal", "exclusive")},
	{"_query_only", pragmaBool("query_only")},
	{"_recursive_triggers", pragmaBool("recursive_triggers")}, {"_rt", pragmaBool("recursive_triggers")},
	{"_secure_delete", pragmaOf("secure_delete", "0", "no", "false", "off", "1", "yes", "true", "on", "fast")},
	{"_synchronous", pragmaOf("synchronous", "0", "off", "1", "normal", "2", "full", "3", "extra")},
	{"_sync", pragmaOf("synchronous", "0", "off", "1", "normal", "2", "full", "3", "extra")},
	{"_writable_schema", pragmaBool("writable_schema")},
	{"_cache_size", pragmaNumber("cache_size")},
}

// pragmaKey may be given several times; its values are run as they are.
const pragmaKey = "_pragma"

// parseDataSource reads a data source name: a path, ":memory:", or either with
// "?key=value&..." behind it; with "file:" before it the path is that of a URI.
func parseDataSource(name string) (*dataSource, error) {
	d := &dataSource{timeForm: timeFormat}
	path, query, _ := strings.Cut(name, "?")
	if uri, ok := strings.CutPrefix(path, "file:"); ok {
		var err error
		if path, err = uriPath(uri); err != nil {
			return nil, newError(ErrCantOpen, "%s: %s", ErrCantOpen, err)
		}
	}
	d.path, d.memory = path, path == ":memory:" || path == ""
	keys, err := url.ParseQuery(query)
	if err != nil {
		return nil, newError(ErrError, "data source name: %s", err)
	}
	for key := range keys {
		if key != pragmaKey && !slices.ContainsFunc(dsnKeys, func(k dsnKey) bool { return k.name == key }) {
			return nil, newError(ErrError, "data source name: unknown key %q; known are %s", key, knownKeys())
		}
	}
	for _, k := range dsnKeys {
		v := keys.Get(k.name)
		if v == "" {
			continue
		}
		if err := k.set(d, v); err != nil {
			return nil, newError(ErrError, "data source name: %s=%s: %s", k.name, v, err)
		}
	}
	list := slices.Clone(keys[pragmaKey])
	for i, p := range list {
		list[i] = "PRAGMA " + p
	}
	d.pragmas = append(d.pragmas, list...)
	// A wait that a pragma needs is bounded by the timeout asked for.
	slices.SortStableFunc(d.pragmas, func(a, b string) int { return pragmaRank(a) - pragmaRank(b) })
	return d, nil
}

func pragmaRank(p string) int {
	p = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(p, "PRAGMA ")))
	switch {
	case strings.HasPrefix(p, "busy_timeout"):
		return 0
	case strings.HasPrefix(p, "query_only"):
		return 2
	default:
		return 1
	}
}

func knownKeys() string {
	names := []string{pragmaKey}
	for _, k := range dsnKeys {
		names = append(names, k.name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// uriPath is the path of a file: URI without its query: an authority must be
// empty or localhost, and %HH stands for a byte.
func uriPath(uri string) (string, error) {
	uri, _, _ = strings.Cut(uri, "#")
	if rest, ok := strings.CutPrefix(uri, "//"); ok {
		host, path, _ := strings.Cut(rest, "/")
		if host != "" && host != "localhost" {
			return "", fmt.Errorf("invalid uri authority: %s", host)
		}
		uri = "/" + path
	}
	return url.PathUnescape(uri)
}

func setMode(d *dataSource, v string) error {
	switch v {
	case "ro":
		d.opts.ReadOnly = true
	case "rw":
		d.opts.MustExist = true
	case "rwc":
	case "memory":
		d.memory = true
	default:
		return fmt.Errorf("no such access mode: want ro, rw, rwc or memory")
	}
	return nil
}

func setCache(d *dataSource, v string) error {
	switch v {
	case "shared":
		// Connections of one process always share a file; a database in
		// memory is shared by its name.
		if d.memory {
			d.shared = d.path
		}
	case "private":
	default:
		return fmt.Errorf("no such cache mode: want shared or private")
	}
	return nil
}

func setLocation(d *dataSource, v string) error {
	if strings.EqualFold(v, "auto") {
		d.location = time.Local
		return nil
	}
	loc, err := time.LoadLocation(v)
	d.location = loc
	return err
}

func setTxLock(d *dataSource, v string) error {
	switch strings.ToLower(v) {
	case "deferred":
		d.lock = lockDeferred
	case "immediate", "exclusive":
		d.lock = lockImmediate
	default:
		return fmt.Errorf("want deferred, immediate or exclusive")
	}
	return nil
}

func setTimeFormat(d *dataSource, v string) error {
	switch v {
	case "sqlite":
		d.timeForm = timeFormat
	case "datetime":
		d.timeForm = time.DateTime
	default:
		return fmt.Errorf("want sqlite or datetime")
	}
	return nil
}

func setTimeUnit(d *dataSource, v string) error {
	unit, ok := map[string]time.Duration{"unix": time.Second, "unix_milli": time.Millisecond,
		"unix_micro": time.Microsecond, "unix_nano": time.Nanosecond}[v]
	if !ok {
		return fmt.Errorf("want unix, unix_milli, unix_micro or unix_nano")
	}
	d.intTimes, d.timeUnit = true, unit
	return nil
}

func ignored(*dataSource, string) error { return nil }

func ignoredBool(_ *dataSource, v string) error {
	_, err := dsnBool(v)
	return err
}

func oneOf(values ...string) func(*dataSource, string) error {
	return func(_ *dataSource, v string) error {
		if !slices.Contains(values, strings.ToLower(v)) {
			return fmt.Errorf("want one of %s", strings.Join(values, ", "))
		}
		return nil
	}
}

func number(set func(*dataSource, string)) func(*dataSource, string) error {
	return func(d *dataSource, v string) error {
		if _, err := strconv.ParseInt(v, 10, 64); err != nil {
			return fmt.Errorf("want a number")
		}
		if set != nil {
			set(d, v)
		}
		return nil
	}
}

// pragma adds the setting of a pragma, instead of one from an alias.
func (d *dataSource) pragma(name, v string) {
	text := "PRAGMA " + name + "="
	d.pragmas = slices.DeleteFunc(d.pragmas, func(p string) bool { return strings.HasPrefix(p, text) })
	d.pragmas = append(d.pragmas, text+v)
}

func pragmaNumber(name string) func(*dataSource, string) error {
	return number(func(d *dataSource, v string) { d.pragma(name, v) })
}

func pragmaOf(name string, values ...string) func(*dataSource, string) error {
	check := oneOf(values...)
	return func(d *dataSource, v string) error {
		if err := check(d, v); err != nil {
			return err
		}
		d.pragma(name, v)
		return nil
	}
}

func pragmaBool(name string) func(*dataSource, string) error {
	return func(d *dataSource, v string) error {
		on, err := dsnBool(v)
		if err == nil {
			d.pragma(name, map[bool]string{false: "0", true: "1"}[on])
		}
		return err
	}
}

func dsnBool(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "0", "no", "false", "off", "f":
		return false, nil
	case "1", "yes", "true", "on", "t":
		return true, nil
	}
	return false, fmt.Errorf("want one of 0, 1, no, yes, false, true, off, on")
}

// open opens the database that d names.
func (d *dataSource) open(ctx context.Context) (*DB, error) {
	path := d.path
	if d.memory {
		path = ":memory:"
	}
	return open(ctx, path, d.shared, &d.opts)
}
