package rustlite_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/rustlite/rustlite"
)

func ExampleDB_Update() {
	ctx := context.Background()
	db, err := rustlite.Open(":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(ctx, "CREATE TABLE account(name TEXT UNIQUE, cents INT CHECK (cents >= 0)); INSERT INTO account VALUES ('ann', 100), ('ben', 0)"); err != nil {
		log.Fatal(err)
	}
	// All of it happens, or nothing.
	err = db.Update(ctx, func(tx *rustlite.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE account SET cents = cents + 500 WHERE name = 'ben'"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE account SET cents = cents - 500 WHERE name = 'ann'")
		return err
	})
	fmt.Println(err)
	fmt.Println(errors.Is(err, rustlite.ErrConstraintCheck))
	for row, err := range db.All(ctx, "SELECT name, cents FROM account ORDER BY name") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.Text(0), row.Int64(1))
	}
	// Output:
	// CHECK constraint failed: cents >= 0
	// true
	// ann 100
	// ben 0
}

func ExampleRows() {
	ctx := context.Background()
	db, err := rustlite.Open(":memory:", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(ctx, "SELECT :word || '!', length($word)", rustlite.Named("word", "hi"))
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		var n int
		if err := rows.Scan(&text, &n); err != nil {
			log.Fatal(err)
		}
		fmt.Println(text, n)
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
	// Output: hi! 2
}
