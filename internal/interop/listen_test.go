package interop_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gortmp/rtmp"
)

// ffmpeg can be a server for one client. It does not say when it listens.

// Our Publish into ffmpeg as a server.
func TestPublishToFFmpeg(t *testing.T) {
	t.Parallel()
	for _, c := range []*clip{clipAV, clipBFrames, clipVideo, clipAudio, clipMP3, clipAVMP3, clipCross24} {
		t.Run(c.name, func(t *testing.T) {
			want := c.recording(t)
			url := "rtmp://" + freeAddr(t) + "/" + streamName
			j := startJudge(t, "-listen", "1", "-i", url)
			retry(t, j.process, func(ctx context.Context) error {
				return publish(ctx, new(rtmp.Dialer), c.file(t), url, false)
			})
			j.recording(t).sameAs(t, want, 0)
		})
	}
}

// Our Play from ffmpeg as a server, which hangs up at the end without a word.
func TestPlayFromFFmpeg(t *testing.T) {
	t.Parallel()
	for _, c := range []*clip{clipAV, clipBFrames, clipVideo, clipAudio, clipMP3, clipAVMP3, clipCross24} {
		t.Run(c.name, func(t *testing.T) {
			want := c.recording(t)
			addr := freeAddr(t)
			url := "rtmp://" + addr + "/" + streamName
			args := ffmpegSend(t, c.file(t), url)
			last := len(args) - 1
			p := start(t, args[0], append(args[1:last:last], "-listen", "1", args[last])...)
			out := filepath.Join(t.TempDir(), "played.flv")
			retry(t, p, func(ctx context.Context) error {
				err := save(ctx, new(rtmp.Dialer), url, out)
				if errors.Is(err, io.ErrUnexpectedEOF) {
					return nil
				}
				return err
			})
			if err := p.wait(); err != nil {
				t.Errorf("ffmpeg as a server: %v", err)
			}
			record(t, out).sameAs(t, want, 0)
		})
	}
}

// isNobodyThere reports whether err means that nobody listens yet.
func isNobodyThere(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
