package rtmptest_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

// A handler is tested from end to end: what a publisher sends over a real connection is what the handler reads.
func ExampleNewServer() {
	received := make(chan rtmptest.Tally, 1)
	server := rtmptest.NewServer(rtmp.HandlerFunc(func(s *rtmp.Stream, r *rtmp.Request) error {
		var check rtmptest.Checker
		_, err := message.Copy(&check, s)
		received <- check.Tally
		return err
	}))
	defer server.Close()

	pub, err := rtmp.Publish(context.Background(), server.URL+"/live/cam")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := message.Copy(pub, &rtmptest.Source{Duration: time.Second}); err != nil {
		log.Fatal(err)
	}
	if err := pub.Close(); err != nil {
		log.Fatal(err)
	}
	tally := <-received
	fmt.Println("video:", tally.Video, "key frames:", tally.KeyFrames, "audio:", tally.Audio, "lost:", tally.LostVideo+tally.LostAudio)
	// Output: video: 25 key frames: 1 audio: 47 lost: 0
}

// Two ends in memory, for tests of what speaks RTMP without a server around it.
func ExamplePipe() {
	client, server := rtmptest.Pipe()
	defer client.Close()
	defer server.Close()

	ctx := context.Background()
	go func() {
		pub, err := client.Publish(ctx, "cam")
		if err != nil {
			log.Fatal(err)
		}
		message.Copy(pub, &rtmptest.Source{Duration: time.Second})
		pub.Close()
	}()
	stream, err := server.AcceptStream(ctx)
	if err != nil {
		log.Fatal(err)
	}
	var check rtmptest.Checker
	n, err := message.Copy(&check, stream)
	fmt.Println(stream.Request().Method, stream.Request().URL, n, err)
	// Output: publish rtmp://pipe/test/cam 75 <nil>
}
