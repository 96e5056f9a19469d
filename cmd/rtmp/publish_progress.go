package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/gortmp/rtmp/publish"
)

// A broadcast tells on w how a stream to one or several servers is doing: each event when it happens, with the time of
// day, and the figures on a board at the bottom of a terminal, or every 10 seconds if w is none. It says nothing before
// the first server was reached, or is waited for.
type broadcast struct {
	w       io.Writer
	name    string // of the input; - is standard input
	several bool   // servers
	timeout time.Duration

	over    chan struct{}
	showing sync.WaitGroup // a goroutine that logs, if w is no terminal

	writing sync.Mutex // held while something is written; comes before mu, which is not held meanwhile
	board   *board     // guarded by writing; nil if w is no terminal, and before begin

	mu       sync.Mutex // guards what follows
	begun    bool
	pub      *publish.Publisher
	tracks   []publish.Track
	length   time.Duration // of what is sent; zero if it has no end
	position time.Duration
	state    map[string]publish.State // of each target, as it was told last
	connects map[string]int
}

func newBroadcast(w io.Writer, name string, several bool) *broadcast {
	return &broadcast{
		w: w, name: name, several: several, over: make(chan struct{}),
		state: make(map[string]publish.State), connects: make(map[string]int),
	}
}

// watch sets the hooks of o.
func (b *broadcast) watch(o *publish.Options) {
	b.timeout = o.ConnectTimeout
	o.OnStatus = b.onStatus
	o.OnWarning = func(w publish.Warning) { b.say("%s: warning: %s", w.Target, w.Text) }
	o.OnFrame = b.onFrame
	o.OnOpen = func(tracks []publish.Track, p *publish.Publisher) {
		b.pub, b.tracks = p, tracks
		for i := range tracks {
			if !o.Loop {
				b.length = max(b.length, tracks[i].Duration-o.Start)
			}
		}
	}
}

func (b *broadcast) onFrame(at time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.position = at
}

func (b *broadcast) onStatus(s publish.Status) {
	b.mu.Lock()
	before, known := b.state[s.Target]
	b.state[s.Target], b.connects[s.Target] = s.State, s.Connects
	b.mu.Unlock()
	switch s.State {
	case publish.StateConnecting:
		if known && before == publish.StateLive {
			b.say("%s: the server asks to connect again", s.Target)
		}
	case publish.StateLive:
		b.begin()
		if s.Connects > 1 {
			b.say("%s: live again", s.Target)
		} else {
			b.say("%s: live", s.Target)
		}
	case publish.StateWaiting:
		b.begin()
		text, _ := b.cause(s.Target, s.Err)
		b.say("%s: %s; attempt %d in %s", s.Target, text, s.Attempt+1, seconds(time.Until(s.NextRetry)))
	case publish.StateFailed:
		if b.several {
			b.begin()
			text, _ := explain(b.explain(s.Err))
			b.say("%s; given up", text)
		}
	}
}

// begin says what is published, the first time, and begins to show the figures.
func (b *broadcast) begin() {
	b.writing.Lock()
	defer b.writing.Unlock()
	b.mu.Lock()
	again := b.begun
	b.begun = true
	b.mu.Unlock()
	if again {
		return
	}
	fmt.Fprintf(b.w, "Publishing %s: %s. Ctrl-C ends it.\n", b.input(), describe(b.tracks, b.length))
	if isTerminal(b.w) {
		b.board = newBoard(b.w, b)
	} else {
		b.showing.Go(b.log)
	}
}

// say writes a line about an event, with the time of day.
func (b *broadcast) say(format string, args ...any) {
	b.writing.Lock()
	defer b.writing.Unlock()
	var w io.Writer = b.w
	if b.board != nil {
		w = b.board
	}
	fmt.Fprintf(w, "%s %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}

// interrupted brings the cursor back to where the board expects it: the terminal has shown ^C.
func (b *broadcast) interrupted() {
	b.writing.Lock()
	defer b.writing.Unlock()
	if b.board != nil {
		fmt.Fprint(b.w, "\r")
	}
}

// log writes the figures until b is over.
func (b *broadcast) log() {
	line := newLiveLine(b.w, 10*time.Second)
	everySecond(b.over, func(now time.Time) error {
		text := b.progress() + "   "
		for _, row := range b.rows(now) {
			if b.several {
				text += "\n  "
			}
			text += row
		}
		b.writing.Lock()
		defer b.writing.Unlock()
		line.show(now, strings.TrimRight(text, " ")) // without anybody to see it, the stream goes on
		return nil
	})
}

// progress says how far the stream is.
func (b *broadcast) progress() string {
	at, length := b.at()
	if length > 0 {
		return clock(at) + " / " + clock(length)
	}
	return clock(at)
}

// at returns how far the stream is, and how long it is to be; zero if it has no end.
func (b *broadcast) at() (position, length time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.position, b.length
}

// rows returns a line about each target. Its name, if there are several, comes behind the figures: it may be longer than
// the screen is wide.
func (b *broadcast) rows(now time.Time) []string {
	var rows []string
	width := 0
	status := b.pub.Status()
	for _, s := range status {
		row := figures(s, now)
		rows = append(rows, row)
		width = max(width, len(row))
	}
	for i, s := range status {
		if b.several {
			rows[i] = fmt.Sprintf("%-*s   %s", width, rows[i], strings.TrimPrefix(s.Target, "rtmp://"))
		}
		if s.State == publish.StateWaiting || s.State == publish.StateConnecting && s.Err != nil {
			cause, _ := b.cause(s.Target, s.Err)
			rows[i] += "   " + cause
		}
	}
	return rows
}

// figures says how a target is doing.
func figures(s publish.Status, now time.Time) string {
	var text string
	switch s.State {
	case publish.StateLive:
		text = fmt.Sprintf("live   %s   queue %.1f s", bitrate(uint64(s.Bitrate/8), time.Second), s.Queue.Seconds())
	case publish.StateWaiting:
		text = fmt.Sprintf("waiting, attempt %d in %s", s.Attempt+1, seconds(s.NextRetry.Sub(now)))
	case publish.StateConnecting:
		text = fmt.Sprintf("connecting, attempt %d", s.Attempt)
	case publish.StateFailed:
		text = "given up"
	case publish.StateClosed:
		text = "ended"
	}
	text += fmt.Sprintf("   dropped %d", s.DroppedVideo+s.DroppedAudio)
	if n := s.MissedVideo + s.MissedAudio; n > 0 {
		text += fmt.Sprintf("   missed %d", n)
	}
	return text
}

// end stops showing figures and says what was sent.
func (b *broadcast) end() {
	close(b.over)
	b.showing.Wait()
	if !b.hasBegun() {
		return
	}
	if b.board != nil {
		b.board.end()
	}
	position, _ := b.at()
	for _, s := range b.pub.Status() {
		text := fmt.Sprintf("Sent %s, %s of the stream", size(s.Bytes), clock(position))
		if b.several {
			text = fmt.Sprintf("%s: sent %s", s.Target, size(s.Bytes))
		}
		if n := s.DroppedVideo + s.DroppedAudio; n > 0 {
			text += fmt.Sprintf("; %d %s dropped, because the way to the server was too slow", n, plural(n, "frame"))
		}
		if n := s.MissedVideo + s.MissedAudio; n > 0 {
			text += fmt.Sprintf("; %d %s missed, for want of a connection", n, plural(n, "frame"))
		}
		fmt.Fprintln(b.w, text+".")
	}
}

// input is the name of the input for a person.
func (b *broadcast) input() string {
	if b.name == "-" {
		return "standard input"
	}
	return b.name
}

func (b *broadcast) hasBegun() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.begun
}

// wasLive reports whether target has ever been published to.
func (b *broadcast) wasLive(target string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connects[target] > 0
}

// describe names codecs, picture size and length: "H.264 640x360, AAC, 0:10:00".
func describe(tracks []publish.Track, length time.Duration) string {
	var parts []string
	for _, t := range tracks {
		name := codecName(t.Codec)
		if t.Width > 0 && t.Height > 0 {
			name += fmt.Sprintf(" %dx%d", t.Width, t.Height)
		}
		parts = append(parts, name)
	}
	if length > 0 {
		parts = append(parts, clock(length))
	}
	return strings.Join(parts, ", ")
}

// seconds formats a wait.
func seconds(d time.Duration) string {
	return fmt.Sprintf("%d s", max(0, int(d.Round(time.Second)/time.Second)))
}
