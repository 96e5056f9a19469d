package chunk

import (
	"io"

	"github.com/gortmp/rtmp/message"
)

// A Writer writes messages as chunks, each with one Write. It puts each on the chunk stream that StreamID gives.
//
// A Writer must not be used by two goroutines at the same time.
type Writer struct {
	// Encoder has the state of the chunk streams. Its Append is for the Writer to call.
	Encoder Encoder

	w   io.Writer
	buf []byte // the last message in wire form
	err error  // of w; then nobody knows where the peer's chunks begin
}

// NewWriter returns a Writer that writes to w, which takes what follows the handshake.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// WriteMessage writes m, which is not kept. Write a Set Chunk Size message to change the chunk size.
//
// An error of Encoder.Append ends nothing. An error of w is final: later calls return it again.
func (w *Writer) WriteMessage(m *message.Message) error {
	if w.err != nil {
		return w.err
	}
	b, err := w.Encoder.Append(w.buf[:0], StreamID(m), m)
	if err != nil {
		return err
	}
	w.buf = b
	n, err := w.w.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	w.err = err
	return err
}

// StreamID returns the chunk stream that Writer and package session send m on: 2 for what concerns the connection
// itself, 3 for commands of the connection and shared objects, 8 for commands of a stream, 4 for audio, 5 for data,
// 6 for video and everything else. Only the first is fixed by RTMP 1.0 (section 5.4); the others are what librtmp,
// FFmpeg and Flash use, and small enough for servers that know no ids above 31. Readers make no assumption about them.
func StreamID(m *message.Message) uint32 {
	switch t := m.Type; {
	case t == message.TypeAudio:
		return 4
	case t.IsProtocolControl(), t == message.TypeUserControl:
		return 2
	case t.IsData():
		return 5
	case t.IsCommand() && m.StreamID != 0:
		return 8
	case t.IsCommand(), t == message.TypeSharedObject, t == message.TypeSharedObjectAMF3:
		return 3
	}
	return 6
}
