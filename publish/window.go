package publish

import (
	"io"
)

// windowSize is how much of an input that cannot seek is kept. Ours: sound and picture of one moment are closer to
// each other than that, and so is the index of a short file behind its media.
const windowSize = 64 << 20 // bytes

// A window is an io.ReaderAt over an input that can only be read once. It keeps the last bytes that were read, at
// least limit and less than twice as many, and reads on as they are asked for.
type window struct {
	r     io.Reader
	limit int
	start int64 // of buf in the input
	buf   []byte
	err   error // of r, final
}

// ReadAt returns a *SeekError for bytes that are no longer there.
func (w *window) ReadAt(p []byte, off int64) (int, error) {
	if off < w.start {
		return 0, &SeekError{Want: off, Have: w.start, Read: w.start + int64(len(w.buf))}
	}
	w.fill(off + int64(len(p)))
	have := w.start + int64(len(w.buf))
	if off < w.start { // p is longer than the window
		return 0, &SeekError{Want: off, Have: w.start, Read: have}
	}
	n := 0
	if off < have {
		n = copy(p, w.buf[off-w.start:])
	}
	if n < len(p) {
		return n, w.err
	}
	return n, nil
}

// fill reads until the input has been read up to end.
func (w *window) fill(end int64) {
	for w.err == nil && w.start+int64(len(w.buf)) < end {
		if len(w.buf) >= 2*w.limit {
			n := copy(w.buf, w.buf[len(w.buf)-w.limit:])
			w.start += int64(len(w.buf) - n)
			w.buf = w.buf[:n]
		}
		if free := cap(w.buf) - len(w.buf); free < 32<<10 {
			grown := make([]byte, len(w.buf), min(2*cap(w.buf)+64<<10, 2*w.limit+64<<10))
			copy(grown, w.buf)
			w.buf = grown
		}
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		w.err = err
	}
}

// randomAccess returns r as an io.ReaderAt, and its size in bytes or -1: r itself if it can seek, from where it
// stands, else a window over it.
func randomAccess(r io.Reader) (io.ReaderAt, int64) {
	if s, ok := r.(io.Seeker); ok {
		at, hasAt := r.(io.ReaderAt)
		here, err := s.Seek(0, io.SeekCurrent)
		if err == nil && hasAt {
			if end, err := s.Seek(0, io.SeekEnd); err == nil {
				if _, err := s.Seek(here, io.SeekStart); err == nil {
					return io.NewSectionReader(at, here, end-here), end - here
				}
			}
		}
	}
	return &window{r: r, limit: windowSize}, -1
}

// readAt returns the size bytes of r from off on, owned, and io.ErrUnexpectedEOF if there are fewer. What is allocated
// grows with what there is.
func readAt(r io.ReaderAt, off int64, size int) ([]byte, error) {
	const step = 1 << 20
	var b []byte
	for len(b) < size {
		n := min(size-len(b), max(step, len(b)))
		grown := make([]byte, len(b)+n)
		copy(grown, b)
		got, err := r.ReadAt(grown[len(b):], off+int64(len(b)))
		if got < n {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		b = grown
	}
	return b, nil
}
