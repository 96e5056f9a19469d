package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/yutopp/go-amf0"
	"github.com/yutopp/go-rtmp"
	"github.com/yutopp/go-rtmp/handshake"
	"github.com/yutopp/go-rtmp/message"

	oursamf "github.com/gortmp/rtmp/amf0"
)

// goRTMP is the library of yutopp. Each of its ChunkStreamers writes in a goroutine of its own.
func goRTMP() *library {
	return &library{
		name:    "go-rtmp",
		module:  "github.com/yutopp/go-rtmp",
		dechunk: goRTMPDechunk,
		chunk:   goRTMPChunk,
		encoder: goRTMPEncoder,
		decoder: goRTMPDecoder,
		plain:   goRTMPPlain,
		relay:   goRTMPRelay,
	}
}

// goRTMPStreamer returns a ChunkStreamer, with larger buffers than those of its Conn. Close it.
func goRTMPStreamer(r io.Reader, w io.Writer) *rtmp.ChunkStreamer {
	return rtmp.NewChunkStreamer(bufio.NewReaderSize(r, 64<<10), bufio.NewWriterSize(w, 64<<10), nil)
}

// goRTMPClose waits for the goroutine of cs.
func goRTMPClose(cs *rtmp.ChunkStreamer) {
	cs.Close()
	<-cs.Done()
}

// goRTMPMessages calls each with the next n messages, the Set Chunk Size message left out. Their payload is the next
// bytes of a buffer that is used again, so it is copied into memory of the right size.
func goRTMPMessages(r io.Reader, n int, each func(timestamp uint32, payload []byte) error) error {
	cs := goRTMPStreamer(r, io.Discard)
	defer goRTMPClose(cs)
	var m rtmp.ChunkMessage
	if _, _, err := cs.Read(&m); err != nil {
		return err
	}
	announced, ok := m.Message.(*message.SetChunkSize)
	if !ok {
		return errors.New("no chunk size")
	}
	if err := cs.PeerState().SetChunkSize(announced.ChunkSize); err != nil {
		return err
	}
	var payload []byte
	for range n {
		_, timestamp, err := cs.Read(&m)
		if err != nil {
			return err
		}
		video, ok := m.Message.(*message.VideoMessage)
		if !ok {
			return errors.New("not a video message")
		}
		if payload, err = goRTMPPayload(video.Payload, len(payload)); err != nil {
			return err
		}
		if err := each(timestamp, payload); err != nil {
			return err
		}
	}
	return nil
}

// goRTMPPayload returns what is in r, in memory for size bytes if it fits.
func goRTMPPayload(r io.Reader, size int) ([]byte, error) {
	b := make([]byte, size+1) // one more, to see the end
	switch n, err := io.ReadFull(r, b); err {
	case io.EOF, io.ErrUnexpectedEOF:
		return b[:n], nil
	case nil:
		rest, err := io.ReadAll(r)
		return append(b, rest...), err
	default:
		return nil, err
	}
}

func goRTMPDechunk(r io.Reader, n int, got func(uint32, []byte)) error {
	return goRTMPMessages(r, n, func(timestamp uint32, payload []byte) error {
		if got != nil {
			got(timestamp, payload)
		}
		return nil
	})
}

func goRTMPWrite(cs *rtmp.ChunkStreamer, f frame) error {
	return cs.Write(context.Background(), videoChunkStream, f.timestamp, &rtmp.ChunkMessage{
		StreamID: videoStream,
		Message:  &message.VideoMessage{Payload: bytes.NewReader(f.payload)},
	})
}

// goRTMPFlush waits until the last message is written. After it nothing more can be.
func goRTMPFlush(cs *rtmp.ChunkStreamer) error {
	_, err := cs.NewChunkWriter(context.Background(), videoChunkStream)
	return err
}

func goRTMPChunk(w io.Writer, size, n int, next func(i int) frame) error {
	cs := goRTMPStreamer(nil, w)
	defer goRTMPClose(cs)
	if err := cs.SelfState().SetChunkSize(uint32(size)); err != nil {
		return err
	}
	for i := range n {
		if err := goRTMPWrite(cs, next(i)); err != nil {
			return err
		}
	}
	return goRTMPFlush(cs)
}

func goRTMPEncoder(values []any) func() ([]byte, error) {
	values = append([]any(nil), values...)
	for i, v := range values {
		if o, ok := v.(oursamf.Object); ok {
			object := map[string]any{}
			for _, p := range o {
				object[p.Name] = p.Value
			}
			values[i] = object
		}
	}
	var buf bytes.Buffer
	enc := amf0.NewEncoder(&buf)
	return func() ([]byte, error) {
		buf.Reset()
		for _, v := range values {
			if err := enc.Encode(v); err != nil {
				return nil, err
			}
		}
		return buf.Bytes(), nil
	}
}

func goRTMPDecoder() (decode func(b []byte) error, values func() []any) {
	var list []any
	r := new(bytes.Reader)
	dec := amf0.NewDecoder(r)
	return func(b []byte) error {
		list = nil
		for r.Reset(b); r.Len() > 0; {
			var v any
			if err := dec.Decode(&v); err != nil {
				return err
			}
			list = append(list, v)
		}
		return nil
	}, func() []any { return list }
}

// goRTMPPlain is the handshake with both sides verifying the echo of the other.
func goRTMPPlain() error {
	return together(func(rw io.ReadWriter) error {
		return handshake.HandshakeWithServer(rw, rw, new(handshake.Config))
	}, func(rw io.ReadWriter) error {
		return handshake.HandshakeWithClient(rw, rw, new(handshake.Config))
	})
}

func goRTMPRelay(players []io.Writer) (func(io.Reader, int) error, error) {
	return func(r io.Reader, n int) error {
		streamers := make([]*rtmp.ChunkStreamer, len(players))
		for i, w := range players {
			cs := goRTMPStreamer(nil, w)
			defer goRTMPClose(cs)
			if err := cs.SelfState().SetChunkSize(relayChunk); err != nil {
				return err
			}
			streamers[i] = cs
		}
		err := goRTMPMessages(r, n, func(timestamp uint32, payload []byte) error {
			for _, cs := range streamers {
				if err := goRTMPWrite(cs, frame{timestamp, payload}); err != nil {
					return err
				}
			}
			return nil
		})
		for _, cs := range streamers {
			if flushErr := goRTMPFlush(cs); err == nil {
				err = flushErr
			}
		}
		return err
	}, nil
}
