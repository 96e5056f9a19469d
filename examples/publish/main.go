// Command publish sends an FLV file to an RTMP server: publish FILE.flv rtmp://host/app/key
package main

import (
	"context"
	"log"
	"os"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/flv"
	"github.com/gortmp/rtmp/message"
)

func main() {
	ctx := context.Background()
	f, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	pub, err := rtmp.Publish(ctx, os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	if _, err := message.Copy(pub, rtmp.Paced(ctx, flv.NewReader(f))); err != nil {
		log.Fatal(err)
	}
	if err := pub.Close(); err != nil {
		log.Fatal(err)
	}
}
