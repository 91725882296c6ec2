package rustlite_test

import (
	"context"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/pager/vfs"
)

// Goal: a statement sees the schema of its own snapshot, whatever commits are on their way. Method: a file system
// whose syncs wait, so that a commit which changes the schema stands in its sync while others read and write.

// slowFS lets no sync end while it is held.
type slowFS struct {
	vfs.FS
	hold chan chan struct{} // One channel while syncs are held.
}

type slowFile struct {
	vfs.File
	fs *slowFS
}

func (f *slowFS) Open(name string, mode vfs.Mode) (vfs.File, error) {
	file, err := f.FS.Open(name, mode)
	if err != nil {
		return nil, err
	}
	return &slowFile{file, f}, nil
}

func (f *slowFile) Sync() error {
	gate := <-f.fs.hold
	f.fs.hold <- gate
	if gate != nil {
		<-gate
	}
	return f.File.Sync()
}

func (f *slowFS) set(gate chan struct{}) {
	<-f.hold
	f.hold <- gate
}

func TestSchemaOfSnapshot(t *testing.T) {
	fs := &slowFS{FS: vfs.System(), hold: make(chan chan struct{}, 1)}
	fs.hold <- nil
	db, err := rustlite.Open(t.TempDir()+"/s.rldb", &rustlite.Options{FS: fs})
	must(t, err)
	defer db.Close()
	_, err = db.Exec(ctx, "CREATE TABLE old(a); INSERT INTO old VALUES (1)")
	must(t, err)
	for _, ddl := range []string{"DROP TABLE old", "CREATE TABLE old(a); INSERT INTO old VALUES (1)"} {
		gone := ddl[0] == 'C' // Before the commit.
		gate := make(chan struct{})
		fs.set(gate)
		done := make(chan error)
		go func() {
			_, err := db.Exec(ctx, "BEGIN IMMEDIATE; "+ddl+"; COMMIT")
			done <- err
		}()
		// The next writer is let in while the commit waits for its sync.
		var next *rustlite.Tx
		for next == nil {
			c, cancel := context.WithTimeout(ctx, time.Millisecond)
			tx, err := db.Begin(c, &rustlite.TxOptions{Immediate: true})
			cancel()
			if err != nil {
				continue
			}
			rows, err := tx.Query(ctx, "SELECT count(*) FROM sqlite_schema WHERE name = 'old'")
			must(t, err)
			rows.Next()
			if changed := rows.Int64(0) == 1 == gone; changed {
				next = tx
			}
			must(t, rows.Close())
			if next == nil {
				must(t, tx.Rollback())
			}
		}
		for range 3 {
			_, err := db.Query(ctx, "SELECT a FROM old")
			if (err != nil) != gone {
				t.Errorf("%s: a reader beside its sync: %v", ddl, err)
			}
			_, err = db.Prepare(ctx, "SELECT a + 1 FROM old")
			if (err != nil) != gone {
				t.Errorf("%s: a statement prepared beside its sync: %v", ddl, err)
			}
			must(t, db.View(ctx, func(tx *rustlite.Tx) error {
				_, err := tx.Query(ctx, "SELECT a FROM old WHERE a > 0")
				if (err != nil) != gone {
					t.Errorf("%s: a reading transaction beside its sync: %v", ddl, err)
				}
				return nil
			}))
		}
		must(t, next.Rollback())
		fs.set(nil)
		close(gate)
		must(t, <-done)
		if _, err := db.Query(ctx, "SELECT a FROM old"); (err != nil) == gone {
			t.Errorf("%s: after its sync: %v", ddl, err)
		}
	}
}
