package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/gortmp/rtmp"
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
bitrate, codecs. With -o it is written to a file as it comes, without encoding
it again: .flv holds everything, .mp4 and .ts (MPEG-TS) all tracks whose codecs
they can hold. The file begins at 0 whenever the stream was joined. It can be
played at any time, also if the power or the disk fails; Ctrl-C ends it and
completes its index. -o - writes FLV to standard output. A name that nobody
publishes yet is waited for, if the server does so.`,
		Example: `  rtmp play rtmp://localhost/live/film
  rtmp play rtmp://localhost/live/film -o film.mp4
  rtmp play rtmp://localhost/live/film -o - | ffplay -`,
		Args: arguments("URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if length < 0 {
				return &usageError{"--for cannot be negative"}
			}
			container, err := containerOf(output)
			if err != nil {
				return err
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
			return recordTo(ctx, cmd, player, container, output)
		},
	}
	server.add(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", "`file` to write, .flv, .mp4 or .ts, replaced if it exists; - for standard output")
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
