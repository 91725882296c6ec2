package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"strings"

	"github.com/rustlite/rustlite"
)

// Workload changes a database by random transactions. One seed gives one sequence of statements, as
// long as the database answers the same.
type Workload struct {
	Path    string
	Options rustlite.Options
	DB      *rustlite.DB // nil after a failed open
	conn    *rustlite.Conn
	Rand    *rand.Rand

	// Possible are the states that the database may be in: one, or after a failed commit two.
	Possible []*State
	// Started is called with the state that a commit would make, just before it is made, Acked after
	// it was acknowledged, with whether it, and so all before it, is known to be durable.
	Started func(*State)
	Acked   func(s *State, durable bool)
	// BigBytes, when not 0, is the size of a value that the next transaction writes beside the rest.
	BigBytes int

	readers []reader
	level   int // as in PRAGMA synchronous
	copies  int
	follows bool // followSQL is part of the schema.
}

// reader is a transaction held open, and what it must show.
type reader struct {
	tx    *rustlite.Tx
	state *State
}

var levels = [...]string{"OFF", "NORMAL", "FULL"}

const full = 2

// New prepares a workload. The options say where and how.
func New(path string, seed int64, o rustlite.Options) *Workload {
	o.NoBackground = true
	return &Workload{
		Path: path, Options: o, Rand: rand.New(rand.NewSource(seed)), Possible: []*State{{}}, level: full,
		Started: func(*State) {}, Acked: func(*State, bool) {},
	}
}

// Open opens the database.
func (w *Workload) Open(ctx context.Context) (err error) {
	w.level = full
	if w.DB, err = rustlite.Open(w.Path, &w.Options); err == nil {
		w.conn, err = w.DB.Conn(ctx)
	}
	if err == nil {
		_, err = w.conn.Exec(ctx, "PRAGMA foreign_keys = 1")
	}
	return err
}

// Close ends the readers and closes the database.
func (w *Workload) Close(ctx context.Context) error {
	if w.DB == nil {
		return nil
	}
	var errs []error
	for len(w.readers) > 0 {
		errs = append(errs, w.endReader(ctx))
	}
	errs = append(errs, w.conn.Close(), w.DB.Close())
	w.DB, w.conn = nil, nil
	return errors.Join(errs...)
}

// Step does one thing: mostly a transaction, sometimes a reader's begin or end, a checkpoint, a
// sync, another level, VACUUM, a close and open.
func (w *Workload) Step(ctx context.Context) error {
	if w.DB == nil {
		return w.Open(ctx)
	}
	switch k := w.Rand.Intn(25); {
	case k < 15:
		return w.Transaction(ctx)
	case k < 17:
		return w.beginReader(ctx)
	case k < 18:
		return w.endReader(ctx)
	case k < 20:
		err := w.DB.Checkpoint(ctx)
		if err == nil {
			w.durable()
		}
		return err
	case k < 21:
		err := w.DB.Sync(ctx)
		if err == nil {
			w.durable()
		}
		return err
	case k < 23:
		level := w.Rand.Intn(3)
		if _, err := w.conn.Exec(ctx, "PRAGMA synchronous = "+levels[level]); err != nil {
			return err
		}
		w.level = level
		return nil
	case k < 24:
		return w.vacuum(ctx)
	default:
		err := w.Close(ctx)
		if err == nil {
			w.durable()
		}
		return errors.Join(err, w.Open(ctx))
	}
}

// vacuum rebuilds the database, which changes nothing that it shows.
func (w *Workload) vacuum(ctx context.Context) error {
	_, err := w.conn.Exec(ctx, "VACUUM")
	if err == nil && w.level == full {
		w.durable()
	}
	return err
}

// durable says that the newest state is on disk.
func (w *Workload) durable() {
	if len(w.Possible) == 1 {
		w.Acked(w.Possible[0], true)
	}
}

func (w *Workload) beginReader(ctx context.Context) error {
	if len(w.readers) >= 2 {
		return nil
	}
	tx, err := w.DB.Begin(ctx, &rustlite.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	s, err := Read(ctx, tx)
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	w.readers = append(w.readers, reader{tx, s})
	return nil
}

// ErrWrong marks what no fault excuses.
var ErrWrong = errors.New("wrong content")

// endReader reads once more (S4) and ends the oldest reader.
func (w *Workload) endReader(ctx context.Context) error {
	if len(w.readers) == 0 {
		return nil
	}
	r := w.readers[0]
	w.readers = w.readers[1:]
	s, err := Read(ctx, r.tx)
	if err == nil && s.Text != r.state.Text {
		err = fmt.Errorf("%w: a reader's snapshot changed: %s", ErrWrong, Difference(r.state.Text, s.Text))
	}
	return errors.Join(err, r.tx.Rollback())
}

// Transaction makes one commit, or rolls back. The state it began with must be a possible one.
func (w *Workload) Transaction(ctx context.Context) error {
	tx, err := w.conn.Begin(ctx, &rustlite.TxOptions{Immediate: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	before, err := Read(ctx, tx)
	if err != nil {
		return err
	}
	if err := w.Settle(before); err != nil {
		return err
	}
	if before.Commit == 0 {
		schema := schemaSQL
		if w.follows = w.Rand.Intn(4) == 0; w.follows {
			schema += followSQL
		}
		_, err = tx.Exec(ctx, schema)
	} else {
		err = w.change(ctx, tx)
	}
	if err == nil && w.BigBytes > 0 && before.Commit > 0 {
		_, err = tx.Exec(ctx, "INSERT INTO note VALUES (?)", w.blob(w.BigBytes))
		w.BigBytes = 0
	}
	if err != nil {
		return err
	}
	if w.Rand.Intn(10) == 0 && before.Commit > 0 {
		return tx.Rollback()
	}
	if _, err := tx.Exec(ctx, "INSERT INTO commits VALUES (?, ?)", before.Commit+1, levels[w.level]); err != nil {
		return err
	}
	if w.follows && before.Commit > 0 {
		if err := kept(ctx, tx); err != nil {
			return err
		}
	}
	after, err := Read(ctx, tx)
	if err != nil {
		return err
	}
	w.Started(after)
	if err := tx.Commit(ctx); err != nil {
		w.Possible = []*State{before, after}
		return err
	}
	w.Possible = []*State{after}
	w.Acked(after, w.level == full)
	return nil
}

// Settle finds out which of the possible states is there.
func (w *Workload) Settle(s *State) error {
	for _, p := range w.Possible {
		if p.Text == s.Text {
			w.Possible = []*State{p}
			return nil
		}
	}
	var b strings.Builder
	for _, p := range w.Possible {
		fmt.Fprintf(&b, "\nagainst commit %d: %s", p.Commit, Difference(p.Text, s.Text))
	}
	return fmt.Errorf("%w: content of commit %d is none of the %d possible states%s", ErrWrong, s.Commit, len(w.Possible), b.String())
}

const schemaSQL = `
CREATE TABLE commits (n INTEGER PRIMARY KEY, level TEXT NOT NULL);
CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, qty INTEGER NOT NULL CHECK (qty >= 0), data BLOB, UNIQUE (qty, name));
CREATE INDEX item_name ON item (name, qty DESC);
CREATE TABLE note (body);`

// followSQL makes rows that follow others, by triggers and foreign keys.
const followSQL = `
CREATE TABLE tag (item INTEGER NOT NULL REFERENCES item ON DELETE CASCADE ON UPDATE CASCADE, word TEXT);
CREATE INDEX tag_item ON tag (item);
CREATE TABLE tally (word TEXT UNIQUE, n INTEGER NOT NULL CHECK (n >= 0));
CREATE TRIGGER tag_item AFTER INSERT ON item WHEN length(new.data) % 8 = 0 BEGIN
	INSERT INTO tag VALUES (new.id, substr(new.name, 1, 1));
END;
CREATE TRIGGER count_tag AFTER INSERT ON tag BEGIN
	INSERT INTO tally VALUES (new.word, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER uncount_tag AFTER DELETE ON tag BEGIN
	UPDATE tally SET n = n - 1 WHERE word = old.word;
	DELETE FROM tally WHERE word = old.word AND n = 0;
END;`

// tallied is true where triggers and foreign keys have done their work: every
// eighth item has its tag, every tag its item, and the tags are counted.
const tallied = `SELECT (SELECT count(*) FROM pragma_foreign_key_check) = 0 AND
	(SELECT count(*) FROM tag) = (SELECT count(*) FROM item WHERE length(data) % 8 = 0) AND
	NOT EXISTS (SELECT word, count(*) FROM tag GROUP BY word EXCEPT SELECT word, n FROM tally) AND
	NOT EXISTS (SELECT word, n FROM tally EXCEPT SELECT word, count(*) FROM tag GROUP BY word)`

// kept tests S5.
func kept(ctx context.Context, tx *rustlite.Tx) error {
	for row, err := range tx.All(ctx, tallied) {
		if err != nil {
			return err
		}
		if !row.Bool(0) {
			return fmt.Errorf("%w: the tags are not those of the items", ErrWrong)
		}
	}
	return nil
}

// change does a few things inside of a transaction.
func (w *Workload) change(ctx context.Context, tx *rustlite.Tx) error {
	for range 1 + w.Rand.Intn(3) {
		if err := w.changeOnce(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (w *Workload) changeOnce(ctx context.Context, tx *rustlite.Tx) error {
	r := w.Rand
	exec := func(sql string, args ...any) error {
		_, err := tx.Exec(ctx, sql, args...)
		return err
	}
	low := r.Intn(120)
	switch r.Intn(14) {
	case 0, 1, 2: // Append rows.
		for range 1 + r.Intn(6) {
			if err := w.insert(ctx, tx, nil); err != nil {
				return err
			}
		}
		return nil
	case 3: // Rows anywhere, over old ones.
		return w.insert(ctx, tx, low)
	case 4:
		return exec("UPDATE item SET name = name || ? WHERE id BETWEEN ? AND ?", w.word(6), low, low+r.Intn(12))
	case 5:
		return exec("UPDATE OR IGNORE item SET qty = qty + ?, id = id + 1 WHERE id = ?", r.Intn(9), low)
	case 6: // Pages merge.
		return exec("DELETE FROM item WHERE id BETWEEN ? AND ?", low, low+r.Intn(40))
	case 7: // Overflow pages.
		return exec("INSERT INTO note VALUES (?)", w.blob(r.Intn(6000)))
	case 8:
		return exec("DELETE FROM note WHERE rowid = (SELECT min(rowid) FROM note)")
	case 9:
		if r.Intn(2) == 0 {
			return exec("CREATE INDEX IF NOT EXISTS item_data ON item (data, id DESC)")
		}
		return exec("DROP INDEX IF EXISTS item_data")
	case 10:
		if w.copies++; r.Intn(2) == 0 {
			return exec(fmt.Sprintf("CREATE TABLE IF NOT EXISTS copy%d AS SELECT id, name, data FROM item WHERE id >= %d", w.copies%2, low))
		}
		return exec(fmt.Sprintf("DROP TABLE IF EXISTS copy%d", w.copies%2))
	case 11: // A sort, larger than its memory where the options say so.
		return exec(`INSERT INTO note SELECT group_concat(name || hex(data)) FROM
			(SELECT name, data FROM item WHERE id >= ? ORDER BY name COLLATE BINARY, hex(data) DESC, id)`, low)
	case 12: // Undone inside.
		note := w.word(9)
		for _, sql := range []string{"SAVEPOINT a", "UPDATE item SET qty = qty + 100", "SAVEPOINT b", "DELETE FROM item WHERE id % 3 = 0",
			"ROLLBACK TO a", "INSERT INTO note VALUES ('" + note + "')", "RELEASE a"} {
			if err := exec(sql); err != nil {
				return err
			}
		}
		return nil
	default: // A statement that fails in its middle leaves nothing.
		err := exec("UPDATE item SET qty = CASE WHEN id % 5 = 4 THEN -1 ELSE qty + 1000 END WHERE id > ?", low)
		if errors.Is(err, rustlite.ErrConstraint) {
			return nil
		}
		return err
	}
}

func (w *Workload) insert(ctx context.Context, tx *rustlite.Tx, id any) error {
	_, err := tx.Exec(ctx, "INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?)",
		id, w.word(3+w.Rand.Intn(20)), w.Rand.Intn(50), w.blob(w.Rand.Intn(60)))
	return err
}

func (w *Workload) word(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnopQRSTUVWXYZ "[w.Rand.Intn(27)]
	}
	return string(b)
}

func (w *Workload) blob(n int) []byte {
	b := make([]byte, n)
	w.Rand.Read(b)
	return b
}
