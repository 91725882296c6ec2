package rustlite

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/planner/codegen"
	"github.com/rustlite/rustlite/vm/value"
)

// Pragma answers or sets a setting of the connection; arg is nil when it is
// only asked.
func (r *run) Pragma(obj any, db int, arg, out *value.Value) error {
	c := r.conn
	text := ""
	if arg != nil {
		text = strings.ToLower(arg.Str())
	}
	number := func() int64 {
		n := value.ParseNumber([]byte(text))
		return n.Int
	}
	flag := func(at *bool) {
		if arg != nil {
			*at = boolean(text)
		}
		out.SetBool(*at)
	}
	name := obj.(*codegen.Setting).Name
	switch name {
	case "journal_mode":
		switch {
		case db == tempDB:
			out.SetString("delete")
		case c.dbs[db].eng.file == nil:
			out.SetString("memory")
		default:
			out.SetString("wal")
		}
	case "synchronous":
		if arg != nil {
			if c.inTx {
				return newError(ErrError, "Safety level may not be changed inside a transaction")
			}
			c.settings.synchronous = safetyLevel(text)
		}
		out.SetInt(int64(c.settings.synchronous))
	case "busy_timeout":
		if arg != nil {
			c.settings.busyTimeout, c.settings.patient = time.Duration(max(number(), 0))*time.Millisecond, false
		}
		out.SetInt(int64(max(c.settings.busyTimeout, 0) / time.Millisecond))
	case "cache_size":
		if arg != nil {
			c.settings.cacheSize = number()
		}
		out.SetInt(c.settings.cacheSize)
	case "analysis_limit":
		if n, err := codegen.PragmaInt(text); err == nil && n >= 0 {
			c.session.AnalysisLimit = int(n & math.MaxInt32)
		}
		out.SetInt(int64(c.session.AnalysisLimit))
	case "query_only":
		flag(&c.settings.queryOnly)
	case "recursive_triggers":
		flag(&c.settings.RecursiveTriggers)
	case "legacy_alter_table":
		flag(&c.settings.LegacyAlter)
	case "ignore_check_constraints":
		flag(&c.settings.IgnoreChecks)
	case "full_column_names":
		flag(&c.settings.FullNames)
	case "short_column_names":
		short := !c.settings.LongNames
		flag(&short)
		c.settings.LongNames = !short
	case "reverse_unordered_selects":
		flag(&c.settings.Backwards)
	case "page_size":
		if n := number(); arg != nil && fileformat.ValidPageSize(int(n)) {
			c.settings.pageSize = int(n)
		}
		if err := c.ready(db); err != nil {
			return err
		}
		out.SetInt(int64(c.dbs[db].eng.pager.PageSize()))
	case "foreign_keys":
		if c.inTx {
			arg = nil
		}
		flag(&c.settings.ForeignKeys)
	case "defer_foreign_keys":
		if arg != nil {
			if c.settings.DeferForeignKeys = boolean(text); !c.settings.DeferForeignKeys {
				c.session.Broken = [2]int64{}
			}
		}
		out.SetBool(c.settings.DeferForeignKeys)
	case "encoding":
		out.SetString("UTF-8")
	case "locking_mode":
		out.SetString(c.lockingMode(db, text))
	case "data_version":
		out.SetInt(c.dataVersion(db, r.Tx(db)))
	case "max_page_count":
		n, err := codegen.PragmaInt(text)
		if err != nil || n < 0 {
			n = 0
		}
		if err := c.ready(db); err != nil {
			return err
		}
		out.SetInt(int64(c.dbs[db].eng.pager.SetPageCountMax(pager.PageNo(min(n, int64(fileformat.PageNoMax))))))
	case "wal_busy":
		return r.checkpoint(db, text, out)
	case "wal_log", "wal_checkpointed":
		out.SetInt(r.carried)
	case "case_sensitive_like":
		if arg != nil {
			c.session.LikeCase = boolean(text)
		}
	case "database_file":
		if c.dbs[db].eng == nil {
			break
		}
		out.SetString("")
		if e := c.dbs[db].eng; e != nil && e.file != nil {
			if full, err := e.opts.FS.FullPath(e.pager.Path()); err == nil {
				out.SetString(full)
			}
		}
	case "mmap_size":
		if c.dbs[db].eng == nil || c.dbs[db].eng.file == nil {
			break // A database in memory has no map.
		}
		fallthrough
	default:
		i := slices.IndexFunc(keptSettings[:], func(k keptSetting) bool { return k.name == name })
		if i < 0 {
			break
		}
		at := &c.settings.kept[i]
		if arg != nil {
			*at = keptSettings[i].set(text, *at)
		}
		out.SetInt(*at)
	}
	return nil
}

// settings are what a connection is set to; equal ones make no difference to who
// uses it.
type settings struct {
	codegen.Settings
	busyTimeout  time.Duration
	patient      bool // Nobody set it: a context's deadline counts instead.
	cacheSize    int64
	pageSize     int   // PRAGMA page_size, of files to come; 0: none.
	synchronous  uint8 // As in SQLite: 0 off, 1 normal, 2 full and more.
	queryOnly    bool  // PRAGMA query_only.
	exclusive    bool  // PRAGMA locking_mode=exclusive, which changes only what it answers.
	ownFunctions bool  // Some functions are the connection's alone.
	kept         [len(keptSettings)]int64
}

// cacheSizeDefault is SQLite's.
const cacheSizeDefault = -2000

// settings are those of a new connection.
func (o *Options) settings() settings {
	s := settings{busyTimeout: o.busyTimeout(), patient: o.BusyTimeout == 0, cacheSize: cacheSizeDefault, synchronous: o.synchronous()}
	for i := range keptSettings {
		s.kept[i] = keptSettings[i].initial
	}
	return s
}

// keptSetting is a setting that changes nothing here: its default, and what
// becomes of it when it is set to a text.
type keptSetting struct {
	name    string
	initial int64
	set     func(text string, old int64) int64
}

var keptSettings = [...]keptSetting{
	{"automatic_index", 1, onOff}, {"trusted_schema", 1, onOff},
	{"cell_size_check", 0, onOff}, {"checkpoint_fullfsync", 0, onOff}, {"fullfsync", 0, onOff}, {"read_uncommitted", 0, onOff},
	{"empty_result_callbacks", 0, onOff}, {"writable_schema", 0, onOff},
	{"auto_vacuum", 0, func(string, int64) int64 { return 0 }},
	{"wal_autocheckpoint", 1000, func(text string, old int64) int64 { return max(wholeOr(text, old), 0) }},
	{"journal_size_limit", -1, func(text string, old int64) int64 { return max(wholeOr(text, old), -1) }},
	{"mmap_size", 0, func(text string, old int64) int64 { return max(wholeOr(text, old), 0) }},
	{"hard_heap_limit", 0, notNegative}, {"soft_heap_limit", 0, notNegative},
	{"threads", 0, func(text string, old int64) int64 { return min(notNegative(text, old), threadsMax) }},
	{"secure_delete", 0, func(text string, old int64) int64 {
		if text == "fast" {
			return 2
		}
		return onOff(text, old)
	}},
	{"temp_store", 0, func(text string, _ int64) int64 {
		switch text {
		case "1", "file":
			return 1
		case "2", "memory":
			return 2
		}
		return 0
	}},
	{"cache_spill", cacheSpillDefault, func(text string, old int64) int64 {
		n, err := codegen.PragmaInt(text)
		switch {
		case err == nil && n > 0:
			return n
		case !boolean(text):
			return 0
		}
		return max(old, 1)
	}},
}

const (
	threadsMax        = 8   // SQLite's default limit.
	cacheSpillDefault = 483 // Pages, SQLite's for its default cache.
)

func onOff(text string, _ int64) int64 {
	if boolean(text) {
		return 1
	}
	return 0
}

func wholeOr(text string, old int64) int64 {
	if n, err := codegen.PragmaInt(text); err == nil {
		return n
	}
	return old
}

func notNegative(text string, old int64) int64 {
	if n := wholeOr(text, old); n >= 0 {
		return n
	}
	return old
}

// lockingMode is PRAGMA locking_mode, which changes nothing: a file is its
// process's alone, and a database in memory its connections'.
func (c *Conn) lockingMode(db int, text string) string {
	sets := text == "normal" || text == "exclusive"
	if sets {
		c.settings.exclusive = text == "exclusive"
	}
	asked := db == codegen.AllDatabases && !sets
	if d := &c.dbs[max(db, 0)]; c.settings.exclusive || !asked && (d.eng == nil || d.eng.file == nil) {
		return "exclusive"
	}
	return "normal"
}

// dataVersion is a number that changes when others have committed to a database.
func (c *Conn) dataVersion(db int, tx *pager.Tx) int64 {
	d := &c.dbs[db]
	if others := uint64(tx.CommitNo()) - d.commits; d.version == 0 || others != d.others {
		d.others = others
		d.version++
	}
	return d.version
}

// checkpoint is PRAGMA wal_checkpoint: everything in the log goes home, unless a
// reader holds it back. A mode but "passive" calls that busy; "truncate" leaves
// no log to speak of.
func (r *run) checkpoint(db int, mode string, busy *value.Value) error {
	c := r.conn
	busy.SetInt(0)
	r.carried = -1
	for i := range c.dbs {
		d := &c.dbs[i]
		if db != codegen.AllDatabases && i != db || d.eng == nil || d.eng.file == nil {
			continue
		}
		if d.writable() {
			return newError(ErrLocked, "database table is locked")
		}
		res, err := d.eng.pager.Checkpoint(uncancelled(r.ctx))
		if err != nil {
			return err
		}
		if res.HeldBack && mode != "" && mode != "passive" {
			busy.SetInt(1)
		}
		if r.carried < 0 {
			r.carried = int64(res.Pages)
			if mode == "truncate" && !res.HeldBack {
				r.carried = 0
			}
		}
	}
	return nil
}

// boolean reads the value of a setting that is on or off.
func boolean(s string) bool {
	switch s {
	case "on", "true", "yes":
		return true
	}
	return value.ParseNumber([]byte(s)).Int != 0
}

// safetyLevel reads the argument of PRAGMA synchronous as SQLite does: a word,
// or a number of which three bits count; 1 for what it does not know.
func safetyLevel(s string) uint8 {
	level := uint8(1)
	switch {
	case s != "" && '0' <= s[0] && s[0] <= '9':
		level = uint8(value.ParseNumber([]byte(s)).Int)
	case s == "off" || s == "no" || s == "false":
		level = 0
	case s == "full":
		level = 2
	case s == "extra":
		level = 3
	}
	if level = (level + 1) & 7; level == 0 {
		return 0
	}
	return level - 1
}

// syncLevel is when the connection's commits are durable.
func (c *Conn) syncLevel() pager.SyncLevel {
	switch c.settings.synchronous {
	case 0:
		return pager.SyncOff
	case 1:
		return pager.SyncNormal
	}
	return pager.SyncFull
}
