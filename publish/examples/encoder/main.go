// Command encoder publishes what an encoder puts out: encoder rtmp://host/app/key
package main

import (
	"context"
	"log"
	"os"

	"github.com/gortmp/rtmp/publish"
)

func main() {
	pub := publish.To(context.Background(), os.Args[1], nil)
	for pts, picture := range encode(os.Stdin) {
		if err := pub.WriteH264(pts, picture); err != nil {
			log.Fatal(err)
		}
	}
	log.Print("the end: ", pub.Close())
}
