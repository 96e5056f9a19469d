package golden

import "runtime"

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
