// The scripts of testdata give the same answers on both sides, with the same
// places of errors, which the files of fuzz/sqltest do not record.
package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			d := &differ{offset: true}
			var b strings.Builder
			if err := d.run(&b, string(text)); err != nil {
				t.Fatal(err)
			}
			if d.different > 0 {
				t.Error(b.String())
			}
		})
	}
}
