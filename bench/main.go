// Command bench does the same work with this library and with its peers, each at the version in go.mod, and prints how
// long it takes as a Markdown table. What a hand-written loop needs for the same bytes, the floor, is the measure:
// every figure comes with its ratio to it.
//
//	go run ./bench [-run REGEXP] [-rounds N] [-round DURATION]
//
// The candidates take turns in short rounds, so that what else happens on the machine happens to all of them; the
// medians count. Each must first show that what it does is right.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"time"
)

func main() {
	pattern := flag.String("run", ".", "measure only work whose name matches this `regexp`")
	rounds := flag.Int("rounds", 11, "turns of each candidate")
	round := flag.Duration("round", 20*time.Millisecond, "length of a turn")
	flag.Parse()
	if err := run(*pattern, *rounds, *round); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(pattern string, rounds int, round time.Duration) error {
	match, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	if rounds < 1 || round <= 0 {
		return fmt.Errorf("%d rounds of %v measure nothing", rounds, round)
	}
	fmt.Println(machine())
	for _, g := range groups() {
		t := table{group: g}
		for _, w := range g.works {
			if !match.MatchString(g.name + "/" + w.name) {
				continue
			}
			fmt.Fprintf(os.Stderr, "%s/%s\n", g.name, w.name)
			cells, err := measureWork(w, rounds, round)
			if err != nil {
				return fmt.Errorf("%s/%s: %w", g.name, w.name, err)
			}
			t.add(w, cells)
		}
		if err := t.write(os.Stdout); err != nil {
			return err
		}
	}
	return nil
}

// measureWork checks all who can do w, and measures them.
func measureWork(w *work, rounds int, round time.Duration) ([]cell, error) {
	tasks, err := w.open()
	if err != nil {
		return nil, err
	}
	return measure(tasks, rounds, round)
}
