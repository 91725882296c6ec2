package model

// Random operations on a database and on the truth: put, update, delete, seeks and scans through the
// table and through two indexes, statements that fail in their middle, savepoints, rollback, readers
// of older states, close and open, pages from 1 KiB on, with and without a map.
//
//	go test ./fuzz/model -seed N [-steps 5000]

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

var (
	seedFlag  = flag.Int64("seed", 0, "run this seed alone")
	stepsFlag = flag.Int("steps", 600, "operations of one run")
)

var ctx = context.Background()

func TestModel(t *testing.T) {
	first, seeds := int64(1), int64(24)
	if testing.Short() {
		seeds = 6
	}
	if *seedFlag != 0 {
		first, seeds = *seedFlag, 1
	}
	for seed := first; seed < first+seeds; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			defer func() {
				if t.Failed() {
					t.Logf("replay: go test ./fuzz/model -seed %d -steps %d", seed, *stepsFlag)
				}
			}()
			newRun(t, seed).all()
		})
	}
}

// session is a database, or a transaction on it.
type session interface {
	Exec(ctx context.Context, sql string, args ...any) (rustlite.Result, error)
	Query(ctx context.Context, sql string, args ...any) (*rustlite.Rows, error)
}

type run struct {
	t     *testing.T
	r     *rand.Rand
	o     *rustlite.Options
	db    *rustlite.DB
	tx    *rustlite.Tx // nil between transactions
	truth *Truth
	rows  []Row // the truth before the transaction
	old   *rustlite.Tx
	seen  []Row // what old must show
	log   []string
}

func newRun(t *testing.T, seed int64) *run {
	r := rand.New(rand.NewSource(seed))
	m := &run{t: t, r: r, truth: NewTruth()}
	m.o = &rustlite.Options{FS: memfs.New(seed), PageSize: 1024 << r.Intn(4), NoMap: r.Intn(2) == 0, BatchRows: -(r.Intn(3) / 2), NoBackground: true}
	m.open()
	m.must(m.db.Exec(ctx, `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE, body TEXT CHECK (body <> 'bad'));
		CREATE INDEX t_name ON t (name, id DESC); CREATE UNIQUE INDEX t_body ON t (body DESC, id)`))
	return m
}

func (m *run) must(_ any, err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatalf("%v\nlast operations:\n%s", err, strings.Join(m.log, "\n"))
	}
}

func (m *run) note(format string, args ...any) {
	m.log = append(m.log[max(0, len(m.log)-12):], fmt.Sprintf(format, args...))
}

func (m *run) open() {
	var err error
	m.db, err = rustlite.Open("/db", m.o)
	m.must(nil, err)
}

func (m *run) session() session {
	if m.tx != nil {
		return m.tx
	}
	return m.db
}

func (m *run) all() {
	for range *stepsFlag {
		m.step()
	}
	m.finish(true)
	m.dropOld()
	m.reopen()
	m.compare(m.db, m.truth.Range(math.MinInt64, math.MaxInt64))
	m.must(nil, m.db.Close())
}

func (m *run) step() {
	switch k := m.r.Intn(40); {
	case k < 10:
		m.put()
	case k < 14:
		m.update()
	case k < 18:
		m.remove()
	case k < 20:
		m.fail()
	case k < 26:
		m.lookUp()
	case k < 28:
		m.scan()
	case k < 31:
		m.save()
	case k < 33:
		m.back()
	case k < 36:
		m.begin()
	case k < 38:
		m.finish(m.r.Intn(3) > 0)
	case k < 39:
		m.reader()
	default:
		if m.tx == nil && m.r.Intn(3) == 0 {
			m.dropOld()
			m.reopen()
		} else {
			m.note("checkpoint")
			m.must(nil, m.db.Checkpoint(ctx))
		}
	}
	if m.r.Intn(12) == 0 {
		m.compare(m.session(), m.truth.Range(math.MinInt64, math.MaxInt64))
	}
}

// id is a key near others, now and then an extreme.
func (m *run) id() int64 {
	switch m.r.Intn(30) {
	case 0:
		return []int64{math.MinInt64, -1, 0, math.MaxInt64 - 1, 1 << 40}[m.r.Intn(5)]
	default:
		return int64(m.r.Intn(400))
	}
}

func (m *run) row(id int64) Row {
	row := Row{ID: id, Name: fmt.Sprintf("%s %d", []string{"ann", "Ann", "bob", "Carl"}[m.r.Intn(4)], m.r.Intn(30))}
	n := m.r.Intn(30)
	if m.r.Intn(20) == 0 {
		n = m.r.Intn(9000)
	}
	row.Body = strings.Repeat(string(rune('a'+m.r.Intn(26))), n)
	return row
}

func (m *run) put() {
	for range 1 + m.r.Intn(8) {
		row := m.row(m.id())
		if m.r.Intn(2) == 0 && m.truth.Last() < 1<<39 { // The database chooses the key: one more than the highest.
			row.ID = max(m.truth.Last(), 0) + 1
			if m.truth.Len() > 0 && m.truth.Last() < 0 {
				row.ID = m.truth.Last() + 1
			}
			m.note("insert %d", row.ID)
			res, err := m.session().Exec(ctx, "INSERT INTO t (name, body) VALUES (?, ?)", row.Name, row.Body)
			m.must(nil, err)
			if res.LastInsertID != row.ID {
				m.t.Fatalf("key %d was chosen, want %d", res.LastInsertID, row.ID)
			}
		} else {
			m.note("replace %d", row.ID)
			m.must(m.session().Exec(ctx, "INSERT OR REPLACE INTO t VALUES (?, ?, ?)", row.ID, row.Name, row.Body))
		}
		m.truth.Put(row)
	}
}

func (m *run) update() {
	low := m.id()
	high := low
	if low < 1<<41 {
		high += int64(m.r.Intn(30))
	}
	m.note("update %d..%d", low, high)
	res, err := m.session().Exec(ctx, "UPDATE t SET name = name || '!', body = NULLIF(body || ?, '') WHERE id BETWEEN ? AND ?", "x", low, high)
	m.must(nil, err)
	rows := m.truth.Range(low, high)
	if res.RowsAffected != int64(len(rows)) {
		m.t.Fatalf("%d rows were updated, want %d", res.RowsAffected, len(rows))
	}
	for _, row := range rows {
		row.Name += "!"
		row.Body += "x"
		m.truth.Put(row)
	}
}

func (m *run) remove() {
	low := m.id()
	high := low
	if low < 1<<41 {
		high += int64(m.r.Intn(60))
	}
	m.note("delete %d..%d", low, high)
	res, err := m.session().Exec(ctx, "DELETE FROM t WHERE id BETWEEN ? AND ?", low, high)
	m.must(nil, err)
	if want := m.truth.Delete(low, high); res.RowsAffected != want {
		m.t.Fatalf("%d rows were deleted, want %d", res.RowsAffected, want)
	}
}

// fail runs a statement that breaks a constraint after it has changed rows: it leaves nothing.
func (m *run) fail() {
	rows := m.truth.Range(0, 400)
	if len(rows) < 2 {
		return
	}
	m.note("fail")
	_, err := m.session().Exec(ctx, "UPDATE t SET name = 'lost', body = CASE WHEN id = ? THEN 'bad' ELSE body || 'lost' END WHERE id BETWEEN 0 AND 400", rows[len(rows)-1].ID)
	if !errors.Is(err, rustlite.ErrConstraintCheck) {
		m.t.Fatalf("a broken CHECK gives %v", err)
	}
}

func (m *run) lookUp() {
	id := m.id()
	want, ok := m.truth.Get(id)
	var rows []Row
	if ok {
		rows = []Row{want}
	}
	m.same("by key", m.query("SELECT id, name, body FROM t WHERE id = ?", id), rows)
	if !ok {
		return
	}
	var named []Row
	for _, row := range m.truth.Range(math.MinInt64, math.MaxInt64) {
		if strings.EqualFold(row.Name, want.Name) {
			named = append(named, row)
		}
	}
	slices.Reverse(named)
	m.same("by name", m.query("SELECT id, name, body FROM t WHERE name = ? ORDER BY id DESC", want.Name), named)
	m.same("by body", m.query("SELECT id, name, body FROM t WHERE body = ? AND id = ?", want.Body, id), rows)
}

func (m *run) scan() {
	low := int64(m.r.Intn(400))
	want := m.truth.Range(low, low+50)
	m.same("a range", m.query("SELECT id, name, body FROM t WHERE id >= ? AND id <= ? ORDER BY id", low, low+50), want)
	slices.Reverse(want)
	m.same("a range backwards", m.query("SELECT id, name, body FROM t WHERE id >= ? AND id <= ? ORDER BY id DESC", low, low+50), want)
	if m.r.Intn(4) == 0 {
		all := m.truth.Range(math.MinInt64, math.MaxInt64)
		sort.SliceStable(all, func(i, j int) bool {
			a, b := strings.ToLower(all[i].Name), strings.ToLower(all[j].Name)
			return a < b || a == b && all[i].ID > all[j].ID
		})
		m.same("all by name", m.query("SELECT id, name, body FROM t ORDER BY name, id DESC"), all)
	}
}

func (m *run) query(sql string, args ...any) []Row { return m.queryOn(m.session(), sql, args...) }

func (m *run) queryOn(s session, sql string, args ...any) []Row {
	m.t.Helper()
	rows, err := s.Query(ctx, sql, args...)
	m.must(nil, err)
	defer rows.Close()
	var got []Row
	for rows.Next() {
		row := rows.Row()
		got = append(got, Row{row.Int64(0), row.Text(1), row.Text(2)})
	}
	m.must(nil, rows.Err())
	return got
}

func (m *run) same(what string, got, want []Row) {
	m.t.Helper()
	if !slices.Equal(got, want) {
		m.t.Fatalf("%s: (-want +got)\n%s\nlast operations:\n%s", what, cmp.Diff(want, got), strings.Join(m.log, "\n"))
	}
}

// compare reads the whole table and its checks.
func (m *run) compare(s session, want []Row) {
	m.t.Helper()
	m.same("the table", m.queryOn(s, "SELECT id, name, body FROM t"), want)
	rows, err := s.Query(ctx, "PRAGMA integrity_check")
	m.must(nil, err)
	defer rows.Close()
	for rows.Next() {
		if text := rows.Row().Text(0); text != "ok" {
			m.t.Fatalf("integrity_check: %s\nlast operations:\n%s", text, strings.Join(m.log, "\n"))
		}
	}
	m.must(nil, rows.Err())
}

func (m *run) begin() {
	if m.tx != nil {
		return
	}
	m.note("begin")
	tx, err := m.db.Begin(ctx, &rustlite.TxOptions{Immediate: m.r.Intn(2) == 0})
	m.must(nil, err)
	m.tx, m.rows = tx, m.truth.Range(math.MinInt64, math.MaxInt64)
}

func (m *run) save() {
	if m.tx == nil || m.truth.Depth() > 5 {
		return
	}
	m.note("savepoint %d", m.truth.Depth())
	m.must(m.tx.Exec(ctx, fmt.Sprintf("SAVEPOINT s%d", m.truth.Depth())))
	m.truth.Save()
}

func (m *run) back() {
	if m.tx == nil || m.truth.Depth() == 0 {
		return
	}
	i := m.r.Intn(m.truth.Depth())
	if m.r.Intn(3) == 0 {
		m.note("release %d", i)
		m.must(m.tx.Exec(ctx, fmt.Sprintf("RELEASE s%d", i)))
		m.truth.Release(i)
		return
	}
	m.note("rollback to %d", i)
	m.must(m.tx.Exec(ctx, fmt.Sprintf("ROLLBACK TO s%d", i)))
	m.truth.Back(i)
}

// finish ends the transaction.
func (m *run) finish(commit bool) {
	if m.tx == nil {
		return
	}
	m.note("commit %v", commit)
	tx := m.tx
	m.tx = nil
	if commit {
		m.must(nil, tx.Commit(ctx))
		m.truth.Release(0)
		return
	}
	m.must(nil, tx.Rollback())
	m.truth = NewTruth()
	for _, row := range m.rows {
		m.truth.Put(row)
	}
}

// reader looks at the older state that it has kept, or begins to keep the present one.
func (m *run) reader() {
	if m.old != nil {
		m.compare(m.old, m.seen)
		m.dropOld()
		return
	}
	if m.tx != nil {
		return
	}
	m.note("reader")
	var err error
	m.old, err = m.db.Begin(ctx, &rustlite.TxOptions{ReadOnly: true})
	m.must(nil, err)
	m.seen = m.truth.Range(math.MinInt64, math.MaxInt64)
}

func (m *run) dropOld() {
	if m.old != nil {
		m.must(nil, m.old.Rollback())
		m.old = nil
	}
}

func (m *run) reopen() {
	m.note("close and open")
	m.must(nil, m.db.Close())
	m.open()
}
