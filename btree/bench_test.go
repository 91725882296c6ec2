package btree

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/rustlite/rustlite/pager"
)

// Goal: the figures of the hot paths, over a committed tree of a million entries in memory.

const benchRows = 1 << 20

// benchTree commits a tree that fill fills and opens a reading cursor on it.
func benchTree(b *testing.B, kind Kind, fill func(c *Cursor)) *Cursor {
	b.Helper()
	p, err := pager.OpenMemory(&pager.Options{})
	must(b, err)
	b.Cleanup(func() { p.Close() })
	tx, err := p.BeginWrite(context.Background())
	must(b, err)
	c := tree(b, tx, kind, nil)
	fill(c)
	c.Close()
	must(b, tx.Commit(context.Background()))
	rd, err := p.BeginRead()
	must(b, err)
	b.Cleanup(rd.Rollback)
	must(b, c.Open(rd, c.root, kind, nil))
	return c
}

func fillInts(b *testing.B) func(c *Cursor) {
	payload := make([]byte, 60)
	return func(c *Cursor) {
		for i := range int64(benchRows) {
			if err := c.InsertInt(i, payload); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// indexKey is a key like that of a secondary index: a tag, a pseudo-random value, the row id.
func indexKey(dst []byte, i uint64) []byte {
	x := i * 0x9e3779b97f4a7c15
	dst = append(dst[:0], 0x30)
	dst = binary.BigEndian.AppendUint64(dst, x)
	dst = append(dst, 0x44)
	return binary.BigEndian.AppendUint32(dst, uint32(i))
}

func fillKeys(b *testing.B) func(c *Cursor) {
	return func(c *Cursor) {
		var key []byte
		for i := range uint64(benchRows) {
			key = indexKey(key, i)
			if err := c.Insert(key, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkSeekIntRandom(b *testing.B) {
	c := benchTree(b, IntKey, fillInts(b))
	r := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := c.SeekInt(r.Int64N(benchRows)); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkSeekIntHot(b *testing.B) {
	c := benchTree(b, IntKey, fillInts(b))
	r := rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		if ok, err := c.SeekInt(r.Int64N(benchRows / 100)); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkNextInt(b *testing.B) {
	c := benchTree(b, IntKey, fillInts(b))
	for b.Loop() {
		ok, err := c.Next()
		if err != nil {
			b.Fatal(err)
		}
		if !ok {
			c.First()
		}
	}
}

func BenchmarkNextPayload(b *testing.B) {
	c := benchTree(b, IntKey, fillInts(b))
	sum := 0
	for b.Loop() {
		ok, err := c.Next()
		if err != nil {
			b.Fatal(err)
		}
		if !ok {
			c.First()
		}
		p, err := c.Payload()
		if err != nil {
			b.Fatal(err)
		}
		sum += len(p)
	}
}

func BenchmarkNextBatch(b *testing.B) {
	c := benchTree(b, IntKey, fillInts(b))
	bt := Batch{Leaves: 16}
	rows := 0
	for b.Loop() {
		n, err := c.NextBatch(&bt, 1024)
		if err != nil {
			b.Fatal(err)
		}
		if n == 0 {
			c.First()
		}
		rows += n
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}

func benchWrite(b *testing.B, kind Kind, one func(c *Cursor, i int) error) {
	tx := writeTx(b, 0)
	c := tree(b, tx, kind, nil)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if err := one(c, i); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(tx.PageCount())*4096/float64(i), "bytes/row")
}

func BenchmarkInsertIntSequential(b *testing.B) {
	payload := make([]byte, 60)
	benchWrite(b, IntKey, func(c *Cursor, i int) error { return c.InsertInt(int64(i), payload) })
}

func BenchmarkInsertIntRandom(b *testing.B) {
	payload := make([]byte, 60)
	r := rand.New(rand.NewPCG(1, 2))
	benchWrite(b, IntKey, func(c *Cursor, i int) error { return c.InsertInt(r.Int64(), payload) })
}

func BenchmarkInsertKeySequential(b *testing.B) {
	var key []byte
	benchWrite(b, ByteKey, func(c *Cursor, i int) error {
		key = fmt.Appendf(key[:0], "customer/%010d", i)
		return c.Insert(key, key[:8])
	})
}

func BenchmarkInsertKeyRandom(b *testing.B) {
	var key []byte
	benchWrite(b, ByteKey, func(c *Cursor, i int) error {
		key = indexKey(key, uint64(i))
		return c.Insert(key, nil)
	})
}

func BenchmarkSeekKeyRandom(b *testing.B) {
	c := benchTree(b, ByteKey, fillKeys(b))
	r := rand.New(rand.NewPCG(1, 2))
	var key []byte
	b.ReportAllocs()
	for b.Loop() {
		key = indexKey(key, r.Uint64N(benchRows))
		if ok, err := c.Seek(key); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkNextKey(b *testing.B) {
	c := benchTree(b, ByteKey, fillKeys(b))
	for b.Loop() {
		ok, err := c.Next()
		if err != nil {
			b.Fatal(err)
		}
		if !ok {
			c.First()
		}
		if _, err := c.Key(); err != nil {
			b.Fatal(err)
		}
	}
}

// A scan in a writing transaction, as UPDATE and DELETE do it.
func BenchmarkNextIntWriter(b *testing.B) {
	payload := make([]byte, 60)
	tx := writeTx(b, 0)
	c := tree(b, tx, IntKey, nil)
	for i := range int64(100000) {
		if err := c.InsertInt(i, payload); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if ok, err := c.Next(); err != nil {
			b.Fatal(err)
		} else if !ok {
			c.First()
		}
	}
}

func BenchmarkDeleteIntSequential(b *testing.B) {
	payload := make([]byte, 60)
	next := 0
	tx := writeTx(b, 0)
	c := tree(b, tx, IntKey, nil)
	for b.Loop() {
		if next == 0 {
			b.StopTimer()
			for next < 200000 {
				if err := c.InsertInt(int64(next), payload); err != nil {
					b.Fatal(err)
				}
				next++
			}
			c.First()
			b.StartTimer()
		}
		if err := c.Delete(); err != nil {
			b.Fatal(err)
		}
		c.Next()
		next--
	}
}

func BenchmarkDeleteKeyRandom(b *testing.B) {
	var key []byte
	next := 0
	tx := writeTx(b, 0)
	c := tree(b, tx, ByteKey, nil)
	for b.Loop() {
		if next == 0 {
			b.StopTimer()
			for next < 200000 {
				key = indexKey(key, uint64(next))
				if err := c.Insert(key, nil); err != nil {
					b.Fatal(err)
				}
				next++
			}
			b.StartTimer()
		}
		next--
		key = indexKey(key, uint64(next))
		if ok, err := c.Seek(key); !ok || err != nil {
			b.Fatal(ok, err)
		}
		if err := c.Delete(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBuildKeys(b *testing.B) {
	tx := writeTx(b, 0)
	bd, err := NewBuilder(tx, tree(b, tx, ByteKey, nil).root, ByteKey, nil, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	key := make([]byte, 0, 32)
	i := uint64(0)
	for b.Loop() {
		key = append(binary.BigEndian.AppendUint64(append(key[:0], 0x30), i*977), 0x44)
		key = binary.BigEndian.AppendUint32(key, uint32(i))
		if err := bd.Append(key, nil); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func BenchmarkBuildInts(b *testing.B) {
	tx := writeTx(b, 0)
	bd, err := NewBuilder(tx, tree(b, tx, IntKey, nil).root, IntKey, nil, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	payload := make([]byte, 60)
	i := int64(0)
	for b.Loop() {
		if err := bd.AppendInt(i, payload); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
