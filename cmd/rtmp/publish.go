package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
)

func newPublish() *cobra.Command {
	var server dialFlags
	var again bool
	cmd := &cobra.Command{
		Use:   "publish FILE.flv URL",
		Short: "Send an FLV file to a server, at the pace of a live stream",
		Long: `Send an FLV file to a server, at the pace of a live stream.

The last part of the URL is the name, or the stream key. FILE may be - for
standard input. What is sent is what is in the file: nothing is encoded anew.
Ctrl-C ends the stream properly.`,
		Example: `  rtmp publish film.flv rtmp://localhost/live/film
  rtmp publish --loop slate.flv rtmps://live.example.com/app/STREAM-KEY
  ffmpeg -i camera.mp4 -c copy -f flv - | rtmp publish - rtmp://localhost/live/camera`,
		Args: arguments("FILE.flv", "URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.Contains(args[0], "://") && !strings.Contains(args[1], "://") {
				return &usageError{"FILE comes first, then URL"}
			}
			src, err := openSource(cmd.InOrStdin(), args[0], again)
			if err != nil {
				return err
			}
			defer src.Close()
			return publish(cmd.Context(), cmd.ErrOrStderr(), src, &server, args[1])
		},
	}
	server.add(cmd)
	cmd.Flags().BoolVar(&again, "loop", false,
		"begin again at the end of the file, without end; timestamps go on rising (default false)")
	return cmd
}

// publish sends src to url until src or ctx ends, and shows on w how far it is.
func publish(ctx context.Context, w io.Writer, src *source, server *dialFlags, url string) error {
	dialing, cancel := server.context(ctx)
	pub, err := server.dialer().Publish(dialing, url)
	cancel()
	if err != nil {
		return ended(ctx, err)
	}
	// A server that takes nothing must not hold up the end.
	stop := context.AfterFunc(ctx, func() { pub.SetWriteDeadline(time.Now()) })
	defer stop()

	fmt.Fprintf(w, "Publishing %s to %s. Ctrl-C ends it.\n", src.name, place(pub.Stream().Conn()))
	m := newMeter(src)
	var showing sync.WaitGroup
	over := make(chan struct{})
	showing.Go(func() { showProgress(w, m, over) })
	_, err = message.Copy(pub, rtmp.Paced(ctx, m))
	close(over)
	showing.Wait()
	if closeErr := pub.Close(); err == nil {
		err = closeErr
	}
	return ended(ctx, streaming(err))
}

// showProgress draws a line about m on w until over is closed.
func showProgress(w io.Writer, m *meter, over <-chan struct{}) {
	line := newLiveLine(w, 10*time.Second)
	last, total := time.Now(), uint64(0)
	show := func(now time.Time) error {
		c, about := m.take()
		total += c.bytes
		text := fmt.Sprintf("%s   %s   %s   %v", clock(about.position()), size(total), bitrate(c.bytes, now.Sub(last)), about)
		last = now
		line.show(now, text) // without anybody to see it, the stream goes on
		return nil
	}
	everySecond(over, show)
	line.end()
	c, about := m.take()
	fmt.Fprintf(w, "Sent %s, %s of the stream.\n", size(total+c.bytes), clock(about.position()))
}
