package relay_test

import (
	"fmt"
	"log"
	"log/slog"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/relay"
)

// A server that relays every stream: who publishes to rtmp://host/APP/NAME is watched at the same address.
func Example() {
	log.Fatal(rtmp.ListenAndServe(":1935", new(relay.Hub)))
}

// A Hub works without a network as well: whatever can be read or written as messages can be published or recorded.
func ExampleHub_Publish() {
	hub := new(relay.Hub)
	sub, err := hub.Subscribe("live/cam")
	if err != nil {
		log.Fatal(err)
	}
	defer sub.Close()

	pub, err := hub.Publish("live/cam")
	if err != nil {
		log.Fatal(err)
	}
	for i := range 3 {
		m := &message.Message{
			Type:      message.TypeAudio,
			Timestamp: message.Timestamp(23 * i),
			Payload:   []byte{0xAF, 1, byte(i)}, // AAC
		}
		if err := pub.WriteMessage(m); err != nil {
			log.Fatal(err)
		}
	}
	pub.Close()

	n, err := message.Copy(printer{}, sub)
	fmt.Println(n, "messages,", sub.Dropped(), "dropped,", err)
	// Output:
	// audio at 0s
	// audio at 23ms
	// audio at 46ms
	// 3 messages, 0 dropped, <nil>
}

// Every ten seconds a line about each stream, and one about each player that does not keep up.
func ExampleHub_Stats() {
	hub := new(relay.Hub)
	go func() {
		for range time.Tick(10 * time.Second) {
			for _, stream := range hub.Stats() {
				slog.Info("stream", "", stream)
				for _, player := range stream.Players {
					if player.IsSlow() {
						slog.Warn("slow player", "", player)
					}
				}
			}
		}
	}()
	log.Fatal(rtmp.ListenAndServe(":1935", hub))
}

// A printer is a message.Writer that tells what it gets.
type printer struct{}

func (printer) WriteMessage(m *message.Message) error {
	fmt.Println(m.Type, "at", m.Timestamp.Duration())
	return nil
}
