package sorter

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/rustlite/rustlite/pager/vfs"
)

const (
	writeBytes   = 256 << 10
	readBytesMin = 16 << 10
	readBytesMax = 256 << 10
	// fanIn is how many runs are merged at once.
	fanIn = 128
)

// run is a sorted sequence of raw entries in a temporary file.
type run struct {
	file     vfs.File
	off, end int64
}

// runs are the runs of one sorter, in order of arrival, and their merge.
type runs struct {
	file  vfs.File // The file that runs are being added to.
	end   int64
	list  []run
	w     runWriter
	heap  []*runReader // The smallest current entry first.
	files []vfs.File
	order *Options // Of the sorter: how keys compare.
}

func (r *runs) close() {
	for _, f := range r.files {
		f.Close()
	}
	*r = runs{}
}

// runWriter appends one run.
type runWriter struct {
	r     *runs
	start int64
	buf   []byte
}

func (r *runs) begin(fs vfs.FS) (*runWriter, error) {
	if r.file == nil {
		f, err := fs.Temp()
		if err != nil {
			return nil, err
		}
		r.file, r.end = f, 0
		r.files = append(r.files, f)
	}
	r.w = runWriter{r: r, start: r.end, buf: r.w.buf[:0]}
	return &r.w, nil
}

func (w *runWriter) write(raw []byte) error {
	if len(w.buf)+len(raw) > writeBytes {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.buf = append(w.buf, raw...)
	return nil
}

func (w *runWriter) flush() error {
	if _, err := w.r.file.WriteAt(w.buf, w.r.end); err != nil {
		return err
	}
	w.r.end += int64(len(w.buf))
	w.buf = w.buf[:0]
	return nil
}

func (w *runWriter) end() error {
	if err := w.flush(); err != nil {
		return err
	}
	w.r.list = append(w.r.list, run{w.r.file, w.start, w.r.end})
	return nil
}

// runReader reads one run through a buffer.
type runReader struct {
	run
	order int // The run's place in the order of arrival (S1).
	buf   []byte
	at    int
	raw   []byte // The current entry, in buf.
	key   []byte
}

// next moves to the run's next entry.
func (r *runReader) next() (bool, error) {
	r.at += len(r.raw)
	r.raw = nil
	if r.at == len(r.buf) && r.off == r.end {
		return false, nil
	}
	if err := r.fill(entryHead); err != nil {
		return false, err
	}
	b := r.buf[r.at:]
	n := entryHead + int(binary.LittleEndian.Uint32(b)) + int(binary.LittleEndian.Uint32(b[4:]))
	if err := r.fill(n); err != nil {
		return false, err
	}
	r.raw = r.buf[r.at : r.at+n : r.at+n]
	r.key, _ = split(r.raw)
	return true, nil
}

// fill makes sure that n bytes from at on are in the buffer.
func (r *runReader) fill(n int) error {
	have := len(r.buf) - r.at
	if have >= n {
		return nil
	}
	if int64(n-have) > r.end-r.off {
		return io.ErrUnexpectedEOF // Our own file was changed under us.
	}
	if cap(r.buf) < n {
		r.buf = append(make([]byte, 0, n), r.buf[r.at:]...)
	} else {
		r.buf = r.buf[:copy(r.buf[:cap(r.buf)], r.buf[r.at:])]
	}
	r.at = 0
	more := int(min(int64(cap(r.buf)-have), r.end-r.off))
	b := r.buf[have : have+more]
	if k, err := r.file.ReadAt(b, r.off); k < more {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	r.off += int64(more)
	r.buf = r.buf[:have+more]
	return nil
}

// reduce merges runs, neighbours with neighbours, until few enough are left
// to be merged while they are handed out.
func (r *runs) reduce(fs vfs.FS, bytesMax int, poll func() error) error {
	for len(r.list) > fanIn {
		old, files := r.list, r.files
		r.list, r.files, r.file = nil, nil, nil
		for len(old) > 0 {
			n := min(fanIn, len(old))
			if err := r.mergeOnce(fs, old[:n], bytesMax, poll); err != nil {
				r.files = append(r.files, files...)
				return err
			}
			old = old[n:]
		}
		for _, f := range files {
			f.Close()
		}
	}
	return nil
}

// mergeOnce merges runs into one.
func (r *runs) mergeOnce(fs vfs.FS, list []run, bytesMax int, poll func() error) error {
	w, err := r.begin(fs)
	if err != nil {
		return err
	}
	ok, err := r.start(list, bytesMax)
	for n := 0; ok && err == nil; n++ {
		if poll != nil && n&0xfff == 0 {
			if err := poll(); err != nil {
				return err
			}
		}
		if err := w.write(r.heap[0].raw); err != nil {
			return err
		}
		ok, err = r.next()
	}
	if err != nil {
		return err
	}
	return w.end()
}

// first moves to the first entry of the merge of all runs.
func (r *runs) first(bytesMax int) (bool, error) { return r.start(r.list, bytesMax) }

func (r *runs) start(list []run, bytesMax int) (bool, error) {
	size := min(max(bytesMax/len(list), readBytesMin), readBytesMax)
	r.heap = r.heap[:0]
	for i, x := range list {
		rd := &runReader{run: x, order: i, buf: make([]byte, 0, size)}
		ok, err := rd.next()
		if err != nil {
			return false, err
		}
		if ok {
			r.heap = append(r.heap, rd)
		}
	}
	for i := len(r.heap)/2 - 1; i >= 0; i-- {
		r.sink(i)
	}
	return len(r.heap) > 0, nil
}

// next moves to the next entry of the merge.
func (r *runs) next() (bool, error) {
	if len(r.heap) == 0 {
		return false, nil
	}
	ok, err := r.heap[0].next()
	if err != nil {
		return false, err
	}
	if !ok {
		n := len(r.heap) - 1
		r.heap[0] = r.heap[n]
		r.heap = r.heap[:n]
	}
	if len(r.heap) > 0 {
		r.sink(0)
	}
	return len(r.heap) > 0, nil
}

func (r *runs) current() []byte { return r.heap[0].raw }

func (r *runs) less(i, j int) bool {
	a, b := r.heap[i], r.heap[j]
	if c := r.order.compare(a.key, b.key); c != 0 {
		return c < 0
	}
	return a.order < b.order
}

// sink restores the heap below i.
func (r *runs) sink(i int) {
	for {
		least := i
		for j := 2*i + 1; j <= 2*i+2 && j < len(r.heap); j++ {
			if r.less(j, least) {
				least = j
			}
		}
		if least == i {
			return
		}
		r.heap[i], r.heap[least] = r.heap[least], r.heap[i]
		i = least
	}
}
