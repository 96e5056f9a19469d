package wire

// Ours. Strings share windows of the input: one allocation serves many of them, and a string that is kept for
// long keeps at most its window from being freed.
const (
	minWindow = 64      // bytes
	maxWindow = 4 << 10 // bytes
)

// A Scanner reads a byte slice from the front, and makes strings of its parts with few allocations: it copies the slice
// in windows that the strings share. Windows begin at 64 bytes and grow to 4 KiB, so that their sum stays near what
// was read as strings and between them, however long the slice is.
type Scanner struct {
	in     []byte
	pos    int
	window string
	base   int // where window begins in in
	size   int // of the next window
}

// NewScanner returns a Scanner over b, which it does not change. About expect bytes are going to be read: the first
// window covers them, up to 4 KiB. Zero stands for not known.
func NewScanner(b []byte, expect int) Scanner {
	return Scanner{in: b, size: min(max(expect, minWindow), maxWindow)}
}

// Pos returns the number of bytes read.
func (s *Scanner) Pos() int { return s.pos }

// Len returns the number of bytes not yet read.
func (s *Scanner) Len() int { return len(s.in) - s.pos }

// Rest returns the bytes not yet read, which stay unread.
func (s *Scanner) Rest() []byte { return s.in[s.pos:] }

// Next reads one byte. It reports false at the end.
func (s *Scanner) Next() (c byte, ok bool) {
	if s.pos == len(s.in) {
		return 0, false
	}
	c = s.in[s.pos]
	s.pos++
	return c, true
}

// Bytes reads the next n bytes, which alias the input; n is not negative. It reads nothing and reports false if there
// are fewer.
func (s *Scanner) Bytes(n int) (b []byte, ok bool) {
	if n > len(s.in)-s.pos {
		return nil, false
	}
	b = s.in[s.pos : s.pos+n]
	s.pos += n
	return b, true
}

// String reads the next n bytes, of which it makes a string; n is not negative. It reads nothing and reports false if
// there are fewer.
func (s *Scanner) String(n int) (text string, ok bool) {
	off := s.pos
	if n > len(s.in)-off {
		return "", false
	}
	if n == 0 {
		return "", true
	}
	s.pos += n
	if from := off - s.base; from+n <= len(s.window) {
		return s.window[from : from+n], true
	}
	size := max(n, min(s.size, len(s.in)-off))
	s.window = string(s.in[off : off+size])
	s.base = off
	s.size = min(2*s.size, maxWindow)
	return s.window[:n], true
}
