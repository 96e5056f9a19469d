package publish_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/gortmp/rtmp/publish"
)

// A file, in real time, until it ends or Ctrl-C is pressed.
func ExampleFile() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := publish.File(ctx, "rtmp://localhost/live/film", "film.mp4", &publish.Options{
		OnStatus: func(s publish.Status) { log.Println(s.Target, s.State, s.Err) },
	})
	if err != nil {
		log.Fatal(err)
	}
}

// Two servers get the same, from standard input.
func ExampleReader() {
	err := publish.Reader(context.Background(), "rtmp://localhost/live/one", os.Stdin, &publish.Options{
		Also: []string{"rtmp://localhost/live/two"},
	})
	if err != nil {
		log.Fatal(err)
	}
}

// The output of an encoder: access units in Annex B form with their presentation times, and sound in ADTS.
func ExampleTo() {
	pub := publish.To(context.Background(), "rtmp://localhost/live/camera", nil)
	defer pub.Close()
	if err := pub.Ready(context.Background()); err != nil {
		log.Fatal(err)
	}
	for {
		pts, picture, sound := encode()
		if err := pub.WriteH264(pts, picture); err != nil {
			log.Fatal(err)
		}
		if err := pub.WriteAAC(pts, sound); err != nil {
			log.Fatal(err)
		}
	}
}

func encode() (pts time.Duration, picture, sound []byte) { return 0, nil, nil }

// What is in a file, without publishing it.
func ExampleOpen() {
	src, err := publish.Open("film.mp4", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer src.Close()
	for _, t := range src.Tracks() {
		fmt.Println(t.Codec, t.Width, t.Height, t.FrameRate, t.SampleRate, t.Channels)
	}
}
