package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
)

func newPlay() *cobra.Command {
	var server dialFlags
	var output string
	var length time.Duration
	cmd := &cobra.Command{
		Use:   "play URL",
		Short: "Receive a stream: record it, pipe it, or see what arrives",
		Long: `Receive a stream: record it, pipe it, or see what arrives.

Without -o, a line each second says what has arrived: messages, key frames,
bitrate, codecs. With -o it is written to an FLV file that begins at 0 whenever
the stream was joined; -o - writes to standard output. A name that nobody
publishes yet is waited for, if the server does so. Ctrl-C ends it and
completes the file.`,
		Example: `  rtmp play rtmp://localhost/live/film
  rtmp play rtmp://localhost/live/film -o film.flv
  rtmp play rtmp://localhost/live/film -o - | ffplay -`,
		Args: arguments("URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if length < 0 {
				return &usageError{"--for cannot be negative"}
			}
			ctx := cmd.Context()
			player, err := server.dialer().Play(ctx, args[0])
			if err != nil {
				return ended(ctx, err)
			}
			defer player.Close()
			if length > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, length)
				defer cancel()
			}
			stop := context.AfterFunc(ctx, func() { player.SetReadDeadline(time.Now()) })
			defer stop()
			if output == "" {
				return watch(ctx, cmd.OutOrStdout(), player)
			}
			return record(ctx, cmd, player, output)
		},
	}
	server.add(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", "FLV `file` to write, replaced if it exists; - for standard output")
	cmd.Flags().DurationVar(&length, "for", 0, "end after this time; 0 for when the stream ends")
	return cmd
}

// watch writes a line each second about what player receives, until the stream or ctx ends.
func watch(ctx context.Context, w io.Writer, player *rtmp.Player) error {
	m := newMeter(player)
	received := make(chan error, 1)
	over := make(chan struct{})
	var receiving sync.WaitGroup
	receiving.Go(func() {
		defer close(over)
		_, err := message.Copy(discard{}, m)
		received <- err
	})
	start, last := time.Now(), time.Now()
	show := func(now time.Time) error {
		c, about := m.take()
		_, err := fmt.Fprintf(w, "%s  video %d (%d key)  audio %d  data %d  %s  %v\n",
			clock(now.Sub(start)), c.video, c.keys, c.audio, c.data+c.other, bitrate(c.bytes, now.Sub(last)), about)
		last = now
		return err
	}
	if err := everySecond(over, show); err != nil {
		player.Close()
		receiving.Wait()
		return err
	}
	if err := <-received; err != nil {
		return ended(ctx, streaming(err))
	}
	_, err := fmt.Fprintln(w, "The stream has ended.")
	return err
}

// discard is a message.Writer to nowhere.
type discard struct{}

func (discard) WriteMessage(*message.Message) error { return nil }

// record writes what player receives to the file called output, until the stream or ctx ends.
func record(ctx context.Context, cmd *cobra.Command, player *rtmp.Player, output string) error {
	if output == "-" {
		out := flv.NewWriter(cmd.OutOrStdout())
		out.Verbatim = true // even if it is a file by chance: not ours to seek in
		_, err := writeFLV(ctx, out, player)
		return err
	}
	f, err := os.Create(output)
	if err != nil {
		return err
	}
	m, err := writeFLV(ctx, flv.NewWriter(f), player)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	_, about := m.take()
	fmt.Fprintf(cmd.ErrOrStderr(), "Recorded %s: %s, %v.\n", output, clock(about.position()), about)
	return err
}

// writeFLV writes what player receives to out and completes the file.
func writeFLV(ctx context.Context, out *flv.Writer, player *rtmp.Player) (*meter, error) {
	m := newMeter(player)
	out.Rebase = true
	_, err := message.Copy(out, m)
	err = ended(ctx, streaming(err))
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	return m, err
}
