package main

import (
	"io"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// A board shows a broadcast at the bottom of a terminal: a bar for how far it is, and a line for each server. It has
// goroutines, which are gone when end returns.
type board struct {
	progress *mpb.Progress
	bars     []*mpb.Bar
}

// boardRate is how often a board is drawn. Ours: quick enough for an eye, and slow enough for a line over SSH.
const boardRate = 250 * time.Millisecond

func newBoard(w io.Writer, b *broadcast) *board {
	d := &board{progress: mpb.New(mpb.WithOutput(w), mpb.WithRefreshRate(boardRate))}
	d.add(b.progress, mpb.BarStyle(), mpb.BarFillerMiddleware(func(bar mpb.BarFiller) mpb.BarFiller {
		return mpb.BarFillerFunc(func(w io.Writer, s decor.Statistics) error {
			position, length := b.at()
			if length <= 0 {
				return nil
			}
			s.Current, s.Total = int64(min(position, length)), int64(length)
			return bar.Fill(w, s)
		})
	}))
	for i := range b.pub.Status() {
		d.add(func() string { return b.rows(time.Now())[i] }, mpb.NopStyle())
	}
	return d
}

// add adds a line that begins with a text. It has no total that it could reach: it ends with the board.
func (d *board) add(text func() string, fill mpb.BarFillerBuilder, options ...mpb.BarOption) {
	left := mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return text() }))
	d.bars = append(d.bars, d.progress.New(0, fill, append(options, left)...))
}

// Write writes lines above the board.
func (d *board) Write(p []byte) (int, error) { return d.progress.Write(p) }

// end draws the board for the last time.
func (d *board) end() {
	for _, bar := range d.bars {
		bar.Abort(false)
	}
	d.progress.Wait()
}
