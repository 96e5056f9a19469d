package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"
)

// A task is work that one library does: run does it n times, from the beginning.
type task struct {
	lib *library
	run func(n int) error
}

// A cell is what was measured of one task.
type cell struct {
	lib    *library
	perOp  time.Duration // median
	ratio  float64       // to the floor, in the same round; median
	allocs float64       // per operation
}

// measure lets the tasks, of which the first is the floor, take turns.
func measure(tasks []task, rounds int, round time.Duration) ([]cell, error) {
	cells := make([]cell, len(tasks))
	counts := make([]int, len(tasks))
	for i, t := range tasks {
		n, allocs, err := calibrate(t, round)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.lib.name, err)
		}
		cells[i] = cell{lib: t.lib, allocs: allocs}
		counts[i] = n
	}
	times := make([][]float64, len(tasks)) // nanoseconds per operation, by round
	for i := range rounds {
		for j := range tasks {
			k := (i + j) % len(tasks) // nobody always comes after the same one
			spent, err := turn(tasks[k], counts[k])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", tasks[k].lib.name, err)
			}
			times[k] = append(times[k], float64(spent)/float64(counts[k]))
		}
	}
	for i := range cells {
		ratios := make([]float64, rounds)
		for j := range ratios {
			ratios[j] = times[i][j] / times[0][j]
		}
		cells[i].ratio = median(ratios)
		cells[i].perOp = time.Duration(median(times[i]) + 0.5)
	}
	return cells, nil
}

// turn does t n times and returns the time that took. What others left to the garbage collector is not counted.
func turn(t task, n int) (time.Duration, error) {
	runtime.GC()
	start := clock()
	err := t.run(n)
	return clock() - start, err
}

// calibrate returns how often t has to be done to fill a round, and what it allocates each time.
func calibrate(t task, round time.Duration) (n int, allocs float64, err error) {
	var before, after runtime.MemStats
	for n = 1; ; n *= 2 {
		runtime.ReadMemStats(&before)
		spent, err := turn(t, n)
		if err != nil {
			return 0, 0, err
		}
		runtime.ReadMemStats(&after)
		if spent >= round/2 {
			allocs = float64(after.Mallocs-before.Mallocs) / float64(n)
			return max(1, int(float64(n)*float64(round)/float64(spent))), allocs, nil
		}
	}
}

// median returns the middle of list, which it sorts.
func median(list []float64) float64 {
	slices.Sort(list)
	n := len(list)
	if n%2 == 1 {
		return list[n/2]
	}
	return (list[n/2-1] + list[n/2]) / 2
}
