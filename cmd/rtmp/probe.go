package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gortmp/rtmp/cmd/rtmp/internal/probe"
	"github.com/gortmp/rtmp/media"
	"github.com/gortmp/rtmp/publish"
)

// probeKeyFrames is when enough of a stream was seen. Ours: two intervals tell whether they are even.
const probeKeyFrames = 3

func newProbe() *cobra.Command {
	var server dialFlags
	var length time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "probe URL|FILE",
		Short: "Say what is in a stream or a file: codecs, sizes, rates",
		Long: `Say what is in a stream or a file: codecs, sizes, rates.

A stream is played until each picture has had three key frames, but no longer
than --for. Of a file (FLV, MP4, MPEG-TS, raw H.264, H.265 or AAC; - is standard
input) as much is read. Rates are measured and not what the sender says.

With --json the answer is one object: "seconds" that were looked at,
"bitrate_bps", and "tracks", a list with video first. A track has "kind" (video
or audio), "codec" (FourCC), "frames" and "bitrate_bps", and what is known of
"profile", "level", "width", "height", "frame_rate", "b_frames", "key_frames",
"key_frame_interval_min_s", "key_frame_interval_max_s", "sample_rate_hz",
"channels", "configurations" (if the sender changed it), "duration_s".`,
		Example: `  rtmp probe rtmp://localhost/live/film
  rtmp probe film.mp4
  rtmp probe --json rtmp://localhost/live/film | jq .bitrate_bps`,
		Args: arguments("URL or FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if length <= 0 {
				return &usageError{"--for has to be more than 0"}
			}
			probeInput := probeFile
			if strings.Contains(args[0], "://") {
				probeInput = probeURL
			}
			name, report, err := probeInput(cmd, &server, args[0], length)
			if err != nil || report == nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(report)
			}
			return printReport(cmd.OutOrStdout(), name, report)
		},
	}
	server.add(cmd)
	cmd.Flags().DurationVar(&length, "for", 15*time.Second, "how long to look at most")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON (default false)")
	return cmd
}

// probeURL plays a stream. It returns what to call it, without what may be secret. The report is nil if it was ended by
// Ctrl-C before there was one.
func probeURL(cmd *cobra.Command, server *dialFlags, url string, length time.Duration) (string, *probe.Report, error) {
	dialing, dialed := server.context(cmd.Context())
	player, err := server.dialer().Play(dialing, url)
	dialed()
	if err != nil {
		return "", nil, ended(cmd.Context(), err)
	}
	defer player.Close()
	ctx, cancel := context.WithTimeout(cmd.Context(), length)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { player.SetReadDeadline(time.Now()) })
	defer stop()

	d := publish.NewDemuxer(player)
	switch err := d.Probe(); {
	case err == nil:
	case cmd.Context().Err() != nil:
		return "", nil, nil
	case ctx.Err() != nil:
		return "", nil, &failure{
			text: fmt.Sprintf("no sound or picture came within %v", length),
			hint: "Is somebody publishing under this name? --for sets how long to wait.", err: err,
		}
	case errors.Is(err, publish.ErrNoTracks):
		return "", nil, &failure{text: "the stream has ended without sound or picture", err: err}
	default:
		return "", nil, streaming(err)
	}
	report, err := probe.Read(d, probe.Enough{KeyFrames: probeKeyFrames})
	return place(player.Stream().Conn()), report, ended(ctx, streaming(err))
}

// probeFile reads a file.
func probeFile(cmd *cobra.Command, _ *dialFlags, name string, length time.Duration) (string, *probe.Report, error) {
	o := &publish.SourceOptions{Partial: true, Frames: true}
	var src publish.Source
	var err error
	if name == "-" {
		name = "standard input"
		src, err = publish.NewSource(cmd.InOrStdin(), o)
	} else {
		src, err = publish.Open(name, o)
	}
	if err != nil {
		return "", nil, explainFile(name, err)
	}
	defer src.Close()
	report, err := probe.Read(src, probe.Enough{Media: length, KeyFrames: probeKeyFrames})
	if errors.Is(err, io.ErrUnexpectedEOF) {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s is cut off.\n", name)
		err = nil
	}
	return name, report, explainFile(name, err)
}

// explainFile returns err with the name of the file, or nil.
func explainFile(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, publish.ErrFormat), errors.Is(err, publish.ErrNoTracks), errors.Is(err, publish.ErrCodec), errors.Is(err, publish.ErrInput),
		errors.Is(err, publish.ErrSeek):
		return &failure{text: name + ": " + strings.TrimPrefix(err.Error(), "publish: "), err: err}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &failure{text: name + " is cut off where it begins", err: err}
	}
	return err
}

// printReport writes r, which is about name, a line for each track.
func printReport(w io.Writer, name string, r *probe.Report) error {
	seen := decimal(r.Seconds, 1) + " s"
	if length := r.Tracks[0].Duration; length > 0 {
		seen += " of " + decimal(length, 1) + " s"
	}
	if _, err := fmt.Fprintf(w, "%s: %s, seen for %s\n", name, rate(r.Bitrate), seen); err != nil {
		return err
	}
	for _, t := range r.Tracks {
		if _, err := fmt.Fprintf(w, "  %s  %s\n", t.Kind, strings.Join(trackFacts(t), ", ")); err != nil {
			return err
		}
	}
	return nil
}

// trackFacts returns what is known of t, the most important first.
func trackFacts(t *probe.Track) []string {
	codec := t.Codec
	if c, ok := media.FourCC(codec); ok {
		codec = codecName(c)
	}
	for _, s := range []string{t.Profile, t.Level} {
		if s != "" {
			codec += " " + s
		}
	}
	facts := []string{codec}
	add := func(known bool, format string, args ...any) {
		if known {
			facts = append(facts, fmt.Sprintf(format, args...))
		}
	}
	add(t.Width > 0, "%dx%d", t.Width, t.Height)
	add(t.FrameRate > 0, "%s fps", decimal(t.FrameRate, 2))
	if t.Kind == "video" {
		switch low, high := decimal(t.KeyIntervalMin, 1), decimal(t.KeyIntervalMax, 1); {
		case t.KeyFrames == 0:
			add(true, "no key frame")
		case t.KeyFrames == 1:
			add(true, "1 key frame")
		case low == high:
			add(true, "key frame every %s s", low)
		default:
			add(true, "key frame every %s to %s s", low, high)
		}
	}
	add(t.BFrames, "B-frames")
	add(t.SampleRate > 0, "%d Hz", t.SampleRate)
	switch t.Channels {
	case 0:
	case 1:
		add(true, "mono")
	case 2:
		add(true, "stereo")
	default:
		add(true, "%d channels", t.Channels)
	}
	facts = append(facts, rate(t.Bitrate))
	add(t.Configurations > 1, "%d configurations", t.Configurations)
	return facts
}

// rate formats bits per second.
func rate(bps int) string { return bitrate(uint64(bps), 8*time.Second) }

// decimal formats v with at most digits behind the point.
func decimal(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'f', digits, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
