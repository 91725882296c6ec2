package pager

// The shape of the hot paths. Figures stand in commit messages.

import (
	"fmt"
	"math/rand"
	"testing"
)

func BenchmarkPage(b *testing.B) {
	for _, mode := range []string{"map", "pread", "memory"} {
		b.Run(mode, func(b *testing.B) {
			const pages = 20000
			p := benchPager(b, mode, pages)
			defer p.Close()
			tx, _ := p.BeginRead()
			defer tx.Rollback()
			r := rand.New(rand.NewSource(1))
			nos := make([]PageNo, 1<<12)
			for i := range nos {
				nos[i] = PageNo(2 + r.Intn(pages-2))
				tx.Page(nos[i])
			}
			i, sum := 0, 0
			for b.Loop() {
				page, err := tx.Page(nos[i&(1<<12-1)])
				if err != nil {
					b.Fatal(err)
				}
				sum += int(page[0])
				i++
			}
			_ = sum
		})
	}
}

func benchPager(b *testing.B, mode string, pages int) *Pager {
	if mode == "memory" {
		p, _ := OpenMemory(nil)
		put(b, p, PageNo(pages), 1)
		return p
	}
	path := b.TempDir() + "/b.rldb"
	o := &Options{NoMap: mode == "pread", CacheBytes: 1 << 30}
	p := mustOpen(b, path, o)
	put(b, p, PageNo(pages), 1)
	if err := p.Close(); err != nil {
		b.Fatal(err)
	}
	return mustOpen(b, path, o)
}

func BenchmarkFirstTouch(b *testing.B) {
	for _, mode := range []string{"map", "pread"} {
		b.Run(mode, func(b *testing.B) {
			const pages = 20000
			p := benchPager(b, mode, pages)
			defer func() { p.Close() }()
			tx, _ := p.BeginRead()
			no := PageNo(1)
			for b.Loop() {
				if no++; no > pages {
					b.StopTimer()
					tx.Rollback()
					path, o := p.path, p.opts
					p.Close()
					p = mustOpen(b, path, o)
					tx, _ = p.BeginRead()
					no = 2
					b.StartTimer()
				}
				if _, err := tx.Page(no); err != nil {
					b.Fatal(err)
				}
			}
			tx.Rollback()
		})
	}
}

func BenchmarkWritePrivate(b *testing.B) {
	p, _ := OpenMemory(nil)
	put(b, p, 3, 1)
	tx := begin(b, p)
	defer tx.Rollback()
	for b.Loop() {
		if _, err := tx.Write(2); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBeginRead(b *testing.B) {
	p, _ := OpenMemory(nil)
	b.ReportAllocs()
	for b.Loop() {
		tx, _ := p.BeginRead()
		tx.Rollback()
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, level := range []SyncLevel{SyncOff, SyncNormal, SyncFull} {
		for _, pages := range []int{1, 10} {
			b.Run(fmt.Sprintf("%s/%dpages", [...]string{"full", "normal", "off"}[level], pages), func(b *testing.B) {
				p := mustOpen(b, b.TempDir()+"/b.rldb", &Options{Sync: level})
				put(b, p, 1000, 1)
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					tx := begin(b, p)
					for j := range pages {
						page, err := tx.Write(PageNo(2 + (i*7+j*31)%900))
						if err != nil {
							b.Fatal(err)
						}
						page[100+i%3000]++
					}
					if err := tx.Commit(ctx); err != nil {
						b.Fatal(err)
					}
					i++
					if i%256 == 0 && p.NeedsCheckpoint() {
						if _, err := p.Checkpoint(ctx); err != nil {
							b.Fatal(err)
						}
					}
				}
				if err := p.Close(); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

func BenchmarkCommitParallelFull(b *testing.B) {
	p := mustOpen(b, b.TempDir()+"/b.rldb", &Options{})
	put(b, p, 1000, 1)
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		i := 0
		for pb.Next() {
			tx, err := p.BeginWrite(ctx)
			if err != nil {
				b.Fatal(err)
			}
			page, _ := tx.Write(PageNo(2 + i%900))
			page[100]++
			i++
			if err := tx.Commit(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	p.Close()
}

// One commit of 400 MB.
func BenchmarkBigCommit(b *testing.B) {
	for b.Loop() {
		p := mustOpen(b, b.TempDir()+"/b.rldb", &Options{Sync: SyncOff})
		put(b, p, 100000, 1)
		if _, err := p.Checkpoint(ctx); err != nil {
			b.Fatal(err)
		}
		inUse, frames := p.arena.usage()
		b.ReportMetric(float64(frames)*4096/1e6, "MB-frames")
		b.ReportMetric(float64(inUse), "frames-left")
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
