// Command record writes a stream to an FLV file until it ends: record rtmp://host/app/name FILE.flv
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
	f, err := os.Create(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	player, err := rtmp.Play(context.Background(), os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer player.Close()
	w := flv.NewWriter(f)
	if _, err := message.Copy(w, player); err != nil {
		log.Print(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
}
