package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/handshake"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/session"
)

// ours is this library.
func ours() *library {
	return &library{
		name:        "rtmp",
		dechunk:     oursDechunk,
		chunk:       oursChunk,
		encoder:     oursEncoder,
		decoder:     oursDecoder,
		digest:      func() error { return oursShake(nil, nil) },
		checkDigest: oursCheckDigest,
		plain:       func() error { return oursShake(&handshake.Config{Simple: true}, nil) },
		relay:       oursRelay,
	}
}

func oursDechunk(r io.Reader, n int, got func(uint32, []byte)) error {
	cr := chunk.NewReader(r)
	if _, err := cr.ReadMessage(); err != nil {
		return err
	}
	for range n {
		m, err := cr.ReadMessage()
		if err != nil {
			return err
		}
		if got != nil {
			got(uint32(m.Timestamp), m.Payload)
		}
	}
	return nil
}

func oursChunk(w io.Writer, size, n int, next func(i int) frame) error {
	cw := chunk.NewWriter(w)
	announce, err := message.New(0, 0, &message.SetChunkSize{Size: uint32(size)})
	if err != nil {
		return err
	}
	if err := cw.WriteMessage(announce); err != nil {
		return err
	}
	m := message.Message{Type: message.TypeVideo, StreamID: videoStream}
	for i := range n {
		f := next(i)
		m.Timestamp, m.Payload = message.Timestamp(f.timestamp), f.payload
		if err := cw.WriteMessage(&m); err != nil {
			return err
		}
	}
	return nil
}

func oursEncoder(values []any) func() ([]byte, error) {
	var buf []byte
	return func() ([]byte, error) {
		var err error
		buf, err = amf0.Append(buf[:0], values...)
		return buf, err
	}
}

func oursDecoder() (decode func(b []byte) error, values func() []any) {
	var list []any
	return func(b []byte) (err error) {
		list, err = amf0.ParseAll(b)
		return err
	}, func() []any { return list }
}

// oursShake does a handshake between a client and a server with these options.
func oursShake(cc, sc *handshake.Config) error {
	c, s := handshake.NewClient(cc), handshake.NewServer(sc)
	if _, _, err := s.Input(c.Output()); err != nil {
		return err
	}
	_, done, err := c.Input(s.Output())
	if err != nil {
		return err
	}
	_, alsoDone, err := s.Input(c.Output())
	if err == nil && (!done || !alsoDone) {
		err = errors.New("the handshake does not end")
	}
	return err
}

// oursCheckDigest has our two machines judge each other.
func oursCheckDigest() error {
	c, s := handshake.NewClient(nil), handshake.NewServer(nil)
	s.Input(c.Output())
	c.Input(s.Output())
	s.Input(c.Output())
	if err := signed("client", c.Peer()); err != nil {
		return err
	}
	return signed("server", s.Peer())
}

// signed returns an error unless the peer of who has made a digest and a good signature.
func signed(who string, p handshake.Peer) error {
	if p.Scheme == handshake.Plain || p.Answer != handshake.Signed {
		return fmt.Errorf("the %s sees a peer with the form %v, and an answer that is %v", who, p.Scheme, p.Answer)
	}
	return nil
}

// oursRelay is a session for the publisher and one for each player. A message is cut once, and the bytes are shared.
func oursRelay(players []io.Writer) (func(io.Reader, int) error, error) {
	sessions := make([]*session.Server, len(players))
	for i := range sessions {
		var err error
		if sessions[i], err = oursSession(false, &session.Config{ChunkSize: relayChunk}); err != nil {
			return nil, err
		}
	}
	return func(r io.Reader, n int) error {
		publisher, err := oursSession(true, nil)
		if err != nil {
			return err
		}
		now := time.Now()
		in := make([]byte, 64<<10)
		for n > 0 {
			k, err := r.Read(in)
			if err != nil {
				return err
			}
			if err := publisher.Input(now, in[:k]); err != nil {
				return err
			}
			for ; n > 0; n-- {
				ev, ok := publisher.Next()
				if !ok {
					break
				}
				received, ok := ev.(session.MessageReceived)
				if !ok {
					return fmt.Errorf("unexpected %T", ev)
				}
				if err := oursPass(received.Message, sessions, players); err != nil {
					return err
				}
				publisher.Reuse(received.Message.Payload)
			}
		}
		return nil
	}, nil
}

// oursPass sends m to all players.
func oursPass(m *message.Message, sessions []*session.Server, players []io.Writer) error {
	const header = 16 // the longest
	csid := chunk.StreamID(m)
	b := make([]byte, 0, header+len(m.Payload)+len(m.Payload)/relayChunk)
	b, err := chunk.AppendMessage(b, relayChunk, csid, m)
	if err != nil {
		return err
	}
	for i, s := range sessions {
		s.Prepared(csid)
		if _, err := players[i].Write(b); err != nil {
			return err
		}
	}
	return nil
}

// oursSession returns the server's end of a connection whose client publishes or plays stream 1.
func oursSession(publish bool, config *session.Config) (*session.Server, error) {
	now := time.Now()
	s, c := session.NewServer(config, now), session.NewClient(nil, now)
	if err := c.Connect(amf0.Object{{Name: "app", Value: "live"}}); err != nil {
		return nil, err
	}
	for range 20 {
		if err := s.Input(now, c.Output(nil)); err != nil {
			return nil, err
		}
		for ev, ok := s.Next(); ok; ev, ok = s.Next() {
			var err error
			switch ev := ev.(type) {
			case session.ConnectRequested:
				err = s.Accept(ev.ID)
			case session.StreamRequested:
				err = s.Accept(ev.ID)
			}
			if err != nil {
				return nil, err
			}
		}
		if err := c.Input(now, s.Output(nil)); err != nil {
			return nil, err
		}
		for ev, ok := c.Next(); ok; ev, ok = c.Next() {
			var err error
			switch ev := ev.(type) {
			case session.ConnectAccepted:
				if publish {
					_, err = c.Publish("cam", "live")
				} else {
					_, err = c.Play("cam", 0)
				}
			case session.StreamAccepted:
				return s, nil
			case session.StreamRejected:
				err = errors.New(ev.Status.Code)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return nil, errors.New("client and server come to no end")
}
