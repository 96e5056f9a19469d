package golden

import (
	"runtime"
	"testing"
)

// Memory calls f and returns how many bytes of memory its result holds, and how many f allocated in all. Both figures
// have some KiB of the runtime's own in them, and are of use only while no other goroutine allocates.
func Memory(f func() any) (held, total int64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	result := f()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(result)
	runtime.KeepAlive(f) // and with it what f was made of
	return int64(after.HeapAlloc) - int64(before.HeapAlloc), int64(after.TotalAlloc - before.TotalAlloc)
}

// CheckMemory checks that parse, given in, allocates no more than 32 bytes for each byte of in, and its result holds no
// more; 64 KiB for what the runtime does beside it come on top. It returns the error of parse: to refuse is one way to
// be frugal.
func CheckMemory(tb testing.TB, in []byte, parse func(in []byte) (any, error)) (err error) {
	tb.Helper()
	held, total := Memory(func() any {
		var v any
		v, err = parse(in)
		return v
	})
	const perByte, free = 32, 64 << 10
	limit := int64(perByte*len(in) + free)
	if held > limit {
		tb.Errorf("%d bytes of input hold %d bytes of memory, want at most %d", len(in), held, limit)
	}
	if total > limit {
		tb.Errorf("%d bytes of input allocate %d bytes of memory, want at most %d", len(in), total, limit)
	}
	size := float64(len(in))
	tb.Logf("%d bytes: held %.1f, allocated %.1f per byte, error %v", len(in), float64(held)/size, float64(total)/size, err)
	return err
}
