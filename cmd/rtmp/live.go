package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// A liveLine shows one line of changing figures: redrawn in place on a terminal, else written anew from time to
// time.
type liveLine struct {
	w        io.Writer
	terminal bool
	every    time.Duration // between two lines if w is no terminal

	width int       // characters of the line on the screen
	next  time.Time // when the next line is due
}

// newLiveLine returns a liveLine on w, with a line every so often if w is no terminal.
func newLiveLine(w io.Writer, every time.Duration) *liveLine {
	return &liveLine{w: w, terminal: isTerminal(w), every: every}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// show makes text the line. On a terminal it should have less than 80 characters: a line that wraps cannot be
// redrawn. The error is that of w.
func (l *liveLine) show(now time.Time, text string) error {
	if !l.terminal {
		if now.Before(l.next) {
			return nil
		}
		l.next = now.Add(l.every)
		_, err := fmt.Fprintln(l.w, text)
		return err
	}
	width := utf8.RuneCountInString(text)
	_, err := fmt.Fprintf(l.w, "\r%s%s", text, strings.Repeat(" ", max(0, l.width-width)))
	l.width = width
	return err
}

// end leaves the line as it is; what is written to w afterwards begins a new one.
func (l *liveLine) end() {
	if l.terminal && l.width > 0 {
		fmt.Fprintln(l.w)
		l.width = 0
	}
}

// everySecond calls f once a second with the time, the first time after a second, until done is closed or f
// returns an error, which it returns.
func everySecond(done <-chan struct{}, f func(now time.Time) error) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			if err := f(now); err != nil {
				return err
			}
		case <-done:
			return nil
		}
	}
}

// clock formats d as hours, minutes and seconds.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// bitrate formats n bytes in d.
func bitrate(n uint64, d time.Duration) string {
	if d <= 0 {
		return "0 kbit/s"
	}
	kbit := float64(n) * 8 / 1000 / d.Seconds()
	if kbit < 10_000 {
		return fmt.Sprintf("%.0f kbit/s", kbit)
	}
	return fmt.Sprintf("%.1f Mbit/s", kbit/1000)
}

// size formats n bytes.
func size(n uint64) string {
	switch {
	case n < 1_000_000:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	case n < 1_000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.2f GB", float64(n)/1e9)
}
