package wire

// Ours. Strings share windows of the input: one allocation serves many of them, and a string that is kept for
// long keeps at most its window from being freed.
const (
	minWindow = 128     // bytes
	MaxWindow = 4 << 10 // bytes
)

// Text makes strings of parts of one byte slice with few allocations: it copies the slice in windows, and the strings
// share them. The windows begin at 128 bytes and grow to 4 KiB, so that their sum stays near what was read, however
// long the slice is. The zero value is ready.
type Text struct {
	window string
	base   int // offset of window in the slice
	size   int // of the next window
}

// Expect says that about n bytes will be read: the next window covers them at once, up to 4 KiB.
func (t *Text) Expect(n int) { t.size = min(n, MaxWindow) }

// String returns b[off:off+n] as a string. Calls must be for the same b, and off must not go back; b may be
// changed afterwards.
func (t *Text) String(b []byte, off, n int) string {
	if n == 0 {
		return ""
	}
	if end := off - t.base + n; end <= len(t.window) {
		return t.window[off-t.base : end]
	}
	size := max(n, min(max(t.size, minWindow), len(b)-off))
	t.window = string(b[off : off+size])
	t.base = off
	t.size = min(max(t.size, minWindow)*2, MaxWindow)
	return t.window[:n]
}
