package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// A table is a group with what was measured.
type table struct {
	group *group
	lines []line
}

type line struct {
	work  *work
	cells map[string]cell // by the name of the library
}

func (t *table) add(w *work, cells []cell) {
	l := line{w, map[string]cell{}}
	for _, c := range cells {
		l.cells[c.lib.name] = c
	}
	t.lines = append(t.lines, l)
}

// write writes t in Markdown, with the columns that have anything in them. A cell gives the ratio to the floor, then
// the speed, then the allocations of one operation.
func (t *table) write(w io.Writer) error {
	if len(t.lines) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n| |", t.group.title)
	var columns []string
	for _, lib := range libraries() {
		for _, l := range t.lines {
			if _, ok := l.cells[lib.name]; ok {
				columns = append(columns, lib.name)
				fmt.Fprintf(&b, " %s |", lib.name)
				break
			}
		}
	}
	fmt.Fprintf(&b, "\n|---|%s\n", strings.Repeat("---|", len(columns)))
	for _, l := range t.lines {
		fmt.Fprintf(&b, "| %s |", strings.ReplaceAll(l.work.name, "/", ", "))
		for _, name := range columns {
			text := "–"
			if c, ok := l.cells[name]; ok {
				text = c.text(l.work.bytes)
			}
			fmt.Fprintf(&b, " %s |", text)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// text formats c for work that handles that many bytes at a time.
func (c cell) text(bytes int) string {
	speed := short(c.perOp)
	if bytes > 0 {
		speed += fmt.Sprintf(", %.0f MB/s", float64(bytes)/c.perOp.Seconds()/1e6)
	}
	text := speed + ", " + allocations(c.allocs)
	if c.lib.name == floorName {
		return text
	}
	return fmt.Sprintf("**%.2f** (%s)", c.ratio, text)
}

// short formats d with three digits.
func short(d time.Duration) string {
	if d < time.Microsecond {
		return fmt.Sprintf("%d ns", d.Nanoseconds())
	}
	return digits(float64(d.Nanoseconds())/1e3) + " µs"
}

// allocations formats a count that is an average.
func allocations(f float64) string {
	switch {
	case f < 0.05:
		return "0 allocs"
	case f > 0.95 && f < 1.05:
		return "1 alloc"
	}
	return digits(f) + " allocs"
}

// digits formats f with three digits, or as many as it has in front of the point.
func digits(f float64) string {
	if f >= 100 {
		return fmt.Sprintf("%.0f", f)
	}
	return fmt.Sprintf("%.3g", f)
}
