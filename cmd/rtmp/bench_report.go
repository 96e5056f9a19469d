package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gortmp/rtmp/cmd/rtmp/internal/load"
)

// writeBench writes r for people, in lines for a terminal of 80 characters.
func writeBench(w io.Writer, c *load.Config, r *load.Result) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s"+format+"\n", append([]any{name}, args...)...)
	}
	line("publishers", "%d of %d, %s each", r.Publishing, c.Publishers, bitrate(uint64(c.Rate/8), time.Second))
	if c.Players > 0 {
		line("players", "%d of %d got a picture", r.Joined, c.Players)
	}
	line("sent", "%s in %v, %s", size(r.Sent), r.Measured.Round(time.Millisecond), bitrate(r.Sent, r.Measured))
	if c.Players > 0 {
		line("received", "%s of it, %s", size(r.Received), bitrate(r.Received, r.Measured))
		line("frames", "%d, %d lost, %d out of order, %d damaged", r.Frames, r.Lost, r.OutOfOrder, r.Damaged)
	}
	for _, l := range []struct {
		name    string
		summary load.Summary
		what    string
	}{
		{"latency", r.Latency, "sent to arrived"},
		{"join", r.Join, "dialed to picture"},
		{"late", r.Lag, "due to sent"},
	} {
		if s := l.summary; s.Count > 0 {
			line(l.name, "p50 %-8s p90 %-8s p99 %-8s max %-8s %s", millis(s.P50), millis(s.P90), millis(s.P99), millis(s.Max), l.what)
		}
	}
	for _, n := range benchNotes(r) {
		fmt.Fprintln(&b, n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// benchNotes returns sentences about what is not as one might expect.
func benchNotes(r *load.Result) (notes []string) {
	note := func(n uint64, text string) {
		if n > 0 {
			notes = append(notes, fmt.Sprintf(text, n))
		}
	}
	note(r.Skipped, "%d frames from before a player joined were left out: the server begins with what it has kept.")
	note(r.Shifted, "%d timestamps moved against the others by more than 2 ms.")
	note(r.Foreign, "%d frames are not ours: somebody else publishes under this name.")
	if r.Lag.P99 > busy {
		notes = append(notes, "Frames were sent late: this machine, or the server's reading, does not keep up, and the figures show it.")
	}
	for _, f := range benchFailures(r) {
		notes = append(notes, fmt.Sprintf("%d %s failed: %s", f.Count, plural(f.Count, f.Role), f.Reason))
		if f.hint != "" {
			notes = append(notes, f.hint)
		}
	}
	return notes
}

// busy is how late frames may be sent. Ours: half of the time from one to the next.
const busy = 15 * time.Millisecond

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// millis formats d.
func millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms < 10 {
		return fmt.Sprintf("%.2g ms", ms)
	}
	return fmt.Sprintf("%.0f ms", ms)
}

// A benchFailure is how many failed for the same reason.
type benchFailure struct {
	Role   string `json:"role"`
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	hint   string
}

// benchFailures returns the failures of r, the most frequent first.
func benchFailures(r *load.Result) []benchFailure {
	list := []benchFailure{}
	for _, f := range r.Failures {
		reason, hint := explainLoad(f.Err)
		i := slices.IndexFunc(list, func(b benchFailure) bool { return b.Role == string(f.Role) && b.Reason == reason })
		if i < 0 {
			i = len(list)
			list = append(list, benchFailure{Role: string(f.Role), Reason: reason, hint: hint})
		}
		list[i].Count++
	}
	slices.SortStableFunc(list, func(a, b benchFailure) int { return b.Count - a.Count })
	return list
}

func explainLoad(err error) (reason, hint string) {
	switch {
	case errors.Is(err, load.ErrEnded):
		return "the server ended the stream", ""
	case errors.Is(err, load.ErrNoPicture):
		return "no key frame came", ""
	}
	return explain(err)
}

// benchError returns nil if all is well with r.
func benchError(r *load.Result) error {
	if r.OK() {
		return nil
	}
	var list []string
	add := func(n uint64, what, one, many string) {
		switch {
		case n == 1:
			list = append(list, "1 "+what+" "+one)
		case n > 1:
			list = append(list, fmt.Sprintf("%d %ss %s", n, what, many))
		}
	}
	add(uint64(len(r.Failures)), "connection", "failed", "failed")
	add(r.Lost, "frame", "was lost", "were lost")
	add(r.OutOfOrder, "frame", "came out of order", "came out of order")
	add(r.Damaged, "frame", "was damaged", "were damaged")
	add(r.Foreign, "frame", "was not ours", "were not ours")
	return &failure{text: strings.Join(list, ", ")}
}

// A benchReport is a Result as JSON. Times are in milliseconds, rates in bits per second.
type benchReport struct {
	URL        string `json:"url"` // without the stream's name and the query, which may be secrets
	OK         bool   `json:"ok"`
	Rate       int    `json:"stream_bits_per_second"`
	Publishers struct {
		Wanted int `json:"wanted"`
		Taken  int `json:"taken"`
	} `json:"publishers"`
	Players struct {
		Wanted int `json:"wanted"`
		Joined int `json:"joined"`
	} `json:"players"`
	Measured float64        `json:"measured_ms"`
	Sent     benchBytes     `json:"sent"`
	Received benchBytes     `json:"received"`
	Frames   benchFrames    `json:"frames"`
	Latency  *benchTimes    `json:"latency_ms"` // null if nothing was measured
	Join     *benchTimes    `json:"join_ms"`
	Late     *benchTimes    `json:"late_ms"`
	Failures []benchFailure `json:"failures"`
}

type benchBytes struct {
	Bytes uint64  `json:"bytes"`
	Rate  float64 `json:"bits_per_second"`
}

type benchFrames struct {
	Received   uint64 `json:"received"`
	Lost       uint64 `json:"lost"`
	Skipped    uint64 `json:"skipped_at_join"`
	OutOfOrder uint64 `json:"out_of_order"`
	Damaged    uint64 `json:"damaged"`
	Foreign    uint64 `json:"foreign"`
	Shifted    uint64 `json:"timestamps_shifted"`
}

type benchTimes struct {
	Count uint64  `json:"count"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// writeBenchJSON writes r for programs.
func writeBenchJSON(w io.Writer, c *load.Config, r *load.Result) error {
	rep := benchReport{
		URL:      withoutName(c.URL),
		OK:       r.OK(),
		Rate:     c.Rate,
		Measured: float64(r.Measured) / 1e6,
		Sent:     newBenchBytes(r.Sent, r.Measured),
		Received: newBenchBytes(r.Received, r.Measured),
		Frames:   benchFrames{r.Frames, r.Lost, r.Skipped, r.OutOfOrder, r.Damaged, r.Foreign, r.Shifted},
		Latency:  newBenchTimes(r.Latency),
		Join:     newBenchTimes(r.Join),
		Late:     newBenchTimes(r.Lag),
		Failures: benchFailures(r),
	}
	rep.Publishers.Wanted, rep.Publishers.Taken = c.Publishers, r.Publishing
	rep.Players.Wanted, rep.Players.Joined = c.Players, r.Joined
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(rep)
}

// withoutName returns rawURL without its last part.
func withoutName(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	dir := u.Path[:strings.LastIndexByte(u.Path, '/')+1]
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimSuffix(dir, "/")}).String()
}

func newBenchBytes(n uint64, d time.Duration) benchBytes {
	if d <= 0 {
		return benchBytes{n, 0}
	}
	return benchBytes{n, float64(n) * 8 / d.Seconds()}
}

func newBenchTimes(s load.Summary) *benchTimes {
	if s.Count == 0 {
		return nil
	}
	ms := func(d time.Duration) float64 { return float64(d) / 1e6 }
	return &benchTimes{s.Count, ms(s.P50), ms(s.P90), ms(s.P99), ms(s.Max)}
}
