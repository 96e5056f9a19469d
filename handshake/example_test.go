package handshake_test

import (
	"fmt"
	"log"
	"net"

	"github.com/gortmp/rtmp/handshake"
)

// A server reads into a buffer of its own. What comes behind the handshake in the same read is chunk data.
func ExampleServer() {
	client, server := net.Pipe()
	defer server.Close()
	go func() {
		defer client.Close()
		h := handshake.NewClient(nil)
		if err := h.Run(client); err != nil {
			log.Print(err)
		}
		if _, err := client.Write([]byte("first chunk")); err != nil {
			log.Print(err)
		}
	}()

	h := handshake.NewServer(nil)
	buf := make([]byte, 4096)
	var rest []byte
	for done := false; !done; {
		n, err := server.Read(buf)
		if err != nil {
			log.Fatal(err)
		}
		var used int
		if used, done, err = h.Input(buf[:n]); err != nil {
			log.Fatal(err)
		}
		rest = buf[used:n]
		if out := h.Output(); len(out) > 0 {
			if _, err := server.Write(out); err != nil {
				log.Fatal(err)
			}
		}
	}
	if len(rest) == 0 { // not in the same read this time
		n, err := server.Read(buf)
		if err != nil {
			log.Fatal(err)
		}
		rest = buf[:n]
	}
	fmt.Println("the client has its", h.Peer().Scheme, "and its answer is", h.Peer().Answer)
	fmt.Printf("%s\n", rest)
	// Output:
	// the client has its digest first and its answer is signed
	// first chunk
}
