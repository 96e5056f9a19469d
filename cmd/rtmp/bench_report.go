package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gortmp/rtmp/cmd/rtmp/internal/load"
)

// writeBench writes r for people.
func writeBench(w io.Writer, c *load.Config, r *load.Result) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "publishers\t%d of %d\tat %s each\n", r.Publishing, c.Publishers, bitrate(uint64(c.Rate/8), time.Second))
	if c.Players > 0 {
		fmt.Fprintf(tw, "players\t%d of %d\tgot a picture\n", r.Joined, c.Players)
	}
	fmt.Fprintf(tw, "sent\t%s\t%s\tin %v\n", size(r.Sent), bitrate(r.Sent, r.Measured), r.Measured.Round(time.Millisecond))
	if c.Players > 0 {
		fmt.Fprintf(tw, "received\t%s\t%s\n", size(r.Received), bitrate(r.Received, r.Measured))
		fmt.Fprintf(tw, "frames\t%d\t%d lost\t%d out of order\t%d damaged\n", r.Frames, r.Lost, r.OutOfOrder, r.Damaged)
	}
	for _, l := range []struct {
		name    string
		summary load.Summary
		what    string
	}{
		{"latency", r.Latency, "from sending a frame to its arrival"},
		{"join", r.Join, "from dialing to the first key frame"},
		{"late", r.Lag, "frames sent by this machine"},
	} {
		if s := l.summary; s.Count > 0 {
			fmt.Fprintf(tw, "%s\t%s p50\t%s p90\t%s p99\t%s max\t%s\n",
				l.name, millis(s.P50), millis(s.P90), millis(s.P99), millis(s.Max), l.what)
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	var notes strings.Builder
	for _, n := range benchNotes(r) {
		fmt.Fprintln(&notes, n)
	}
	_, err := io.WriteString(w, notes.String())
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
