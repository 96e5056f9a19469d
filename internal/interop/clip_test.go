package interop_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
)

// A clip is an FLV file of some seconds, made once per run.
type clip struct {
	name  string
	video []string // arguments for ffmpeg's video encoder; none: no video
	audio []string // the same for audio
	base  message.Timestamp
	make  func() (string, error)
}

// Encoders. A key frame every second gives late players a place to begin; one thread makes runs alike.
var (
	h264    = []string{"-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-threads", "1", "-pix_fmt", "yuv420p"}
	bFrames = []string{"-c:v", "libx264", "-preset", "veryfast", "-g", "25", "-bf", "2", "-b_strategy", "0", "-threads", "1", "-pix_fmt", "yuv420p"}
	flv1    = []string{"-c:v", "flv1", "-g", "25", "-threads", "1"}
	aac     = []string{"-c:a", "aac", "-b:a", "64k"}
	mp3     = []string{"-c:a", "libmp3lame", "-b:a", "64k"}
)

// Clips. The last ones are clipAV at other times: timestamps of RTMP need a fourth byte from 2^24 ms on, about
// 4.7 hours, and begin again after 2^32 ms, about 50 days.
var (
	clipAV      = newClip("h264-aac", h264, aac)
	clipBFrames = newClip("h264-bframes-aac", bFrames, aac)
	clipVideo   = newClip("h264", h264, nil)
	clipAudio   = newClip("aac", nil, aac)
	clipMP3     = newClip("mp3", nil, mp3)
	clipAVMP3   = newClip("h264-mp3", h264, mp3)
	clipOld     = newClip("flv1-mp3", flv1, mp3)
	clipPast24  = clipAV.shifted("past-2^24", 1<<24+5000)
	clipCross24 = clipAV.shifted("across-2^24", 1<<24-1500)
	clipCross31 = clipAV.shifted("across-2^31", 1<<31-1500)
	clipCross32 = clipAV.shifted("across-2^32", 1<<32-1500)
)

// Length and size of all clips.
const (
	clipSeconds = 4
	clipFrames  = 25 * clipSeconds // of video
)

func newClip(name string, video, audio []string) *clip {
	c := &clip{name: name, video: video, audio: audio}
	c.make = sync.OnceValues(c.encode)
	return c
}

// shifted returns c with base added to all of its timestamps.
func (c *clip) shifted(name string, base message.Timestamp) *clip {
	s := &clip{name: c.name + "-" + name, video: c.video, audio: c.audio, base: base}
	s.make = sync.OnceValues(func() (string, error) {
		from, err := c.make()
		if err != nil {
			return "", err
		}
		return s.path(), s.rewrite(from)
	})
	return s
}

func (c *clip) path() string { return filepath.Join(scratch, c.name+".flv") }

// file returns the path of the clip.
func (c *clip) file(t *testing.T) string {
	t.Helper()
	need(t, "ffmpeg")
	path, err := c.make()
	if err != nil {
		t.Fatalf("clip %s: %v", c.name, err)
	}
	return path
}

// encode makes the clip from ffmpeg's test picture and a tone.
func (c *clip) encode() (string, error) {
	args := []string{"-v", "error", "-nostdin", "-y", "-fflags", "+bitexact"}
	if c.video != nil {
		args = append(args, "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25")
	}
	if c.audio != nil {
		args = append(args, "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100")
	}
	args = slices.Concat(args, []string{"-t", fmt.Sprint(clipSeconds)}, c.video, c.audio, []string{
		"-flags:v", "+bitexact", "-flags:a", "+bitexact", "-fflags", "+bitexact",
		"-flvflags", "no_duration_filesize", "-f", "flv", c.path()})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "ffmpeg", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("ffmpeg %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return c.path(), nil
}

// rewrite copies a file with c.base added to all timestamps.
func (c *clip) rewrite(from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(c.path())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := flv.NewWriter(out)
	w.Verbatim = true
	r := flv.NewReader(in)
	for {
		m, err := r.ReadMessage()
		if err == io.EOF {
			return w.Close()
		}
		if err != nil {
			return err
		}
		m.Timestamp = m.Timestamp.Add(c.base.Duration())
		if err := w.WriteMessage(m); err != nil {
			return err
		}
	}
}

// messages returns what is in the clip.
func (c *clip) messages(t *testing.T) []*message.Message {
	t.Helper()
	return readAll(t, c.file(t))
}

// readAll returns the messages of an FLV file.
func readAll(t *testing.T, path string) []*message.Message {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var c collector
	if _, err := message.Copy(&c, flv.NewReader(f)); err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	return c.messages
}

// A collector is a message.Writer that keeps what it gets.
type collector struct{ messages []*message.Message }

func (c *collector) WriteMessage(m *message.Message) error {
	own := *m
	own.StreamID = 0
	own.Payload = slices.Clone(m.Payload)
	c.messages = append(c.messages, &own)
	return nil
}
