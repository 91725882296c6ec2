package rustlite_test

// The examples of README.md: what stands there is the text of these functions,
// which run as tests.

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/document"
)

func ExampleOpen() {
	defer elsewhere()()
	ctx := context.Background()
	db, err := rustlite.Open("notes.rldb", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	_, err = db.Exec(ctx, "CREATE TABLE IF NOT EXISTS note(id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
	if err != nil {
		log.Fatal(err)
	}
	res, err := db.Exec(ctx, "INSERT INTO note(body) VALUES (?), (?)", "hello", "world")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.LastInsertID, res.RowsAffected)

	err = db.Update(ctx, func(tx *rustlite.Tx) error { // Commits when it returns nil.
		_, err := tx.Exec(ctx, "UPDATE note SET body = upper(body) WHERE id = ?", 1)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	for row, err := range db.All(ctx, "SELECT id, body FROM note WHERE id >= ?", 1) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.Int64(0), row.Text(1))
	}
	// Output:
	// 2 2
	// 1 HELLO
	// 2 world
}

// Example_databaseSQL uses the driver, which package rustlite registers.
func Example_databaseSQL() {
	defer elsewhere()()
	db, err := sql.Open("rustlite", "shop.rldb?_txlock=immediate&_pragma=foreign_keys(1)")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(`CREATE TABLE customer(name TEXT PRIMARY KEY, since TIMESTAMP);
		CREATE TABLE purchase(id INTEGER PRIMARY KEY, customer TEXT REFERENCES customer, cents INT CHECK (cents > 0))`)
	if err != nil {
		log.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		log.Fatal(err)
	}
	defer tx.Rollback() // Does nothing after Commit.
	since := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	if _, err := tx.Exec("INSERT INTO customer VALUES (?, ?)", "ann", since); err != nil {
		log.Fatal(err)
	}
	if _, err := tx.Exec("INSERT INTO purchase(customer, cents) VALUES ('ann', 250), ('ann', 125)"); err != nil {
		log.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		log.Fatal(err)
	}

	_, err = db.Exec("INSERT INTO purchase(customer, cents) VALUES ('ben', 100)")
	fmt.Println(err, errors.Is(err, rustlite.ErrConstraintForeignKey))

	var name string
	var joined time.Time
	var cents int
	err = db.QueryRow(`SELECT name, since, sum(cents) FROM customer JOIN purchase ON customer = name
		GROUP BY name HAVING sum(cents) > ?`, 300).Scan(&name, &joined, &cents)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(name, joined.Equal(since), cents)
	// Output:
	// FOREIGN KEY constraint failed true
	// ann true 375
}

// elsewhere goes to a folder of its own, for the files of an example, and
// returns the way back. README.md leaves this line out.
func elsewhere() func() {
	here, err := os.Getwd()
	if err != nil {
		log.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "readme")
	if err == nil {
		err = os.Chdir(folder)
	}
	if err != nil {
		log.Fatal(err)
	}
	return func() {
		os.Chdir(here)
		os.RemoveAll(folder)
	}
}

const elsewhereLine = "\tdefer elsewhere()()\n"

func bodyOf(t *testing.T, file *ast.File, name string) *ast.BlockStmt {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == name {
			return f.Body
		}
	}
	t.Fatalf("no function %s", name)
	return nil
}

func TestReadme(t *testing.T) {
	text, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for name, function := range map[string]string{"native": "ExampleOpen", "driver": "Example_databaseSQL"} {
		body := bodyOf(t, file, function)
		code := string(text[set.Position(body.Lbrace).Offset+2 : set.Position(body.Rbrace).Offset])
		code, _, _ = strings.Cut(strings.TrimPrefix(code, elsewhereLine), "\t// Output:")
		var lines []string
		for _, l := range strings.Split(strings.TrimRight(code, "\n"), "\n") {
			lines = append(lines, strings.TrimPrefix(l, "\t"))
		}
		document.Example(t, "README.md", name, strings.Join(lines, "\n")+"\n")
	}
}
