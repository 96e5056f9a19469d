package main

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/publish"
)

func newPublish() *cobra.Command {
	var f publishFlags
	cmd := &cobra.Command{
		Use:   "publish INPUT URL [URL…]",
		Short: "Send a file or an encoder's output to servers, as a live stream",
		Long: `Send a file or an encoder's output to servers, as a live stream.

INPUT is a file, or - for standard input: FLV, MP4, MOV, fragmented MP4,
MPEG-TS, H.264 and H.265 in Annex B form, or AAC in ADTS. Its content tells
which. Nothing is encoded anew: sound and picture arrive as they are in it.
The last part of a URL is the name, or the stream key. Several servers get the
same, and none of them holds up another.

A connection that is lost is made again, and the stream goes on at a key frame;
so it does where a server asks to be left for another one. A server that
refuses is not asked again. If the way to a server is too slow, its queue
grows, and frames are dropped. Ctrl-C ends the stream properly.`,
		Example: `  rtmp publish film.mp4 rtmp://localhost/live/film
  rtmp publish --loop --wait slate.flv rtmps://live.example.com/app/STREAM-KEY
  rtmp publish film.ts rtmp://one.example.com/app/KEY rtmp://two.example.com/app/KEY
  ffmpeg -i CAMERA -c copy -f mpegts - | rtmp publish --live - rtmp://localhost/live/camera`,
		Args: publishArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(args); err != nil {
				return err
			}
			return f.publish(cmd.Context(), cmd.InOrStdin(), cmd.ErrOrStderr(), args[0], args[1:])
		},
	}
	f.add(cmd)
	return cmd
}

// publishArguments wants an input and at least one URL.
func publishArguments(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return &usageError{"INPUT is missing"}
	case len(args) == 1:
		return &usageError{"URL is missing"}
	case strings.Contains(args[0], "://") && !strings.Contains(args[1], "://"):
		return &usageError{"INPUT comes first, then URL"}
	}
	for _, url := range args[1:] {
		if _, _, err := rtmp.SplitURL(url); err != nil {
			return err
		}
	}
	return nil
}

// publishFlags are the flags of publish.
type publishFlags struct {
	server dialFlags

	loop, live, noPace, silence, partial, legacyHEVC bool
	start                                            time.Duration
	fps                                              float64

	wait                           bool
	tries                          int
	retryDelay, retryMax           time.Duration
	dropLesser, dropVideo, dropAll time.Duration
}

func (f *publishFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.loop, "loop", false, "begin again at the end of the file, without end (default false)")
	flags.DurationVar(&f.start, "start", 0, "where to begin: at the last key frame that is not later")
	flags.BoolVar(&f.live, "live", false, "INPUT has the pace of real time: what comes without a connection is lost (default false)")
	flags.BoolVar(&f.noPace, "no-pace", false, "as fast as the slowest server takes it, and nothing left out (default false)")
	flags.Float64Var(&f.fps, "fps", 0, "pictures per second of H.264 and H.265 in Annex B form; 0 for what they say, or 25")
	flags.BoolVar(&f.silence, "silence", false, "add silent sound if there is none: some platforms want it (default false)")
	flags.BoolVar(&f.partial, "partial", false, "leave out sound or pictures that RTMP cannot carry (default false)")
	flags.BoolVar(&f.legacyHEVC, "legacy-hevc", false, "send H.265 as codec id 12, as some servers want it (default false)")
	flags.BoolVar(&f.wait, "wait", false, "go on trying if the first attempt to connect fails (default false)")
	flags.IntVar(&f.tries, "tries", 25, "failed attempts in a row until a server is given up; 0 for never")
	flags.DurationVar(&f.retryDelay, "retry-delay", 2*time.Second, "wait before connecting again; each further one is longer by half")
	flags.DurationVar(&f.retryMax, "retry-max", time.Minute, "longest wait between attempts")
	flags.DurationVar(&f.dropLesser, "drop-lesser", 700*time.Millisecond, "queue at which pictures are dropped that no other needs; 0 for never")
	flags.DurationVar(&f.dropVideo, "drop-video", 900*time.Millisecond, "queue at which pictures are dropped up to the next key frame; 0 for never")
	flags.DurationVar(&f.dropAll, "drop-all", 5*time.Second, "queue at which sound is dropped, too; 0 for never")
	f.server.add(cmd)
}

// check returns a *usageError if the flags make no sense with each other, or with args.
func (f *publishFlags) check(args []string) error {
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"start", f.start}, {"retry-delay", f.retryDelay}, {"retry-max", f.retryMax},
		{"drop-lesser", f.dropLesser}, {"drop-video", f.dropVideo}, {"drop-all", f.dropAll},
	} {
		if d.value < 0 {
			return &usageError{"--" + d.name + " cannot be negative"}
		}
	}
	switch {
	case f.tries < 0:
		return &usageError{"--tries cannot be negative"}
	case f.fps < 0:
		return &usageError{"--fps cannot be negative"}
	case f.loop && args[0] == "-":
		return &usageError{"--loop needs a file: standard input cannot begin again"}
	case f.live && f.loop:
		return &usageError{"--live and --loop exclude each other"}
	case f.live && f.noPace:
		return &usageError{"--live and --no-pace exclude each other"}
	}
	return nil
}

// options returns what f says in the terms of package publish.
func (f *publishFlags) options() *publish.Options {
	// Its zero means a default, its negative value what our zero means.
	orNever := func(d time.Duration) time.Duration {
		if d == 0 {
			return -1
		}
		return d
	}
	o := &publish.Options{
		Dialer:         f.server.dialer(),
		ConnectTimeout: f.server.timeout,
		RetryDelay:     max(f.retryDelay, 1),
		RetryMax:       max(f.retryMax, 1),
		Tries:          f.tries,
		FirstTries:     1,
		DropLesser:     orNever(f.dropLesser),
		DropVideo:      orNever(f.dropVideo),
		DropAll:        orNever(f.dropAll),
		LegacyHEVC:     f.legacyHEVC,
		Source:         &publish.SourceOptions{FrameRate: f.fps, Partial: f.partial},
		Start:          f.start,
		Loop:           f.loop,
		Live:           f.live,
		NoPace:         f.noPace,
		Silence:        f.silence,
	}
	if f.tries == 0 {
		o.Tries = -1
	}
	if f.wait {
		o.FirstTries = 0
	}
	return o
}

// publish sends input to all urls until it or ctx ends, and shows on w how far it is.
func (f *publishFlags) publish(ctx context.Context, in io.Reader, w io.Writer, input string, urls []string) error {
	b := newBroadcast(w, input, len(urls) > 1)
	o := f.options()
	o.Also = urls[1:]
	b.watch(o)
	stop := context.AfterFunc(ctx, b.interrupted)
	defer stop()
	var err error
	if input == "-" {
		err = publish.Reader(ctx, urls[0], in, o)
	} else {
		err = publish.File(ctx, urls[0], input, o)
	}
	b.end()
	return ended(ctx, b.explain(err))
}
