package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"github.com/bluenviron/gortmplib/pkg/amf0"
	"github.com/bluenviron/gortmplib/pkg/handshake"
	"github.com/bluenviron/gortmplib/pkg/rawmessage"

	oursamf "github.com/gortmp/rtmp/amf0"
)

// gortmplib is the library of MediaMTX. Its reader and writer of raw messages are measured, without the parsing of
// audio and video that belongs to its Conn.
func gortmplib() *library {
	return &library{
		name:    "gortmplib",
		module:  "github.com/bluenviron/gortmplib",
		dechunk: gortmplibDechunk,
		chunk:   gortmplibChunk,
		encoder: gortmplibEncoder,
		decoder: gortmplibDecoder,
		plain:   gortmplibPlain,
		relay:   gortmplibRelay,
	}
}

// gortmplibReader returns a reader that has read the Set Chunk Size message. Its buffer is the one given to it, which
// is larger than what it makes for itself.
func gortmplibReader(r io.Reader) (*rawmessage.Reader, error) {
	rr := rawmessage.NewReader(bufio.NewReaderSize(r, 64<<10), nil, nil)
	m, err := rr.Read()
	if err != nil {
		return nil, err
	}
	if len(m.Body) < 4 {
		return nil, errors.New("no chunk size")
	}
	return rr, rr.SetChunkSize(binary.BigEndian.Uint32(m.Body))
}

func gortmplibDechunk(r io.Reader, n int, got func(uint32, []byte)) error {
	rr, err := gortmplibReader(r)
	if err != nil {
		return err
	}
	for range n {
		m, err := rr.Read()
		if err != nil {
			return err
		}
		if got != nil {
			got(uint32(m.Timestamp/time.Millisecond), m.Body)
		}
	}
	return nil
}

// gortmplibWriter returns a writer to w, again with a larger buffer than its own.
func gortmplibWriter(w io.Writer, size int) *rawmessage.Writer {
	rw := rawmessage.NewWriter(bufio.NewWriterSize(w, 64<<10), nil, false)
	rw.SetChunkSize(uint32(size))
	return rw
}

func gortmplibMessage(f frame) *rawmessage.Message {
	return &rawmessage.Message{
		ChunkStreamID:   videoChunkStream,
		Timestamp:       time.Duration(f.timestamp) * time.Millisecond,
		Type:            videoType,
		MessageStreamID: videoStream,
		Body:            f.payload,
	}
}

func gortmplibChunk(w io.Writer, size, n int, next func(i int) frame) error {
	rw := gortmplibWriter(w, size)
	for i := range n {
		if err := rw.Write(gortmplibMessage(next(i))); err != nil {
			return err
		}
	}
	return nil
}

func gortmplibEncoder(values []any) func() ([]byte, error) {
	var data amf0.Data
	for _, v := range values {
		if o, ok := v.(oursamf.Object); ok {
			var object amf0.Object
			for _, p := range o {
				object = append(object, amf0.ObjectEntry{Key: p.Name, Value: p.Value})
			}
			v = object
		}
		data = append(data, v)
	}
	buf := make([]byte, 1<<10)
	return func() ([]byte, error) {
		n, err := data.MarshalTo(buf)
		return buf[:n], err
	}
}

func gortmplibDecoder() (decode func(b []byte) error, values func() []any) {
	var list amf0.Data
	return func(b []byte) (err error) {
			list, err = amf0.Unmarshal(b)
			return err
		}, func() (plain []any) {
			for _, v := range list {
				if object, ok := v.(amf0.Object); ok {
					var o oursamf.Object
					for _, e := range object {
						o = append(o, oursamf.Property{Name: e.Key, Value: e.Value})
					}
					v = o
				}
				plain = append(plain, v)
			}
			return plain
		}
}

// gortmplibPlain is the handshake with both sides verifying the echo of the other.
func gortmplibPlain() error {
	return together(func(rw io.ReadWriter) error {
		_, _, err := handshake.DoClient(rw, false, true)
		return err
	}, func(rw io.ReadWriter) error {
		_, _, err := handshake.DoServer(rw, true)
		return err
	})
}

func gortmplibRelay(players []io.Writer) (func(io.Reader, int) error, error) {
	writers := make([]*rawmessage.Writer, len(players))
	for i, w := range players {
		writers[i] = gortmplibWriter(w, relayChunk)
	}
	return func(r io.Reader, n int) error {
		rr, err := gortmplibReader(r)
		if err != nil {
			return err
		}
		for range n {
			m, err := rr.Read()
			if err != nil {
				return err
			}
			for _, w := range writers {
				if err := w.Write(m); err != nil {
					return err
				}
			}
		}
		return nil
	}, nil
}
