package main

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/nareix/joy4/format/flv/flvio"
	"github.com/nareix/joy4/format/rtmp"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
)

// joy4 is a media library that has no parts of RTMP but a whole connection. Its ReadPacket takes the first 5 bytes off
// a video message.
func joy4() *library {
	return &library{
		name:    "joy4",
		module:  "github.com/nareix/joy4",
		dechunk: joy4Dechunk,
		strips:  5,
		encoder: joy4Encoder,
		decoder: joy4Decoder,
	}
}

// A joy4Conn is a server that has said everything in advance, and does not listen.
type joy4Conn struct {
	net.Conn
	r io.Reader
}

func (c joy4Conn) Read(p []byte) (int, error)  { return c.r.Read(p) }
func (c joy4Conn) Write(p []byte) (int, error) { return len(p), nil }

// joy4Dialogue is what a server says until it plays: a handshake, and the answers to connect and createStream.
func joy4Dialogue() ([]byte, error) {
	b := make([]byte, 1+2*packet)
	b[0] = 3
	var e chunk.Encoder
	for _, c := range []*message.Command{
		{Name: "_result", TransactionID: 1, Object: amf0.Object{}, Args: []any{
			amf0.Object{{Name: "code", Value: "NetConnection.Connect.Success"}},
		}},
		{Name: "_result", TransactionID: 2, Args: []any{float64(videoStream)}},
	} {
		m, err := message.New(0, 0, c)
		if err != nil {
			return nil, err
		}
		if b, err = e.Append(b, 3, m); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func joy4Dechunk(r io.Reader, n int, got func(uint32, []byte)) error {
	dialogue, err := joy4Dialogue()
	if err != nil {
		return err
	}
	conn := rtmp.NewConn(joy4Conn{r: io.MultiReader(bytes.NewReader(dialogue), r)})
	conn.URL = &url.URL{Scheme: "rtmp", Host: "server", Path: "/live/cam"}
	for range n {
		p, err := conn.ReadPacket()
		if err != nil {
			return err
		}
		if got != nil {
			got(uint32(p.Time/time.Millisecond), p.Data)
		}
	}
	return nil
}

func joy4Encoder(values []any) func() ([]byte, error) {
	values = append([]any(nil), values...)
	for i, v := range values {
		if o, ok := v.(amf0.Object); ok {
			object := flvio.AMFMap{}
			for _, p := range o {
				object[p.Name] = p.Value
			}
			values[i] = object
		}
	}
	buf := make([]byte, 1<<10)
	return func() ([]byte, error) {
		n := 0
		for _, v := range values {
			n += flvio.FillAMF0Val(buf[n:], v)
		}
		return buf[:n], nil
	}
}

func joy4Decoder() (decode func(b []byte) error, values func() []any) {
	var list []any
	return func(b []byte) error {
			list = nil
			for len(b) > 0 {
				v, n, err := flvio.ParseAMF0Val(b)
				if err != nil {
					return err
				}
				list = append(list, v)
				b = b[n:]
			}
			return nil
		}, func() (plain []any) {
			for _, v := range list {
				if m, ok := v.(flvio.AMFMap); ok {
					v = map[string]any(m)
				}
				plain = append(plain, v)
			}
			return plain
		}
}
