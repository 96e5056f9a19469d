// Package message holds the RTMP message, the unit that every other package of this module passes on: a type,
// a message stream id, a timestamp and a payload. Audio and video stay raw; what is inside the other types is
// parsed on demand with Parse.
//
// RTMP 1.0, sections 6 and 7.
package message

import "io"

// A Message is one RTMP message. Payload is the body without any chunk header.
type Message struct {
	Type      Type
	StreamID  uint32    // message stream id; 0 is the connection itself
	Timestamp Timestamp // milliseconds, wraps at 2^32
	Payload   []byte
}

// A Reader gives messages one after the other. The returned message is owned by the caller. The end of a
// stream is io.EOF, with no message.
type Reader interface {
	ReadMessage() (*Message, error)
}

// A Writer takes messages. It does not keep or change m or its payload after it returned.
type Writer interface {
	WriteMessage(m *Message) error
}

// Copy passes messages from src to dst until src ends or one of them fails. It returns the number of messages
// written. The end of src (io.EOF) is no error.
func Copy(dst Writer, src Reader) (n int64, err error) {
	for {
		m, err := src.ReadMessage()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if err := dst.WriteMessage(m); err != nil {
			return n, err
		}
		n++
	}
}
