package relay_test

import (
	"fmt"
	"log"

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

// A printer is a message.Writer that tells what it gets.
type printer struct{}

func (printer) WriteMessage(m *message.Message) error {
	fmt.Println(m.Type, "at", m.Timestamp.Duration())
	return nil
}
