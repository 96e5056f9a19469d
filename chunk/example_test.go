package chunk_test

import (
	"fmt"
	"log"

	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
)

// An Encoder makes bytes of messages and a Decoder makes messages of bytes, in pieces of any size.
func Example() {
	var (
		enc  chunk.Encoder
		wire []byte
		err  error
	)
	for i := range 3 {
		m := &message.Message{
			Type: message.TypeAudio, StreamID: 1, Timestamp: message.Timestamp(i * 23), Payload: make([]byte, 200),
		}
		if wire, err = enc.Append(wire, chunk.StreamID(m), m); err != nil {
			log.Fatal(err)
		}
	}

	var dec chunk.Decoder
	for len(wire) > 0 {
		piece := wire[:min(100, len(wire))]
		wire = wire[len(piece):]
		for len(piece) > 0 {
			n, m, err := dec.Decode(piece)
			if err != nil {
				log.Fatal(err)
			}
			piece = piece[n:]
			if m != nil {
				fmt.Println(m.Timestamp, m.Type, len(m.Payload))
			}
		}
	}

	// Output:
	// 0 audio 200
	// 23 audio 200
	// 46 audio 200
}
