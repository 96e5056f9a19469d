package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/publish"
	"github.com/gortmp/rtmp/publish/record"
)

// containerOf returns the extension that tells what the file called output is to be: ".flv", ".mp4" or ".ts".
func containerOf(output string) (string, error) {
	switch ext := strings.ToLower(filepath.Ext(output)); ext {
	case ".flv", ".mp4", ".ts":
		return ext, nil
	case "":
		return ".flv", nil // also a device, and standard output
	}
	return "", &usageError{fmt.Sprintf("what is %s to be? The name of a recording ends in .flv, .mp4 or .ts", output)}
}

// recordTo writes what player receives to the file called output, until the stream or ctx ends.
func recordTo(ctx context.Context, cmd *cobra.Command, player *rtmp.Player, container, output string) error {
	m := newMeter(player)
	if output == "-" {
		out := flv.NewWriter(cmd.OutOrStdout())
		out.Verbatim = true // even if it is a file by chance: not ours to seek in
		return writeFLV(ctx, out, m)
	}
	var err error
	var f *os.File
	if container == ".flv" {
		if f, err = os.Create(output); err != nil {
			return err
		}
		err = writeFLV(ctx, flv.NewWriter(f), m)
		err = errors.Join(err, trimFile(f))
	} else {
		f, err = recordMedia(ctx, cmd, m, container, output)
	}
	if f == nil {
		return err
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return recorded(cmd, m, output, err)
}

// writeFLV writes what m reads to out and completes the file.
func writeFLV(ctx context.Context, out *flv.Writer, m *meter) error {
	out.Rebase = true
	_, err := message.Copy(out, m)
	err = ended(ctx, streaming(err))
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	return err
}

// trimFile takes off f what was written of a message when the disk was full. An FLV file is then at its end.
func trimFile(f *os.File) error {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	end, err := f.Seek(0, 1)
	if err != nil {
		return err
	}
	return f.Truncate(end)
}

// recordMedia writes what m reads to an MP4 or MPEG-TS file, which it creates when it knows that all of it can be held.
// The file is nil if there was none to create.
func recordMedia(ctx context.Context, cmd *cobra.Command, m *meter, container, output string) (*os.File, error) {
	d := publish.NewDemuxer(m)
	err := d.Probe()
	switch {
	case err != nil && ctx.Err() != nil:
		fmt.Fprintln(cmd.ErrOrStderr(), "There was no sound or picture: nothing was recorded.")
		return nil, nil
	case errors.Is(err, publish.ErrNoTracks):
		return nil, &failure{text: "the stream has ended without sound or picture: nothing was recorded", err: err}
	case err != nil:
		return nil, streaming(err)
	}
	format := record.MP4
	if container == ".ts" {
		format = record.TS
	}
	if err := format.Check(d.Tracks()); err != nil {
		return nil, cannotHold(err)
	}
	f, err := os.Create(output)
	if err != nil {
		return nil, err
	}
	var w record.Writer = record.NewMP4(f)
	if format == record.TS {
		w = record.NewTS(f)
	}
	err = record.Copy(w, d, func(t publish.Track, err error) {
		fmt.Fprintf(cmd.ErrOrStderr(), "Left out: %v.\n", cannotHold(err))
	})
	err = ended(ctx, streaming(err))
	if e := w.Close(); err == nil {
		err = e
	}
	return f, cannotHold(err)
}

// cannotHold returns err in words for a person if it is about what a container can hold.
func cannotHold(err error) error {
	var format *record.FormatError
	if !errors.As(err, &format) {
		return err
	}
	text := fmt.Sprintf("%v cannot hold %s", format.Format, codecName(format.Codec))
	if format.Reason != "" {
		text += ": " + format.Reason
	}
	return &failure{text: text, hint: "FLV holds all that RTMP carries: -o FILE.flv", err: err}
}

// recorded says what is in the file called output now, after err. A file without anything in it is removed.
func recorded(cmd *cobra.Command, m *meter, output string, err error) error {
	empty := false
	if info, e := os.Stat(output); e == nil && info.Mode().IsRegular() && info.Size() == 0 {
		empty = os.Remove(output) == nil
	}
	var path *fs.PathError
	switch {
	case errors.Is(err, record.ErrEmpty):
		return &failure{text: "there was no key frame: nothing was recorded", err: err}
	case errors.Is(err, syscall.ESPIPE):
		return &failure{text: output + " is a pipe, and MP4 is not written from front to back", hint: "Use .ts or .flv.", err: err}
	case outputGone(err):
		return err
	case errors.As(err, &path) && empty:
		return &failure{text: path.Error() + ": nothing was recorded", err: err}
	case errors.As(err, &path):
		return &failure{text: path.Error() + ": the recording is complete up to there", err: err}
	}
	_, about := m.take()
	fmt.Fprintf(cmd.ErrOrStderr(), "Recorded %s: %s, %v.\n", output, clock(about.position()), about)
	return err
}
