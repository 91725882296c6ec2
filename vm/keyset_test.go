package vm

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
)

// The set equals a map, walks in order, and finds nothing that is not there.
func TestKeySet(t *testing.T) {
	rng := rand.New(rand.NewSource(8))
	s := new(keySet)
	for round := range 30 {
		s.reset()
		model := map[string]string{}
		for range rng.Intn(3000) {
			k := fmt.Sprint(rng.Intn(1 + round*100))
			if rng.Intn(4) == 0 {
				_, want := model[k]
				if got := s.remove([]byte(k)); got != want {
					t.Fatalf("remove %s: %v, want %v", k, got, want)
				}
				delete(model, k)
				continue
			}
			v := fmt.Sprint(rng.Intn(3))
			if !s.insert([]byte(k), []byte(v)) {
				t.Fatal("full")
			}
			model[k] = v
		}
		if s.n != int64(len(model)) {
			t.Fatalf("%d entries, want %d", s.n, len(model))
		}
		var keys []string
		for k, v := range model {
			keys = append(keys, k)
			if i := s.find([]byte(k)); i < 0 || string(s.payload(i)) != v {
				t.Fatalf("key %s is not found with %s", k, v)
			}
		}
		if s.find([]byte("no")) >= 0 {
			t.Fatal("a key is found that is not there")
		}
		slices.Sort(keys)
		i := 0
		ok, _ := s.edge(false)
		for ; ok; ok = s.step(false) {
			if string(s.key(s.cur)) != keys[i] {
				t.Fatalf("entry %d is %s, want %s", i, s.key(s.cur), keys[i])
			}
			i++
		}
		if i != len(keys) {
			t.Fatalf("walked %d of %d", i, len(keys))
		}
		ok, _ = s.edge(true)
		for ; ok; ok = s.step(true) {
			i--
			if string(s.key(s.cur)) != keys[i] {
				t.Fatalf("back: entry %d is %s, want %s", i, s.key(s.cur), keys[i])
			}
		}
	}
}
