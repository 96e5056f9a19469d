// Command file publishes a file, in real time, and stays with the server: file FILE rtmp://host/app/key
package main

import (
	"context"
	"log"
	"os"

	"github.com/gortmp/rtmp/publish"
)

func main() {
	err := publish.File(context.Background(), os.Args[2], os.Args[1], nil)
	if err != nil {
		log.Fatal(err)
	}
}
