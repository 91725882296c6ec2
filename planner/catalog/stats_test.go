package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseStats(t *testing.T) {
	for _, test := range []struct {
		text string
		want *Stats
	}{
		{"1000 10 2", &Stats{Rows: 1000, Share: []float64{10, 2}}},
		{"1000 10", &Stats{Rows: 1000, Share: []float64{10, 5}}},
		{"1000 10 2 7 7", &Stats{Rows: 1000, Share: []float64{10, 2}}},
		{"1000 10 20", &Stats{Rows: 1000, Share: []float64{10, 10}}},
		{"1000 9999 2 unordered sz=40 noskipscan", &Stats{Rows: 1000, Share: []float64{1000, 2}, Unordered: true}},
		{"1000 unordered", &Stats{Rows: 1000, Share: []float64{500, 250}, Unordered: true}},
		{"0 0 0", &Stats{Rows: 1, Share: []float64{1, 1}}},
		{"99999999999999999999999 5", &Stats{Rows: statsMax, Share: []float64{5, 2.5}}},
		{"-1 5", nil},
		{"unordered", nil},
		{"", nil},
	} {
		if diff := cmp.Diff(test.want, parseStats(test.text, 2)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, diff)
		}
	}
}
