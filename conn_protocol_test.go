package rtmp_test

import (
	"io"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/gortmp/rtmp"
	"github.com/gortmp/rtmp/chunk"
	"github.com/gortmp/rtmp/message"
	"github.com/gortmp/rtmp/rtmptest"
)

func TestErrorUnknownIsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc1, nc2 := rtmptest.NetPipe()
		server := rtmp.NewServerConn(nc2, nil)
		defer server.CloseNow()
		accepted := accept(t, server)
		p := newPeer(t, nc1, true)
		p.publish()
		s := accepted()
		command, err := message.New(1, 0, &message.Command{Name: "onSomething", Args: []any{1.0}})
		if err != nil {
			t.Fatal(err)
		}
		unknown := []*message.Message{
			{Type: 99, StreamID: 1, Payload: []byte("type 99")},
			{Type: message.TypeVideo, StreamID: 1, Timestamp: 5, Payload: []byte{0x1F, 1, 2}}, // codec 15
			{Type: message.TypeAudio, StreamID: 1, Timestamp: 6},                              // no payload at all
			{Type: message.TypeData, StreamID: 1, Payload: []byte{0x29, 1, 2}},                // no AMF0 marker
			command,
		}
		for _, m := range unknown {
			if err := p.WriteMessage(m); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range unknown {
			got, err := s.ReadMessage()
			if err != nil {
				t.Fatalf("%v: %v", want.Type, err)
			}
			if diff := cmp.Diff(want, got, equateEmpty); diff != "" {
				t.Errorf("what is not known is delivered as it is (-want +got):\n%s", diff)
			}
		}
	})
}

func TestErrorPeerBrokeTheRules(t *testing.T) {
	tests := []struct {
		name, layer string
		do          func(p *peer)
		err         error
	}{
		{"chunk without a header before it", "chunk", func(p *peer) { p.nc.Write([]byte{0xC0 | 20}) }, chunk.ErrHeader},
		{"chunk size 0", "chunk", func(p *peer) {
			p.nc.Write([]byte("\x02\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x00\x00\x00"))
		}, chunk.ErrControl},
		{"message too large before publish", "chunk", func(p *peer) {
			p.WriteMessage(&message.Message{Type: message.TypeAudio, Payload: make([]byte, 256<<10+1)})
		}, chunk.ErrTooLarge},
		{"command that is not AMF", "message", func(p *peer) {
			p.WriteMessage(&message.Message{Type: message.TypeCommand, Payload: []byte{0xFF}})
		}, nil},
		{"silence instead of connect", "session", func(p *peer) {}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				nc1, nc2 := rtmptest.NetPipe()
				server := rtmp.NewServerConn(nc2, nil)
				defer server.CloseNow()
				result := make(chan error, 1)
				go func() { _, err := server.AcceptStream(t.Context()); result <- err }()
				p := newPeer(t, nc1, true)
				go tt.do(p) // the server may hang up before it has read all
				err := <-result
				protocol := wantAs[*rtmp.ProtocolError](t, tt.name, err)
				if protocol != nil && protocol.Layer != tt.layer {
					t.Errorf("the layer is %q, want %q: %v", protocol.Layer, tt.layer, err)
				}
				if tt.err != nil {
					wantError(t, "the precise error is in it", tt.err, err)
				}
				_, again := server.Ping(t.Context())
				if again != err {
					t.Errorf("a later call returns %v, want the first fatal error %v", again, err)
				}
				if _, err := nc1.Read(make([]byte, 4096)); err == nil {
					_, err = io.Copy(io.Discard, nc1)
					if err != nil {
						t.Errorf("the connection is not closed: %v", err)
					}
				}
				synctest.Wait()
			})
		})
	}
}

func TestErrorPeerBrokeTheRulesInMidStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc1, nc2 := rtmptest.NetPipe()
		server := rtmp.NewServerConn(nc2, nil)
		defer server.CloseNow()
		accepted := accept(t, server)
		p := newPeer(t, nc1, true)
		p.publish()
		s := accepted()
		p.nc.Write([]byte{0xC0 | 20})
		_, err := s.ReadMessage()
		wantAs[*rtmp.ProtocolError](t, "a chunk that cannot be", err)
	})
}

func TestErrorOtherProtocols(t *testing.T) {
	for name, first := range map[string]string{"HTTP": "GET / HTTP/1.1\r\n", "TLS": "\x16\x03\x01\x02\x00", "RTMPE": "\x06\x00\x00\x00\x00"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				nc1, nc2 := rtmptest.NetPipe()
				server := rtmp.NewServerConn(nc2, nil)
				defer server.CloseNow()
				defer nc1.Close()
				nc1.Write([]byte(first))
				err := server.Handshake(t.Context())
				if protocol := wantAs[*rtmp.ProtocolError](t, name, err); protocol != nil && protocol.Layer != "handshake" {
					t.Errorf("layer = %q, want handshake", protocol.Layer)
				}
			})
		})
	}
}

// A server can break the rules as well.
func TestErrorServerBrokeTheRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		player, p := playFrom(t)
		p.nc.Write([]byte{0xC0 | 20})
		_, err := player.ReadMessage()
		wantAs[*rtmp.ProtocolError](t, "a chunk that cannot be", err)
		wantError(t, "with the precise error in it", chunk.ErrHeader, err)
		_, again := player.Stream().Conn().Ping(t.Context())
		wantError(t, "the first fatal error is kept", err, again)
	})
}
