package interop_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
)

// A publisher is a program, or this module, that sends a file to a server. Its start function returns another one
// that waits for the end.
type publisher struct {
	name  string
	needs []string
	start func(t *testing.T, file, url string) func() error
}

var (
	// ffmpegPublisher sends as fast as it can, ffmpegLive as fast as the clip runs.
	ffmpegPublisher = publisher{"ffmpeg", []string{"ffmpeg"}, running(ffmpegSend)}
	ffmpegLive      = publisher{"ffmpeg -re", []string{"ffmpeg"}, running(func(file, url string) []string {
		return append([]string{"ffmpeg", "-re"}, ffmpegSend(file, url)[1:]...)
	})}

	// rtmp2Publisher is GStreamer's own implementation, behind its own FLV code. It takes apart and puts together
	// files that have both sound and picture.
	rtmp2Publisher    = publisher{"rtmp2sink", []string{"GStreamer rtmp2sink"}, running(rtmp2Send)}
	rtmp2PublisherTLS = publisher{"rtmp2sink", []string{"GStreamer rtmp2sink", "GStreamer TLS"}, running(rtmp2Send)}

	// ourPublisher sends as fast as it can, ourLive as fast as the clip runs.
	ourPublisher = publisher{"rtmp.Publish", nil, func(t *testing.T, file, url string) func() error {
		return background(t, func(ctx context.Context) error { return publish(ctx, new(rtmp.Dialer), file, url, false) })
	}}
	ourLive = publisher{"rtmp.Publish and rtmp.Paced", nil, func(t *testing.T, file, url string) func() error {
		return background(t, func(ctx context.Context) error { return publish(ctx, new(rtmp.Dialer), file, url, true) })
	}}
)

func ffmpegSend(file, url string) []string {
	return []string{"ffmpeg", "-v", "warning", "-nostdin", "-copyts", "-i", file, "-map", "0", "-c", "copy",
		"-flvflags", "no_duration_filesize", "-f", "flv", url}
}

func rtmp2Send(file, url string) []string {
	return []string{"gst-launch-1.0", "filesrc", "location=" + file, "!", "flvdemux", "name=d",
		"flvmux", "name=m", "streamable=true", "!", "rtmp2sink", "location=" + url, "tls-validation-flags=0",
		"d.video", "!", "queue", "!", "m.video", "d.audio", "!", "queue", "!", "m.audio"}
}

// running makes a start function of a command.
func running(command func(file, url string) []string) func(t *testing.T, file, url string) func() error {
	return func(t *testing.T, file, url string) func() error {
		t.Helper()
		args := command(file, url)
		return start(t, args[0], args[1:]...).wait
	}
}

// background runs what the test itself does beside the programs. The function that it returns waits for the end.
func background(t *testing.T, do func(ctx context.Context) error) func() error {
	ctx := bounded(t)
	ended := make(chan error, 1)
	go func() { ended <- do(ctx) }()
	return func() error { return <-ended }
}

// publish sends a file as fast as it goes or, if paced, as fast as it runs.
func publish(ctx context.Context, d *rtmp.Dialer, file, url string, paced bool) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	p, err := d.Publish(ctx, url)
	if err != nil {
		return err
	}
	var src message.Reader = flv.NewReader(f)
	if paced {
		src = rtmp.Paced(ctx, src)
	}
	_, err = message.Copy(p, src)
	return errors.Join(err, p.Close())
}

// A player is a program, or this module, that plays a stream to its end. Its start function returns another one that
// waits for the end and returns what was played.
type player struct {
	name  string
	needs []string
	start func(t *testing.T, url string) func(t *testing.T) *recording

	// mayLose is the number of packets at the end of the stream that it may not get, whatever the server does.
	mayLose int
}

var (
	ffmpegPlayer = player{name: "ffmpeg", needs: []string{"ffmpeg"}, start: playFFmpeg}

	rtmpdumpPlayer = player{name: "rtmpdump", needs: []string{"rtmpdump"}, start: saving(func(url, out string) []string {
		return []string{"rtmpdump", "--live", "--rtmp", url, "--flv", out}
	})}

	// rtmp2Player is GStreamer's own implementation. When the end of the stream is announced, it forgets the message
	// that it has not handed on yet; it does the same to nginx.
	rtmp2Player = player{name: "rtmp2src", needs: []string{"GStreamer rtmp2src"}, mayLose: 1,
		start: saving(func(url, out string) []string {
			return []string{"gst-launch-1.0", "rtmp2src", "location=" + url, "tls-validation-flags=0", "!",
				"filesink", "location=" + out}
		})}

	// librtmpPlayer is GStreamer with librtmp.
	librtmpPlayer = player{name: "rtmpsrc", needs: []string{"GStreamer rtmpsrc"}, start: saving(func(url, out string) []string {
		return []string{"gst-launch-1.0", "rtmpsrc", "location=" + url + " live=1", "!", "filesink", "location=" + out}
	})}

	ourPlayer = player{name: "rtmp.Play", start: func(t *testing.T, url string) func(t *testing.T) *recording {
		return playOurs(t, new(rtmp.Dialer), url)
	}}
)

func playFFmpeg(t *testing.T, url string) func(t *testing.T) *recording {
	return startJudge(t, "-i", url).recording
}

// saving makes a start function of a command that writes what it plays to a file.
func saving(command func(url, out string) []string) func(t *testing.T, url string) func(t *testing.T) *recording {
	return func(t *testing.T, url string) func(t *testing.T) *recording {
		out := filepath.Join(t.TempDir(), "played.flv")
		args := command(url, out)
		p := start(t, args[0], args[1:]...)
		return func(t *testing.T) *recording {
			t.Helper()
			if err := p.wait(); err != nil {
				t.Errorf("%s: %v", p.name, err)
			}
			return record(t, out)
		}
	}
}

// playOurs plays through rtmp.Play and flv.Writer.
func playOurs(t *testing.T, d *rtmp.Dialer, url string) func(t *testing.T) *recording {
	out := filepath.Join(t.TempDir(), "played.flv")
	wait := background(t, func(ctx context.Context) error { return save(ctx, d, url, out) })
	return func(t *testing.T) *recording {
		t.Helper()
		if err := wait(); err != nil {
			t.Errorf("rtmp.Play and flv.Writer: %v", err)
		}
		return record(t, out)
	}
}

// save saves a stream to a file until it ends.
func save(ctx context.Context, d *rtmp.Dialer, url, out string) error {
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer f.Close()
	w := flv.NewWriter(f)
	return errors.Join(play(ctx, d, url, w), w.Close())
}

// play gives a stream to dst until it ends.
func play(ctx context.Context, d *rtmp.Dialer, url string, dst message.Writer) error {
	p, err := d.Play(ctx, url)
	if err != nil {
		return err
	}
	defer p.Close()
	stop := context.AfterFunc(ctx, func() { p.Stream().Conn().CloseNow() })
	defer stop()
	_, err = message.Copy(dst, p)
	return err
}
