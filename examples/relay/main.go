// Command relay is an RTMP server: who publishes to rtmp://host/live/NAME?token=$TOKEN is watched at
// rtmp://host/live/NAME.
package main

import (
	"log"
	"os"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/relay"
)

func main() {
	hub := new(relay.Hub)
	mux := rtmp.NewServeMux()
	mux.Handle("play /live/{name}", hub)
	mux.HandleFunc("publish /live/{name}", func(s *rtmp.Stream, r *rtmp.Request) error {
		if r.URL.Query().Get("token") != os.Getenv("TOKEN") {
			return &rtmp.StatusError{Code: "NetStream.Publish.Denied", Description: "wrong token"}
		}
		return hub.ServeRTMP(s, r)
	})
	log.Fatal(rtmp.ListenAndServe(":1935", mux))
}
