package rtmp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/amf0"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/handshake"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
	"github.com/gortmp/rtmp/session"
)

// The tests of this file are about clients whose server is hostile.

// hostileServer runs f as the server of one connection, in fake time, and returns what dials it.
func hostileServer(t *testing.T, f func(nc net.Conn)) *rtmp.Dialer {
	return &rtmp.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) {
		nc, inner := rtmptest.NetPipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			f(inner)
			io.Copy(io.Discard, inner)
			inner.Close()
		}()
		t.Cleanup(func() { nc.Close(); <-done })
		return nc, nil
	}}
}

// greet does what a server does until it has accepted connect.
func greet(t *testing.T, nc net.Conn) *peer {
	p := newPeer(t, nc, false)
	p.hear("connect")
	p.command(0, "_result", 1, amf0.Object{}, amf0.Object{{Name: "code", Value: "NetConnection.Connect.Success"}})
	return p
}

func TestHostileServer(t *testing.T) {
	protocol := func(target any) func(error) bool {
		return func(err error) bool { return errors.As(err, new(*rtmp.ProtocolError)) && errors.As(err, target) }
	}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	zeros := string(make([]byte, 2*1536))
	tests := []struct {
		name  string
		serve func(t *testing.T, nc net.Conn)
		is    func(error) bool
		after time.Duration // in fake time
	}{
		{"nothing comes", func(*testing.T, net.Conn) {}, protocol(new(*rtmp.HandshakeTimeoutError)), 10 * time.Second},
		{"it leaves", func(t *testing.T, nc net.Conn) { nc.Close() }, is(io.ErrUnexpectedEOF), 0},
		{"it leaves in mid-handshake", func(t *testing.T, nc net.Conn) { io.WriteString(nc, "\x03123"); nc.Close() },
			is(io.ErrUnexpectedEOF), 0},
		{"HTTP", func(t *testing.T, nc net.Conn) { io.WriteString(nc, "HTTP/1.1 400 Bad Request\r\n\r\n") },
			protocol(new(*handshake.VersionError)), 0},
		{"TLS", func(t *testing.T, nc net.Conn) { io.WriteString(nc, "\x15\x03\x01\x00\x02\x02\x46") },
			protocol(new(*handshake.VersionError)), 0},
		{"a byte per second", func(t *testing.T, nc net.Conn) { drip(nc, []byte("\x03"+zeros)) },
			protocol(new(*rtmp.HandshakeTimeoutError)), 10 * time.Second},
		{"garbage after the handshake", func(t *testing.T, nc net.Conn) { io.WriteString(nc, "\x03"+zeros+"\xff\xff\xff\xff") },
			protocol(new(*chunk.HeaderError)), 0},
		{"no answer to connect", func(t *testing.T, nc net.Conn) { newPeer(t, nc, false) },
			protocol(new(*session.TimeoutError)), 20 * time.Second},
		{"pings instead of an answer to connect", func(t *testing.T, nc net.Conn) {
			p := newPeer(t, nc, false)
			for p.sendPing(1) == nil {
				<-time.After(time.Second)
			}
		}, protocol(new(*session.TimeoutError)), 20 * time.Second},
		{"a message that is too long", func(t *testing.T, nc net.Conn) {
			newPeer(t, nc, false).raw(begin(3, message.TypeCommand, 0, 256<<10+1, 0))
		}, protocol(new(*chunk.SizeError)), 0},
		{"values that are too deep", func(t *testing.T, nc net.Conn) {
			newPeer(t, nc, false).send(&message.Message{Type: message.TypeCommand, Payload: nested(t, "_result", 1, 1000)})
		}, protocol(new(*session.CommandError)), 0},
		{"a refusal with an escape sequence", func(t *testing.T, nc net.Conn) {
			p := newPeer(t, nc, false)
			p.hear("connect")
			p.command(0, "_error", 1, amf0.Object{}, amf0.Object{{Name: "code", Value: "\x1b[31m"},
				{Name: "description", Value: "no\nFATAL: \x1b]0;x\x07\u009b31m\u202e" + strings.Repeat("long", 10_000)}})
		}, is(rtmp.ErrRefused), 0},
		{"it closes after connect", func(t *testing.T, nc net.Conn) { greet(t, nc); nc.Close() }, is(io.ErrUnexpectedEOF), 0},
		{"stream 0", func(t *testing.T, nc net.Conn) {
			greet(t, nc).answerStream(0.0)
		}, is(rtmp.ErrRefused), 0},
		{"a stream that is no number", func(t *testing.T, nc net.Conn) {
			greet(t, nc).answerStream("one")
		}, is(rtmp.ErrRefused), 0},
		{"close instead of an answer", func(t *testing.T, nc net.Conn) {
			p := greet(t, nc)
			p.hear("createStream")
			p.command(0, "close", 0)
		}, is(rtmp.ErrRefused), 0},
		{"answers to what nobody asked, and then silence", func(t *testing.T, nc net.Conn) {
			p := greet(t, nc)
			for i := range 100 {
				p.command(0, "_result", float64(i+1000), amf0.Object{}, 1.0)
				p.command(uint32(i), "onStatus", 0, amf0.Object{}, amf0.Object{{Name: "code", Value: "NetStream.Publish.Start"}})
				p.command(0, "onBWDone", 0)
			}
			p.nc.(interface{ CloseWrite() error }).CloseWrite()
		}, is(io.ErrUnexpectedEOF), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				d := hostileServer(t, func(nc net.Conn) { tt.serve(t, nc) })
				_, err := d.Publish(t.Context(), "rtmp://test/live/cam")
				if !tt.is(err) {
					t.Errorf("Publish = %v (%T), want another error", err, err)
				}
				if after := time.Since(begin); after != tt.after {
					t.Errorf("Publish returned after %v, want %v", after, tt.after)
				}
				if err != nil && (hasControl(err.Error()) || len(err.Error()) > 2000) {
					t.Errorf("Publish: a text that is not fit for a person: %q", err)
				}
			})
		})
	}
}

// answerStream answers createStream with id.
func (p *peer) answerStream(id any) {
	c := p.hear("createStream")
	p.command(0, "_result", c.TransactionID, amf0.Object{}, id)
}

// A server that floods its player, who does not read: TCP holds it back.
func TestHostileServerFloods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		d := hostileServer(t, func(nc net.Conn) {
			p := greet(t, nc)
			p.say(0, &message.SetChunkSize{Size: 1 << 16})
			p.answerStream(1.0)
			p.hear("play")
			p.command(1, "onStatus", 0, amf0.Object{}, amf0.Object{{Name: "code", Value: "NetStream.Play.Start"}})
			nc.SetWriteDeadline(time.Now().Add(time.Minute))
			m := audio(1, 10_000)
			for m.StreamID = 1; p.WriteMessage(m) == nil; {
				sent += len(m.Payload)
			}
			nc.Close()
		})
		player, err := d.Play(t.Context(), "rtmp://test/live/cam")
		if err != nil {
			t.Fatal(err)
		}
		defer player.Close()
		<-time.After(2 * time.Minute)
		if most := 4<<20 + 256<<10; sent > most {
			t.Errorf("a player that does not read took %d bytes, want at most %d", sent, most)
		}
		read := 0
		for {
			m, err := player.ReadMessage()
			if err != nil {
				wantError(t, "the end of the flood", io.ErrUnexpectedEOF, err)
				break
			}
			read += len(m.Payload)
		}
		if read != sent {
			t.Errorf("%d bytes were read of %d", read, sent)
		}
	})
}
