package record_test

import (
	"context"
	"log"
	"os"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/publish"
	"github.com/gortmp/rtmp/publish/record"
)

// Record a stream as MP4 until it ends.
func Example() {
	player, err := rtmp.Play(context.Background(), os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer player.Close()
	d := publish.NewDemuxer(player)
	if err := d.Probe(); err != nil {
		log.Fatal(err)
	}
	if err := record.MP4.Check(d.Tracks()); err != nil {
		log.Fatal(err)
	}
	f, err := os.Create(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	w := record.NewMP4(f)
	if err := record.Copy(w, d, nil); err != nil {
		log.Print(err) // what came before it is in the file
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}
}
