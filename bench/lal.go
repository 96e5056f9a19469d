package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"reflect"

	"github.com/q191201771/lal/pkg/base"
	"github.com/q191201771/lal/pkg/rtmp"
	"github.com/q191201771/naza/pkg/nazalog"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/handshake"
)

// lal is the library of lalserver. It cuts messages at 4,096 bytes only, and its handshake repeats the same random
// bytes every time.
func lal() *library {
	// Its log of what is well goes nowhere, as in a server that is in use.
	rtmp.Log.Init(func(o *nazalog.Option) {
		o.Level = nazalog.LevelError
		o.IsToStdout = false
	})
	return &library{
		name:        "lal",
		module:      "github.com/q191201771/lal",
		dechunk:     lalDechunk,
		chunk:       lalChunk,
		sizes:       []int{rtmp.LocalChunkSize},
		encoder:     lalEncoder,
		decoder:     lalDecoder,
		digest:      func() error { return lalShake(new(rtmp.HandshakeClientComplex)) },
		checkDigest: lalCheckDigest,
		plain:       func() error { return lalShake(new(rtmp.HandshakeClientSimple)) },
		relay:       lalRelay,
	}
}

var errEnough = errors.New("enough")

// lalMessages calls each with the next n messages of r, the Set Chunk Size message left out.
func lalMessages(r io.Reader, n int, each func(s *rtmp.Stream) error) error {
	if n == 0 {
		return nil
	}
	i := -1
	err := rtmp.NewChunkComposer().RunLoop(bufio.NewReaderSize(r, 64<<10), func(s *rtmp.Stream) error {
		if i++; i == 0 {
			return nil
		}
		if err := each(s); err != nil {
			return err
		}
		if i == n {
			return errEnough
		}
		return nil
	})
	if err == errEnough {
		return nil
	}
	return err
}

func lalDechunk(r io.Reader, n int, got func(uint32, []byte)) error {
	return lalMessages(r, n, func(s *rtmp.Stream) error {
		if got != nil {
			got(lalMessage(s))
		}
		return nil
	})
}

// lalFields are where a Stream keeps its message. The package shows them to nobody else, but without them nothing
// could be verified.
var lalFields = func() (f struct{ header, timestamp, msg, buff, core, rpos, wpos []int }) {
	stream := reflect.TypeFor[rtmp.Stream]()
	index := func(t reflect.Type, name string) []int {
		field, ok := t.FieldByName(name)
		if !ok {
			panic("lal has no " + name)
		}
		return field.Index
	}
	f.msg = index(stream, "msg")
	f.buff = index(stream.FieldByIndex(f.msg).Type, "buff")
	buffer := stream.FieldByIndex(f.msg).Type.FieldByIndex(f.buff).Type.Elem()
	f.core, f.rpos, f.wpos = index(buffer, "core"), index(buffer, "rpos"), index(buffer, "wpos")
	f.header = index(stream, "header")
	f.timestamp = index(stream.FieldByIndex(f.header).Type, "TimestampAbs")
	return f
}()

// lalMessage returns the time and the payload of the message that is complete in s.
func lalMessage(s *rtmp.Stream) (timestamp uint32, payload []byte) {
	v := reflect.ValueOf(s).Elem()
	buffer := v.FieldByIndex(lalFields.msg).FieldByIndex(lalFields.buff).Elem()
	core := buffer.FieldByIndex(lalFields.core).Bytes()
	from, to := buffer.FieldByIndex(lalFields.rpos).Int(), buffer.FieldByIndex(lalFields.wpos).Int()
	return uint32(v.FieldByIndex(lalFields.header).FieldByIndex(lalFields.timestamp).Uint()), core[from:to:to]
}

func lalHeader(f frame) *base.RtmpHeader {
	return &base.RtmpHeader{
		Csid:         videoChunkStream,
		MsgLen:       uint32(len(f.payload)),
		MsgTypeId:    videoType,
		MsgStreamId:  videoStream,
		TimestampAbs: f.timestamp,
	}
}

func lalChunk(w io.Writer, _, n int, next func(i int) frame) error {
	for i := range n {
		f := next(i)
		if _, err := w.Write(rtmp.Message2Chunks(f.payload, lalHeader(f))); err != nil {
			return err
		}
	}
	return nil
}

func lalEncoder(values []any) func() ([]byte, error) {
	values = append([]any(nil), values...)
	for i, v := range values {
		if o, ok := v.(amf0.Object); ok {
			var list rtmp.ObjectPairArray
			for _, p := range o {
				list = append(list, rtmp.ObjectPair{Key: p.Name, Value: p.Value})
			}
			values[i] = list
		}
	}
	var buf bytes.Buffer
	return func() ([]byte, error) {
		buf.Reset()
		for _, v := range values {
			var err error
			switch v := v.(type) {
			case string:
				err = rtmp.Amf0.WriteString(&buf, v)
			case float64:
				err = rtmp.Amf0.WriteNumber(&buf, v)
			case rtmp.ObjectPairArray:
				err = rtmp.Amf0.WriteObject(&buf, v)
			}
			if err != nil {
				return nil, err
			}
		}
		return buf.Bytes(), nil
	}
}

// lalDecoder decodes strings, numbers and objects; there is no function for whatever comes.
func lalDecoder() (decode func(b []byte) error, values func() []any) {
	var list []any
	return func(b []byte) (err error) {
			list = nil
			for len(b) > 0 {
				var v any
				var n int
				switch b[0] {
				case rtmp.Amf0TypeMarkerString:
					v, n, err = rtmp.Amf0.ReadString(b)
				case rtmp.Amf0TypeMarkerNumber:
					v, n, err = rtmp.Amf0.ReadNumber(b)
				default:
					v, n, err = rtmp.Amf0.ReadObject(b)
				}
				if err != nil {
					return err
				}
				list = append(list, v)
				b = b[n:]
			}
			return nil
		}, func() (plain []any) {
			for _, v := range list {
				if pairs, ok := v.(rtmp.ObjectPairArray); ok {
					var o amf0.Object
					for _, p := range pairs {
						o = append(o, amf0.Property{Name: p.Key, Value: p.Value})
					}
					v = o
				}
				plain = append(plain, v)
			}
			return plain
		}
}

func lalShake(c rtmp.IHandshakeClient) error {
	var s rtmp.HandshakeServer
	var up, down bytes.Buffer
	for _, step := range []func() error{
		func() error { return c.WriteC0C1(&up) },
		func() error { return s.ReadC0C1(&up) },
		func() error { return s.WriteS0S1S2(&down) },
		func() error { return c.ReadS0S1(&down) },
		func() error { return c.WriteC2(&up) },
		func() error { return c.ReadS2(&down) },
		func() error { return s.ReadC2(&up) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func lalCheckDigest() error {
	var up, down bytes.Buffer
	c, ourServer := new(rtmp.HandshakeClientComplex), handshake.NewServer(nil)
	if err := c.WriteC0C1(&up); err != nil {
		return err
	}
	ourServer.Input(up.Bytes())
	up.Reset()
	down.Write(ourServer.Output())
	if err := c.ReadS0S1(&down); err != nil {
		return err
	}
	if err := c.WriteC2(&up); err != nil {
		return err
	}
	ourServer.Input(up.Bytes())
	if err := signed("server", ourServer.Peer()); err != nil {
		return err
	}

	up.Reset()
	down.Reset()
	s, ourClient := new(rtmp.HandshakeServer), handshake.NewClient(nil)
	up.Write(ourClient.Output())
	if err := s.ReadC0C1(&up); err != nil {
		return err
	}
	if err := s.WriteS0S1S2(&down); err != nil {
		return err
	}
	ourClient.Input(down.Bytes())
	return signed("client", ourClient.Peer())
}

// lalRelay cuts each message once, as the server does. The messages are all alike, so lalMessage, which the server
// has no need of, is called only once.
func lalRelay(players []io.Writer) (func(io.Reader, int) error, error) {
	return func(r io.Reader, n int) error {
		var f frame
		return lalMessages(r, n, func(s *rtmp.Stream) error {
			if f.payload == nil {
				f.timestamp, f.payload = lalMessage(s)
			}
			b := rtmp.Message2Chunks(f.payload, lalHeader(f))
			for _, w := range players {
				if _, err := w.Write(b); err != nil {
					return err
				}
			}
			return nil
		})
	}, nil
}
