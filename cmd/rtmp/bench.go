package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/cmd/rtmp/internal/load"
)

func newBench() *cobra.Command {
	var server dialFlags
	var asJSON bool
	rate := bitsPerSecond(2_500_000)
	config := load.Config{Publishers: 1, Players: 10, Duration: 10 * time.Second, Ramp: 100}
	cmd := &cobra.Command{
		Use:   "bench URL",
		Short: "Put load on a server and see what arrives, and when",
		Long: `Put load on a server and see what arrives, and when.

Publishers send streams in real time: H.264 at 30 frames per second with a key
frame every 2 seconds, and AAC. Every frame carries its number, the time when it
was sent, and known bytes. Players check order, loss and each byte. They measure
the latency, from the call that sends a frame to its arrival, and how long it
takes to join, from dialing to the first key frame. Frames from before a player
joined are no loss. A line each second says how far it is; if standard error is
no terminal, every other second.

What is measured begins when every player has its first picture, or after 10
seconds without.

Publishers and players are in this process, since latency needs one clock. The
line "late" says by how much frames were sent too late: if that is much, this
machine is the limit and not the server.

Payload bytes are counted, and a kbit is 1000 bits. The exit code is 1 if
anything was lost or failed.`,
		Example: `  rtmp bench rtmp://localhost/live/bench
  rtmp bench --players 500 --duration 30s rtmp://localhost/live/bench
  rtmp bench --publishers 40 --players 0 --rate 6M rtmp://localhost/live/bench
  rtmp bench --json rtmps://live.example.com/app/STREAM-KEY > result.json`,
		Args: arguments("URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			config.URL, config.Rate = args[0], int(rate)
			config.Dialer, config.Limit = server.dialer(), server.context
			if err := checkBench(&config); err != nil {
				return err
			}
			t := load.Start(cmd.Context(), config)
			showBench(cmd.ErrOrStderr(), t, &config)
			r := t.Result()
			for _, f := range r.Failures {
				var url *rtmp.URLError
				if errors.As(f.Err, &url) {
					return f.Err
				}
			}
			write := writeBench
			if asJSON {
				write = writeBenchJSON
			}
			if err := write(cmd.OutOrStdout(), &config, r); err != nil {
				return err
			}
			return benchError(r)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&config.Publishers, "publishers", config.Publishers,
		"`number` of streams; with more than one, -1, -2 … is added to the name")
	flags.IntVar(&config.Players, "players", config.Players, "`number` of players, of all streams together; 0 for none")
	flags.Var(&rate, "rate", "`bits` per second of each stream, video and audio; k and M are 1000 and 1000000")
	flags.DurationVar(&config.Duration, "duration", config.Duration, "how long to measure, once everybody is there")
	flags.IntVar(&config.Ramp, "ramp", config.Ramp, "`connections` that are opened per second")
	flags.BoolVar(&asJSON, "json", false, "write the result as JSON (default false)")
	server.add(cmd)
	return cmd
}

// checkBench returns a *usageError for figures that make no sense.
func checkBench(c *load.Config) error {
	switch {
	case c.Publishers < 1:
		return &usageError{"--publishers must be at least 1: players check what they know"}
	case c.Players < 0:
		return &usageError{"--players cannot be negative"}
	case c.Rate < load.MinRate || c.Rate > load.MaxRate:
		return &usageError{fmt.Sprintf("--rate must be %s to %s", bits(load.MinRate), bits(load.MaxRate))}
	case c.Duration <= 0:
		return &usageError{"--duration must be more than 0"}
	case c.Ramp < 1:
		return &usageError{"--ramp must be at least 1"}
	}
	return nil
}

// A bitsPerSecond is a bitrate on the command line: 800000, 800k, 2.5M.
type bitsPerSecond int

// String returns b as it can be written.
func (b *bitsPerSecond) String() string { return bits(int(*b)) }

func bits(n int) string {
	switch {
	case n >= 1_000_000:
		return strconv.FormatFloat(float64(n)/1e6, 'g', -1, 64) + "M"
	case n >= 1000:
		return strconv.FormatFloat(float64(n)/1e3, 'g', -1, 64) + "k"
	}
	return strconv.Itoa(n)
}

// Set reads b.
func (b *bitsPerSecond) Set(s string) error {
	digits, unit := s, 1.0
	switch {
	case strings.HasSuffix(s, "k"), strings.HasSuffix(s, "K"):
		digits, unit = s[:len(s)-1], 1e3
	case strings.HasSuffix(s, "M"), strings.HasSuffix(s, "m"):
		digits, unit = s[:len(s)-1], 1e6
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil || !(f >= 0 && f*unit < 1e12) {
		return errors.New("not a bitrate like 800k or 2.5M")
	}
	*b = bitsPerSecond(f*unit + 0.5)
	return nil
}

// Type returns the word for the value in the help.
func (b *bitsPerSecond) Type() string { return "bits" }

// showBench shows on w how far t is, until it is over.
func showBench(w io.Writer, t *load.Test, c *load.Config) {
	line := newLiveLine(w, 2*time.Second)
	last, at := t.Progress(), time.Now()
	everySecond(t.Done(), func(now time.Time) error {
		p := t.Progress()
		line.show(now, benchProgress(c, last, p, now.Sub(at))) // without anybody to see it, the test goes on
		last, at = p, now
		return nil
	})
	line.end()
}

// benchProgress returns a line about p, with what has happened since last, which is d ago.
func benchProgress(c *load.Config, last, p load.Progress, d time.Duration) string {
	text := fmt.Sprintf("%s  %d/%d sending", clock(p.Elapsed), p.Publishing, c.Publishers)
	if c.Players == 0 {
		text += fmt.Sprintf("  %s in", bitrate(p.Sent-last.Sent, d))
	} else {
		text += fmt.Sprintf("  %d/%d playing  %s out", p.Joined, c.Players, bitrate(p.Received-last.Received, d))
	}
	if p.Latency.Count > 0 {
		text += "  " + millis(p.Latency.P50)
	}
	if p.Lost > 0 {
		text += fmt.Sprintf("  %d lost", p.Lost)
	}
	if p.Failed > 0 {
		text += fmt.Sprintf("  %d failed", p.Failed)
	}
	return text
}
