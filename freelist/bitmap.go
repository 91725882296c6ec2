package freelist

import (
	"math/bits"
)

// FillBitmap writes the pages [first, first+8*len(bitmap)) as one bit a page, and returns how
// many of them are free.
func (l *List) FillBitmap(bitmap []byte, first PageNo) uint32 {
	clear(bitmap)
	end := int64(first) + int64(len(bitmap))*8
	var count uint32
	l.AscendRange(first, PageNo(min(end, 1<<32-1)), func(e Extent) {
		count += e.N
		for i := uint32(0); i < e.N; {
			at := uint32(e.First-first) + i
			if at%8 == 0 && e.N-i >= 8 {
				bitmap[at/8] = 0xff
				i += 8
				continue
			}
			bitmap[at/8] |= 1 << (at % 8)
			i++
		}
	})
	return count
}

// LoadBitmap adds the pages of a bitmap, as FillBitmap wrote it, and returns how many they were.
// Nothing of it enters the journal.
func (l *List) LoadBitmap(bitmap []byte, first PageNo) (uint32, error) {
	var run Extent
	var count uint32
	flush := func() error {
		if run.N == 0 {
			return nil
		}
		mark := l.Mark()
		err := l.Free(run.First, int(run.N))
		if err == nil {
			l.journal = l.journal[:mark]
		}
		count += run.N
		run = Extent{}
		return err
	}
	for i, b := range bitmap {
		if b == 0 {
			if err := flush(); err != nil {
				return count, err
			}
			continue
		}
		for b := uint(b); b != 0; b &= b - 1 {
			no := first + PageNo(i*8+bits.TrailingZeros(b))
			if run.N > 0 && run.end() == no {
				run.N++
				continue
			}
			if err := flush(); err != nil {
				return count, err
			}
			run = Extent{First: no, N: 1}
		}
	}
	return count, flush()
}
