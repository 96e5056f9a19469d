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

// A publisher is a program, or this module, that sends a file to a server.
type publisher struct {
	name  string
	needs []string

	// One of these: the command of a program, or what starts something else and returns what waits for its end.
	command func(t *testing.T, file, url string) []string
	send    func(t *testing.T, file, url string) (wait func() error)
}

var (
	// ffmpegPublisher sends as fast as it can, ffmpegLive as fast as the clip runs.
	ffmpegPublisher = publisher{name: "ffmpeg", needs: []string{"ffmpeg"}, command: ffmpegSend}
	ffmpegLive      = publisher{name: "ffmpeg -re", needs: []string{"ffmpeg"},
		command: func(t *testing.T, file, url string) []string {
			return append([]string{"ffmpeg", "-re"}, ffmpegSend(t, file, url)[1:]...)
		}}

	// rtmp2Publisher is GStreamer's own implementation, behind its own FLV code. It takes apart and puts together
	// files that have both sound and picture.
	rtmp2Publisher = publisher{name: "rtmp2sink", needs: []string{"GStreamer rtmp2sink"}, command: rtmp2Send}

	// ourPublisher sends as fast as it can, ourLive as fast as the clip runs.
	ourPublisher = publisher{name: "rtmp.Publish", send: func(t *testing.T, file, url string) func() error {
		return background(t, func(ctx context.Context) error { return publish(ctx, new(rtmp.Dialer), file, url, false) })
	}}
	ourLive = publisher{name: "rtmp.Publish and rtmp.Paced", send: func(t *testing.T, file, url string) func() error {
		return background(t, func(ctx context.Context) error { return publish(ctx, new(rtmp.Dialer), file, url, true) })
	}}
)

// start begins to send a file. The function that it returns waits for the end.
func (p publisher) start(t *testing.T, file, url string) (wait func() error) {
	t.Helper()
	if p.send != nil {
		return p.send(t, file, url)
	}
	return p.begin(t, file, url).wait
}

// begin is start for programs.
func (p publisher) begin(t *testing.T, file, url string) *process {
	t.Helper()
	args := p.command(t, file, url)
	return start(t, args[0], args[1:]...)
}

func ffmpegSend(_ *testing.T, file, url string) []string {
	return []string{"ffmpeg", "-v", "warning", "-nostdin", "-copyts", "-i", file, "-map", "0", "-c", "copy",
		"-flvflags", "no_duration_filesize", "-f", "flv", url}
}

func rtmp2Send(_ *testing.T, file, url string) []string {
	return []string{"gst-launch-1.0", "filesrc", "location=" + file, "!", "flvdemux", "name=d",
		"flvmux", "name=m", "streamable=true", "!", "rtmp2sink", "location=" + url, "tls-validation-flags=0",
		"d.video", "!", "queue", "!", "m.video", "d.audio", "!", "queue", "!", "m.audio"}
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

// A player is a program, or this module, that plays a stream to its end.
type player struct {
	name  string
	needs []string

	// mayLose is the number of packets at the end of the stream that it may not get, whatever the server does.
	mayLose int

	// The command of a program that saves to the file out. If it is not that, play starts to play and returns what
	// waits for the end.
	command func(url, out string) []string
	play    func(t *testing.T, url string) (wait func(t *testing.T) *recording)
}

var (
	// ffmpegPlayer decodes what it gets.
	ffmpegPlayer = player{name: "ffmpeg", needs: []string{"ffmpeg"},
		command: func(url, out string) []string {
			return []string{"ffmpeg", "-v", "warning", "-nostdin", "-i", url, "-c", "copy", "-f", "flv", out}
		},
		play: func(t *testing.T, url string) func(t *testing.T) *recording {
			return startJudge(t, "-i", url).recording
		}}

	rtmpdumpPlayer = player{name: "rtmpdump", needs: []string{"rtmpdump"}, command: func(url, out string) []string {
		return []string{"rtmpdump", "--live", "--rtmp", url, "--flv", out}
	}}

	// rtmp2Player is GStreamer's own implementation. When the end of the stream is announced, it forgets the message
	// that it has not handed on yet; it does the same to nginx.
	rtmp2Player = player{name: "rtmp2src", needs: []string{"GStreamer rtmp2src"}, mayLose: 1,
		command: func(url, out string) []string {
			return []string{"gst-launch-1.0", "rtmp2src", "location=" + url, "tls-validation-flags=0", "!",
				"filesink", "location=" + out}
		}}

	// librtmpPlayer is GStreamer with librtmp.
	librtmpPlayer = player{name: "rtmpsrc", needs: []string{"GStreamer rtmpsrc"}, command: func(url, out string) []string {
		return []string{"gst-launch-1.0", "rtmpsrc", "location=" + url + " live=1", "!", "filesink", "location=" + out}
	}}

	ourPlayer = player{name: "rtmp.Play", play: func(t *testing.T, url string) func(t *testing.T) *recording {
		return playOurs(t, new(rtmp.Dialer), url)
	}}
)

// start begins to play. The function that it returns waits for the end and returns what was played.
func (p player) start(t *testing.T, url string) (wait func(t *testing.T) *recording) {
	t.Helper()
	if p.play != nil {
		return p.play(t, url)
	}
	out := filepath.Join(t.TempDir(), "played.flv")
	program := p.begin(t, url, out)
	return func(t *testing.T) *recording {
		t.Helper()
		if err := program.wait(); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
		return record(t, out)
	}
}

// begin is start for programs.
func (p player) begin(t *testing.T, url, out string) *process {
	t.Helper()
	args := p.command(url, out)
	return start(t, args[0], args[1:]...)
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
