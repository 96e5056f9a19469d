package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/cmd/rtmp/internal/clip"
	"github.com/gortmp/rtmp/cmd/rtmp/internal/loop"
	"github.com/gortmp/rtmp/message"
)

const demoName = "live/demo"

func newDemo() *cobra.Command {
	var addr string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show a live stream: a server, a test picture, and how to watch it",
		Long: `Show a live stream: a server, a test picture, and how to watch it.

A film that is part of this program, a test picture with a clock and a tone, is
published without end to a server that this command starts. It prints what to
type to watch it. Other streams can be published to the server as well, under
any name. Ctrl-C ends it.

Without --addr, a free port is taken if 1935 is not.`,
		Example: `  rtmp demo
  rtmp demo --addr :1935    # let other machines watch`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := listen(cmd.Context(), "addr", addr)
			if addrInUse.in(err) && !cmd.Flags().Changed("addr") {
				if l, err = listen(cmd.Context(), "addr", "127.0.0.1:0"); err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "Port 1935 is taken by another program; this one has taken port %d.\n\n",
						l.Addr().(*net.TCPAddr).Port)
				}
			}
			if err != nil {
				return err
			}
			return demo(cmd.Context(), cmd.OutOrStdout(), l)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:1935",
		"`host:port` to listen on; the host 127.0.0.1 is for this machine alone")
	return cmd
}

// demo serves on l, which it closes, and publishes the clip there until ctx ends.
func demo(ctx context.Context, w io.Writer, l net.Listener) error {
	running, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var parts sync.WaitGroup
	s := newService(slog.New(slog.DiscardHandler))
	serving, stopServer := context.WithCancel(context.WithoutCancel(ctx))
	parts.Go(func() {
		if err := s.serve(serving, l); err != nil {
			fail(err)
		}
	})
	url := "rtmp://" + reachable(l.Addr(), 1935) + "/" + demoName
	parts.Go(func() {
		defer stopServer() // the publisher leaves first, as in real life
		if err := publishClip(running, "rtmp://"+dialable(l.Addr())+"/"+demoName); err != nil {
			fail(err)
		}
	})

	fmt.Fprintf(w, instructions, url, elsewhere(l.Addr()))
	line := newLiveLine(w, 5*time.Second)
	start, last, lastSent := time.Now(), time.Now(), uint64(0)
	err := everySecond(running.Done(), func(now time.Time) error {
		players, sent := s.figures()
		rate := bitrate(max(sent, lastSent)-lastSent, now.Sub(last))
		last, lastSent = now, sent
		return line.show(now, demoFigures(now.Sub(start), players, rate))
	})
	if err != nil {
		fail(err)
	}
	line.end()
	parts.Wait()
	if err := ended(ctx, context.Cause(running)); err != nil {
		return err
	}
	fmt.Fprintln(w, "Stopped.")
	return nil
}

const instructions = `The stream is at

    %[1]s%[2]s

Watch it with one of

    ffplay -fflags nobuffer %[1]s
    mpv --profile=low-latency %[1]s
    vlc %[1]s

Ctrl-C ends it.

`

// elsewhere says where other machines find the stream, if the server listens to them and that is known.
func elsewhere(addr net.Addr) string {
	tcp := *addr.(*net.TCPAddr)
	if !tcp.IP.IsUnspecified() {
		return ""
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			tcp.IP = n.IP
			return fmt.Sprintf("\n    rtmp://%s/%s   from other machines", reachable(&tcp, 1935), demoName)
		}
	}
	return ""
}

func demoFigures(up time.Duration, players int, rate string) string {
	who := fmt.Sprintf("%d players", players)
	if players == 1 {
		who = "1 player"
	}
	return fmt.Sprintf("up %s   %s   %s sent", clock(up), who, rate)
}

// publishClip publishes the clip at its own pace until ctx ends.
func publishClip(ctx context.Context, url string) error {
	pub, err := rtmp.Publish(ctx, url)
	if err != nil {
		return ended(ctx, err)
	}
	_, err = message.Copy(pub, rtmp.Paced(ctx, loop.NewReader(clip.Open)))
	if closeErr := pub.Close(); err == nil {
		err = closeErr
	}
	return ended(ctx, err)
}

// dialable returns the address at which this machine reaches a listener on addr.
func dialable(addr net.Addr) string {
	tcp := *addr.(*net.TCPAddr)
	if tcp.IP.IsUnspecified() {
		tcp.IP = net.IPv4(127, 0, 0, 1)
	}
	return tcp.String()
}
