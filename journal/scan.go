package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/zeebo/xxh3"

	"github.com/rustlite/rustlite/pager/fileformat"
)

// Segment is an open segment to be read.
type Segment struct {
	Header SegmentHeader
	Reader io.ReaderAt
	Size   int64
	Name   string
}

// Batch is a good batch found by a scan.
type Batch struct {
	BatchHeader
	Offset int64
	Sum    uint64
}

// End is the offset behind the batch.
func (b Batch) End() int64 { return b.Offset + b.Size }

// readFull reads len(buf) bytes at off; false when the file ends before.
func readFull(r io.ReaderAt, buf []byte, off int64) (bool, error) {
	n, err := r.ReadAt(buf, off)
	if n == len(buf) {
		return true, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return false, nil
	}
	return false, err
}

// ReadBatch looks for a good batch at off. The error is one of reading; whatever is wrong with
// the bytes just means that there is no batch.
func (s *Segment) ReadBatch(off int64) (Batch, bool, error) {
	var head [fileformat.BatchHeaderSize]byte
	if ok, err := readFull(s.Reader, head[:], off); !ok {
		return Batch{}, false, err
	}
	h, ok := DecodeBatchHeader(head[:], s.Header.Salt, s.Size-off)
	if !ok {
		return Batch{}, false, nil
	}
	b := Batch{BatchHeader: h, Offset: off}
	hash := xxh3.NewSeed(s.Header.Salt)
	buf := make([]byte, min(stagingBytes, h.Size))
	for at, end := off, b.End()-fileformat.BatchSumSize; at < end; {
		piece := buf[:min(int64(len(buf)), end-at)]
		if ok, err := readFull(s.Reader, piece, at); !ok {
			return Batch{}, false, err
		}
		_, _ = hash.Write(piece)
		at += int64(len(piece))
	}
	var sum [fileformat.BatchSumSize]byte
	if ok, err := readFull(s.Reader, sum[:], b.End()-fileformat.BatchSumSize); !ok {
		return Batch{}, false, err
	}
	b.Sum = binary.LittleEndian.Uint64(sum[:])
	return b, b.Sum == hash.Sum64(), nil
}

// Entries hands out the entries of a good batch in order. Bodies are borrowed until the next.
func (s *Segment) Entries(b Batch, visit func(Entry) error) error {
	body := io.NewSectionReader(s.Reader, b.Offset+fileformat.BatchHeaderSize,
		b.Size-fileformat.BatchHeaderSize-fileformat.BatchSumSize)
	r := bufio.NewReaderSize(body, int(min(stagingBytes, max(b.Size, 64))))
	var head [fileformat.EntryHeaderSize]byte
	buf := make([]byte, s.Header.PageSize)
	seen := make(map[PageNo]struct{}, min(b.Entries, 1<<16))
	at := b.Offset + fileformat.BatchHeaderSize
	for range b.Entries {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return s.broken(at, "the batch ends inside an entry", err)
		}
		e, size, err := DecodeEntryHead(head[:], s.Header.PageSize)
		if err != nil {
			var c *fileformat.CorruptError
			if errors.As(err, &c) {
				c.File, c.Offset = s.Name, c.Offset+at
			}
			return err
		}
		if _, twice := seen[e.Page]; twice {
			return s.broken(at, "J1: two entries of one page", nil)
		}
		seen[e.Page] = struct{}{}
		e.Body = buf[:size]
		if _, err := io.ReadFull(r, e.Body); err != nil {
			return s.broken(at, "the batch ends inside an entry", err)
		}
		if err := visit(e); err != nil {
			return err
		}
		at += fileformat.EntryHeaderSize + int64(size)
	}
	return nil
}

func (s *Segment) broken(off int64, what string, err error) error {
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return &fileformat.CorruptError{File: s.Name, Offset: off, What: what}
}

// laterSynced looks for good batches at or behind off, wherever they begin, and gives the highest
// position that one of them knew to be synced.
func (s *Segment) laterSynced(off int64) (Position, error) {
	var highest Position
	buf := make([]byte, stagingBytes)
	for base := off; base < s.Size; {
		n, err := s.Reader.ReadAt(buf[:min(int64(len(buf)), s.Size-base)], base)
		if err != nil && !errors.Is(err, io.EOF) {
			return highest, err
		}
		if n < fileformat.BatchHeaderSize {
			break
		}
		last := n - fileformat.BatchHeaderSize
		for i := 0; i <= last; i += fileformat.BatchAlign {
			if binary.LittleEndian.Uint32(buf[i:]) != fileformat.BatchMagic {
				continue
			}
			at := base + int64(i)
			if _, ok := DecodeBatchHeader(buf[i:n], s.Header.Salt, s.Size-at); !ok {
				continue
			}
			b, ok, err := s.ReadBatch(at)
			if err != nil {
				return highest, err
			}
			if ok && b.Synced.After(highest) {
				highest = b.Synced
			}
		}
		base += int64(last/fileformat.BatchAlign+1) * fileformat.BatchAlign
	}
	return highest, nil
}
